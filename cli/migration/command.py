"""`watchbill import`: what teams have elsewhere, in our language.

Decides where the files go, that none is overwritten unasked, and the exit status: 0 written
(or would be, with `--dry-run`), 1 the export cannot be read, 2 wrong usage.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.migration.alertmanager import import_alertmanager
from cli.migration.draft import Draft
from cli.migration.exports import ExportError
from cli.migration.oncall import import_oncall
from cli.migration.opsgenie import import_opsgenie
from cli.migration.pagerduty import import_pagerduty
from cli.migration.report import report
from cli.migration.writer import files_of
from compiler.diagnostics import near

WRITTEN, UNREADABLE, WRONG_USAGE = 0, 1, 2

_SYSTEMS: dict[str, Callable[[list[Path], datetime], Draft]] = {
    "alertmanager": lambda paths, _: import_alertmanager(paths),
    "oncall": import_oncall,
    "pagerduty": import_pagerduty,
    "opsgenie": import_opsgenie,
}


def import_files(
    system: str, paths: list[Path], folder: Path, *, force: bool = False, dry_run: bool = False
) -> int:
    """Writes the files of an import below this folder; the exit status."""
    read = _SYSTEMS.get(system)
    if read is None:
        meant = near(system, _SYSTEMS)
        hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(_SYSTEMS)}"
        return _refuse(f"no system '{system}'; {hint}", WRONG_USAGE)
    try:
        draft = read(paths, datetime.now(UTC))
    except ExportError as error:
        return _refuse(str(error), UNREADABLE)
    files = files_of(draft)
    taken = [path for path in files if (folder / path).exists()]
    if taken and not (force or dry_run):
        said = f"{folder} has already {', '.join(taken)}; take another folder, or --force"
        return _refuse(said, WRONG_USAGE)
    if dry_run:
        for path, text in files.items():
            print(f"--- {folder / path}\n{text}")
    else:
        try:
            _write(folder, files)
        except OSError as error:
            return _refuse(f"cannot write {error.filename}: {error.strerror}", UNREADABLE)
    print(report(draft, files, folder.as_posix()))
    if not dry_run:
        print(f"\nNext: watchbill check {folder.as_posix()}")
    return WRITTEN


def _refuse(said: str, status: int) -> int:
    for line in said.splitlines():
        print(f"watchbill import: {line}", file=sys.stderr)
    return status


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _import_command(
    system: Annotated[str, typer.Argument(help="alertmanager, oncall, pagerduty or opsgenie.")],
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What it exported.")],
    into: Annotated[Path, typer.Option("--into", help="The playbooks folder to write to.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print, write nothing.")] = False,
) -> None:
    """Turn another system's export into playbooks and a roster, marking what you must decide."""
    raise typer.Exit(import_files(system, paths, into, force=force, dry_run=dry_run))


def register(app: typer.Typer) -> None:
    """Adds `import`."""
    app.command("import")(_import_command)
