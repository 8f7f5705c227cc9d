"""The playbooks folder that a new playbook goes into, and what is in it already.

Decides what an answer may refer to, and whether what would be written stands there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from cli.folders import read_folder
from cli.new.answers import Page, UnfitAnswerError
from compiler.compile import HOUSE, Compiled, compile_folder
from compiler.diagnostics import Diagnostic, choice
from compiler.people import people_of
from compiler.rehearsing import run_tests

NEW_TEAM = "on_call"
"""What the team of new people is called where nothing is said."""


@dataclass(frozen=True)
class Folder:
    """The folder's files by path inside it."""

    path: Path
    files: dict[str, str]
    today: date

    @cached_property
    def compiled(self) -> Compiled:
        """What the folder means as it stands."""
        return compile_folder(self.files, today=self.today)

    @property
    def references(self) -> list[str]:
        """Whom a playbook may page, schedules first."""
        roster = self.compiled.roster
        return [
            *(f"schedule:{name}" for name in roster.schedules),
            *(f"team:{name}" for name in roster.teams),
            *(f"user:{name}" for name in roster.users),
        ]

    @property
    def zone(self) -> str:
        """The time zone of the first schedule, else UTC."""
        zones = [each.tz for each in self.compiled.roster.schedules.values()]
        return zones[0] if zones else "UTC"

    @property
    def has_house(self) -> bool:
        """Whether the folder has a house.yaml."""
        return HOUSE in self.files

    def must_know(self, page: Page) -> None:
        """Refuse references to nobody, and people whose id is taken.

        Raises:
            UnfitAnswerError: naming the near one.
        """
        for level in page.levels:
            if level not in self.references:
                known = choice(level, self.references, of="there are")
                raise UnfitAnswerError(f"there is no '{level}' in {self.path}/roster; {known}")
        for person in page.people:
            if person.id in self.compiled.roster.users:
                raise UnfitAnswerError(
                    f"'{person.id}' is in the roster already; name a schedule instead"
                )

    def owner_of(self, page: Page) -> str | None:
        """The team that most likely owns it; None if that cannot be told."""
        teams = self.compiled.roster.teams
        if page.people:
            return None if NEW_TEAM in teams else f"team:{NEW_TEAM}"
        if len(teams) == 1:
            return f"team:{next(iter(teams))}"
        for level in page.levels:
            owners = list(self._teams_behind(level))
            if len(owners) == 1:
                return f"team:{owners[0]}"
        return None

    def _teams_behind(self, level: str) -> Iterator[str]:
        """The teams that a reference speaks of: by name, else by everybody who is on it."""
        roster = self.compiled.roster
        kind, _, name = level.partition(":")
        if kind == "team":
            yield name
            return
        people = people_of(level, roster)
        named = [team for team in roster.teams if name == team or name.startswith(f"{team}_")]
        staffed = [
            each for each, team in roster.teams.items() if people and people <= {*team.members}
        ]
        yield from (named if kind == "schedule" and named else staffed)

    def must_have_team(self, owner: str, page: Page) -> None:
        """Refuse a team that there is not, or, for new people, one that there is.

        Raises:
            UnfitAnswerError: naming the teams.
        """
        teams = self.compiled.roster.teams
        name = owner.removeprefix("team:")
        if page.people and name in teams:
            raise UnfitAnswerError(
                f"'{owner}' is in the roster already; add the people there, or name another team"
            )
        if not page.people and name not in teams:
            raise UnfitAnswerError(f"there is no '{owner}'; {choice(name, teams, of='teams')}")


def folder_at(path: Path, today: date) -> Folder:
    """The folder as it is on disk; an absent one has no files."""
    return Folder(path, read_folder(path) if path.is_dir() else {}, today)


def problems_of(folder: Folder, added: dict[str, str]) -> list[Diagnostic]:
    """What `check` will say of the files that are added."""
    found = compile_folder(folder.files | added, today=folder.today).diagnostics
    return [each for each in found if each.path in added]


def failures_of(folder: Folder, added: dict[str, str], name: str) -> list[str]:
    """Which tests of the new playbook fail, and why; none if all pass."""
    compiled = compile_folder(folder.files | added, today=folder.today)
    verdicts = run_tests(compiled, [name]) if name in compiled.plans else ()
    if not verdicts:
        return ["it has no test that can be run"]
    return [problem.message for each in verdicts for problem in each.problems]
