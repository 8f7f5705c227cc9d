"""Programs from outside that marked tests need, and where they are."""

import os
import shutil
from pathlib import Path

NEEDED = {
    "chromium": ("chromium",),
    "alertmanager": ("prometheus-alertmanager",),
    "prometheus": ("prometheus",),
    "postgresql": ("initdb", "pg_ctl"),
}
"""Marker -> programs."""


def program(name: str) -> Path | None:
    """The program, on PATH or where Debian keeps PostgreSQL's."""
    folders = [str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    path = os.pathsep.join([os.environ.get("PATH", ""), *reversed(folders)])
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def missing_programs(marker: str) -> list[str]:
    """The programs of a marker that this machine lacks."""
    return [name for name in NEEDED[marker] if program(name) is None]
