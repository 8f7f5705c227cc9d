"""What `watchbill check` looks at: the folders behind the paths that the author gave.

Decides which files' problems are told, and under which path: as the author would write it.
A folder is compiled once, however many of its files are named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cli.folders import folder_of, read_folder
from compiler.compile import is_playbook
from compiler.diagnostics import Diagnostic
from compiler.known_plugins import KnownPlugins
from domain.plugin import installed_plugins, plugin_named

Examine = Callable[[Path, Mapping[str, str]], tuple[Diagnostic, ...]]
"""Gives the problems of a folder's texts; the folder's path tells folders apart."""

Read = Callable[[Path], dict[str, str]]
"""Gives the texts of a folder by their path in it."""


class UnusablePathError(Exception):
    """A path that cannot be checked; the text says why."""


@dataclass(slots=True)
class Checked:
    """Problems in the order of the paths, and the texts they stand in, by path as shown."""

    found: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def checked(paths: list[Path], examine: Examine, read: Read = read_folder) -> Checked:
    """What is wrong in these folders and files. Raises UnusablePathError and OSError."""
    files: dict[Path, dict[str, str]] = {}
    problems: dict[Path, tuple[Diagnostic, ...]] = {}
    done = Checked()
    told: set[Diagnostic] = set()
    for path in paths:
        folder = playbooks_folder(path)
        if folder not in files:
            files[folder] = read(folder)
        if path.is_dir() and not any(map(is_playbook, files[folder])):
            raise UnusablePathError(f"no playbooks (*.yaml) in {path}")
        if folder not in problems:
            problems[folder] = examine(folder, files[folder])
        for each in _as_shown(problems[folder], path, folder):
            if each not in told:
                told.add(each)
                done.found.append(each)
        done.texts |= {(folder / each).as_posix(): text for each, text in files[folder].items()}
    return done


def playbooks_folder(path: Path) -> Path:
    """The folder that is compiled for this path. Raises UnusablePathError."""
    if not path.exists():
        raise UnusablePathError(f"no such file or folder: {path}")
    if path.is_dir():
        return path
    if path.suffix not in (".yaml", ".yml"):
        raise UnusablePathError(f"not a YAML file: {path}")
    return folder_of(path)


def _as_shown(problems: tuple[Diagnostic, ...], path: Path, folder: Path) -> list[Diagnostic]:
    """The problems that this path asks for, under paths that lead there from here."""
    wanted = None if path == folder else path.relative_to(folder).as_posix()
    return [
        each.model_copy(update={"path": (folder / each.path).as_posix()})
        for each in problems
        if wanted in (None, each.path)
    ]


def today_and_plugins() -> tuple[datetime, KnownPlugins]:
    """The moment of the check, and what is installed where it runs."""
    return datetime.now(UTC), KnownPlugins(installed_plugins(), plugin_named)


LARGE = 120
"""Playbooks from which on several processes are worth their start."""


def is_large(files: Mapping[str, str]) -> bool:
    """Whether the folder is compiled part by part (`cli.check.many`)."""
    return sum(map(is_playbook, files)) >= LARGE
