"""Which rule acts when a named deadline has come.

Decides it by the deadline's topic, the part of its name before the slash.
"""

from domain.clock_text import duration_text
from domain.incident.acknowledge import ask_still_on_it, on_silence
from domain.incident.alerts import tell_news
from domain.incident.calls import on_call_deadline
from domain.incident.events import (
    DeadlineReached,
)
from domain.incident.fact_asks import on_unanswered
from domain.incident.handoff import expire
from domain.incident.ladder import (
    on_level_deadline,
    page_last_resort,
)
from domain.incident.lifting import look_again
from domain.incident.opening import (
    on_flap_guard,
)
from domain.incident.page_text import message_for
from domain.incident.reassessing import on_lower_due, on_unconfirmed
from domain.incident.resolution import (
    close,
    mitigate,
    on_hold_over,
)
from domain.incident.severity_rules import meet_criterion
from domain.incident.shift_change import on_shift_over
from domain.incident.shifts import on_shift_deadline
from domain.incident.snooze import on_snooze_over
from domain.incident.steps.deadlines import on_step_deadline
from domain.incident.suspension import (
    on_hours,
)
from domain.incident.tasks import on_task_due
from domain.incident.turn import Turn

LATE_AFTER_S = 5.0
"""Lateness below this is not worth an entry."""


def on_deadline(turn: Turn, event: DeadlineReached) -> None:
    """The moment of a named deadline has come; a late one says so."""
    deadline = turn.state.deadlines.pop(event.name, None)
    if deadline is None:
        return
    turn.cause = event.name
    if event.late_s > LATE_AFTER_S:
        late = duration_text(turn.now - deadline.at)
        turn.note(
            "late", f"{deadline.summary}: acted {late} late.", {"late_s": f"{event.late_s:.1f}"}
        )
    topic, _, rest = event.name.partition("/")
    _on_topic(turn, topic, rest)


def _on_topic(turn: Turn, topic: str, rest: str) -> None:  # noqa: C901, PLR0912
    match topic:
        case "level":
            on_level_deadline(turn, rest)
        case "call":
            call = turn.state.calls.get(rest)
            if call is not None:
                on_call_deadline(turn, rest, message_for(turn, call))
        case "hours":
            on_hours(turn, rest)
        case "shift":
            on_shift_over(turn, rest)
        case "again":
            page_last_resort(turn)
        case "news":
            tell_news(turn)
        case "offer":
            expire(turn, rest)
        case "ask":
            if rest == "resolve":
                on_hold_over(turn)
            elif rest in ("lower", "raise_to"):
                on_unconfirmed(turn, rest)
            else:
                on_silence(turn, rest)
        case "shift_warn" | "shift_end" | "shift_again":
            on_shift_deadline(turn, topic, rest)
        case "ack_expires":
            ask_still_on_it(turn)
        case "criterion":
            meet_criterion(turn, int(rest))
        case "resolve_hold":
            on_hold_over(turn)
        case "mitigated":
            mitigate(turn, "by its condition")
        case "flap_guard":
            on_flap_guard(turn)
        case "maintenance":
            look_again(turn)
        case "close" | "absorb":
            close(turn)
        case "step" | "wait" | "hold":
            on_step_deadline(turn, topic, rest)
        case "fact":
            on_unanswered(turn, rest)
        case "lower":
            on_lower_due(turn)
        case "snooze":
            on_snooze_over(turn)
        case "task":
            on_task_due(turn, rest)
