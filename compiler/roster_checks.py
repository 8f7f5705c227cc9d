"""Checks what belongs together in the roster: references, rules, hours and overlaps.

Decides E201, E213, E504 and W505 in roster files. Whether somebody who can be paged has
a waking method is checked where a playbook pages them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from compiler.diagnostics import Diagnostic, listed, near
from compiler.document_errors import at_value
from compiler.known_names import SECTIONS, KnownNames
from compiler.nodes import Loc, Mapping, descend
from compiler.roster_document import RosterForm, ScheduleForm, TurnsForm
from domain.roster import Layer, Schedule
from domain.rotation import WEEKDAYS

_DAY = 24 * 60
_WEEK = 7 * _DAY
_SAMPLE_MONDAY = datetime(2026, 1, 5, tzinfo=UTC).date()
"""A winter week in which a gap's UTC time is shown; nothing is decided by it."""


@dataclass(frozen=True, slots=True)
class RosterSubject:
    """One roster file under examination, with the names of all of them."""

    path: str
    root: Mapping
    form: RosterForm
    names: KnownNames

    def value(self, loc: Loc, code: str, message: str, help_text: str = "") -> Diagnostic:
        """A diagnostic at the value at this location."""
        return at_value(self.path, self.root, loc, code, message, help_text=help_text)


Check = Callable[[RosterSubject], Iterator[Diagnostic]]


def check_references(subject: RosterSubject) -> Iterator[Diagnostic]:
    """E201 for each name that no roster file defines."""
    for loc, kind, name in _references(subject.form):
        if not subject.names.knows(kind, name):
            message = f"unknown {kind} '{name}'"
            yield subject.value(loc, "E201", message, _where(subject.names, kind, name))


def _references(form: RosterForm) -> Iterator[tuple[Loc, str, str]]:
    for name, team in form.teams.items():
        for index, member in enumerate(team.members):
            yield ("teams", name, "members", index), "user", member
        if team.manager is not None:
            yield ("teams", name, "manager"), "user", team.manager
    for name, service in form.services.items():
        yield ("services", name, "owner"), "team", service.owner.removeprefix("team:")
        for index, other in enumerate(service.depends_on):
            yield ("services", name, "depends_on", index), "service", other
    for name, schedule in form.schedules.items():
        for loc, user in _serving(schedule):
            yield ("schedules", name, *loc), "user", user


def _serving(schedule: ScheduleForm) -> Iterator[tuple[Loc, str]]:
    if schedule.rotate:
        for index, user in enumerate(schedule.rotate.users):
            yield ("rotate", "users", index), user
    for number, layer in enumerate(schedule.layers):
        for index, user in enumerate(layer.users):
            yield ("layers", number, "users", index), user
    for number, override in enumerate(schedule.overrides):
        yield ("overrides", number, "user"), override.user


def _where(names: KnownNames, kind: str, name: str) -> str:
    known = names.places.get(kind, {})
    meant = near(name, known)
    if meant:
        return f"did you mean '{meant}' ({known[meant]})?"
    others = f", or use one of: {listed(known)}" if known else ""
    return f"define it in roster/*.yaml under {SECTIONS[kind]}{others}"


def check_rules(subject: RosterSubject) -> Iterator[Diagnostic]:
    """E213 for each notify rule by a method that the person has no address for."""
    for name, user in subject.form.users.items():
        has = user.contact.addresses()
        for urgency in ("high", "low"):
            for index, rule in enumerate(getattr(user.notify, urgency) or ()):
                if rule.via not in has:
                    loc: Loc = ("users", name, "notify", urgency, index, "via")
                    message = f"'{name}' has no {rule.via} address in contact"
                    theirs = ", ".join(has) or "no method at all"
                    hint = f"add contact.{rule.via}, or use one of theirs: {theirs}"
                    yield subject.value(loc, "E213", message, hint)


def check_hand_overs(subject: RosterSubject) -> Iterator[Diagnostic]:
    """E112 where `hands_over` says another kind of time than `every` needs."""
    for name, schedule in subject.form.schedules.items():
        turns: list[tuple[Loc, TurnsForm | None]] = [(("rotate",), schedule.rotate)]
        turns += [
            (("layers", at, "rotate"), each.rotate) for at, each in enumerate(schedule.layers)
        ]
        for loc, form in turns:
            hint = _misfit(form) if form else None
            if form and hint:
                message = f"turns by the {form.every.unit} cannot change at this time"
                where: Loc = ("schedules", name, *loc, "hands_over")
                yield subject.value(where, "E112", message, hint)


def _misfit(form: TurnsForm) -> str | None:
    if form.hands_over is None:
        return None
    unit, at = form.every.unit, form.hands_over
    if at.weekday and unit != "week":
        return 'write "1 09:00" for months' if unit == "month" else 'write only the time: "09:00"'
    if at.day and unit != "month":
        return 'write "monday 09:00"' if unit == "week" else 'write only the time: "09:00"'
    return None


def check_overrides(subject: RosterSubject) -> Iterator[Diagnostic]:
    """E112 for an override that ends before it starts, W505 for two at once."""
    for name, schedule in subject.form.schedules.items():
        for number, override in enumerate(schedule.overrides):
            loc: Loc = ("schedules", name, "overrides", number)
            if override.to <= override.from_:
                hint = "the end comes after the start"
                yield subject.value(
                    (*loc, "to"), "E112", "the override ends before it starts", hint
                )
                continue
            for earlier in range(number):
                other = schedule.overrides[earlier]
                if other.from_ < override.to and override.from_ < other.to:
                    line = descend(subject.root, (*loc[:-1], earlier)).mark.line
                    message = f"the override overlaps the one at line {line}; this later line wins"
                    yield subject.value(loc, "W505", message, "let one end where the other starts")
                    break


def uncovered(schedule: Schedule) -> tuple[tuple[int, int], ...]:
    """The minutes of the local week in which nobody ever serves, in order.

    A rotation covers everything, and a calendar is not known here; what begins later is
    taken as running. The dates of the next weeks are `watchbill oncall --gaps`.
    """
    if schedule.rotate or schedule.imports or schedule.coverage != "always":
        return ()
    spans = sorted(span for layer in schedule.layers for span in _weekly(layer))
    reached, gaps = 0, []
    for start, end in (*spans, (_WEEK, _WEEK)):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    return tuple(gaps)


def _weekly(layer: Layer) -> Iterator[tuple[int, int]]:
    """The layer's windows as minutes of the week; one over its end is cut in two."""
    opens, closes = (_minutes(at) for at in layer.between)
    length = (closes - opens) % _DAY or _DAY
    for day in layer.days:
        start = WEEKDAYS.index(day) * _DAY + opens
        yield start, min(start + length, _WEEK)
        if start + length > _WEEK:
            yield 0, start + length - _WEEK


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def gap_text(schedule: Schedule, gap: tuple[int, int]) -> str:
    """The gap in local time and, for a week of January, in UTC."""
    midnight = datetime.combine(_SAMPLE_MONDAY, time(0))
    local = [midnight + timedelta(minutes=minute) for minute in gap]
    zone = ZoneInfo(schedule.tz)
    world = [at.replace(tzinfo=zone).astimezone(UTC) for at in local]
    here = f"{local[0]:%a %H:%M} to {local[1]:%a %H:%M}"
    return f"{here} {schedule.tz} ({world[0]:%a %H:%M} to {world[1]:%a %H:%M} UTC in January)"


CHECKS: tuple[Check, ...] = (check_references, check_rules, check_hand_overs, check_overrides)
"""Every check of a roster file's form."""
