"""`watchbill fmt`: one layout for playbooks, rosters, house and ops files.

Decides which files are looked at, what is written and the exit status. The layout is
`compiler.layout`'s.
"""

import difflib
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.folders import folder_of, read_folder
from compiler.diagnostics import report
from compiler.layout.formatted import formatted
from compiler.layout.tree import UnformattableError
from compiler.source import load
from settings import Settings

_FINE, _PROBLEMS, _WRONG_USAGE = 0, 1, 2
_YAML = (".yaml", ".yml")

Mode = Literal["write", "check", "diff"]
Outcome = Literal["same", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class _File:
    """A file, its path inside its playbooks folder, and its text."""

    path: Path
    inside: str
    text: str


def fmt(paths: list[Path], mode: Mode) -> int:
    """Lays the files out, or says which would change; the exit status."""
    try:
        files = [each for path in paths for each in _files(path)]
    except OSError as error:
        return _wrong(f"cannot read {error.filename}: {error.strerror}")
    missing = [path for path in paths if not _is_usable(path)]
    if missing:
        return _wrong(f"no such folder or YAML file: {missing[0]}")
    outcomes = Counter(_laid_out(each, mode) for each in files)
    _summarise(outcomes, mode)
    is_refused = outcomes["refused"] or (mode != "write" and outcomes["changed"])
    return _PROBLEMS if is_refused else _FINE


def _wrong(problem: str) -> int:
    print(f"watchbill fmt: {problem}", file=sys.stderr)
    return _WRONG_USAGE


def _is_usable(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.suffix in _YAML)


def _files(path: Path) -> list[_File]:
    """The YAML files of a folder, or the one that is named."""
    if path.is_dir():
        texts = read_folder(path)
        return [
            _File(path / inside, inside, text)
            for inside, text in texts.items()
            if inside.endswith(_YAML)
        ]
    if not _is_usable(path):
        return []
    inside = path.relative_to(folder_of(path)).as_posix()
    return [_File(path, inside, path.read_bytes().decode(errors="surrogateescape"))]


def _laid_out(file: _File, mode: Mode) -> Outcome:
    """Lays one file out; one that cannot be read is left alone with what is wrong in it."""
    shown = file.path.as_posix()
    errors = [each for each in load(shown, file.text).diagnostics if each.is_error]
    if errors:
        print(report(errors, {shown: file.text}), file=sys.stderr)
        return "refused"
    try:
        text = formatted(file.inside, file.text)
        if text == file.text:
            return "same"
        if mode == "write":
            _replace(file.path, text)
    except UnformattableError as problem:
        print(f"{shown}: left alone: {problem}", file=sys.stderr)
        return "refused"
    except OSError as problem:
        print(f"{shown}: cannot write: {problem.strerror}", file=sys.stderr)
        return "refused"
    _tell(shown, file.text, text, mode)
    return "changed"


def _tell(shown: str, before: str, after: str, mode: Mode) -> None:
    """Prints the file's name, or what would change in it."""
    if mode != "diff":
        print(f"{'would format' if mode == 'check' else 'formatted'} {shown}")
        return
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), shown, f"{shown} (formatted)", lineterm=""
    )
    for line in lines:
        print(line)


def _replace(path: Path, text: str) -> None:
    """Writes the file whole or not at all, with the mode that it had."""
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(text.encode())
        Path(name).chmod(real.stat().st_mode & 0o7777)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _summarise(outcomes: Counter[Outcome], mode: Mode) -> None:
    changed = "formatted" if mode == "write" else "to format"
    words: dict[Outcome, str] = {"changed": changed, "same": "in order", "refused": "left alone"}
    said = [
        f"{outcomes[outcome]} file{'' if outcomes[outcome] == 1 else 's'} {word}"
        for outcome, word in words.items()
        if outcomes[outcome]
    ]
    print(", ".join(said) or "no files", file=sys.stderr)


def _fmt_command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files; the playbooks folder if none.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; status 1 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print what would change.")
    ] = False,
) -> None:
    """Give YAML files one layout; comments and meaning stay as they are."""
    mode: Mode = "diff" if diff else "check" if check else "write"
    raise typer.Exit(fmt(paths or [Settings().playbooks], mode))


def register(app: typer.Typer) -> None:
    """Adds `fmt`."""
    app.command("fmt")(_fmt_command)
