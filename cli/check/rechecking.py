"""`watchbill check --watch`: checks again whenever a file is saved, until Ctrl-C.

Decides when it looks, and what it says of a change: which problems are gone, which are new.
A folder that is gone is waited for; a terminal is cleared before each report.
"""

import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from watchfiles import Change, watch

from cli.check.checked import (
    Checked,
    UnusablePathError,
    checked,
    playbooks_folder,
    today_and_plugins,
)
from cli.findings import Findings, Format, written
from cli.findings.colour import Colour, wants_colour
from cli.folders import SUFFIXES, FolderOverTime
from compiler.diagnostics import Diagnostic
from compiler.incremental import Compiler

_CLEARED = "\x1b[H\x1b[2J\x1b[3J"
_DEBOUNCE_MS = 300
_LOOK_AGAIN_MS = 500

Told = tuple[str, str, str]
"""Path, code and message: what a problem is, wherever its line has moved."""


class Rechecking:
    """The folders behind the paths, checked over and over."""

    def __init__(self, paths: list[Path], colour: Colour) -> None:
        self._paths = paths
        self._coloured = wants_colour(colour, sys.stdout, os.environ)
        self._compilers: dict[Path, Compiler] = {}
        self._folders: dict[Path, FolderOverTime] = {}
        self._last: Checked | None = None
        self._gone = ""

    @property
    def findings(self) -> Findings | None:
        """What was found last; None while a path cannot be used."""
        if self._last is None or self._gone:
            return None
        return Findings(self._last.found, self._last.texts)

    def look(self) -> None:
        """Checks, and prints the report if anything is other than before."""
        try:
            now = checked(self._paths, self._compiled, self._read)
        except (UnusablePathError, OSError) as error:
            why = str(error)
            if why != self._gone:
                print(f"watchbill check: {why}; waiting for it", file=sys.stderr, flush=True)
            self._gone = why
            return
        before, was_gone = self._last, self._gone
        self._last, self._gone = now, ""
        if before is None or was_gone or now.texts != before.texts:
            self._tell(now, before)

    def _read(self, folder: Path) -> dict[str, str]:
        return self._folders.setdefault(folder, FolderOverTime(folder)).read()

    def _compiled(self, folder: Path, files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
        now, plugins = today_and_plugins()
        compiler = self._compilers.setdefault(folder, Compiler(plugins))
        return compiler.compile(files, today=now.date()).diagnostics

    def _tell(self, now: Checked, before: Checked | None) -> None:
        findings = Findings(now.found, now.texts)
        parts = [written(findings, Format.TEXT, coloured=self._coloured)]
        if before is not None:
            parts += [f"{line}\n" for line in _changes(before.found, now.found)]
        at = datetime.now().astimezone().strftime("%H:%M:%S")
        watched = ", ".join(str(path) for path in self._paths)
        parts.append(f"{at} {findings.counted}; watching {watched}, Ctrl-C ends\n")
        cleared = _CLEARED if sys.stdout.isatty() else ""
        print(cleared + "".join(parts), end="", flush=True)


def _changes(before: Iterable[Diagnostic], now: Iterable[Diagnostic]) -> Iterator[str]:
    """Which problems are gone, and how many are new."""
    earlier, later = Counter(map(_told, before)), Counter(map(_told, now))
    for path, code, message in (earlier - later).elements():
        yield f"fixed: {path}: {code}: {message}"
    for path, code, message in (later - earlier).elements():
        yield f"new: {path}: {code}: {message}"


def _told(found: Diagnostic) -> Told:
    return found.path, found.code, found.message


def recheck(paths: list[Path], colour: Colour, status: Callable[[Findings], int]) -> int | None:
    """Checks until Ctrl-C; the status of what was found last, None if a path cannot be used."""
    rechecking = Rechecking(paths, colour)
    folders = tuple(dict.fromkeys(playbooks_folder(path).absolute() for path in paths))
    try:
        rechecking.look()
        gc.freeze()  # what is kept is all alive: no use in searching it for garbage
        while True:
            try:
                _watch(folders, rechecking)
            except FileNotFoundError:  # gone in the moment in which the watch began
                rechecking.look()
    except KeyboardInterrupt:
        findings = rechecking.findings
        return None if findings is None else status(findings)


def _watch(folders: tuple[Path, ...], rechecking: Rechecking) -> None:
    """Looks at every change until another folder, or none, stands at one of the paths."""
    watched = [_identity(folder) for folder in folders]
    if None in watched:
        time.sleep(_LOOK_AGAIN_MS / 1000)
        rechecking.look()
        return
    changes = watch(
        *folders,
        watch_filter=_is_of_playbooks,
        debounce=_DEBOUNCE_MS,
        rust_timeout=_LOOK_AGAIN_MS,
        yield_on_timeout=True,
    )
    looked = False
    for changed in changes:
        if changed or not looked:  # the first look finds what changed before the watch began
            looked = True
            rechecking.look()
        if [_identity(folder) for folder in folders] != watched:
            rechecking.look()
            return
        if rechecking.findings is None or any(Path(path) in folders for _, path in changed):
            return  # moved away, perhaps back already: what watched it may follow it no more


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder stands at the path, or None; a swapped link is another one."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_of_playbooks(_: Change, path: str) -> bool:
    """Whether a change there can matter: a text that is not hidden, or a folder."""
    name = Path(path)
    return not name.name.startswith(".") and name.suffix in (*SUFFIXES, "")
