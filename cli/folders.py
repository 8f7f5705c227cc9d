"""Reads a playbooks folder from disk for the author's commands, once or again and again.

Decides which files belong to a folder: YAML at its top, and YAML and Markdown one level
down. What they mean is the compiler's.
"""

import os
import time
from pathlib import Path

SUFFIXES = (".yaml", ".yml", ".md")
PARTS = ("roster", "runbooks", "reviews", "ops")
"""The folders inside a playbooks folder."""


def read_folder(folder: Path) -> dict[str, str]:
    """The folder's texts by path inside it; a byte that is no UTF-8 stays recognisable."""
    places = [folder, *(folder / part for part in PARTS)]
    found = {}
    for place in places:
        for path in sorted(place.glob("*")) if place.is_dir() else ():
            if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file():
                text = path.read_bytes().decode(errors="surrogateescape")
                found[path.relative_to(folder).as_posix()] = text
    return found


def folder_of(path: Path) -> Path:
    """The playbooks folder that a single file belongs to."""
    parent = path.parent
    return parent.parent if parent.name in PARTS else parent


_SETTLED_NS = 2_000_000_000
"""A file written longer ago than this cannot change again with the same time and size."""

_Stamp = tuple[int, int, int, int]


class FolderOverTime:
    """A folder that is read again and again: only files that changed are opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[_Stamp, str]] = {}

    def read(self) -> dict[str, str]:
        """What `read_folder` gives."""
        now = time.time_ns()
        found: dict[str, str] = {}
        known: dict[str, tuple[_Stamp, str]] = {}
        for inside, stamp in _files_in(self._folder):
            earlier = self._known.get(inside)
            if earlier is not None and earlier[0] == stamp:
                text = earlier[1]
            else:
                text = (self._folder / inside).read_bytes().decode(errors="surrogateescape")
            found[inside] = text
            if now - max(stamp[0], stamp[1]) > _SETTLED_NS:
                known[inside] = (stamp, text)
        self._known = known
        return found


def _files_in(folder: Path) -> list[tuple[str, _Stamp]]:
    """Every file of the folder, in the order of `read_folder`, and how to tell that it changed."""
    found = []
    for part in ("", *PARTS):
        place = folder / part if part else folder
        if not place.is_dir():
            continue
        with os.scandir(place) as entries:
            files = [each for each in entries if each.name.endswith(SUFFIXES)]
        for each in sorted(files, key=lambda each: each.name):
            if not each.name.startswith(".") and each.is_file():
                told = each.stat()
                stamp = (told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino)
                found.append((f"{part}/{each.name}" if part else each.name, stamp))
    return found
