"""The names that a playbook declares itself: facts, parameters, results of its steps.

Decides which names exist where, with the kinds of their values. Whether a result is set by
then is `compiler.checks`.
"""

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
    return _in_steps(plan) + tuple((item, "text") for item in items)


_KEPT: dict[str, Declared] = {}
_MOST_KEPT = 512


def _in_steps(plan: Plan) -> Declared:
    """Worked out once for each sealed plan."""
    found = _KEPT.get(plan.sha256) if plan.sha256 else None
    if found is None:
        found = facts_and_params(plan) + _steps(plan)
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        if plan.sha256:
            _KEPT[plan.sha256] = found
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
