"""Checks what machines are told to do against what they may (E201, E205, E206).

Decides it for commands, queries and ways to retry; what the house and the files under `ops/`
say counts. Called playbooks are `compiler.checks.called`, plugins are checked where they are
installed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, choice
from compiler.document_calls import NamedRetry, run_kind
from compiler.document_steps import Step, every_step
from compiler.durations import written
from compiler.nodes import Loc
from compiler.ops import COMMANDS, QUERIES
from compiler.subject import Subject
from compiler.typed_values import fits, misfit
from domain.command_line import RefusedParamError, checked
from domain.ops import CommandParam, CommandSpec
from domain.values import Value


def check_calls(subject: Subject) -> Iterator[Diagnostic]:
    """Each retry, command and query that does not exist, or does not take what it is given."""
    if subject.form is None:
        return
    for loc, step in every_step(subject.form.steps):
        yield from _retry(subject, loc, step)
        if step.call == "command":
            yield from _command(subject, loc, step)
    for name, fact in subject.form.facts.items():
        if fact.query:
            yield from _query(subject, ("facts", name, "query"), fact.query)


def _retry(subject: Subject, loc: Loc, step: Step) -> Iterator[Diagnostic]:
    retries = subject.around.house.retries
    if not isinstance(step.retry, NamedRetry) or not subject.around.house_is_sound:
        return
    name = step.retry.policy
    if name not in retries:
        help_text = choice(name, retries, of="retries in house.yaml")
        yield subject.value((*loc, "retry"), "E201", f"unknown way to retry '{name}'", help_text)


def _query(subject: Subject, loc: Loc, ref: str) -> Iterator[Diagnostic]:
    name = ref.partition(":")[2]
    known = subject.around.ops
    if known.queries_are_sound and name not in known.ops.queries:
        help_text = choice(name, known.ops.queries, of=f"queries in {QUERIES}")
        yield subject.value(loc, "E205", f"unknown query '{name}'", help_text)


def _command(subject: Subject, loc: Loc, step: Step) -> Iterator[Diagnostic]:
    known = subject.around.ops
    if not known.commands_are_sound:
        return
    name = run_kind(step.run or "")[1]
    spec = known.ops.commands.get(name)
    if spec is None:
        help_text = choice(name, known.ops.commands, of=f"commands in {COMMANDS}")
        yield subject.value((*loc, "run"), "E205", f"unknown command '{name}'", help_text)
        return
    given = step.with_ or {}
    needed = tuple(param for param, each in spec.params.items() if each.default is None)
    takes = Takes(f"command '{name}'", tuple(spec.params), needed)
    yield from names_fit(subject, (*loc, "with"), given, takes)
    for param, value in given.items():
        if param in spec.params:
            yield from _value(subject, (*loc, "with", param), spec.params[param], param, value)
    if step.timeout and step.timeout > spec.timeout:
        message = f"command '{name}' may take {written(spec.timeout)} at most"
        help_text = f"write less, or allow more in {COMMANDS}"
        yield subject.value((*loc, "timeout"), "E206", message, help_text)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a call takes: the names of its parameters, and those it must be given."""

    what: str
    params: tuple[str, ...]
    needed: tuple[str, ...]


def names_fit(
    subject: Subject, within: Loc, given: Mapping[str, object], takes: Takes
) -> Iterator[Diagnostic]:
    """E206 for each parameter that is not declared, and for those that are not given."""
    for param in given:
        if param not in takes.params:
            help_text = choice(param, takes.params, of="it takes")
            message = f"{takes.what} has no parameter '{param}'"
            yield subject.key((*within, param), "E206", message, help_text)
    missing = [param for param in takes.needed if param not in given]
    if missing:
        message = f"{takes.what} needs {' and '.join(repr(param) for param in missing)}"
        help_text = f"add with: {{ {', '.join(f'{param}: …' for param in missing)} }}"
        around = within[:-1]
        places = (within, (*around, "run"), around)
        place = next(each for each in places if each is around or subject.has(each))
        yield subject.key(place, "E206", message, help_text)


def is_template(value: object) -> bool:
    """Whether the value is a text that is known only when the step runs."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def _value(
    subject: Subject, loc: Loc, param: CommandParam, name: str, value: object
) -> Iterator[Diagnostic]:
    """E206 for a value written out that the command does not take."""
    if is_template(value) or (isinstance(value, list) and any(map(is_template, value))):
        return
    if not fits(value, param.type):
        yield subject.value(loc, "E206", *misfit(value, param.type))
        return
    only = CommandSpec(argv=("-",), params={name: param})
    try:
        checked(only, {name: _plain(value)})
    except RefusedParamError as error:
        yield subject.value(loc, "E206", str(error), f"see its params in {COMMANDS}")


def _plain(value: object) -> Value:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return value if isinstance(value, str | int | float | bool) else str(value)
