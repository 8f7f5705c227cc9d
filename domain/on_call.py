"""Who is on call at a moment, and who stands behind a reference.

Decides precedence: overrides win over layers, layers over the rotation or the imported
calendar; of two that overlap the later line wins. Pure, but asked only from activities,
the API and the command line: zone files differ between hosts, so a workflow records the
answer.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from domain.incident.people import LookedUp, Person
from domain.lines import imported_at, layer_users, next_line, span_of
from domain.roster import WAKING, Roster, Schedule, User
from domain.rotation import turn_at

LOOK_AHEAD = timedelta(days=60)
"""How far ahead the next shift is looked for; a longer one is asked about again by then."""


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
    zone = ZoneInfo(schedule.tz)
    for override in reversed(schedule.overrides):
        start, end = span_of(override, zone)
        if start <= at < end:
            until = f"{end.astimezone(zone):%Y-%m-%d %H:%M}"
            reason = f"override of {schedule.id} until {until} ({schedule.tz})"
            return OnCall(users=(override.user,), reason=reason)
    for number, layer in reversed(list(enumerate(schedule.layers, 1))):
        users = layer_users(layer, zone, at)
        if users:
            hours = f"{layer.between[0]:%H:%M} to {layer.between[1]:%H:%M}"
            return OnCall(users=users, reason=f"layer {number} of {schedule.id}, {hours}")
    return _rotating(schedule, zone, at)


def _rotating(schedule: Schedule, zone: ZoneInfo, at: datetime) -> OnCall:
    if schedule.imports is not None or schedule.imported:
        return _imported(schedule, zone, at)
    if schedule.rotate is None:
        return OnCall(reason=f"nobody is on call in {schedule.id}: no layer covers this time")
    turn = turn_at(schedule.rotate, zone, at)
    if turn is None:
        begins = schedule.rotate.first.isoformat()
        return OnCall(reason=f"nobody is on call in {schedule.id}: it begins on {begins}")
    until = f"{turn.end.astimezone(zone):%Y-%m-%d %H:%M} ({schedule.tz})"
    follows = f", then {turn.next_user}" if turn.next_user != turn.user else ""
    return OnCall(users=(turn.user,), reason=f"rotation of {schedule.id} until {until}{follows}")


def _imported(schedule: Schedule, zone: ZoneInfo, at: datetime) -> OnCall:
    """Everybody whom an event of the calendar names now."""
    nobody = f"nobody is on call in {schedule.id}"
    if not schedule.imported:
        return OnCall(reason=f"{nobody}: its calendar could never be read")
    events = imported_at(schedule.imported, at)
    if not events:
        return OnCall(reason=f"{nobody}: its calendar has no event now")
    users = tuple(dict.fromkeys(user for event in events for user in event.users))
    until = min(event.end for event in events).astimezone(zone)
    reason = f"calendar of {schedule.id} until {until:%Y-%m-%d %H:%M} ({schedule.tz})"
    return OnCall(users=users, reason=reason)


def next_change(schedule: Schedule, at: datetime, within: timedelta) -> datetime | None:
    """When other people serve than at `at` (aware), aware UTC; None if not `within` then."""
    users = set(who_is_on_call(schedule, at).users)
    change, last = next_line(schedule, at), at.astimezone(UTC) + within
    while change is not None and change <= last:
        if set(who_is_on_call(schedule, change).users) != users:
            return change.astimezone(UTC)
        change = next_line(schedule, change)
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
        ends = min(next_line(schedule, begins) or end, end)
        users = who_is_on_call(schedule, begins).users
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
