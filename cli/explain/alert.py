"""`watchbill explain --alert`: what a payload would open, and who would be paged when.

Decides what is read, and the exit status: 0 explained, 1 if nothing takes a firing alert, 2
for wrong usage or a payload that cannot be read. What is said is `cli.explain.explained`.
"""

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from api.sources.parsed import Parsed
from cli.explain.explained import Asked, explained
from cli.explain.text import lines_of
from cli.folders import read_folder
from cli.senders import UnreadableError, made_up, parse, unknown_sender
from compiler.compile import Compiled, compile_folder
from compiler.diagnostics import choice
from compiler.durations import read_duration
from domain.rehearsal.outlook import Course
from domain.rehearsal.rehearsal import EndlessRehearsalError
from domain.values import Value, WrongTypeError, as_value

EXPLAINED, UNTAKEN, WRONG_USAGE = 0, 1, 2


class Payload(NamedTuple):
    """What is explained: a file (`-` is standard input), or labels that make an alert up."""

    file: str | None = None
    sender: str | None = None
    labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()


class Circumstances(NamedTuple):
    """Options as written: a moment, durations, and `fact=value`."""

    at: str | None = None
    answers: str | None = None
    resolves: str | None = None
    facts: tuple[str, ...] = ()


class WrongUsageError(Exception):
    """Options that say nothing; the text is what to write instead."""


def explain_alert(
    payload: Payload, folder: Path, circumstances: Circumstances, *, as_json: bool = False
) -> int:
    """Prints what becomes of the payload's alerts; the exit status."""
    try:
        compiled = compiled_folder(folder)
        parsed = _parsed(payload, compiled)
        asked = asked_of(circumstances, compiled)
        answer = explained(parsed, compiled, asked)
    except (WrongUsageError, UnreadableError, EndlessRehearsalError) as error:
        print(f"watchbill explain: {error}", file=sys.stderr)
        return WRONG_USAGE
    if as_json:
        print(answer.model_dump_json(indent=2))
    else:
        print("\n".join(lines_of(answer, asked.course)))
    tell_left_out(answer.left_out)
    return UNTAKEN if answer.is_untaken else EXPLAINED


def compiled_folder(folder: Path) -> Compiled:
    """The folder's playbooks; WrongUsageError if there are none."""
    if not folder.is_dir():
        raise WrongUsageError(f"no such folder: {folder}")
    compiled = compile_folder(read_folder(folder))
    if not compiled.plans and not compiled.diagnostics:
        raise WrongUsageError(f"no playbooks (*.yaml) in {folder}")
    return compiled


def tell_left_out(paths: tuple[str, ...]) -> None:
    """Files with errors, on standard error."""
    for path in paths:
        print(f"left out: {path} has errors; see `watchbill check`", file=sys.stderr)


def read_at(text: str | None) -> datetime | None:
    """The moment; naive where it has no offset. WrongUsageError if it is none."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        mend = 'write "2026-11-25 02:00" (in the playbook\'s zone) or "2026-11-25T01:00Z"'
        raise WrongUsageError(f"--at: {text!r} is no moment: {mend}") from None


def _parsed(payload: Payload, compiled: Compiled) -> Parsed:
    labels = _pairs(payload.labels, "--label", "service=payments-api")
    annotations = _pairs(payload.annotations, "--annotation", "summary=text")
    if payload.sender and (problem := unknown_sender(payload.sender, compiled.sources)):
        raise WrongUsageError(problem)
    if payload.file is None:
        return made_up(labels, annotations, payload.sender)
    if labels or annotations:
        raise WrongUsageError("--label and --annotation make up an alert: leave --alert out")
    try:
        return parse(_body(payload.file), payload.sender, compiled.sources)
    except UnreadableError as error:
        where = "standard input" if payload.file == "-" else payload.file
        raise UnreadableError(f"{where}: {error}") from error


def _body(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise WrongUsageError(f"cannot read {file}: {error.strerror}") from None


def _pairs(written: tuple[str, ...], option: str, sample: str) -> dict[str, str]:
    found = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise WrongUsageError(f"{option}: {one!r} is no name=value, such as {sample}")
        found[name.strip()] = value
    return found


def asked_of(circumstances: Circumstances, compiled: Compiled) -> Asked:
    """The options as values; WrongUsageError naming the one that says nothing."""
    course = Course(
        answers=_duration("--answers", circumstances.answers),
        resolves=_duration("--resolves", circumstances.resolves),
    )
    facts = _facts(_pairs(circumstances.facts, "--fact", "error_ratio=0.3"), compiled)
    return Asked(at=read_at(circumstances.at), course=course, facts=facts)


def _duration(option: str, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        found = read_duration(text)
    except PydanticCustomError as error:
        mend = (error.context or {}).get("help", "write it as 3m or 1h30m")
        raise WrongUsageError(f"{option}: {error}: {mend}") from None
    if found is None or not timedelta(0) <= found <= timedelta(days=7):
        raise WrongUsageError(f"{option}: {text!r}: at most 7d")
    return found


def _facts(written: Mapping[str, str], compiled: Compiled) -> dict[str, Value]:
    """Facts as sources would measure them; their type is the playbook's that declares them."""
    declared = {
        name: fact.type for plan in compiled.plans.values() for name, fact in plan.facts.items()
    }
    found: dict[str, Value] = {}
    for name, text in written.items():
        if name not in declared:
            hint = choice(name, declared, of="facts that are measured")
            raise WrongUsageError(f"--fact: no playbook measures '{name}'; {hint}")
        try:
            found[name] = as_value(text, declared[name])
        except WrongTypeError as error:
            raise WrongUsageError(f"--fact: {name}: {error}") from None
    return found
