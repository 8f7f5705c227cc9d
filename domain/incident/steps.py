"""The playbook's steps: notify, checklist and runbook, read top to bottom.

Decides when a step starts, when it is done and what its deadline does. A page never
waits for a step; steps that need a person start at the first acknowledgement.
"""

from datetime import timedelta
from typing import assert_never

from domain.incident.conditions import note_unknown, values_of, verdict_on
from domain.incident.state import ItemState, StepState, Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, ChecklistStep, NotifyStep, RunbookStep, Step
from domain.templates import render

_WITH_PEOPLE = (Phase.ACKNOWLEDGED, Phase.MITIGATED)


def walk(turn: Turn) -> None:
    """Start every step whose turn has come."""
    if not turn.state.phase.is_open or turn.state.phase is Phase.PENDING:
        return
    for step in turn.plan.steps:
        known = turn.state.steps.get(step.id, StepState())
        if known.state == "pending" and not _start(turn, step):
            return
        if turn.state.steps[step.id].state == "running":
            return


def _start(turn: Turn, step: Step) -> bool:
    """Start or skip the step; False where it must wait for a person."""
    if turn.state.severity not in step.at or not _applies(turn, step):
        _put(turn, step, state="skipped")
        turn.note("step.skipped", f"Step {step.id} does not apply: skipped.")
        return True
    match step:
        case NotifyStep():
            _notify(turn, step)
            _put(turn, step, state="done", started_at=turn.now)
        case RunbookStep():
            if turn.state.phase not in _WITH_PEOPLE:
                return False
            _put(turn, step, state="done", started_at=turn.now)
            turn.note("step.runbook", f"Runbook: {step.source}.")
        case ChecklistStep():
            if turn.state.phase not in _WITH_PEOPLE:
                return False
            _begin_checklist(turn, step)
        case _:
            assert_never(step)
    return True


def _applies(turn: Turn, step: Step) -> bool:
    if step.when is None:
        return True
    verdict = verdict_on(turn, step.when)
    if verdict.holds is None:
        note_unknown(turn, f"step {step.id}", step.when, verdict)
        return True
    return verdict.holds


def _put(turn: Turn, step: Step, **changes: object) -> None:
    known = turn.state.steps.get(step.id, StepState())
    turn.state.steps[step.id] = known.model_copy(update=changes)


def _notify(turn: Turn, step: NotifyStep) -> None:
    text = render(step.text, values_of(turn)).text
    message = turn.message(text)
    people = [ref for ref in step.to if ref.startswith("role:")]
    for ref in people:
        for held in turn.state.holders(ref.removeprefix("role:")):
            turn.tell(Told(person=held.person, name=held.name), message, why=f"step {step.id}")
    others = tuple(ref for ref in step.to if not ref.startswith("role:"))
    if others:
        turn.announce_to(others, message, why=f"step {step.id}")
    turn.note("step.done", f"Step {step.id}: told {', '.join(step.to)}.")


def _begin_checklist(turn: Turn, step: ChecklistStep) -> None:
    items = {item.id: ItemState() for item in step.items}
    _put(turn, step, state="running", started_at=turn.now, items=items)
    turn.note("step.started", f"Checklist {step.id}: {len(items)} items.")
    _arm(turn, step)


def _arm(turn: Turn, step: ChecklistStep) -> None:
    within = step.deadline.at(turn.state.severity)
    if within is None or not turn.state.phase.is_open:
        return
    _put(turn, step, deadline=turn.after(within))
    turn.set_deadline(f"step/{step.id}", turn.after(within), f"Checklist {step.id} is due")


def find(turn: Turn, step_id: str) -> Step | None:
    """The step of that id."""
    return next((step for step in turn.plan.steps if step.id == step_id), None)


def tick(turn: Turn, step: Step, item: str | None, person: Told) -> None:
    """Tick one item, or all that are open; the step is done with its required ones."""
    known = turn.state.steps.get(step.id, StepState())
    if not isinstance(step, ChecklistStep):
        _put(turn, step, state="done")
        turn.note("step.done", f"{person.name} is done with step {step.id}.")
        turn.answer(f"Step {step.id} is done.")
        return
    names = [one.id for one in step.items if item in (None, one.id)]
    open_names = [name for name in names if known.items.get(name, ItemState()).done_by is None]
    ticked = ItemState(done_by=person.person, done_at=turn.now)
    _put(turn, step, items={**known.items, **dict.fromkeys(open_names, ticked)})
    for name in open_names:
        turn.note("step.ticked", f"{person.name} ticks {step.id}/{name}.", {"item": name})
    turn.answer(f"Ticked {_several(open_names) or 'nothing: it was done already'}.")
    _finish_if_complete(turn, step)


def _finish_if_complete(turn: Turn, step: ChecklistStep) -> None:
    known = turn.state.steps[step.id]
    required = [item.id for item in step.items if item.required]
    needed = required or [item.id for item in step.items]
    if known.state == "running" and all(known.items[name].done_by for name in needed):
        _put(turn, step, state="done")
        turn.clear_deadline(f"step/{step.id}")
        turn.note("step.done", f"Checklist {step.id} is done.")


def untick(turn: Turn, step: Step, item: str | None, person: Told) -> None:
    """Untick one item, or all; a checklist that was done runs again."""
    known = turn.state.steps.get(step.id, StepState())
    if not isinstance(step, ChecklistStep):
        _put(turn, step, state="running")
        turn.note("step.undone", f"{person.name} opens step {step.id} again.")
        turn.answer(f"Step {step.id} is open again.")
        return
    names = [one.id for one in step.items if item in (None, one.id)]
    undone = [name for name in names if known.items.get(name, ItemState()).done_by]
    _put(turn, step, items={**known.items, **dict.fromkeys(undone, ItemState())})
    for name in undone:
        turn.note("step.unticked", f"{person.name} unticks {step.id}/{name}.", {"item": name})
    if undone and known.state == "done":
        _put(turn, step, state="running")
        _arm(turn, step)
    turn.answer(f"Unticked {_several(undone) or 'nothing: it was open'}.")


def _several(names: list[str]) -> str:
    """The name of one, the number of several."""
    return f"{len(names)} items" if len(names) > 1 else "".join(names)


def on_deadline(turn: Turn, step_id: str) -> None:
    """A checklist is overdue: remind, tell the commander, skip or fail it."""
    step = find(turn, step_id)
    known = turn.state.steps.get(step_id, StepState())
    if not isinstance(step, ChecklistStep) or known.state != "running":
        return
    turn.note("step.overdue", f"Checklist {step_id} is overdue.")
    match step.on_timeout:
        case "remind":
            _tell(turn, _assignees(turn, step), f"Checklist {step_id} is due")
            _arm(turn, step)
        case "escalate":
            holders = _holders(turn, COMMANDER)
            _tell(turn, holders or _assignees(turn, step), f"Checklist {step_id} is overdue")
            _arm(turn, step)
        case "skip":
            _put(turn, step, state="skipped")
            turn.note("step.skipped", f"Checklist {step_id} is skipped: out of time.")
        case "fail":
            _put(turn, step, state="failed")
            turn.note("step.failed", f"Checklist {step_id} has failed: out of time.")
        case _:
            assert_never(step.on_timeout)


def _assignees(turn: Turn, step: ChecklistStep) -> list[Told]:
    kind, _, name = (step.assign or "").partition(":")
    if kind == "user":
        return [Told(person=name, name=turn.state.name_of(name))]
    found = _holders(turn, name) if kind == "role" else []
    return found or _holders(turn, COMMANDER)


def _holders(turn: Turn, role: str) -> list[Told]:
    return [Told(person=held.person, name=held.name) for held in turn.state.holders(role)]


def _tell(turn: Turn, people: list[Told], text: str) -> None:
    for told in people:
        turn.tell(told, turn.message(f"{text}: {turn.state.title}"), why=text)


def rearm(turn: Turn) -> None:
    """Re-derive the deadlines of running checklists after a change of severity."""
    for step in turn.plan.steps:
        known = turn.state.steps.get(step.id)
        if not isinstance(step, ChecklistStep) or known is None or known.state != "running":
            continue
        within = step.deadline.at(turn.state.severity)
        start = known.started_at or turn.now
        if within is None:
            turn.clear_deadline(f"step/{step.id}")
            continue
        due = max(start + within, turn.after(timedelta(seconds=1)))
        _put(turn, step, deadline=due)
        turn.set_deadline(f"step/{step.id}", due, f"Checklist {step.id} is due")
