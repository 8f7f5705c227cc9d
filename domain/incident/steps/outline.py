"""Which steps of a tree are worth a line, and how the rest is summed up.

Decides that a loop of many rounds is counted, with only the rounds that need somebody
spelt out, and where wanted that a part which is over is one line. How a step reads is
`domain.incident.steps.words`.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from domain.incident.steps.words import needs_somebody, tally
from domain.incident.view import StepView

ROUNDS_SPELT_OUT = 6
"""A loop of so many rounds is shown whole."""

ROUNDS_THAT_NEED = 8
"""Of those that need somebody, so many are spelt out."""

OVER = ("done", "skipped", "cancelled")


class Line(NamedTuple):
    """One line: a step, or a sentence about several.

    `last` says for the line and each level around it, outermost first, whether it is the
    last there; its length is the depth. `folded` counts the steps inside that have no line.
    """

    step: StepView | None
    said: str
    last: tuple[bool, ...]
    folded: int = 0


def outline(steps: Sequence[StepView], *, fold_above: int | None = None) -> list[Line]:
    """The lines of the tree, top to bottom.

    In a tree of more than `fold_above` steps a part that is over is one line.
    """
    is_large = fold_above is not None and sum(1 for _ in every_step(steps)) > fold_above
    return _lines(list(steps), (), fold=is_large)


def every_step(steps: Iterable[StepView]) -> Iterable[StepView]:
    """Every step of the tree, in the order of the file."""
    for step in steps:
        yield step
        yield from every_step(step.steps)


def _lines(entries: "list[StepView | str]", above: tuple[bool, ...], *, fold: bool) -> list[Line]:
    lines: list[Line] = []
    for place, entry in enumerate(entries, start=1):
        here = (*above, place == len(entries))
        if isinstance(entry, str):
            lines.append(Line(None, entry, here))
            continue
        inside = list(every_step(entry.steps))
        if fold and inside and entry.state in OVER and all(one.state in OVER for one in inside):
            lines.append(Line(entry, "", here, folded=len(inside)))
            continue
        lines.append(Line(entry, "", here))
        lines += _lines(_inside(entry), here, fold=fold)
    return lines


def _inside(step: StepView) -> "list[StepView | str]":
    if step.kind != "for_each":
        return list(step.steps)
    rounds = [list(one) for _, one in groupby(step.steps, key=lambda child: child.branch)]
    if len(rounds) <= ROUNDS_SPELT_OUT:
        return list(step.steps)
    waiting = [one for one in rounds if any(needs_somebody(each) for each in every_step(one))]
    shown = waiting[:ROUNDS_THAT_NEED]
    said = f"{len(rounds)} rounds: {tally(_state_of_round(one) for one in rounds)}"
    more = len(waiting) - len(shown)
    rest = [f"and {more} more that need somebody"] if more else []
    return [said, *(child for one in shown for child in one), *rest]


def _state_of_round(steps: Sequence[StepView]) -> str:
    """Where a round stands as a whole."""
    states = {one.state for each in steps for one in every_step([each])}
    for state in ("failed", "running", "cancelled"):
        if state in states:
            return state
    if states == {"pending"}:
        return "pending"
    return "running" if "pending" in states else "done"
