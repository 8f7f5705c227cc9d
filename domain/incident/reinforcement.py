"""More people on an incident that somebody is on: help, and command after a source.

Decides whom a criterion, an "escalate now" or a source's acknowledgement reaches.
"""

from domain.incident.calls import Rung, call_person
from domain.incident.ladder import distinct_people, round_now
from domain.incident.messages import help_page
from domain.incident.people import LookedUp, LookUpAnswer
from domain.incident.quiet import ASKED, Sound, sound_at_once
from domain.incident.state import Told
from domain.incident.turn import Turn


def on_criterion_people(turn: Turn, because: str, answer: LookUpAnswer) -> None:
    """Page the people whom a criterion brings in, as loudly as severity and hours allow."""
    on_help_people(turn, because, answer.found, sound=sound_at_once(turn, answer.hours))


def on_help_people(
    turn: Turn, because: str, found: tuple[LookedUp, ...], *, sound: Sound = ASKED
) -> None:
    """Page the people who were asked for: loudly, where a person asked."""
    rung = Rung(cycle=turn.state.cycle, round=round_now(turn), level="help")
    message = help_page(turn, because)
    people = distinct_people(turn, found, "help", urgency=sound.urgency)
    for person in people:
        call_person(turn, person, rung, reason=f"help:{because}", message=message, sound=sound)
    if not people:
        turn.note("help.nobody", f"Nobody could be paged: {because}.")


def on_command_people(turn: Turn, found: tuple[LookedUp, ...]) -> None:
    """Ask level 1 to take command after a source acknowledged."""
    if "take_command" not in turn.state.asks:
        return
    people = distinct_people(turn, found, "take command")
    for person in people:
        told = Told(person=person.id, name=person.name)
        text = f"A source acknowledged, nobody leads: take command? {turn.state.title}"
        message = turn.message(text, ask="Acknowledge")
        turn.tell(told, message, why="take command", nudge=True)
