"""Imports a sample as the command does, at a moment that never moves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.migration.alertmanager import import_alertmanager
from cli.migration.draft import Draft
from cli.migration.oncall import import_oncall
from cli.migration.opsgenie import import_opsgenie
from cli.migration.pagerduty import import_pagerduty
from cli.migration.writer import files_of
from compiler.compile import Compiled, compile_folder
from domain.on_call import who_is_on_call

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 2, 15, 12, tzinfo=UTC)
SYSTEMS = ("alertmanager", "oncall", "opsgenie", "pagerduty")

CLOCK_CHANGES = (datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 9, 25, tzinfo=UTC))
"""Sixty days from here hold the clock changes of Europe and America."""


def sample(system: str) -> Path:
    """The sample export of a system."""
    return SAMPLES / f"{system}.{'yml' if system == 'alertmanager' else 'json'}"


def answers(system: str) -> dict[str, Any]:
    """The sample as the JSON that it is."""
    found: dict[str, Any] = json.loads(sample(system).read_text())
    return found


def imported(system: str, *paths: Path) -> Draft:
    """The draft of these files, or of the sample."""
    given = list(paths) or [sample(system)]
    match system:
        case "alertmanager":
            return import_alertmanager(given)
        case "oncall":
            return import_oncall(given, NOW)
        case "opsgenie":
            return import_opsgenie(given, NOW)
        case _:
            return import_pagerduty(given, NOW)


def compiled(draft: Draft) -> Compiled:
    """What the compiler makes of the draft's files; they have no errors."""
    found = compile_folder(files_of(draft))
    assert [each for each in found.diagnostics if each.is_error] == []
    return found


def serving(made: Compiled, schedules: list[str], at: datetime) -> set[str]:
    """Everybody on call in one of these schedules."""
    every = (who_is_on_call(made.roster.schedules[name], at) for name in schedules)
    return {user for on_call in every for user in on_call.users}


def moments(start: datetime, *, days: int = 60, minutes: int = 47) -> list[datetime]:
    """Moments over so many days that drift through the hours."""
    count = days * 24 * 60 // minutes
    return [start + timedelta(minutes=minutes * number) for number in range(count)]
