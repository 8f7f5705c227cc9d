"""Turns the documents of facts, parameters, outputs and reassessment into the plan's.

Decides their defaults. Which numbers a fact is compared with is `compiler.fact_marks`.
"""

from typing import Any

from compiler import defaults
from compiler.document_facts import (
    EVERY,
    FactForm,
    HttpSourceForm,
    OutputForm,
    ParamForm,
    ReassessForm,
)
from compiler.lower_calls import lower_auth
from compiler.typed_values import all_typed, typed
from domain.plan import ReassessPlan
from domain.plan_facts import FactPlan, HttpSource, OutputPlan, ParamPlan

MAX_AGE = 3
"""A measured value is too old after so many times `every`."""


def lower_fact(form: FactForm) -> FactPlan:
    """One fact."""
    deadline = form.deadline.resolved(defaults.NEVER) if form.deadline else None
    said: dict[str, Any] = {
        "first": form.first,
        "alert": form.alert,
        "hold": form.hold,
        "ask": form.ask,
        "question": form.question,
        "ask_when": form.when,
        "default": typed(form.default, form.type),
        "deadline": defaults.Timers(**deadline) if deadline else None,
        "query": form.query.removeprefix("prometheus:") if form.query else None,
        "http": _source(form.http) if form.http else None,
        **(_times(form) if form.query or form.http else {}),
    }
    written = {name: value for name, value in said.items() if value is not None}
    return FactPlan(type=form.type, one_of=all_typed(form.one_of, form.type), **written)


def _times(form: FactForm) -> dict[str, Any]:
    every = form.every or EVERY
    return {"every": every, "max_age": form.max_age or every * MAX_AGE}


def _source(form: HttpSourceForm) -> HttpSource:
    return HttpSource(url=form.url, path=form.path, auth=lower_auth(form.auth))


def lower_param(form: ParamForm) -> ParamPlan:
    """One parameter."""
    return ParamPlan(
        type=form.type,
        default=typed(form.default, form.type),
        label=form.label,
        one_of=all_typed(form.one_of, form.type),
    )


def lower_output(form: OutputForm) -> OutputPlan:
    """One output."""
    return OutputPlan(type=form.type, value=form.value)


def lower_reassess(form: ReassessForm | None) -> ReassessPlan:
    """Who may raise and lower the severity."""
    if form is None:
        return ReassessPlan()
    said = {
        "every": form.every,
        "raise_by": form.raise_,
        "lower_by": form.lower,
        "lower_after": form.lower_after,
    }
    return ReassessPlan(**{name: value for name, value in said.items() if value is not None})
