"""`watchbill check`: what is wrong with playbooks, and `explain-error`: why and the mend.

Decides which files are looked at, how problems are printed, and the exit status: 0 clean
(warnings allowed), 1 errors, 2 wrong usage.
"""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.folders import folder_of, read_folder
from compiler.compile import compile_folder, is_playbook
from compiler.diagnostics import Diagnostic, near, report
from compiler.error_pages import codes, page_of
from compiler.known_plugins import KnownPlugins
from domain.plugin import installed_plugins, plugin_named

CLEAN, PROBLEMS, WRONG_USAGE = 0, 1, 2


def check(paths: list[Path], *, json_output: bool = False) -> int:
    """Prints what is wrong in these folders and files; the exit status."""
    found: list[Diagnostic] = []
    texts: dict[str, str] = {}
    try:
        for path in paths:
            problem = _unusable(path)
            if problem:
                return _wrong(problem)
            diagnostics, files = _checked(path)
            found += [each for each in diagnostics if each not in found]
            texts |= files
    except OSError as error:
        return _wrong(f"cannot read {error.filename}: {error.strerror}")
    if json_output:
        print(json.dumps([each.model_dump() for each in found], indent=2, ensure_ascii=False))
    elif found:
        print(report(found, texts))
    _summarise(found)
    return PROBLEMS if any(each.is_error for each in found) else CLEAN


def _wrong(problem: str) -> int:
    print(f"watchbill check: {problem}", file=sys.stderr)
    return WRONG_USAGE


def _unusable(path: Path) -> str | None:
    """Why this path cannot be checked, or None if it can be."""
    if not path.exists():
        return f"no such file or folder: {path}"
    if path.is_dir():
        files = read_folder(path)
        playbooks = [each for each in files if is_playbook(each)]
        return None if playbooks else f"no playbooks (*.yaml) in {path}"
    return None if path.suffix in (".yaml", ".yml") else f"not a YAML file: {path}"


def _checked(path: Path) -> tuple[list[Diagnostic], dict[str, str]]:
    """The problems of one folder or file under the paths that the author gave."""
    is_file = path.is_file()
    folder = folder_of(path) if is_file else path
    files = read_folder(folder)
    today = datetime.now(UTC).date()
    installed = KnownPlugins(installed_plugins(), plugin_named)
    wanted = path.relative_to(folder).as_posix() if is_file else None
    shown = {inside: (folder / inside).as_posix() for inside in files}
    with _nothing_collected():
        diagnostics = compile_folder(files, today=today, plugins=installed).diagnostics
    found = [
        each.model_copy(update={"path": shown.get(each.path, (folder / each.path).as_posix())})
        for each in diagnostics
        if wanted in (None, each.path)
    ]
    return found, {shown[inside]: text for inside, text in files.items()}


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Let no time go into searching for garbage: a tree of files is all alive, and we end soon."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _summarise(found: list[Diagnostic]) -> None:
    errors = sum(each.is_error for each in found)
    warnings = len(found) - errors
    counted = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    print(" and ".join(counted) or "no problems", file=sys.stderr)


def explain_error(code: str) -> int:
    """Prints the page of an error code; the exit status."""
    page = page_of(code.upper())
    if page is None:
        meant = near(code.upper(), codes())
        hint = f"; did you mean {meant}?" if meant else ""
        print(f"watchbill explain-error: no code '{code}'{hint}", file=sys.stderr)
        return WRONG_USAGE
    print(page)
    return CLEAN


def _check_command(
    paths: Annotated[list[Path], typer.Argument(help="Playbook folders or files.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON objects.")] = False,
) -> None:
    """Say what is wrong with playbooks: status 0 clean, 1 errors, 2 wrong usage."""
    raise typer.Exit(check(paths, json_output=json_output))


def _explain_error_command(
    code: Annotated[str, typer.Argument(help="A code such as E301.")],
) -> None:
    """Print what an error code means, with a failing and a fixed sample."""
    raise typer.Exit(explain_error(code))


def register(app: typer.Typer) -> None:
    """Adds `check` and `explain-error`."""
    app.command("check")(_check_command)
    app.command("explain-error")(_explain_error_command)
