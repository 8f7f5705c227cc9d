"""What a folder of playbooks was: at a revision of its git repository, or in another folder.

Decides how that is read: `git archive` of the folder at the revision, without a checkout.
"""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cli.folders import PARTS, SUFFIXES, read_folder
from compiler.checks.versions import check_versions
from compiler.compile import Compiled, compile_folder, is_playbook
from compiler.diagnostics import Diagnostic, in_order

LONGEST_S = 30.0
"""Seconds that git may take."""


class NothingToCompareError(Exception):
    """There is no such revision or folder to compare with; the text says why."""


def changes(
    compiled: Compiled, files: Mapping[str, str], folder: Path, against: str
) -> tuple[Diagnostic, ...]:
    """What `compiled` says of the folder, and every playbook changed without a new version.

    Raises:
        NothingToCompareError: there is nothing to compare with.
    """
    before = compile_folder(files_of(folder, against)).plans
    found = check_versions(before, compiled, files, since=against)
    return in_order((*compiled.diagnostics, *found))


def files_of(folder: Path, against: str) -> dict[str, str]:
    """The texts of another folder, or of this one at a revision.

    Raises:
        NothingToCompareError: neither can be read.
    """
    if Path(against).is_dir():
        found = read_folder(Path(against))
        if not any(map(is_playbook, found)):
            raise NothingToCompareError(f"no playbooks (*.yaml) in {against}")
        return found
    inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0:
        raise NothingToCompareError(
            f"'{against}' is no folder, and {folder} is in no git repository"
        )
    named = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}"
    )
    if named.returncode != 0:
        raise NothingToCompareError(f"'{against}' is no folder and no revision of the repository")
    commit = named.stdout.decode().strip()
    archive = _git(folder, "archive", "--format=tar", commit)
    if archive.returncode != 0:
        raise NothingToCompareError(f"{folder} did not exist at {against}")
    return _texts(archive.stdout)


def _texts(archive: bytes) -> dict[str, str]:
    """The files of a playbooks folder that the archive holds."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            is_ours = len(path.parts) == 1 or (
                len(path.parts) == 2 and path.parts[0] in PARTS  # noqa: PLR2004
            )
            file = tar.extractfile(member) if member.isfile() and is_ours else None
            if file is not None and path.suffix in SUFFIXES and not path.name.startswith("."):
                found[path.as_posix()] = file.read().decode(errors="surrogateescape")
    return found


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603 - a fixed program, arguments are no shell's
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the author uses
            capture_output=True,
            check=False,
            timeout=LONGEST_S,
        )
    except FileNotFoundError:
        raise NothingToCompareError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NothingToCompareError(f"git took longer than {LONGEST_S:.0f} s") from None
