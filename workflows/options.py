"""Named task queues, timeouts and retry policies, each with its reason.

Nothing else in `workflows` writes a number of seconds.
"""

from datetime import timedelta

from temporalio.common import RetryPolicy

INCIDENTS_QUEUE = "watchbill-incidents"
"""Workflows, on-call look-ups and the record: what an incident cannot go on without."""

PAGING_QUEUE = "watchbill-paging"
"""Pages alone, so that nothing slower ever stands in front of one."""

NOTICES_QUEUE = "watchbill-notices"
"""Notices and announcements: a slow mail server delays only these."""

AUTOMATION_QUEUE = "watchbill-automation"
"""What machines do for an incident: a step that hangs delays at most other steps."""

PAGE_TIMEOUT = timedelta(seconds=15)
"""One request to a provider (8 s by default) and the way there. A worker that dies in
between costs this long before the next method starts."""

PAGE_ONCE = RetryPolicy(maximum_attempts=1)
"""The reducer decides on the retry of a page: it also starts the next method."""

NOTICE_TIMEOUT = timedelta(seconds=20)

NOTICE_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=2),
    maximum_attempts=6,
)
"""About four minutes; a notice older than that tells nobody anything new."""

AUTOMATION_MARGIN = timedelta(seconds=30)
"""Beside the time-out of one try, which the worker holds itself: for a command to end when
it is asked to, and for the answer's way back. Past it the worker has lost the call."""

COMMAND_BEAT_TIMEOUT = timedelta(seconds=30)
"""A worker that was not heard of for so long is dead. A command whose worker died has ended
long before, so that a second try never runs beside the first."""

CALL_BEAT_TIMEOUT = timedelta(seconds=60)
"""The same for calls that leave nothing running: http and plugins. A third of it, as of the
one above, is how long a call goes on at most after it was withdrawn."""

AUTOMATION_BEAT = timedelta(seconds=2)
"""Beats may come so often: a call begins with some, so that a young one is stopped soon. Each
is a write of the engine's; 200 calls that beat every three seconds slowed pages down."""

LOOK_UP_AT_HAND = timedelta(seconds=1)
"""A look-up in the worker's memory takes milliseconds. While it runs the incident takes no
message, so one that takes longer than this goes another way."""

ONCE_AT_HAND = RetryPolicy(maximum_attempts=1)
"""Within the workflow task; what fails there is retried as an activity of its own."""

RECORD_AT_HAND = timedelta(seconds=2)
"""A write to the ledger takes milliseconds. While it runs the incident takes no message, so
one that takes longer than this goes another way."""

RECORD_HELD = timedelta(seconds=10)
"""How long the record waits at most for a page on its way: the page must not wait for it."""

LOOK_UP_TIMEOUT = timedelta(seconds=10)

LOOK_UP_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=10),
)
"""Without an answer nobody is paged, so it is asked for ever; the UI shows the attempts."""

RECORD_TIMEOUT = timedelta(seconds=10)
"""A worker that dies with a batch in its hands holds the record up for so long."""

RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
)
"""The ledger may be down for hours; the incident goes on and the record catches up."""

MESSAGES_BEFORE_CONTINUE = 8_000
"""Signals and updates a run takes before it continues as new: the engine's limits are
10,000 signals and 2,000 updates a run."""

UPDATES_BEFORE_CONTINUE = 1_500

EVENTS_AT_MOST = 40_000

PATIENCE_WITH_CALLS = 10
"""So many times as long as a test asks for may a run become, as the figures here."""

BYTES_AT_MOST = 40 * 1024 * 1024

MESSAGES_AT_MOST = 9_500

UPDATES_AT_MOST = 1_900
"""From here on a run no longer waits for calls under way, but cuts them off: at 51,200 events,
50 MiB, 10,000 signals or 2,000 updates the engine would end the incident."""

CALENDAR_TIMEOUT = timedelta(seconds=30)
"""One read of an imported calendar: ten seconds for the request, the rest to understand it."""

CALENDAR_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5), backoff_coefficient=3.0, maximum_attempts=3
)
"""After three tries within half a minute the next refresh is soon enough: a copy stands."""

CALENDAR_REFRESHES = 200
"""Reads of one run; some ten events each."""

LEAVE_CALENDAR = timedelta(seconds=30)
"""A schedule that imports nothing is looked at again once: an edit reaches workers later."""

TRIAL_WAIT = timedelta(minutes=1)
"""A test page that no worker takes up so soon is not sent later, when nobody expects it."""

TRIAL_PRIORITY = 5
"""Behind every real page."""

TRIAL_TIMEOUT = timedelta(minutes=5)
"""A whole test, also where no worker runs at all."""

SHIFT_LOOKED_FOR = timedelta(days=30)
"""A schedule without a change in sight is looked at again after so long."""

BEATS_BEFORE_CONTINUE = 1_000
"""Beats a heartbeat's run takes before it continues as new: about 4,000 events, which the
UI still shows at once."""

HEARTBEAT_RECORD_WITHIN = timedelta(hours=1)
"""How long the ledger may be down before a heartbeat leaves the record of its alert to the
incident, which tries for ever."""

FACTS_QUEUE = "watchbill-facts"
"""Measuring, one long activity for each open incident: machines at work stand in nobody's way."""

FACTS_TRY = timedelta(days=1)
"""One try of a measurement; the next goes on where it stood, and adds no event."""

FACTS_BEAT = timedelta(seconds=30)
"""The least often that a measurement is heard of: each beat is a write beside the pages."""

FACTS_MISSED = (timedelta(seconds=10), timedelta(minutes=1))
"""A worker that died is missed after half the shortest `max_age`, within these bounds."""

FACTS_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
)
"""For ever: measuring that breaks is in sight in the UI, and changes nothing else."""

NOBODY_MEASURES_AFTER = timedelta(seconds=5)
"""The least time that a measurement waits for a worker before facts are said to be stale."""

MEASURE_AGAIN = timedelta(minutes=5)
"""After a measurement that broke for good, and has nothing new to say."""

STEPPED_MEASURING = timedelta(seconds=10)
"""On a stepped clock somebody waits for it."""

SCORE_WITHIN = timedelta(minutes=1)
"""How long a drill's incident that is over waits for its score before it ends without one."""

CALLED_OFF_WITHIN = timedelta(minutes=1)
"""How long a drill's incident may take to end once it is cancelled."""
