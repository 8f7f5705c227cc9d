"""Why a command cannot be carried out, as its actor reads it.

Decides the kinds of refusal and the sentences that several commands share.
"""

from typing import Literal, NamedTuple

from domain.incident.messages import readable
from domain.incident.turn import Turn


class Refusal(NamedTuple):
    """Why not: `phase` for a wrong moment, `input` for a wrong value; the sentence."""

    kind: Literal["phase", "input"]
    text: str


def wrong_moment(text: str) -> Refusal:
    """It cannot be done now."""
    return Refusal("phase", text)


def wrong_input(text: str) -> Refusal:
    """It can never be done so."""
    return Refusal("input", text)


def unknown_role(turn: Turn, role: str) -> Refusal | None:
    """The playbook has no such role; None if it has."""
    if role in turn.plan.roles:
        return None
    known = ", ".join(sorted(turn.plan.roles))
    return wrong_input(f"Playbook {turn.plan.name} has no role '{role}'; it has {known}.")


def held_by(turn: Turn, role: str) -> str:
    """`: Ann holds it`, to end a sentence about the role."""
    held = [one.name for one in turn.state.holders(role) if not one.on_paper]
    return f": {', '.join(held)} holds it" if held else ": nobody holds it"


def not_held(turn: Turn, role: str) -> Refusal:
    """The actor does not hold the role; somebody else may."""
    return wrong_moment(f"You do not hold {readable(role)}{held_by(turn, role)}.")
