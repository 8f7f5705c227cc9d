"""How what people have said of an incident looks in a terminal.

Decides the wording of impact, estimate, start, snooze and tasks.
"""

from collections.abc import Sequence

from cli.plain_text import local
from cli.show.shown import ShownIncident
from domain.incident.view import TaskView

TASKS_SHOWN = 20


def facts_said(shown: ShownIncident) -> list[tuple[str, str]]:
    """What people have said of the incident, with its name, as far as they have."""
    eta = local(shown.eta_at) if shown.eta_at else shown.eta
    facts = [
        ("Began", local(shown.began_at) if shown.began_at else ""),
        ("Impact", shown.impact),
        ("Estimate", eta),
    ]
    if shown.snoozed is not None:
        because = f": {shown.snoozed.reason}" if shown.snoozed.reason else ""
        until = local(shown.snoozed.until)
        facts.append(("Snoozed", f"by {shown.snoozed.by_name} until {until}{because}"))
    return [(name, text) for name, text in facts if text]


def tasks(known: Sequence[TaskView]) -> list[str]:
    """One line for each task, what is open first."""
    lines = [_task(task) for task in known[:TASKS_SHOWN]]
    more = len(known) - len(lines)
    return [*lines, f"and {more} more"] if more > 0 else lines


def _task(task: TaskView) -> str:
    due = f", due {local(task.due)}" if task.due and task.state == "open" else ""
    by = f", {task.state} by {task.ended_by}" if task.ended_by else ""
    mark = {"done": "x", "dropped": "-"}.get(task.state, " ")
    return f"[{mark}] {task.id}: {task.text} ({task.owner_name}{due}{by})"
