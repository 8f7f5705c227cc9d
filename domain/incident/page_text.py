"""The text of a page that goes out later than the call began.

Decides only which wording fits the first reason for which a person is being paged.
"""

from domain.clock_text import local_week_time
from domain.incident.effects import Message
from domain.incident.messages import (
    help_page,
    level_page,
    offer_page,
    quiet_page,
    readable,
    role_page,
)
from domain.incident.state import Call
from domain.incident.turn import Turn


def message_for(turn: Turn, call: Call) -> Message:
    """What the next method of this call says."""
    reason = (call.reasons or ("escalation",))[0]
    topic, _, rest = reason.partition(":")
    if call.level == "quiet":
        return quiet_page(turn, _role_of(reason), _when_hours_begin(turn, reason))
    if topic == "role":
        return role_page(turn, rest.partition(":")[0], call)
    if topic == "offer" and rest in turn.state.offers:
        return offer_page(turn, turn.state.offers[rest], call)
    if topic == "help":
        return help_page(turn, rest, call)
    return level_page(turn, readable(call.level), call)


def _role_of(reason: str) -> str | None:
    topic, _, rest = reason.partition(":")
    return rest.partition(":")[0] if topic == "role" else None


def _when_hours_begin(turn: Turn, ladder_id: str) -> str:
    known = turn.state.deadlines.get(f"hours/{ladder_id}")
    return local_week_time(known.at, turn.plan.timezone) if known else "when the hours begin"
