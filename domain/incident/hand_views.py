"""What people have set by hand, and what they are asked for, as others see it.

Decides what of it is shown. Nothing reads it back.
"""

from domain.incident.state import IncidentState
from domain.incident.view import RoleAskView, SnoozeView, TaskView


def role_asks_of(state: IncidentState) -> tuple[RoleAskView, ...]:
    """Everybody who is asked to take a role that is still to be taken."""
    if not state.phase.is_open:
        return ()
    asked: dict[str, list[str]] = {}
    for ladder in state.ladders.values():
        held = any(not one.acting and not one.on_paper for one in state.holders(ladder.role or ""))
        if ladder.role and ladder.asked and (ladder.stage != "over" or not held):
            asked.setdefault(ladder.role, []).extend(ladder.asked)
    return tuple(
        RoleAskView(role=role, of=tuple(dict.fromkeys(people))) for role, people in asked.items()
    )


def snooze_of(state: IncidentState) -> SnoozeView | None:
    """Who snoozes it until when."""
    known = state.snooze
    if known is None:
        return None
    return SnoozeView(by=known.by, by_name=known.by_name, until=known.until, reason=known.reason)


def tasks_of(state: IncidentState) -> tuple[TaskView, ...]:
    """Every task, what is open first."""
    ordered = sorted(state.tasks.values(), key=lambda task: not task.is_open)
    return tuple(
        TaskView(
            id=task.id,
            text=task.text,
            owner=task.owner,
            owner_name=task.owner_name,
            by=task.by,
            due=task.due,
            state=task.status,
            ended_by=task.ended_by_name or None,
            ended_at=task.ended_at,
        )
        for task in ordered
    )
