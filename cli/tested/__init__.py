"""The tests of playbook folders, run: what was found, and how it went.

Decides which tests are meant by the paths that an author gives, and how long one test may
take. How it is printed is each other module's.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cli.check.checked import UnusablePathError, is_large, playbooks_folder, today_and_plugins
from cli.folders import read_folder
from compiler.compile import Compiled, compile_folder, is_playbook
from compiler.diagnostics import Diagnostic
from compiler.rehearsing import Tested, play_tests, tested
from domain.rehearsal.playing import Played

LONGEST_S = 10.0
"""Seconds that one test may take; most take a few thousandths."""


@dataclass(slots=True)
class Run:
    """Everything that was run. Paths are those of the author's command.

    `errors` are problems of the files themselves, `warnings` too where they were asked for;
    `untested` are playbooks without a test.
    """

    verdicts: list[Tested] = field(default_factory=list)
    errors: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    played: list[Played] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> list[Tested]:
        """The tests that failed."""
        return [each for each in self.verdicts if not each.passed]

    @property
    def problems(self) -> list[Diagnostic]:
        """Everything that is wrong, one below the other."""
        failures = (one for each in self.failed for one in each.problems)
        return [*sorted([*self.errors, *self.warnings], key=_place), *failures]

    @property
    def by_playbook(self) -> dict[str, list[Tested]]:
        """The tests of each playbook, in order of the playbooks' names."""
        found: dict[str, list[Tested]] = {}
        for each in sorted(self.verdicts, key=lambda one: one.playbook):
            found.setdefault(each.playbook, []).append(each)
        return found


def _place(found: Diagnostic) -> tuple[str, int, int]:
    return found.path, found.line, found.column


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tests: those whose playbook or name has the text, whatever its case.

    With `keep` the rehearsed incidents are kept, so that they can be told; with `check`
    warnings are noted too.
    """

    text: str = ""
    keep: bool = False
    check: bool = False

    def takes(self, playbook: str, test: str) -> bool:
        """Whether this test is meant."""
        return self.text.casefold() in f"{playbook}: {test}".casefold()


def run_paths(paths: list[Path], chosen: Chosen) -> Run:
    """Run the tests of these folders and files.

    Raises:
        UnusablePathError: a path is no playbook and no folder of them.
        OSError: a file cannot be read.
    """
    run, began = Run(), time.perf_counter()
    folders: dict[Path, _Folder] = {}
    meant: dict[Path, list[str | None]] = {}
    for path in paths:
        folder = playbooks_folder(path)
        if folder not in folders:
            folders[folder] = _read(folder)
        meant.setdefault(folder, []).append(_meant(path, folders[folder]))
    for folder, wanted in meant.items():
        files = None if None in wanted else frozenset(each for each in wanted if each)
        run_them = _run if chosen.keep or not is_large(folders[folder].texts) else _run_in_shares
        run_them(folders[folder], files, chosen, run)
    if not chosen.check:
        run.warnings = []
    run.seconds = time.perf_counter() - began
    return run


class _Folder(NamedTuple):
    """One folder; `shown` has the author's path of each file."""

    path: Path
    shown: dict[str, str]
    texts: dict[str, str]


def _read(folder: Path) -> _Folder:
    files = read_folder(folder)
    return _Folder(folder, {inside: (folder / inside).as_posix() for inside in files}, files)


def _meant(path: Path, folder: _Folder) -> str | None:
    """The one file that is meant, or None for the whole folder."""
    if path.is_dir():
        if not any(map(is_playbook, folder.texts)):
            raise UnusablePathError(f"no playbooks (*.yaml) in {path}")
        return None
    wanted = path.relative_to(folder.path).as_posix()
    if not is_playbook(wanted):
        raise UnusablePathError(f"not a playbook: {path}")
    return wanted


Wanted = frozenset[str] | None
"""The files that are meant, or None for the whole folder."""


def _run(folder: _Folder, wanted: Wanted, chosen: Chosen, run: Run) -> None:
    now, plugins = today_and_plugins()
    compiled = compile_folder(folder.texts, today=now.date(), plugins=plugins)
    _note_problems(folder, compiled.diagnostics, wanted, run)
    names = [name for name, at in compiled.plan_paths.items() if wanted is None or at in wanted]
    run.untested += sorted(name for name in names if not compiled.tests.get(name))
    for played in _played(compiled, names, chosen):
        path = folder.shown[compiled.plan_paths[played.plan.name]]
        run.verdicts.append(tested(played, path))
        if chosen.keep:
            run.played.append(played)


def _run_in_shares(folder: _Folder, wanted: Wanted, chosen: Chosen, run: Run) -> None:
    """The same in several processes, for a folder of hundreds of playbooks."""
    from cli.tested.shares import Choice, tested_in_shares

    now, _ = today_and_plugins()
    choice = Choice(wanted, folder.shown, chosen.takes, _stop_watch)
    shares = tested_in_shares(folder.texts, choice, today=now.date())
    _note_problems(folder, shares.diagnostics, wanted, run)
    run.untested += shares.untested
    run.verdicts += shares.verdicts


def _note_problems(
    folder: _Folder, found: tuple[Diagnostic, ...], wanted: Wanted, run: Run
) -> None:
    """What is wrong in the files that are meant, under the author's paths."""
    run.texts |= {folder.shown[inside]: text for inside, text in folder.texts.items()}
    for each in found:
        if wanted is None or each.path in wanted:
            placed = folder.shown.get(each.path, (folder.path / each.path).as_posix())
            noted = run.errors if each.is_error else run.warnings
            noted.append(each.model_copy(update={"path": placed}))


def _played(compiled: Compiled, names: list[str], chosen: Chosen) -> Iterator[Played]:
    return play_tests(compiled, names, wanted=chosen.takes, begin=_stop_watch)


def _stop_watch() -> Callable[[], bool]:
    """Says whether more time has passed since now than a test may take."""
    ends = time.monotonic() + LONGEST_S
    return lambda: time.monotonic() > ends
