"""Finds the numbers that a playbook's conditions compare its measured facts with.

Decides which changes of a number can change what happens. A fact that is only ever compared
with numbers written out matters when it crosses one of them; any other use of it in a
condition makes every change matter. Texts show what is known at the time.
"""

import re
from collections.abc import Iterator

from domain.plan import Plan
from domain.plan_steps import DecideStep, ForEachStep, Step, WaitForStep, all_steps
from domain.scope import without_literals

_NUMBER = r"-?\s*(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?u?"
_AFTER = re.compile(rf"\s*(?:<=|>=|<|>)\s*(?P<number>{_NUMBER})\s*(?=$|\)|&&|\|\||\?|:|,|\])")
_BEFORE = re.compile(rf"(?:^|\(|&&|\|\||\?|:|,|\[)\s*(?P<number>{_NUMBER})\s*(?:<=|>=|<|>)\s*$")
_STARTS = re.compile(r"(?:^|\(|&&|\|\||\?|:|,|\[)\s*$")
_ENDS = re.compile(r"\s*(?:$|\)|&&|\|\||\?|:|,|\])")
_FACT = re.compile(r"(?<![\w.])facts\s*\.\s*([a-z][a-z0-9_]*)\b")


def with_marks(plan: Plan) -> Plan:
    """The plan with the marks of each fact that is a number."""
    uses: dict[str, list[float | None]] = {name: [] for name in plan.facts}
    for condition in conditions_of(plan):
        for name, number in _uses(condition):
            uses.setdefault(name, []).append(number)
    facts = {
        name: fact.model_copy(update={"marks": _marks(uses[name])})
        if fact.type in ("int", "double")
        else fact
        for name, fact in plan.facts.items()
    }
    return plan.model_copy(update={"facts": facts})


def _marks(used: list[float | None]) -> tuple[float, ...] | None:
    numbers = [number for number in used if number is not None]
    return tuple(sorted(set(numbers))) if len(numbers) == len(used) else None


def _uses(condition: str) -> Iterator[tuple[str, float | None]]:
    """Each fact the condition names, with the number beside it, or None for another use."""
    code = without_literals(condition)
    for found in _FACT.finditer(code):
        yield found[1], _compared(code[: found.start()], code[found.end() :])


def _compared(before: str, after: str) -> float | None:
    behind = _AFTER.match(after)
    if behind and _STARTS.search(before):
        return _number(behind["number"])
    ahead = _BEFORE.search(before)
    return _number(ahead["number"]) if ahead and _ENDS.match(after) else None


def _number(text: str) -> float:
    return float(text.replace(" ", "").rstrip("u"))


def conditions_of(plan: Plan) -> Iterator[str]:
    """Every condition and expression in which facts may stand."""
    yield from (rule.when for rule in plan.severity.rules)
    yield from (each.when for each in plan.escalation.criteria if each.when)
    yield from (pick.when for role in plan.roles.values() for pick in role.pick)
    if plan.mitigated:
        yield plan.mitigated.when
    yield plan.resolve.when
    yield from (output.value for output in plan.outputs.values())
    for step in all_steps(plan.steps):
        yield from _conditions_in(step)


def _conditions_in(step: Step) -> Iterator[str]:
    if step.when:
        yield step.when
    match step:
        case DecideStep():
            yield from (each.suggest_when for each in step.options if each.suggest_when)
        case WaitForStep():
            yield step.until
        case ForEachStep():
            yield step.values
        case _:
            pass
