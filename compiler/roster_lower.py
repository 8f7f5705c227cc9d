"""Turns a roster file as written into the roster's values, with every default.

Decides the defaults of the roster. What is wrong in it is `compiler.roster_checks`.
"""

from datetime import time, timedelta

from compiler.roster_document import (
    HoursForm,
    ImportForm,
    LayerForm,
    RosterForm,
    RotateForm,
    Rules,
    ScheduleForm,
    TurnsForm,
    UserForm,
)
from compiler.roster_values import HandsOver
from domain.roster import (
    CalendarImport,
    Destination,
    Hours,
    Layer,
    Method,
    NotifyRule,
    Override,
    Roster,
    Rotation,
    Schedule,
    Service,
    Team,
    User,
)
from domain.rotation import WEEKDAYS

HANDS_OVER = time(9, 0)
"""When turns change unless `hands_over` says so."""

_WAKING_RULES = (
    NotifyRule(via=Method.PUSH),
    NotifyRule(via=Method.SMS, after=timedelta(minutes=1)),
    NotifyRule(via=Method.PHONE, after=timedelta(minutes=2)),
)
_OTHERWISE = (Method.WEBHOOK, Method.EMAIL, Method.SLACK, Method.TEAMS)


def default_rules(contact: dict[Method, str]) -> tuple[NotifyRule, ...]:
    """Push at once, SMS after 1 min, phone after 2: what the person has of it.

    Who has none of these gets webhook, e-mail and chat at once.
    """
    waking = tuple(rule for rule in _WAKING_RULES if rule.via in contact)
    return waking or tuple(NotifyRule(via=via) for via in _OTHERWISE if via in contact)


def lower_roster(form: RosterForm) -> Roster:
    """The file's part of the roster."""
    return Roster(
        users={name: _user(name, user) for name, user in form.users.items()},
        teams={
            name: Team(
                id=name,
                members=team.members,
                manager=team.manager,
                hours=_hours(team.hours) if team.hours else None,
            )
            for name, team in form.teams.items()
        },
        services={
            name: Service(
                id=name, owner=service.owner, tier=service.tier, depends_on=service.depends_on
            )
            for name, service in form.services.items()
        },
        destinations={
            name: Destination(
                id=name,
                email=place.email or (),
                webhook=place.webhook,
                push=place.push,
                slack=place.slack,
                teams=place.teams,
            )
            for name, place in form.destinations.items()
        },
        schedules={name: lower_schedule(name, each) for name, each in form.schedules.items()},
    )


def _hours(form: HoursForm) -> Hours:
    """The team's hours; Monday to Friday, 09:00 to 17:00, where days or times are not said."""
    said = {"days": form.days, "between": form.between}
    return Hours(tz=form.tz).model_copy(update={k: v for k, v in said.items() if v is not None})


def _user(name: str, form: UserForm) -> User:
    contact = form.contact.addresses()
    by_mail = (NotifyRule(via=Method.EMAIL),) if Method.EMAIL in contact else ()
    high, low = form.notify.high, form.notify.low
    return User(
        id=name,
        name=form.name or name.replace("_", " ").title(),
        tz=form.tz or "UTC",
        contact=contact,
        high=default_rules(contact) if high is None else _rules(high),
        low=by_mail if low is None else _rules(low),
    )


def _rules(forms: Rules) -> tuple[NotifyRule, ...]:
    rules = (NotifyRule(via=form.via, after=form.after or timedelta(0)) for form in forms)
    return tuple(sorted(rules, key=lambda rule: rule.after))


def lower_schedule(name: str, form: ScheduleForm) -> Schedule:
    """The schedule with its turns, layers and overrides."""
    return Schedule(
        id=name,
        tz=form.tz,
        coverage=form.coverage,
        rotate=_rotation(form.rotate, form.rotate.users) if form.rotate else None,
        imports=_import(form.imports) if form.imports else None,
        layers=tuple(_layer(layer) for layer in form.layers),
        overrides=tuple(
            Override(user=each.user, start=each.from_, end=each.to) for each in form.overrides
        ),
    )


def _import(form: ImportForm) -> CalendarImport:
    read = CalendarImport(ical=form.ical)
    return read if form.refresh is None else read.model_copy(update={"refresh": form.refresh})


def _rotation(form: TurnsForm | RotateForm, users: tuple[str, ...]) -> Rotation:
    hands_over = form.hands_over or HandsOver(HANDS_OVER)
    unit, count = form.every
    weekday = hands_over.weekday or WEEKDAYS[form.from_.weekday()]
    return Rotation(
        users=users,
        unit=unit,
        count=count,
        hands_over=hands_over.at,
        weekday=weekday if unit == "week" else None,
        day=(hands_over.day or form.from_.day) if unit == "month" else None,
        first=form.from_,
    )


def _layer(form: LayerForm) -> Layer:
    return Layer(
        users=form.users,
        days=form.days or WEEKDAYS,
        between=form.between or (time(0), time(0)),
        rotate=_rotation(form.rotate, form.users) if form.rotate else None,
    )
