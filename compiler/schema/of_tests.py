"""What an editor says of each field of a playbook's tests and of its drill.

Decides words only. Defaults are added by `compiler.schema.defaults`.
"""

from compiler.document_drill import DrillAlertForm, DrillForm, EveryForm
from compiler.document_tests import (
    DeclaredForm,
    ExpectForm,
    GivenForm,
    LineForm,
    StepForm,
    TestForm,
)

_PAGED = (
    "Whom, and when, counted from the moment it triggered: 0s, 5m, or never; true for any time. "
)

WORDS: dict[type, dict[str, str]] = {
    TestForm: {
        "name": "What the test promises.",
        "at": "The local moment at which it begins, such as 2026-11-25T03:00.",
        "given": "The alert that arrives, and the world that it meets.",
        "story": "What people and machines do afterwards, line by line.",
        "expect": "What is to follow; one, or one for each moment with its own `after`.",
        "until": "How long is played.",
    },
    GivenForm: {
        "labels": "The alert's labels.",
        "annotations": "The alert's annotations.",
        "summary": "The alert's one line.",
        "source": "The sender's name.",
        "declared": "A person declares the incident instead of an alert.",
        "params": "What a calling playbook hands over.",
        "on_call": "Who serves, by schedule or team, instead of what the roster says.",
        "facts": "What the queries answer; a fact that is null cannot be measured.",
        "steps": "What each machine step answers: its outputs, failed, or unknown.",
    },
    DeclaredForm: {
        "title": "What the person calls it.",
        "severity": "How bad the person says it is.",
        "by": "Who declares it.",
    },
    LineForm: {
        "after": "When, counted from the moment it triggered.",
        "after_alert": "When, counted from the first alert.",
        "say": "A responder's command, such as ack or resolve; what it takes stands beside.",
        "by": "Who says it.",
        "refused": "Whether the command is to be refused.",
        "facts": "What the queries answer from now on.",
        "fires": "The labels of an alert that arrives.",
        "annotations": "The annotations of that alert.",
        "ends": "Which alerts end: true for all, or their labels.",
    },
    ExpectForm: {
        "after": "The moment that is looked at; without it, the end.",
        "triggers": "Whether this playbook takes the alert.",
        "severity": "The incident's severity.",
        "dedup": "The incident's dedup key.",
        "phase": "The incident's phase.",
        "paged": _PAGED + "Others may be paged too, unless only: true.",
        "quietly": _PAGED + "These are told without being woken.",
        "announced": "Which destinations are told, and when.",
        "steps": "How the steps stand: a state, or more of it.",
        "roles": "Who has which role, or nobody.",
        "facts": "What the facts are.",
    },
    DrillForm: {
        "every": "When drills run by themselves: an interval such as 30d, or cron with a tz.",
        "alert": "The alert that is played.",
        "facts": "What the queries answer from the start.",
        "facts_after": "What the queries answer once the drill's alert has ended.",
        "responders": "What simulated people do, by user, schedule or default: answer after a "
        "time such as 3m, never, or declines.",
        "speed": "How many times faster than real the drill's clock goes.",
        "people": "Whether people are simulated, or real ones get messages marked [DRILL].",
        "ends_after": "So long after it is mitigated the alert ends.",
        "lasts": "The alert ends by then, whatever happens.",
    },
    EveryForm: {
        "cron": 'When, as cron writes it: "0 10 1 */3 *".',
        "tz": "The IANA time zone of the cron.",
        "interval": "How long from one drill to the next; at least 1h.",
    },
    DrillAlertForm: {
        "labels": "Its labels.",
        "annotations": "Its annotations.",
        "summary": "Its one line.",
    },
    StepForm: {
        "state": "The step's state.",
        "choice": "The option that was chosen.",
        "results": "Its outputs.",
    },
}
"""One sentence or two for every field, by form."""
