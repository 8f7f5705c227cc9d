"""Writes facts, parameters, outputs and reassessment out with every default filled in.

Decides how they are said in the language; `compiler.long_form` puts them in their place.
"""

from typing import Any

from compiler.durations import written
from compiler.long_form_steps import auth_of, timers_of, value_of, without_none
from domain.plan import ReassessPlan
from domain.plan_facts import FactPlan, HttpSource, OutputPlan, ParamPlan


def fact_of(fact: FactPlan) -> dict[str, Any]:
    """One fact."""
    said = without_none(
        type=fact.type,
        first=fact.first,
        query=f"prometheus:{fact.query}" if fact.query else None,
        http=_source(fact.http),
        alert=fact.alert,
        one_of=[value_of(each) for each in fact.one_of] or None,
    )
    if fact.is_measured:
        times = {"every": fact.every, "max_age": fact.max_age, "hold": fact.hold}
        said |= {name: written(time) for name, time in times.items()}
    if fact.ask:
        said |= without_none(
            ask=fact.ask,
            question=fact.question,
            when=fact.ask_when,
            deadline=timers_of(fact.deadline),
            default=value_of(fact.default),
        )
    return said


def _source(source: HttpSource | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return without_none(url=source.url, path=source.path, auth=auth_of(source.auth))


def param_of(param: ParamPlan) -> dict[str, Any]:
    """One parameter."""
    return without_none(
        type=param.type,
        default=value_of(param.default),
        label=param.label,
        one_of=[value_of(each) for each in param.one_of] or None,
    )


def output_of(output: OutputPlan) -> dict[str, Any]:
    """One output."""
    return {"type": output.type, "value": output.value}


def reassess_of(reassess: ReassessPlan) -> dict[str, Any]:
    """Who may change the severity."""
    return {
        "every": written(reassess.every),
        "raise": reassess.raise_by,
        "lower": reassess.lower_by,
        "lower_after": written(reassess.lower_after),
    }
