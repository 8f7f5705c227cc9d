"""Paging somebody by hand: more people, because a responder says so.

Decides who of those found is paged: whoever is on it already is told quietly instead,
and nobody who is being paged is paged twice.
"""

from domain.incident.commands_by_hand import Page
from domain.incident.messages import named
from domain.incident.people import LookedUp, Person
from domain.incident.reinforcement import on_help_people
from domain.incident.state import Told
from domain.incident.taking import is_on_it
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input

KINDS = ("user", "schedule", "team")


def cannot_page(command: Page) -> Refusal | None:
    """Why nobody of these can be paged; None if they can."""
    for ref in command.to:
        kind, _, name = ref.partition(":")
        if kind not in KINDS or not name:
            return wrong_input(f"'{ref}' names nobody: give user:, schedule: or team:.")
    return None


def page(turn: Turn, command: Page, person: Told) -> None:
    """Ask who stands behind the references; the answer pages them."""
    refs = tuple(dict.fromkeys(command.to))
    because = command.because.rstrip(".")
    data = {"to": " ".join(refs), "because": because}
    turn.note("paged.by_hand", f"{person.name} pages {named(refs)}: {because}.", data)
    purpose = f"asked:{because} (asked by {person.name})"
    turn.look_up(purpose, refs, f"Who is on call: {named(refs)} (paged by {person.name})")
    turn.answer(f"Paging {named(refs)}.")


def on_asked_people(turn: Turn, because: str, found: tuple[LookedUp, ...]) -> None:
    """Page whoever is not on it; the others hear that they are asked for."""
    here = {one.id: one for answer in found for one in answer.people if is_on_it(turn, one.id)}
    for one in here.values():
        _tell(turn, one, because)
    others = [_without(answer, here) for answer in found if not _all_in(answer, here)]
    if others:
        on_help_people(turn, because, tuple(others))


def _all_in(answer: LookedUp, here: dict[str, Person]) -> bool:
    return bool(answer.people) and all(one.id in here for one in answer.people)


def _without(answer: LookedUp, here: dict[str, Person]) -> LookedUp:
    people = tuple(one for one in answer.people if one.id not in here)
    return answer.model_copy(update={"people": people})


def _tell(turn: Turn, person: Person, because: str) -> None:
    turn.note("paged.already", f"{person.name} is on it already, and is told.")
    told = Told(person=person.id, name=person.name)
    message = turn.message(f"You are asked for: {because}. {turn.state.title}")
    turn.tell(told, message, why="asked for, on it already")
