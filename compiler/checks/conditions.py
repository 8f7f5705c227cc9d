"""Checks every condition, expression and text with names in it (E3xx).

Decides which declared names each place may use. Where they stand is `compiler.checks.places`;
whether a result is there by then is `compiler.checks.results`.
"""

from collections.abc import Iterator

from compiler.checks.places import Place, places_of
from compiler.diagnostics import Diagnostic
from compiler.names_written import names_written
from compiler.steps_written import StepWritten
from compiler.subject import Subject
from domain import expressions, templates
from domain.declared import outputs_of
from domain.scope import Declared, Scope
from domain.unknown_names import Problem


def check_conditions(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the playbook's conditions and texts, at the very character."""
    steps = subject.steps()
    names = names_written(subject.root, steps, outputs_of(subject.plan))
    kept: dict[tuple[str, ...], Declared] = {}
    for place in places_of(subject):
        items = place.step.items if place.step else ()
        if items not in kept:
            kept[items] = (*names, *((item, "text") for item in dict.fromkeys(items)))
        declared = kept[items] if place.scope is Scope.INCIDENT else ()
        for problem in _problems(place, declared):
            mark = place.scalar.place_of(problem.offset)
            help_text = _only_in_its_loop(problem, steps) or problem.help
            yield subject.mark(mark, problem.code, problem.message, help_text)


def _problems(place: Place, declared: Declared) -> tuple[Problem, ...]:
    match place.use:
        case "condition":
            return expressions.check(place.scalar.text, place.scope, declared)
        case "value":
            return expressions.check_value(
                place.scalar.text, place.scope, place.wanted, declared, read=place.read
            )
        case "text":
            return templates.check(place.scalar.text, place.scope, declared)


def _only_in_its_loop(problem: Problem, steps: tuple[StepWritten, ...]) -> str:
    """The help where the unknown name is the variable of a loop somewhere else."""
    for step in steps:
        if step.item and problem.message == f"unknown name '{step.item}'":
            return f"'{step.item}' has a value only inside the loop of step '{step.id}'"
    return ""
