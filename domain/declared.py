"""The names that a playbook declares itself: facts, parameters, results of its steps.

Decides which names exist where, with the kinds of their values. Whether a result is set by
then is `compiler.checks`.
"""

from collections.abc import Callable

from domain.plan import Plan
from domain.plan_steps import (
    AskStep,
    CallStep,
    DecideStep,
    PlaybookStep,
    Step,
    all_steps,
)
from domain.scope import Declared, Kind
from domain.values import ValueType

_KINDS: dict[ValueType, Kind] = {
    "string": "text",
    "int": "int",
    "double": "double",
    "bool": "bool",
    "list": "list",
}

ALWAYS: tuple[str, ...] = ("ok", "timed_out")
"""What every step's result has, however it went."""


def facts_and_params(plan: Plan) -> Declared:
    """What conditions and texts outside the steps may use beside the language's own names."""
    return _once(plan, "facts_and_params", _facts_and_params)


def _facts_and_params(plan: Plan) -> Declared:
    facts = tuple((f"facts.{name}", _KINDS[fact.type]) for name, fact in plan.facts.items())
    params = tuple((f"params.{name}", _KINDS[one.type]) for name, one in plan.params.items())
    return facts + params


def results_of(step: Step, plan: Plan) -> dict[str, ValueType]:
    """The outputs of one step beside `ok` and `timed_out`, by name."""
    match step:
        case AskStep():
            return {"answer": step.type}
        case DecideStep():
            return {"chosen": "string"}
        case PlaybookStep():
            called = plan.subplans.get(step.name)
            return {name: one.type for name, one in called.outputs.items()} if called else {}
        case _ if isinstance(step, CallStep):
            return {name: one.type for name, one in step.out.items()}
        case _:
            return {}


def in_steps(plan: Plan, items: tuple[str, ...] = ()) -> Declared:
    """What conditions and texts of steps may use; `items` are the loops around them."""
    return _once(plan, "in_steps", _in_steps) + tuple((item, "text") for item in items)


def _in_steps(plan: Plan) -> Declared:
    return _facts_and_params(plan) + _steps(plan)


_KEPT: dict[tuple[str, str], Declared] = {}
_MOST_KEPT = 1024


def _once(plan: Plan, what: str, find: Callable[[Plan], Declared]) -> Declared:
    """Worked out once for each sealed plan."""
    if not plan.sha256:
        return find(plan)
    found = _KEPT.get((what, plan.sha256))
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[what, plan.sha256] = find(plan)
    return found


def _steps(plan: Plan) -> Declared:
    names: list[tuple[str, Kind]] = []
    for step in all_steps(plan.steps):
        names += [(f"steps.{step.id}.{name}", "bool") for name in ALWAYS]
        names += [
            (f"steps.{step.id}.{name}", _KINDS[kind])
            for name, kind in results_of(step, plan).items()
        ]
    return tuple(names)


def outputs_of(plan: Plan | None) -> dict[str, dict[str, Kind]]:
    """The outputs of the playbooks that the plan calls, by playbook."""
    called = plan.subplans if plan else {}
    return {
        name: {output: _KINDS[one.type] for output, one in sub.outputs.items()}
        for name, sub in called.items()
    }
