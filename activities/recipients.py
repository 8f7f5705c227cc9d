"""Where a notice or an announcement goes: references resolved to addresses.

Decides it from the roster at the time of sending. What has been deleted since is said,
not skipped.
"""

from dataclasses import dataclass

from activities.channels.routing import quiet_method
from domain.roster import Destination, Method, Roster, User
from settings import Settings


@dataclass(frozen=True)
class Way:
    """One address of one recipient; `person` is set where it is a person's own."""

    ref: str
    method: Method
    addresses: tuple[str, ...]
    person: User | None = None


@dataclass(frozen=True)
class NoWay:
    """A recipient that cannot be told, and why."""

    ref: str
    reason: str


def ways_to(roster: Roster, ref: str, settings: Settings) -> list[Way | NoWay]:
    """Every way to tell `user:`, `team:` or `destination:` something; never empty."""
    kind, _, name = ref.partition(":")
    match kind:
        case "user":
            return [_to_person(roster, name, settings)]
        case "team":
            team = roster.teams.get(name)
            if team is None:
                return [NoWay(ref, "no longer in the roster")]
            ways = [_to_person(roster, member, settings) for member in team.members]
            return list(ways) or [NoWay(ref, "has no members")]
        case "destination":
            destination = roster.destinations.get(name)
            if destination is None:
                return [NoWay(ref, "no longer in the roster")]
            return _to_destination(ref, destination)
        case _:
            return [NoWay(ref, "cannot be told anything (user, team or destination can)")]


def _to_person(roster: Roster, name: str, settings: Settings) -> Way | NoWay:
    ref = f"user:{name}"
    user = roster.users.get(name)
    if user is None:
        return NoWay(ref, "no longer in the roster")
    method = quiet_method(user, settings)
    if method is None:
        return NoWay(ref, "has no quiet way in the roster")
    return Way(ref, method, (user.contact[method],), user)


def _to_destination(ref: str, destination: Destination) -> list[Way | NoWay]:
    ways: list[Way | NoWay] = []
    if destination.email:
        ways.append(Way(ref, Method.EMAIL, destination.email))
    for method, address in (
        (Method.WEBHOOK, destination.webhook),
        (Method.PUSH, destination.push),
        (Method.SLACK, destination.slack),
        (Method.TEAMS, destination.teams),
    ):
        if address:
            ways.append(Way(ref, method, (address,)))
    return ways or [NoWay(ref, "has no way to be told anything")]
