"""Drafts the files of a new playbook and tries them before anything is written.

Decides which files there will be, and what the tests expect: the most that holds when the
playbook is played. Their text is `cli.new.files`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.new.answers import Answers, UnfitAnswerError
from cli.new.files import (
    LAST_RESORT,
    Tests,
    house_text,
    last_resort_text,
    playbook_path,
    playbook_text,
    roster_path,
    roster_text,
    runbook_path,
    runbook_text,
    schedules_of,
    tests_of,
)
from cli.new.folder import Folder, failures_of, problems_of
from compiler.compile import HOUSE, compile_folder
from compiler.diagnostics import Diagnostic, report
from compiler.durations import written
from compiler.layout.tree import UnformattableError
from compiler.yaml_text import Written
from domain.severity import Severity

_FIRST_PAGES = ("0s", "1m", "2m")
_LIKELY = (Severity.SEV3, Severity.SEV2, Severity.SEV1, Severity.SEV4)


@dataclass(frozen=True, slots=True)
class Draft:
    """The files to write by path inside the folder, and what `check` warns of in them."""

    files: dict[str, str]
    warnings: list[Diagnostic]


def draft(answers: Answers, folder: Folder) -> Draft:
    """The files, which pass `check` and `test` in this folder.

    Raises:
        UnfitAnswerError: if they would not, or one of them exists.
    """
    try:
        files = dict(_files(answers, folder, []))
        _must_be_new(files, folder)
        _must_be_sound(files, folder)
        tests = _tests_that_hold(answers, folder, files)
        files = dict(_files(answers, folder, tests))
    except UnformattableError as error:
        raise UnfitAnswerError(f"an answer cannot be written down: {error}") from None
    problems = problems_of(folder, files)
    failures = failures_of(folder, files, answers.name)
    if any(each.is_error for each in problems):
        raise UnfitAnswerError(_reported(problems, files))
    if failures:
        raise UnfitAnswerError(
            f"{failures[0]}; add a label to --alert that tells it from other playbooks' alerts"
        )
    return Draft(files, problems)


def _levels(answers: Answers) -> tuple[str, ...]:
    """Whom to page, level by level; new people through their new schedules."""
    schedules = tuple(f"schedule:{each}" for each in schedules_of(answers))
    return schedules if answers.page.people else answers.page.levels


def _files(answers: Answers, folder: Folder, tests: Tests) -> Iterator[tuple[str, str]]:
    levels = _levels(answers)
    yield playbook_path(answers.name), playbook_text(answers, levels, tests)
    yield runbook_path(answers.name), runbook_text(answers)
    if answers.page.people:
        yield roster_path(answers), roster_text(answers, folder.today)
    if not folder.has_house:
        yield HOUSE, house_text(answers.zone)
        if playbook_path(LAST_RESORT) not in folder.files and answers.name != LAST_RESORT:
            yield playbook_path(LAST_RESORT), last_resort_text(answers, levels)


def _must_be_new(files: dict[str, str], folder: Folder) -> None:
    taken = [path for path in files if (folder.path / path).exists()]
    if taken:
        listed = ", ".join((folder.path / path).as_posix() for path in taken)
        raise UnfitAnswerError(f"there is {listed} already; nothing was written: take another name")


def _must_be_sound(files: dict[str, str], folder: Folder) -> None:
    problems = problems_of(folder, files)
    if any(each.is_error for each in problems):
        raise UnfitAnswerError(_reported(problems, files))


def _reported(problems: list[Diagnostic], files: dict[str, str]) -> str:
    errors = [each for each in problems if each.is_error]
    return f"the playbook would not pass check:\n{report(errors, files)}"


def _tests_that_hold(answers: Answers, folder: Folder, files: dict[str, str]) -> Tests:
    """The strongest tests that pass among house and roster alone."""
    beside = {path: text for path, text in folder.files.items() if "/" in path or path == HOUSE}
    alone = Folder(folder.path, beside, folder.today)
    plan = compile_folder(beside | files, today=folder.today).plans[answers.name]
    likely = _LIKELY if answers.severity == "alert" else (Severity(answers.severity),)
    for severity in likely:
        waits = plan.escalation.ack_within.at(severity)
        for told, quietly in _likely(_levels(answers), written(waits) if waits else None):
            tests = tests_of(answers, severity.value, told, quietly=quietly)
            tried = files | {playbook_path(answers.name): _with_tests(answers, tests)}
            if not failures_of(alone, tried, answers.name):
                return tests
    raise UnfitAnswerError(
        "none of its tests would pass in this folder; try watchbill check on the folder first"
    )


def _likely(levels: tuple[str, ...], wait: str | None) -> Iterator[tuple[dict[str, Written], bool]]:
    """Who may be told when, the most first; whether quietly.

    Who has no push is paged by a method that comes a minute or two later.
    """
    first, *others = levels[:2]
    for at in _FIRST_PAGES:
        if others and wait:
            yield {first: at, others[0]: wait}, False
        yield {first: at}, False
    yield {first: "0s"}, True
    yield {}, False


def _with_tests(answers: Answers, tests: Tests) -> str:
    return playbook_text(answers, _levels(answers), tests)
