"""A `checklist` step: lines that people tick, one by one, and may untick."""

from domain.incident.state import Told
from domain.incident.step_state import ItemState
from domain.incident.steps.moves import done, operators, owners, put, run_on, start
from domain.incident.steps.tree import Node, known
from domain.incident.turn import Turn
from domain.plan_steps import ChecklistStep


def begin(turn: Turn, node: Node, step: ChecklistStep) -> None:
    """Every line is open; lines ticked before a stop stay ticked.

    Whoever does the work follows the steps, and is not told of each.
    """
    before = known(turn.state, node).items
    items = {item.id: before.get(item.id, ItemState()) for item in step.items}
    start(turn, node, f"Checklist {node.label}: {len(items)} items.", items=items)
    at_it = {one.person for one in operators(turn)}
    told = tuple(one.person for one in owners(turn, node) if one.person in at_it)
    put(turn, node, told=told)


def tick(turn: Turn, node: Node, step: ChecklistStep, item: str | None, person: Told) -> None:
    """Tick one item, or all that are open; the step is done with its required ones."""
    items = known(turn.state, node).items
    names = [one.id for one in step.items if item in (None, one.id)]
    open_names = [name for name in names if items.get(name, ItemState()).done_by is None]
    ticked = ItemState(done_by=person.person, done_at=turn.now)
    put(turn, node, items={**items, **dict.fromkeys(open_names, ticked)})
    for name in open_names:
        data = {"item": name, "step": node.address}
        turn.note("step.ticked", f"{person.name} ticks {node.label}/{name}.", data)
    turn.answer(f"Ticked {_several(open_names) or 'nothing: it was done already'}.")
    _finish_if_complete(turn, node, step)


def untick(turn: Turn, node: Node, step: ChecklistStep, item: str | None, person: Told) -> None:
    """Untick one item, or all; a done step runs again."""
    items = known(turn.state, node).items
    names = [name for name in ([item] if item else items) if items[name].done_by is not None]
    put(turn, node, items={**items, **dict.fromkeys(names, ItemState())})
    for name in names:
        data = {"item": name, "step": node.address}
        turn.note("step.unticked", f"{person.name} unticks {node.label}/{name}.", data)
    turn.answer(f"Unticked {_several(names) or 'nothing: it was open'}.")
    if known(turn.state, node).state == "done" and not _is_complete(turn, node, step):
        run_on(turn, node)


def _is_complete(turn: Turn, node: Node, step: ChecklistStep) -> bool:
    items = known(turn.state, node).items
    needed = [one.id for one in step.items if one.required] or [one.id for one in step.items]
    return all(items[name].done_by is not None for name in needed)


def _finish_if_complete(turn: Turn, node: Node, step: ChecklistStep) -> None:
    if known(turn.state, node).state == "running" and _is_complete(turn, node, step):
        done(turn, node, "every required line is ticked.")


def _several(names: list[str]) -> str:
    """The name of one, the number of several."""
    return f"{len(names)} items" if len(names) > 1 else "".join(names)
