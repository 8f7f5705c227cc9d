"""`watchbill test`: the tests that playbooks carry, run here without server, network or clock.

Decides the options and the exit status: 0 all passed, 1 a test failed or a playbook has
errors, 2 wrong usage.
"""

import io
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer

from cli.check.checked import UnusablePathError
from cli.findings import Findings
from cli.findings import Format as FindingsFormat
from cli.findings import written as findings_written
from cli.findings.colour import Colour, wants_colour
from cli.findings.paths import root_of_paths
from cli.tested import Chosen, Run, run_paths
from settings import Settings

PASSED, FAILED, WRONG_USAGE = 0, 1, 2


class Format(StrEnum):
    """Who reads it: people, programs, a code scanner, a GitHub run, a CI server."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


def run_tests(paths: list[Path], chosen: Chosen, form: Format, colour: Colour) -> int:
    """Runs the tests of these folders and files and prints how they went; the exit status."""
    try:
        run = run_paths(paths, chosen)
    except UnusablePathError as error:
        return _wrong(str(error))
    except OSError as error:
        return _wrong(f"cannot read {error.filename}: {error.strerror}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a path or a text may be no Unicode
    for played in run.played:
        from cli.tested.story import story_of

        print("\n".join(story_of(played)), end="\n\n")
    print(_written(run, form, colour), end="")
    from cli.tested.text import summary_of

    print(summary_of(run), file=sys.stderr)
    if chosen.text and not run.verdicts and not run.errors:
        return _wrong(f"no test has '{chosen.text}' in its name or its playbook's")
    return FAILED if run.errors or run.failed else PASSED


def _written(run: Run, form: Format, colour: Colour) -> str:
    match form:
        case Format.TEXT:
            from cli.tested.text import text_of

            return text_of(run, coloured=wants_colour(colour, sys.stdout, os.environ))
        case Format.JSON:
            from cli.tested.programs import json_of

            return f"{json_of(run)}\n"
        case Format.JUNIT:
            from cli.tested.programs import junit_of

            return f"{junit_of(run)}\n"
        case Format.SARIF | Format.GITHUB:
            root = root_of_paths(os.environ)
            findings = Findings(run.problems, run.texts, root, "test")
            return findings_written(findings, FindingsFormat(form.value))
        case _:
            assert_never(form)


def _wrong(problem: str) -> int:
    print(f"watchbill test: {problem}", file=sys.stderr)
    return WRONG_USAGE


def _test_command(  # noqa: PLR0917 - typer declares options as arguments
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Playbook folders or files; else --playbooks.")
    ] = None,
    playbooks: Annotated[
        Path | None, typer.Option("--playbooks", help="The playbooks folder.")
    ] = None,
    text: Annotated[
        str, typer.Option("-k", help="Only tests whose name, or playbook, has this text.")
    ] = "",
    story: Annotated[
        str, typer.Option("--story", help="Run tests with this text, and tell what happened.")
    ] = "",
    check: Annotated[
        bool,
        typer.Option("--check", help="Say what `watchbill check` says, too: one run for both."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell what happened in every test.")
    ] = False,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="text (the default), json, github, junit or sarif."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    colour: Annotated[
        Colour, typer.Option("--color", "--colour", help="Colours in the text form.")
    ] = Colour.AUTO,
) -> None:
    """Run the tests that playbooks carry: status 0 passed, 1 failed, 2 wrong usage."""
    if json_output and form not in (None, Format.JSON):
        raise typer.Exit(_wrong(f"--json and --format {form} contradict each other"))
    form = Format.JSON if json_output else form or Format.TEXT
    if (story or verbose) and form is not Format.TEXT:
        raise typer.Exit(_wrong("what happened in a test is told as text only"))
    chosen = Chosen(text or story, keep=bool(story) or verbose, check=check)
    wanted = paths or [playbooks or Settings().playbooks]
    raise typer.Exit(run_tests(wanted, chosen, form, colour))


def register(app: typer.Typer) -> None:
    """Adds `test`."""
    app.command("test")(_test_command)
