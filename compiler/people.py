"""Who a reference can reach, whatever the day.

Decides the widest circle: everybody who may ever serve in a schedule. Who serves at a
moment is `domain.on_call`.
"""

from collections.abc import Iterable

from domain.roster import Roster, Schedule


def people_of(reference: str, roster: Roster) -> frozenset[str]:
    """The ids of all users whom paging this reference can reach."""
    kind, _, name = reference.partition(":")
    match kind:
        case "user":
            found: Iterable[str] = (name,)
        case "team":
            team = roster.teams.get(name)
            found = team.members if team else ()
        case "schedule":
            schedule = roster.schedules.get(name)
            found = _serving(schedule) if schedule else ()
        case _:
            found = ()
    return frozenset(each for each in found if each in roster.users)


def may_be_anybody(reference: str, roster: Roster) -> bool:
    """Whether a calendar says who serves, which only the server reads."""
    kind, _, name = reference.partition(":")
    schedule = roster.schedules.get(name) if kind == "schedule" else None
    return schedule is not None and schedule.imports is not None


def _serving(schedule: Schedule) -> set[str]:
    """Everybody in the rotation, the layers and the overrides."""
    found = set(schedule.rotate.users) if schedule.rotate else set()
    for layer in schedule.layers:
        found |= set(layer.users)
        found |= set(layer.rotate.users) if layer.rotate else set()
    return found | {each.user for each in schedule.overrides}
