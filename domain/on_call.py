"""Who is on call at a moment, and who stands behind a reference.

Decides what is said of the line that holds, shifts and gaps over a span of time, and
whom a reference means; which line wins is `domain.lines`. Pure, but asked only from
activities, the API and the command line: zone files differ between hosts, so a workflow
records the answer.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from domain.incident.people import LookedUp, Person
from domain.lines import Line, LineKind, line_at
from domain.roster import WAKING, Roster, Schedule, User

LOOK_AHEAD = timedelta(days=60)
"""How far ahead the next shift is looked for: longer than anything stays unanswered."""


class OnCall(BaseModel):
    """Who serves, and by which line of the schedule; nobody is an answer with a reason."""

    model_config = ConfigDict(frozen=True)

    users: tuple[str, ...] = ()
    reason: str


class Shift(BaseModel):
    """The same people from one moment (aware UTC) to another."""

    model_config = ConfigDict(frozen=True)

    start: datetime
    end: datetime
    users: tuple[str, ...]


class Gap(NamedTuple):
    """A stretch of time in which nobody serves; moments are aware UTC."""

    start: datetime
    end: datetime


def who_is_on_call(schedule: Schedule, at: datetime) -> OnCall:
    """Who serves at this moment (aware)."""
    line = line_at(schedule, at)
    return OnCall(users=line.users, reason=_reason(schedule, line))


def _reason(schedule: Schedule, line: Line) -> str:
    """The line in words."""
    until = ""
    if line.ends is not None:
        until = (
            f"until {line.ends.astimezone(ZoneInfo(schedule.tz)):%Y-%m-%d %H:%M} ({schedule.tz})"
        )
    match line.kind:
        case LineKind.OVERRIDE | LineKind.CALENDAR:
            return f"{line.kind} of {schedule.id} {until}"
        case LineKind.LAYER:
            opens, closes = schedule.layers[line.number - 1].between
            return f"layer {line.number} of {schedule.id}, {opens:%H:%M} to {closes:%H:%M}"
        case LineKind.ROTATION:
            turn = line.turn
            follows = f", then {turn.next_user}" if turn and turn.next_user != turn.user else ""
            return f"rotation of {schedule.id} {until}{follows}"
        case LineKind.NONE:
            return f"nobody is on call in {schedule.id}: {_nobody(schedule)}"
        case _:
            assert_never(line.kind)


def _nobody(schedule: Schedule) -> str:
    """Why nobody serves."""
    if schedule.imports is not None and not schedule.imported:
        return "its calendar has not been read, or names nobody any more"
    if schedule.imported:
        return "its calendar has no event now"
    if schedule.rotate is None:
        return "no layer covers this time"
    return f"it begins on {schedule.rotate.first.isoformat()}"


def next_change(schedule: Schedule, at: datetime, within: timedelta) -> datetime | None:
    """When other people serve than at `at` (aware), aware UTC; None if not `within` then."""
    line = line_at(schedule, at)
    users, last = set(line.users), at.astimezone(UTC) + within
    while line.until is not None and line.until <= last:
        change, line = line.until, line_at(schedule, line.until)
        if set(line.users) != users:
            return change.astimezone(UTC)
    return None


def shifts(schedule: Schedule, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Who serves from `start` to `end` (aware), in order; times without anybody are left out."""
    return tuple(shift for shift in _stretches(schedule, start, end) if shift.users)


def gaps(schedule: Schedule, start: datetime, end: datetime) -> tuple[Gap, ...]:
    """The times from `start` to `end` (aware) in which nobody serves, in order."""
    stretches = _stretches(schedule, start, end)
    return tuple(Gap(stretch.start, stretch.end) for stretch in stretches if not stretch.users)


def _stretches(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The whole time in stretches of the same people, nobody included."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start >= end:
        return []
    found: list[Shift] = []
    begins = start
    while begins < end:
        line = line_at(schedule, begins)
        ends, users = min(line.until or end, end), line.users
        if found and found[-1].users == users:
            found[-1] = found[-1].model_copy(update={"end": ends})
        else:
            found.append(Shift(start=begins, end=ends, users=users))
        begins = ends
    return found


def stand_behind(roster: Roster, ref: str, at: datetime) -> LookedUp:
    """The people behind `user:`, `schedule:` or `team:` at this moment (aware).

    A team is its manager, or its members if it has none; the note says which. What the
    roster does not have, or no longer has, is nobody, and the note says so.
    """
    kind, _, name = ref.partition(":")
    match kind:
        case "user" if name in roster.users:
            return _people(roster, ref, (name,), None)
        case "schedule" if name in roster.schedules:
            on_call = who_is_on_call(roster.schedules[name], at)
            if on_call.users:
                found = _people(roster, ref, on_call.users, None)
            else:
                found = LookedUp(ref=ref, note=on_call.reason)
            return _with_next_shift(found, roster, roster.schedules[name], at)
        case "team" if name in roster.teams:
            team = roster.teams[name]
            if team.manager is not None and team.manager in roster.users:
                return _people(roster, ref, (team.manager,), f"the manager of team {name}")
            return _people(roster, ref, team.members, f"the members of team {name}")
        case "user" | "schedule" | "team":
            return LookedUp(ref=ref, note=f"{kind} {name} is not in the roster")
        case _:
            return LookedUp(ref=ref, note=f"'{ref}' names no user, schedule or team")


def _with_next_shift(found: LookedUp, roster: Roster, schedule: Schedule, at: datetime) -> LookedUp:
    """The answer with the moment at which other people serve, and who they are."""
    until = next_change(schedule, at, LOOK_AHEAD)
    if until is None:
        return found
    users = who_is_on_call(schedule, until).users
    people = _people(roster, found.ref, users, None).people
    return found.model_copy(update={"until": until, "next": people})


def _people(roster: Roster, ref: str, users: tuple[str, ...], said: str | None) -> LookedUp:
    names = dict.fromkeys(users)
    people = [person_of(roster.users[name]) for name in names if name in roster.users]
    notes = [said] if said else []
    notes += [f"user {name} is not in the roster" for name in names if name not in roster.users]
    notes += [f"{person.name} has no way to be reached" for person in people if not person.rules]
    return LookedUp(ref=ref, people=tuple(people), note="; ".join(notes) or None)


def person_of(user: User) -> Person:
    """The user as a page sees them: their rules, by urgency, that have an address."""
    rules = tuple(rule for rule in user.high if rule.via in user.contact)
    low = tuple(rule for rule in user.low if rule.via in user.contact)
    return Person(id=user.id, name=user.name, rules=rules, low=low)


def can_be_woken(user: User) -> bool:
    """Whether one of the user's rules for high urgency can wake them."""
    return any(rule.via in WAKING and rule.via in user.contact for rule in user.high)
