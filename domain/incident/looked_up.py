"""Which rule takes the people that a look-up has found.

Decides it by the purpose under which it was asked.
"""

from domain.incident.events import (
    OnCallLookedUp,
)
from domain.incident.handoff import on_people as on_offer_people
from domain.incident.on_shift import remember
from domain.incident.paging_by_hand import on_asked_people
from domain.incident.reinforcement import on_command_people, on_criterion_people, on_help_people
from domain.incident.shift_change import on_shift_people
from domain.incident.shifts import on_next_people
from domain.incident.suspension import (
    on_hours_known,
    on_last_resort_people,
    on_level_people,
)
from domain.incident.turn import Turn
from domain.incident.view import Phase


def on_looked_up(turn: Turn, event: OnCallLookedUp) -> None:  # noqa: C901
    """The answer has come; one that nobody waits for any more changes nothing."""
    purpose = turn.state.lookups.pop(event.id, None)
    phase = turn.state.phase
    if purpose is None or not (phase.is_open or phase is Phase.SUPPRESSED):
        return
    topic, _, rest = purpose.partition(":")
    found = event.answer.found
    remember(turn, purpose, found)
    match topic:
        case "end_of_shift":
            on_next_people(turn, rest, found)
        case "ladder":
            on_level_people(turn, rest, event.answer)
        case "exhausted":
            on_last_resort_people(turn, event.answer)
        case "hours":
            on_hours_known(turn, rest, event.answer)
        case "shift":
            on_shift_people(turn, rest, event.answer)
        case "criterion":
            on_criterion_people(turn, rest, event.answer)
        case "offer":
            on_offer_people(turn, rest, found)
        case "help":
            on_help_people(turn, rest, found)
        case "asked":
            on_asked_people(turn, rest, found)
        case "take_command":
            on_command_people(turn, found)
