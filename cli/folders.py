"""Reads a playbooks folder from disk for the author's commands.

Decides which files belong to a folder: YAML at its top, and YAML and Markdown one level
down. What they mean is the compiler's.
"""

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
