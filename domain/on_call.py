"""Who is on call at a moment, and who stands behind a reference.

Decides precedence: overrides win over layers, layers over the rotation; of two that
overlap the later line wins. Pure, but asked only from activities, the API and the
command line: zone files differ between hosts, so a workflow records the answer.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from domain.incident.people import LookedUp, Person
from domain.roster import WAKING, Layer, Override, Roster, Schedule, User
from domain.rotation import WEEKDAYS, hand_overs, moment_at, turn_at


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
        start, end = _span(override, zone)
        if start <= at < end:
            until = f"{override.end:%Y-%m-%d %H:%M}"
            reason = f"override of {schedule.id} until {until} ({schedule.tz})"
            return OnCall(users=(override.user,), reason=reason)
    for number, layer in reversed(list(enumerate(schedule.layers, 1))):
        users = _layer_users(layer, zone, at)
        if users:
            hours = f"{layer.between[0]:%H:%M} to {layer.between[1]:%H:%M}"
            return OnCall(users=users, reason=f"layer {number} of {schedule.id}, {hours}")
    return _rotating(schedule, zone, at)


def _rotating(schedule: Schedule, zone: ZoneInfo, at: datetime) -> OnCall:
    if schedule.rotate is None:
        return OnCall(reason=f"nobody is on call in {schedule.id}: no layer covers this time")
    turn = turn_at(schedule.rotate, zone, at)
    if turn is None:
        begins = schedule.rotate.first.isoformat()
        return OnCall(reason=f"nobody is on call in {schedule.id}: it begins on {begins}")
    until = f"{turn.end.astimezone(zone):%Y-%m-%d %H:%M} ({schedule.tz})"
    follows = f", then {turn.next_user}" if turn.next_user != turn.user else ""
    return OnCall(users=(turn.user,), reason=f"rotation of {schedule.id} until {until}{follows}")


def _span(override: Override, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return moment_at(override.start, zone), moment_at(override.end, zone)


def _layer_users(layer: Layer, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """Who serves by this layer, none outside its windows or before its turns begin."""
    today = at.astimezone(zone).date()
    windows = (_window(layer, today + timedelta(days=days), zone) for days in (-1, 0, 1))
    if not any(window and window[0] <= at < window[1] for window in windows):
        return ()
    if layer.rotate is None:
        return layer.users
    turn = turn_at(layer.rotate, zone, at)
    return (turn.user,) if turn else ()


def _window(layer: Layer, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The layer's window that starts on this local day, None if it has none that day."""
    if WEEKDAYS[day.weekday()] not in layer.days:
        return None
    opens, closes = layer.between
    last = day if closes > opens else day + timedelta(days=1)
    start = moment_at(datetime.combine(day, opens), zone)
    return start, moment_at(datetime.combine(last, closes), zone)


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
    changes = sorted({start, *(at for at in _changes(schedule, start, end) if start < at < end)})
    found: list[Shift] = []
    for begins, ends in zip(changes, [*changes[1:], end], strict=True):
        users = who_is_on_call(schedule, begins).users
        if found and found[-1].users == users:
            found[-1] = found[-1].model_copy(update={"end": ends})
        else:
            found.append(Shift(start=begins, end=ends, users=users))
    return found


def _changes(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every moment at which another line of the schedule may begin to hold."""
    zone = ZoneInfo(schedule.tz)
    for override in schedule.overrides:
        yield from _span(override, zone)
    rotations = [schedule.rotate, *(layer.rotate for layer in schedule.layers)]
    for rotation in rotations:
        if rotation is not None:
            yield from hand_overs(rotation, zone, start, end)
    first = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    for layer in schedule.layers:
        for days in range((last - first).days + 1):
            yield from _window(layer, first + timedelta(days=days), zone) or ()


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
            if not on_call.users:
                return LookedUp(ref=ref, note=on_call.reason)
            return _people(roster, ref, on_call.users, None)
        case "team" if name in roster.teams:
            team = roster.teams[name]
            if team.manager is not None and team.manager in roster.users:
                return _people(roster, ref, (team.manager,), f"the manager of team {name}")
            return _people(roster, ref, team.members, f"the members of team {name}")
        case "user" | "schedule" | "team":
            return LookedUp(ref=ref, note=f"{kind} {name} is not in the roster")
        case _:
            return LookedUp(ref=ref, note=f"'{ref}' names no user, schedule or team")


def _people(roster: Roster, ref: str, users: tuple[str, ...], said: str | None) -> LookedUp:
    names = dict.fromkeys(users)
    people = [person_of(roster.users[name]) for name in names if name in roster.users]
    notes = [said] if said else []
    notes += [f"user {name} is not in the roster" for name in names if name not in roster.users]
    notes += [f"{person.name} has no way to be reached" for person in people if not person.rules]
    return LookedUp(ref=ref, people=tuple(people), note="; ".join(notes) or None)


def person_of(user: User) -> Person:
    """The user as a page sees them: their rules for high urgency that have an address."""
    rules = tuple(rule for rule in user.high if rule.via in user.contact)
    return Person(id=user.id, name=user.name, rules=rules)


def can_be_woken(user: User) -> bool:
    """Whether one of the user's rules for high urgency can wake them."""
    return any(rule.via in WAKING and rule.via in user.contact for rule in user.high)
