"""What one person's pages share: the shapes that incidents and their workflow exchange.

Decides the messages and the limits. Which page goes now and which gathers is
`domain.gathering`; what a bundle says is `domain.bundle_text`.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.incident.effects import Loudness, Outcome, SendPage, SendResult
from domain.incident.input import ClockSettings
from domain.roster import Method
from domain.severity import Severity

WORKFLOW = "PersonPages"
"""The workflow type; one runs for each person who is being paged, and only then."""

WINDOWS = {Method.SMS: 2, Method.PHONE: 3}
"""How many windows lie between two pages by a method. A text wakes again each time and
costs the sender; a call takes a minute to answer, and a second one interrupts the first."""

LINGER = 15
"""For so many windows a bundle answers for the later methods of its pages."""


def least_gap(method: Method, window: timedelta) -> timedelta:
    """How far apart two pages to one person by this method are at least."""
    return window * WINDOWS.get(method, 1)


def pages_id(person: str, clock: str | None = None) -> str:
    """The workflow id of one person's pages; incidents on a `clock` of their own share one."""
    return f"pages-{person}-{clock}" if clock else f"pages-{person}"


def call_of(key: str) -> str:
    """The part of a page key that all methods of one call share."""
    return key.rpartition("/")[0]


class BundlePart(BaseModel):
    """A frozen part of what is exchanged."""

    model_config = ConfigDict(frozen=True)


class Claim(BundlePart):
    """How a page asks whether the person is being paged already.

    `queue` runs the person's workflow. `clock` and `now` are set where several incidents
    share a clock that is not the real one.
    """

    queue: str
    clock: ClockSettings | None = None
    now: datetime | None = None


class Asked(BundlePart):
    """A page that an incident wants sent, and that incident's workflow id.

    `sent` pages go out by themselves: nobody could say in time whether they are the first.
    """

    page: SendPage
    incident: str
    at: datetime
    sent: bool = False


class Answered(BundlePart):
    """What became of a page that had gathered, for the incident that wanted it."""

    incident: str
    id: str
    result: SendResult


class PageResult(BundlePart):
    """The signal `page_result` to an incident: what became of its page."""

    id: str
    result: SendResult


class PageJoined(BundlePart):
    """The signal `page_joined` to an incident: others joined the page it sent."""

    id: str


class CallLeft(BundlePart):
    """The signal `leave` to a person's pages: nobody needs an answer to this call now."""

    call: str


class PageUndelivered(BundlePart):
    """The signal `undelivered` to a person's pages: a page sent alone did not get through."""

    id: str
    outcome: Outcome


class Known(BundlePart):
    """One call to the person, as their pages know it; `at` is when its incident paged."""

    call: str
    incident: str
    reference: str
    title: str
    headline: str
    severity: Severity
    urgency: Loudness = "high"
    at: datetime

    @property
    def weight(self) -> tuple[int, int]:
        """Less is worse: what wakes before what waits, then by severity."""
        return (0 if self.urgency == "high" else 1, self.severity.rank)


class SendBundle(BundlePart):
    """One page for several incidents; `since` is where the link's list begins.

    Without `since` it is a single page after all, and carries its incident's own link.
    """

    page: SendPage
    since: datetime | None = None


class Departure(BundlePart):
    """One message on its way to the person, and the page keys that it answers."""

    id: str
    method: Method
    at: datetime
    keys: tuple[str, ...]
    bundle: SendBundle


class PersonPagesInput(BundlePart):
    """The start input of `PersonPages`.

    `first` is a page that its own activity sends at once; without it the first signal
    is. `carried` and the moments of the clock come from an earlier run.
    """

    person: str
    name: str
    window: timedelta
    clock: ClockSettings = ClockSettings()
    first: Asked | None = None
    carried: dict[str, object] | None = None
    clock_origin: datetime | None = None
    clock_now: datetime | None = None
    continue_as_new_after: int | None = None
