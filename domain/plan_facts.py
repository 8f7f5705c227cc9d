"""Facts, parameters and outputs of a plan: named, typed values and where they come from.

Decides their shape. What becomes of them is `domain.incident.facts`, measuring is
`activities.facts`. A fact without a source is set by people alone.
"""

from datetime import timedelta
from typing import Literal

from domain.plan_part import Duration, PlanPart, Ref
from domain.plan_steps import NEVER, AuthPlan
from domain.severity import PerSeverity
from domain.values import Value, ValueType


class HttpSource(PlanPart):
    """A fact read from a JSON answer to GET; `url` is a template, `path` as in `OutPlan`."""

    url: str
    path: str
    auth: AuthPlan | None = None


class FactPlan(PlanPart):
    """One fact: at most one source of `query`, `http`, `alert` and `ask`.

    `query` names a Prometheus query of `ops/queries.yaml`. `first` and `alert` are CEL over
    `labels` and `alert` of one alert: the first that opened the incident, or each that
    arrives. A measured value counts once it has stood for `hold`, and is stale when it is
    older than `max_age`.

    `marks` are the numbers that conditions compare it with: a measured number is reported when
    it crosses one of them. None reports every change.
    """

    type: ValueType
    first: str | None = None
    query: str | None = None
    http: HttpSource | None = None
    alert: str | None = None
    every: timedelta = timedelta(minutes=1)
    max_age: timedelta = timedelta(minutes=5)
    hold: timedelta = timedelta(0)
    ask: Ref | None = None
    question: str = ""
    ask_when: Literal["on_ack", "on_trigger"] = "on_ack"
    deadline: PerSeverity[Duration] = NEVER
    default: Value | None = None
    one_of: tuple[Value, ...] = ()
    marks: tuple[float, ...] | None = None

    @property
    def is_measured(self) -> bool:
        """Whether a machine reads it again and again."""
        return self.query is not None or self.http is not None


class ParamPlan(PlanPart):
    """What a playbook takes when another calls it.

    Opened by an alert, it takes the value of the label `label`; without one, `default`.
    """

    type: ValueType = "string"
    default: Value | None = None
    label: str | None = None
    one_of: tuple[Value, ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether a caller must give it."""
        return self.default is None


class OutputPlan(PlanPart):
    """What a called playbook gives back: a CEL expression over its facts and steps."""

    type: ValueType
    value: str
