"""A change of shift: who comes on, who goes off, and what each of them reads.

Decides whom a change concerns: only those who were not serving just before, and those
who no longer are. Who serves is `domain.on_call`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.cover_text import Said, day_and_time
from domain.incident.view import IncidentView
from domain.plan import OPERATIONS, Plan

LISTED = 10
"""Open incidents that a notice names before it counts the rest."""


class ShiftPart(BaseModel):
    """A frozen part of a shift."""

    model_config = ConfigDict(frozen=True)


class ShiftsStart(ShiftPart):
    """A schedule to follow. `serving` is who was last told, None before the first look.

    After `continue_after` looks the run starts over, with this alone. `look_again` is when
    a roster that has just changed is looked at once more: after `read_everywhere` every
    worker has read a file, a calendar or an override that has changed.
    """

    schedule: str
    serving: tuple[str, ...] | None = None
    look_again: datetime | None = None
    continue_after: int = 200
    read_everywhere: timedelta = timedelta(seconds=10)


class ShiftAsked(ShiftPart):
    """Who serves at this moment (aware UTC)?"""

    schedule: str
    at: datetime


class ShiftSeen(ShiftPart):
    """Who serves, and from `until` on `next`; `summary` is what is waited for, in words.

    `is_gone`: the roster has no such schedule any more.
    """

    people: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    until: datetime | None = None
    next_names: tuple[str, ...] = ()
    summary: str = ""
    is_gone: bool = False


class ShiftWord(ShiftPart):
    """What one person is told of a change; `comes` on, or goes off. `before` are ids."""

    key: str
    person: str
    schedule: str
    comes: bool
    before: tuple[str, ...] = ()
    now: ShiftSeen


def words_of_change(
    schedule: str, before: Sequence[str], now: ShiftSeen, at: datetime
) -> tuple[ShiftWord, ...]:
    """Whom to tell what, none if the same people go on serving; who comes on first."""
    comes = [(person, True) for person in now.people if person not in before]
    goes = [(person, False) for person in before if person not in now.people]
    return tuple(
        ShiftWord(
            key=f"shift-{schedule}:{at:%Y-%m-%dT%H:%M:%SZ}/{person}/{'on' if on else 'off'}",
            person=person,
            schedule=schedule,
            comes=on,
            before=tuple(before),
            now=now,
        )
        for person, on in dict.fromkeys((*comes, *goes))
    )


def waiting_text(schedule: str, seen: ShiftSeen, zone: str) -> str:
    """`payments_primary: Bo Chen comes on Mon 23 Nov 09:30 CET (Europe/Berlin)`."""
    if seen.until is None:
        return f"{schedule}: no change in sight"
    at = f"{day_and_time(seen.until, zone)} ({zone})"
    if not seen.next_names:
        return f"{schedule}: nobody serves from {at}"
    verb = "comes" if len(seen.next_names) == 1 else "come"
    return f"{schedule}: {listed(seen.next_names)} {verb} on {at}"


def said_of_shift(
    word: ShiftWord, zone: str, before: Sequence[str], open_now: Sequence[IncidentView]
) -> Said:
    """What the person reads, in this zone; `before` are names, `open_now` is in hand."""
    now = word.now
    until = f"until {day_and_time(now.until, zone)}" if now.until else "until further notice"
    if not word.comes:
        if now.names:
            title = f"You are off call for {word.schedule}: {listed(now.names)} has it"
            return Said(title=title, lines=(f"{listed(now.names)}, {until}.",))
        title = f"You are off call for {word.schedule}: nobody serves now"
        return Said(title=title, lines=(f"Nobody serves {until}.",))
    then = f", then {listed(now.next_names)}" if now.next_names else ""
    lines = [f"U{until[1:]}{then}."]
    if before:
        lines.append(f"You follow {listed(before)}.")
    return Said(title=f"You are on call for {word.schedule}", lines=(*lines, *open_lines(open_now)))


def open_lines(views: Sequence[IncidentView]) -> tuple[str, ...]:
    """What is open and acknowledged, one a line, the worst first."""
    if not views:
        return ("Nothing that pages this schedule is open and acknowledged.",)
    worst_first = sorted(views, key=lambda view: (view.severity.rank, view.opened_at))
    lines = [_open_line(view) for view in worst_first[:LISTED]]
    more = len(views) - LISTED
    if more > 0:
        lines.append(f"and {more} more: watchbill list --phase acknowledged")
    return (f"Open and acknowledged: {len(views)}", *lines)


def pages_schedule(plan: Plan, schedule: str) -> bool:
    """Whether an incident of this plan pages the schedule, by its ladder or for a role."""
    named = {ref for level in plan.escalation.levels for ref in level}
    named |= set(plan.escalation.exhausted.page)
    for role in plan.roles.values():
        named |= set(role.page) | {ref for pick in role.pick for ref in pick.page}
    return f"schedule:{schedule}" in named


def listed(names: Sequence[str]) -> str:
    """`Ann Berg`, `Ann Berg and Bo Chen`, `Ann Berg, Bo Chen and Cleo`."""
    if len(names) < 2:  # noqa: PLR2004  # one name, or none
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _open_line(view: IncidentView) -> str:
    holders = view.roles.get(OPERATIONS, ())
    who = listed([holder.name for holder in holders]) or "nobody"
    return f"{view.reference} {view.severity.value} {view.title} ({who} on operations)"
