"""`watchbill check`: what is wrong with playbooks, and `explain-error`: why and the mend.

Decides the options and the exit status: 0 clean (warnings allowed), 1 errors, 2 wrong usage.
What is looked at is `cli.check.checked`'s, how it is written `cli.findings`'.
"""

import gc
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.check.against import NothingToCompareError, changes
from cli.check.checked import Examine, UnusablePathError, checked, is_large, today_and_plugins
from cli.findings import Findings, Format, written
from cli.findings.colour import Colour, wants_colour
from cli.findings.paths import root_of_paths
from compiler.compile import compile_folder
from compiler.diagnostics import Diagnostic, near
from compiler.error_pages import codes, page_of

CLEAN, PROBLEMS, WRONG_USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the author wants to hear of problems, and whether warnings count as errors."""

    form: Format = Format.TEXT
    output: Path | None = None
    colour: Colour = Colour.AUTO
    warnings_as_errors: bool = False
    against: str | None = None

    def status(self, findings: Findings) -> int:
        """The exit status that these findings end with."""
        refused = len(findings.found) if self.warnings_as_errors else findings.errors
        return PROBLEMS if refused else CLEAN


def check(paths: list[Path], wanted: Wanted | None = None) -> int:
    """Prints what is wrong in these folders and files; the exit status."""
    wanted = wanted or Wanted()
    try:
        done = checked(paths, _examine(wanted))
    except (UnusablePathError, NothingToCompareError) as error:
        return _wrong(str(error))
    except OSError as error:
        return _wrong(f"cannot read {error.filename}: {error.strerror}")
    findings = Findings(done.found, done.texts, root_of_paths(os.environ))
    try:
        tell(findings, wanted)
    except OSError as error:
        return _wrong(f"cannot write {wanted.output}: {error.strerror}")
    return wanted.status(findings)


def tell(findings: Findings, wanted: Wanted) -> None:
    """Writes the findings where they are wanted, and how many there are. Raises OSError."""
    if wanted.output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a path or a text may be no Unicode
        coloured = wants_colour(wanted.colour, sys.stdout, os.environ)
        print(written(findings, wanted.form, coloured=coloured), end="")
    else:
        coloured = wanted.colour is Colour.ALWAYS
        text = written(findings, wanted.form, coloured=coloured)
        wanted.output.write_text(text, encoding="utf-8", errors="replace")
    print(findings.counted, file=sys.stderr)


def _watch(paths: list[Path], wanted: Wanted) -> int:
    """Checks whenever a file is saved, until Ctrl-C; the last status."""
    from cli.check.rechecking import recheck

    try:
        status = recheck(paths, wanted.colour, wanted.status)
    except UnusablePathError as error:
        return _wrong(str(error))
    return WRONG_USAGE if status is None else status


def _compiled(_: Path, files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    now, plugins = today_and_plugins()
    if not is_large(files):
        with _nothing_collected():
            return compile_folder(files, today=now.date(), plugins=plugins).diagnostics
    from cli.check.many import compile_in_parallel, nothing_more

    return compile_in_parallel(files, nothing_more, today=now.date()).diagnostics


def _examine(wanted: Wanted) -> Examine:
    """How a folder is looked at."""
    against = wanted.against
    if against is None:
        return _compiled
    return lambda folder, files: _changes(folder, files, against)


def _changes(folder: Path, files: Mapping[str, str], against: str) -> tuple[Diagnostic, ...]:
    now, plugins = today_and_plugins()
    compiled = compile_folder(files, today=now.date(), plugins=plugins)
    return changes(compiled, files, folder, against)


def _wrong(problem: str) -> int:
    print(f"watchbill check: {problem}", file=sys.stderr)
    return WRONG_USAGE


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


def explain_error(code: str) -> int:
    """Prints the page of an error code; the exit status."""
    page = page_of(code.upper())
    if page is None:
        meant = near(code.upper(), codes())
        hint = f"did you mean {meant}?" if meant else "`check` prints codes such as E301"
        print(f"watchbill explain-error: no code '{code}'; {hint}", file=sys.stderr)
        return WRONG_USAGE
    print(page)
    return CLEAN


def _check_command(  # noqa: PLR0917 - typer declares options as arguments
    paths: Annotated[list[Path], typer.Argument(help="Playbook folders or files.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="text (the default), json, sarif or github.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to the terminal.")
    ] = None,
    colour: Annotated[
        Colour, typer.Option("--color", "--colour", help="Colours in the text form.")
    ] = Colour.AUTO,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check again whenever a file is saved.")
    ] = False,
    warnings_as_errors: Annotated[
        bool, typer.Option("--warnings-as-errors", help="Warnings end with status 1 too.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(help="A git revision or folder: warn of changes without a new version."),
    ] = None,
) -> None:
    """Say what is wrong with playbooks: status 0 clean, 1 errors, 2 wrong usage."""
    if json_output and form not in (None, Format.JSON):
        raise typer.Exit(_wrong(f"--json and --format {form} contradict each other"))
    form = Format.JSON if json_output else form or Format.TEXT
    wanted = Wanted(form, output, colour, warnings_as_errors, against)
    if watch and (form is not Format.TEXT or output or against):
        raise typer.Exit(_wrong("--watch shows text on the terminal; leave out the other options"))
    raise typer.Exit(_watch(paths, wanted) if watch else check(paths, wanted))


def _explain_error_command(
    code: Annotated[str, typer.Argument(help="A code such as E301.")],
) -> None:
    """Print what an error code means, with a failing and a fixed sample."""
    raise typer.Exit(explain_error(code))


def register(app: typer.Typer) -> None:
    """Adds `check` and `explain-error`."""
    app.command("check")(_check_command)
    app.command("explain-error")(_explain_error_command)
