"""Paths as a code host knows them: from the root of the repository, with slashes.

Decides which folder that is, and what stands there for a file outside it.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote


def root_of_paths(environment: Mapping[str, str]) -> Path:
    """The folder that a run's paths are told from: at GitHub its workspace, else this one."""
    here = Path.cwd()
    workspace = environment.get("GITHUB_WORKSPACE")
    if workspace and here.is_relative_to(Path(workspace).resolve()):
        return Path(workspace).resolve()
    return here


def path_from(root: Path, path: str) -> str:
    """The path from the root on; absolute where it is outside."""
    whole = (Path.cwd() / path).resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def uri_from(root: Path, path: str) -> str:
    """The same as a URI, relative where it can be, with all that is no URI quoted."""
    told = path_from(root, path)
    quoted = quote(told, safe="/", errors="surrogateescape")
    return f"file://{quoted}" if told.startswith("/") else quoted
