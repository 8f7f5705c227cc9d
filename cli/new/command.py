"""`watchbill new`: five questions, and a playbook with its runbook and tests.

Decides where each answer comes from (an option, else a question on a terminal) and that
nothing is overwritten. Without a terminal an answer that is missing is an error.
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.new import questions
from cli.new.answers import (
    USUAL_STEPS,
    Answers,
    UnfitAnswerError,
    name_from,
    read_first,
    read_labels,
    read_name,
    read_page,
    read_same,
    read_severity,
    read_team,
    read_zone,
)
from cli.new.draft import Draft, draft
from cli.new.folder import Folder, folder_at
from settings import Settings

_WRITTEN, _FAILED, _WRONG_USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line; None or empty where it was not."""

    name: str | None = None
    alert: tuple[str, ...] = ()
    same: str | None = None
    page: tuple[str, ...] = ()
    severity: str | None = None
    first: tuple[str, ...] = ()
    owner: str | None = None
    title: str | None = None
    zone: str | None = None


def new(options: Options, folder: Folder, *, asks: bool) -> int:
    """Writes the files of a new playbook, asking for what is missing; the exit status."""
    try:
        if not asks:
            _must_be_enough(options)
        answers = _answers(options, folder, asks=asks)
        _tell(_written(draft(answers, folder), folder), answers, folder)
    except UnfitAnswerError as problem:
        return _said(str(problem), _FAILED if asks else _WRONG_USAGE)
    except (EOFError, KeyboardInterrupt):
        return _said("stopped; nothing was written", _FAILED)
    except OSError as error:
        return _said(f"cannot write {error.filename}: {error.strerror}", _FAILED)
    return _WRITTEN


def _said(problem: str, status: int) -> int:
    print(f"watchbill new: {problem}", file=sys.stderr)
    return status


def _must_be_enough(options: Options) -> None:
    """Refuse to guess where nobody can be asked.

    Raises:
        UnfitAnswerError: naming what is missing.
    """
    missing = [
        f"{option} ({example})"
        for option, example, value in (
            ("--alert", "such as alertname=DiskFull", options.alert),
            ("--page", "such as schedule:name, or 'Ann Berg=+4930123456'", options.page),
        )
        if not value
    ]
    if missing:
        raise UnfitAnswerError(f"there is no terminal to ask on; add {' and '.join(missing)}")


def _answers(options: Options, folder: Folder, *, asks: bool) -> Answers:
    """All answers, from the options and, with `asks`, from questions in their order.

    Raises:
        UnfitAnswerError: an option that cannot be taken.
    """
    name = read_name(options.name) if options.name else None
    zone = read_zone(options.zone) if options.zone else folder.zone
    labels = read_labels(options.alert) if options.alert else questions.ask_alert()
    same = questions.ask_same() if options.same is None and asks else read_same(options.same or "")
    page = read_page(options.page) if options.page else questions.ask_page(folder)
    folder.must_know(page)
    severity = options.severity or ("" if asks else "alert")
    level = read_severity(severity) if severity else questions.ask_severity()
    first = read_first(options.first) or (questions.ask_first() if asks else USUAL_STEPS)
    owner = read_team(options.owner) if options.owner else folder.owner_of(page)
    if owner is None and not asks:
        raise UnfitAnswerError("it is not clear whose playbook it is; add --owner team:name")
    owner = owner or questions.ask_owner(folder, page)
    folder.must_have_team(owner, page)
    called = labels.get("alertname") or next(iter(labels.values()))
    name = name or name_from(called, "new_playbook")
    return Answers(name, labels, same, page, level, first, owner, options.title, zone)


def _written(found: Draft, folder: Folder) -> Draft:
    """Writes the files, none over another one."""
    for path, text in found.files.items():
        place = folder.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    return found


def _tell(found: Draft, answers: Answers, folder: Folder) -> None:
    """What was written, what `check` warns of, and what to type next."""
    for path in found.files:
        print(f"wrote {(folder.path / path).as_posix()}")
    for each in found.warnings:
        print(f"check warns: {each.message} ({each.code}); {each.help}")
    if not folder.has_house:
        print("house.yaml is new: what no playbook matches goes to unmatched_alerts")
    where = folder.path.as_posix()
    print("\nIts tests pass. Read the files, change what is yours, and go on with:")
    print(f"  watchbill check {where}")
    print(f"  watchbill test {where} -k {answers.name}")
    print(f"  watchbill graph {answers.name} --playbooks {where} -o {answers.name}.svg")
    print(f"  watchbill drill {answers.name} --rehearse --playbooks {where}")


def _new_command(  # noqa: PLR0917 - typer declares options as arguments
    name: Annotated[
        str | None, typer.Argument(help="The playbook's id; made from the alert if left out.")
    ] = None,
    alert: Annotated[
        list[str] | None,
        typer.Option("--alert", "--label", help="1. A label that opens it: alertname=DiskFull."),
    ] = None,
    same: Annotated[
        str | None,
        typer.Option("--same", help="2. Labels that make one incident, such as instance,env."),
    ] = None,
    page: Annotated[
        list[str] | None,
        typer.Option(
            "--page", "--person", help="3. schedule:name, level by level, or Ann Berg=+4930123456."
        ),
    ] = None,
    severity: Annotated[
        str | None, typer.Option("--severity", help="4. SEV1 to SEV4, or alert for its own label.")
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option("--do", help="5. A thing to do first; may be repeated.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", "--team", help="team:name, where it is not clear.")
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="What incidents are called; a template.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--timezone", help="Of new schedules, such as Europe/Berlin.")
    ] = None,
    playbooks: Annotated[
        Path | None, typer.Option("--playbooks", help="The playbooks folder.")
    ] = None,
) -> None:
    """Ask five questions, then write a playbook, a runbook and tests."""
    options = Options(
        name=name,
        alert=tuple(alert or ()),
        same=same,
        page=tuple(page or ()),
        severity=severity,
        first=tuple(first or ()),
        owner=owner,
        title=title,
        zone=zone,
    )
    folder = folder_at(playbooks or Settings().playbooks, datetime.now(UTC).date())
    raise typer.Exit(new(options, folder, asks=sys.stdin.isatty()))


def register(app: typer.Typer) -> None:
    """Adds `new`."""
    app.command("new")(_new_command)
