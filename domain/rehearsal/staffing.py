"""Who serves behind everything that a playbook pages, and how each role is filled, at a moment.

Decides what is said of a role at a severity. Who is on call is the cast's, paging the
reducer's.
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.incident.messages import named, readable
from domain.plan import COMMANDER, Plan, RolePlan
from domain.rehearsal.cast import Cast
from domain.severity import Severity


class Serving(BaseModel):
    """Who stands behind a reference; `note` says why if nobody does. `until` is aware UTC."""

    model_config = ConfigDict(frozen=True)

    ref: str
    people: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    note: str | None = None
    until: datetime | None = None
    next_names: tuple[str, ...] = ()


class RoleTold(BaseModel):
    """How a role is filled: whom it pages in order, or by which rule.

    It `applies` at the severity that was asked for.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    applies: bool
    pages: tuple[str, ...] = ()
    how: str


def who_serves(plan: Plan, severity: Severity, cast: Cast, at: datetime) -> tuple[Serving, ...]:
    """Everybody behind the ladder, the last resort and the roles of this severity, once each."""
    return tuple(_serving(cast, ref, at) for ref in dict.fromkeys(_refs(plan, severity)))


def _refs(plan: Plan, severity: Severity) -> Iterator[str]:
    for level in plan.escalation.levels:
        yield from level
    yield from plan.escalation.exhausted.page
    for role in plan.roles.values():
        if severity in role.at:
            yield from role.page
        for pick in role.pick:
            if severity in pick.at:
                yield from pick.page


def _serving(cast: Cast, ref: str, at: datetime) -> Serving:
    found = cast.behind(ref, at)
    return Serving(
        ref=ref,
        people=tuple(one.id for one in found.people),
        names=tuple(one.name for one in found.people),
        note=found.note,
        until=found.until,
        next_names=tuple(one.name for one in found.next),
    )


def roles_told(plan: Plan, severity: Severity) -> tuple[RoleTold, ...]:
    """Every role of the playbook in its order."""
    return tuple(_role(name, role, severity) for name, role in plan.roles.items())


def _role(name: str, role: RolePlan, severity: Severity) -> RoleTold:
    picks = tuple(pick for pick in role.pick if severity in pick.at)
    applies = severity in role.at and (not role.pick or bool(picks) or bool(role.page))
    pages = (*role.page, *(ref for pick in picks for ref in pick.page))
    if not applies:
        at = dict.fromkeys(one for pick in role.pick for one in pick.at) or role.at
        how = f"not at {severity} ({', '.join(at)})"
    elif picks:
        how = "; ".join(f"{named(pick.page)} if {pick.when}" for pick in picks)
    elif role.page:
        how = f"pages {', then '.join(named((ref,)) for ref in role.page)}"
    else:
        how = _by_rule(name, role)
    return RoleTold(role=name, applies=applies, pages=pages if applies else (), how=how)


def _by_rule(name: str, role: RolePlan) -> str:
    if role.fill == "first_acknowledger":
        return "whoever acknowledges first"
    if role.fill:
        return f"whoever holds {readable(role.fill.removeprefix('role:'))}"
    if name == COMMANDER:
        return "whoever works on it acts as commander"
    return "whoever joins" if role.many else "whoever is asked and takes it"
