"""Tasks that people set each other beside the playbook's steps.

Decides who is told of a task and when: its owner at once and when it is due, the
commander when it is still open some time later. All of it quietly.
"""

from datetime import datetime, timedelta

from domain.clock_text import local_date_time, local_time
from domain.incident.commands_by_hand import TaskAdd, TaskCommand, TaskDone, TaskDrop, TaskUndo
from domain.incident.hand_state import Task, TaskStatus
from domain.incident.state import Told
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan import COMMANDER

MOST = 100
"""Tasks of one incident, done ones included: it is carried from run to run."""

LONGEST = timedelta(days=30)

SECOND_CHANCE = timedelta(minutes=15)
"""How long after the reminder the commander hears of it; less for a shorter task."""


def due_of(turn: Turn, command: TaskAdd) -> datetime | None:
    """The moment at which the new task is due, if it has one."""
    return turn.after(command.due_in) if command.due_in is not None else command.due


def cannot_task(turn: Turn, command: TaskCommand) -> Refusal | None:
    """Why the task command cannot be carried out; None if it can."""
    if isinstance(command, TaskAdd):
        return _cannot_add(turn, command)
    task = turn.state.tasks.get(command.task)
    if task is None:
        known = ", ".join(one.id for one in turn.state.tasks.values() if one.is_open)
        return wrong_input(f"There is no task '{command.task}'; open: {known or 'none'}.")
    if task.is_open == isinstance(command, TaskUndo):
        return wrong_moment(f"{task.id} {_stands(turn, task)}.")
    return None


def _cannot_add(turn: Turn, command: TaskAdd) -> Refusal | None:
    if len(turn.state.tasks) >= MOST:
        return wrong_moment(f"The incident has {MOST} tasks already: use your tracker for more.")
    if command.due is not None and command.due_in is not None:
        return wrong_input("A task is due at a moment or after a time, not both.")
    due = due_of(turn, command)
    if due is None:
        return None
    when = local_date_time(due, command.zone or turn.plan.timezone)
    if due <= turn.now:
        return wrong_input(f"{when} is past: a task is due at a time to come.")
    if due > turn.after(LONGEST):
        return wrong_input(f"{when} is more than 30 days away: use your tracker for that.")
    return None


def _stands(turn: Turn, task: Task) -> str:
    if task.is_open:
        return "is still open"
    when = local_time(task.ended_at or turn.now, turn.plan.timezone)
    return f"was {task.status} by {task.ended_by_name} at {when}"


def change_tasks(turn: Turn, command: TaskCommand, person: Told) -> None:
    """Add, end or reopen a task."""
    match command:
        case TaskAdd():
            _add(turn, command, person)
        case TaskDone():
            _end(turn, turn.state.tasks[command.task], "done", person)
        case TaskDrop():
            _end(turn, turn.state.tasks[command.task], "dropped", person, command.reason)
        case TaskUndo():
            _reopen(turn, turn.state.tasks[command.task], person)


def _add(turn: Turn, command: TaskAdd, person: Told) -> None:
    owner = (command.owner or person.person).removeprefix("user:")
    name = person.name if owner == person.person else command.owner_name
    task = Task(
        id=f"task-{len(turn.state.tasks) + 1}",
        text=command.text,
        owner=owner,
        owner_name=name or turn.state.name_of(owner),
        by=person.person,
        by_name=person.name,
        made_at=turn.now,
        due=due_of(turn, command),
    )
    _put(turn, task)
    until = _until(turn, task, turn.plan.timezone)
    said = f"{task.id} for {task.owner_name}{until}: {task.text}"
    turn.note("task.added", f"{person.name} adds {said}.", {"task": task.id, "owner": owner})
    if task.due is not None:
        turn.set_deadline(f"task/{task.id}", task.due, _summary(task, "remind its owner"))
    if owner != person.person:
        _tell_owner(turn, task, f"{person.name} asks you{until}: {task.text}")
    until = _until(turn, task, command.zone or turn.plan.timezone)
    turn.answer(f"{task.id} is with {task.owner_name}{until}.")


def _until(turn: Turn, task: Task, zone: str) -> str:
    if task.due is None:
        return ""
    soon = task.due < turn.after(timedelta(hours=20))
    return f", due {local_time(task.due, zone) if soon else local_date_time(task.due, zone)}"


def _summary(task: Task, what: str) -> str:
    short = task.text if len(task.text) <= 60 else f"{task.text[:59]}…"  # noqa: PLR2004
    return f"Task of {task.owner_name} is due ({short}): {what}"


def _put(turn: Turn, task: Task, **changes: object) -> Task:
    task = task.model_copy(update=changes)
    turn.state.tasks[task.id] = task
    return task


def _end(turn: Turn, task: Task, status: TaskStatus, person: Told, reason: str = "") -> None:
    _put(
        turn,
        task,
        status=status,
        ended_by=person.person,
        ended_by_name=person.name,
        ended_at=turn.now,
    )
    turn.clear_deadline(f"task/{task.id}")
    because = f": {reason}" if reason else ""
    verb = "has done" if status == "done" else "drops"
    said = f"{person.name} {verb} {task.id}, {task.text}{because}"
    turn.note(f"task.{status}", f"{said}.", {"task": task.id})
    concerned = {task.owner: task.owner_name, task.by: task.by_name}
    for who, name in concerned.items():
        if who != person.person and turn.state.phase.is_open:
            told = Told(person=who, name=name)
            turn.tell(told, turn.message(f"{said}."), why=f"{task.id} is {status}")
    turn.answer(f"{task.id} is {status}.")


def _reopen(turn: Turn, task: Task, person: Told) -> None:
    task = _put(
        turn,
        task,
        status="open",
        reminded=False,
        ended_by=None,
        ended_by_name="",
        ended_at=None,
    )
    turn.note("task.reopened", f"{person.name} opens {task.id} again.", {"task": task.id})
    if turn.state.phase.is_open:
        _arm(turn, task)
    turn.answer(f"{task.id} is open again.")


def _arm(turn: Turn, task: Task) -> None:
    if task.due is None:
        return
    due = max(task.due, turn.now + _second_chance(task))
    turn.set_deadline(f"task/{task.id}", due, _summary(task, "remind its owner"))


def rearm(turn: Turn) -> None:
    """After a reopening, whatever is still to do is due again."""
    for task in list(turn.state.tasks.values()):
        if task.is_open:
            _arm(turn, _put(turn, task, reminded=False))


def _second_chance(task: Task) -> timedelta:
    return min(task.period, SECOND_CHANCE)


def on_task_due(turn: Turn, task_id: str) -> None:
    """Remind the owner; the second time tell the commander, then leave it to them."""
    task = turn.state.tasks.get(task_id)
    if task is None or not task.is_open:
        return
    if not task.reminded:
        _put(turn, task, reminded=True)
        turn.note("task.due", f"{task.id} of {task.owner_name} is due: {task.text}.")
        _tell_owner(turn, task, f"Your task is due: {task.text}")
        again = turn.after(_second_chance(task))
        turn.set_deadline(f"task/{task.id}", again, _summary(task, "tell the commander"))
        return
    text = f"{task.id} of {task.owner_name} is overdue: {task.text}"
    turn.note("task.overdue", f"{text}.")
    if not _tell_commander(turn, task, text):
        _tell_owner(turn, task, f"Your task is overdue: {task.text}")


def _tell_commander(turn: Turn, task: Task, text: str) -> bool:
    """Whether somebody else than the owner commands, and is told."""
    holders = [
        held
        for held in turn.state.holders(COMMANDER)
        if not held.on_paper and held.person != task.owner
    ]
    for held in holders:
        told = Told(person=held.person, name=held.name)
        turn.tell(told, turn.message(text), why=f"{task.id} is overdue")
    return bool(holders)


def _tell_owner(turn: Turn, task: Task, text: str) -> None:
    told = Told(person=task.owner, name=task.owner_name)
    lines = (f"Say so when it is done: watchbill task done {turn.state.reference} {task.id}",)
    turn.tell(told, turn.message(text, lines=lines), why=f"{task.id}, a task")


def owners_gone(turn: Turn, users: tuple[str, ...]) -> None:
    """Whoever left the roster does nothing any more: the commander hears of their tasks."""
    for task in turn.state.tasks.values():
        if task.is_open and task.owner in users and turn.state.phase.is_open:
            text = f"{task.id} is without an owner, {task.owner_name} left: {task.text}"
            turn.note("task.orphaned", f"{text}.", {"task": task.id})
            _tell_commander(turn, task, text)
