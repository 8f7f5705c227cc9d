"""`watchbill explain`: a playbook's long form with every default filled in.

Decides what is printed for a name; the text itself is `compiler.long_form`.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.diagnostics import choice, report
from compiler.long_form import long_form
from settings import Settings


def explain(name: str, folder: Path) -> int:
    """Prints the playbook's long form; 1 if it is broken, 2 if there is none."""
    if not folder.is_dir():
        print(f"watchbill explain: no such folder: {folder}", file=sys.stderr)
        return 2
    files = read_folder(folder)
    compiled = compile_folder(files)
    plan = compiled.plans.get(name)
    if plan is not None:
        print(long_form(plan, files), end="")
        return 0
    errors = [each for each in compiled.diagnostics if each.is_error]
    if errors:
        print(report(errors, files), file=sys.stderr)
    help_text = choice(name, compiled.plans, of="playbooks without errors")
    print(f"watchbill explain: no sound playbook '{name}'; {help_text}", file=sys.stderr)
    return 1 if errors else 2


def _explain_command(
    name: Annotated[str, typer.Argument(help="The playbook's name.")],
    playbooks: Annotated[
        Path | None, typer.Option("--playbooks", help="The playbooks folder.")
    ] = None,
) -> None:
    """Print a playbook's long form with every default filled in."""
    raise typer.Exit(explain(name, playbooks or Settings().playbooks))


def register(app: typer.Typer) -> None:
    """Adds `explain`."""
    app.command("explain")(_explain_command)
