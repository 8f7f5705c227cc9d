"""Where `watchbill oncall` learns who serves: the server, or a folder as it is written.

Decides which of the two is asked. The server knows imported calendars and accepted
overrides; a folder needs nothing that runs. Both answer in the API's documents.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from cli.client import Api, ApiError, NotSetUp, api_of
from cli.folders import read_folder
from compiler.diagnostics import Diagnostic, near
from compiler.roster import GAP, compile_roster
from compiler.source import load
from domain.on_call import gaps, next_change, shifts, who_is_on_call
from domain.roster import Roster, Schedule
from settings import Settings

Document = dict[str, Any]

LOOK_AHEAD = timedelta(days=60)


class Source(Protocol):
    """Who serves, by the API's documents."""

    said: str
    """Where the answers are from, for the reader."""

    broken: tuple[str, ...]
    """Files that were left out for their errors."""

    def now(self, names: list[str], at: datetime) -> list[Document]:
        """Each schedule at this moment (aware), with its coverage and warning."""

    def shifts(self, name: str, start: datetime, end: datetime) -> Document:
        """Shifts and gaps of one schedule."""


class Unknown(ApiError):  # noqa: N818  # a state of the world
    """No such schedule, or no folder to read."""


class FromServer:
    """The API's answers."""

    broken: tuple[str, ...] = ()

    def __init__(self, api: Api) -> None:
        self._api = api
        self.said = f"from {api.url}, with imported calendars and accepted overrides"

    def now(self, names: list[str], at: datetime) -> list[Document]:
        """Each schedule at this moment, with its coverage and warning."""
        found = self._api.get("/v1/oncall", at=at.astimezone(UTC).isoformat())["schedules"]
        known = {each["id"]: each for each in found}
        more = {each["schedule"]: each for each in self._api.get("/v1/calendars")["items"]}
        chosen = [known[name] for name in _chosen(names, list(known))]
        for each in chosen:
            each["warning"] = more.get(each["id"], {}).get("warning", "")
        return chosen

    def shifts(self, name: str, start: datetime, end: datetime) -> Document:
        """Shifts and gaps of one schedule, and what a gap of it means."""
        path = f"/v1/schedules/{quote(name, safe='')}"
        span = {"from": start.astimezone(UTC).isoformat(), "to": end.astimezone(UTC).isoformat()}
        coverage = self._api.get(path)["coverage"]
        return self._api.get(f"{path}/shifts", **span) | {"coverage": coverage}


class FromFolder:
    """What the roster files of a folder say."""

    def __init__(self, folder: Path) -> None:
        files = read_folder(folder)
        rosters = {path: load(path, text) for path, text in files.items() if _is_roster(path)}
        if not rosters:
            raise Unknown(f"no roster/*.yaml in {folder}: give --playbooks, or ask a server")
        self._roster, found = compile_roster(rosters, despite=frozenset({GAP}))
        found += [each for file in rosters.values() for each in file.diagnostics]
        self.broken = _broken(found)
        self.said = f"from {folder}/roster as written, without calendars and accepted overrides"

    def now(self, names: list[str], at: datetime) -> list[Document]:
        """Each schedule at this moment, with its coverage and warning."""
        chosen = _chosen(names, list(self._roster.schedules))
        return [_at(self._roster, self._roster.schedules[name], at) for name in chosen]

    def shifts(self, name: str, start: datetime, end: datetime) -> Document:
        """Shifts and gaps of one schedule, and what a gap of it means."""
        schedule = self._roster.schedules[name]
        listed = [
            {**_span(each), "people": _people(self._roster, each.users)}
            for each in shifts(schedule, start, end)
        ]
        empty = [] if schedule.imports else [_span(each) for each in gaps(schedule, start, end)]
        return {"shifts": listed, "gaps": empty, "coverage": schedule.coverage}


@contextmanager
def source_of(settings: Settings, folder: Path | None) -> Iterator[Source]:
    """The folder if one is given, else the server; without a key, the folder of the settings."""
    if folder is not None:
        yield FromFolder(folder)
        return
    try:
        api = api_of(settings, settings.actor)
    except NotSetUp:
        if not (settings.playbooks / "roster").is_dir():
            raise
        yield FromFolder(settings.playbooks)
        return
    with api:
        yield FromServer(api)


def _is_roster(path: str) -> bool:
    return path.startswith("roster/") and path.endswith((".yaml", ".yml"))


def _broken(found: list[Diagnostic]) -> tuple[str, ...]:
    errors = {each.path for each in found if each.is_error and each.code != GAP}
    return tuple(sorted(errors))


def _chosen(names: list[str], known: list[str]) -> list[str]:
    """The schedules asked for, in that order; all of them, by name, if none is."""
    asked = [name.removeprefix("schedule:") for name in names]
    for name in asked:
        if name not in known:
            meant = near(name, known)
            hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(sorted(known))}"
            raise Unknown(f"no schedule '{name}'; {hint}")
    return asked or sorted(known)


def _at(roster: Roster, schedule: Schedule, at: datetime) -> Document:
    now = who_is_on_call(schedule, at)
    until = next_change(schedule, at, LOOK_AHEAD)
    follow = who_is_on_call(schedule, until).users if until else ()
    reads = "it reads a calendar, which only a server knows" if schedule.imports else ""
    return {
        "id": schedule.id,
        "tz": schedule.tz,
        "on_call": _people(roster, now.users),
        "until": until.isoformat() if until else None,
        "next": _people(roster, follow),
        "reason": now.reason,
        "warning": reads,
    }


def _people(roster: Roster, users: tuple[str, ...]) -> list[Document]:
    return [
        {"id": user, "name": roster.users[user].name if user in roster.users else user}
        for user in users
    ]


def _span(each: Any) -> Document:
    return {"start": each.start.isoformat(), "end": each.end.isoformat()}
