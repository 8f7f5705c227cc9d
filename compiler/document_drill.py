"""The `drill:` of a playbook as its author writes it, field by field.

Decides its fields and how people's behaviour is written: `3m`, `never` or `declines`. What
belongs together is `compiler.checks.drill`, defaults are `domain.drill`'s.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from compiler.cron import read_cron
from compiler.diagnostics import near
from compiler.document_errors import Written, described
from compiler.durations import read_duration, refusal
from compiler.written_values import Id, ReferenceReader, Text, Time, Zone
from domain.drill import DECLINES, NEVER, Behaviour

SOONEST = timedelta(hours=1)
"""The shortest interval between two drills."""

DEFAULT = "default"

_WORDS = {"never": NEVER, "declines": DECLINES}


def read_interval(value: object) -> timedelta:
    """How often a drill runs; E112 where drills would run into each other."""
    interval = read_duration(value)
    if interval < SOONEST:
        raise refusal("E112", f"a drill every {value} is too often", "write at least 1h")
    return interval


def read_behaviour(value: object) -> Behaviour:
    """What a simulated person does: answers after a time, `never`, or `declines`."""
    if isinstance(value, Behaviour):
        return value
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    meant = near(str(value), _WORDS) if isinstance(value, str) else None
    if meant:
        hint = f"did you mean '{meant}'? allowed: a time such as 3m, never, declines"
        raise refusal("E112", f"{described(value)} is nothing that people do", hint)
    return Behaviour(after=read_duration(value))


_read_ref = ReferenceReader(("user", "schedule"))


def read_responder(value: object) -> str:
    """`default`, a person or a schedule; E113 for anything else."""
    return DEFAULT if value == DEFAULT else _read_ref(value)


Cron = Annotated[str, BeforeValidator(read_cron)]
Interval = Annotated[timedelta, BeforeValidator(read_interval)]
Responder = Annotated[str, BeforeValidator(read_responder)]
Behaves = Annotated[Behaviour, BeforeValidator(read_behaviour)]
Speed = Annotated[float, Field(ge=1, le=3600)]


class EveryForm(Written):
    """`every:` of a drill: a cron line in a zone, or an interval alone."""

    cron: Cron | None = None
    tz: Zone | None = None
    interval: Interval | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "EveryForm":
        if (self.cron is None) == (self.interval is None):
            hint = 'write every: { cron: "0 10 1 */3 *", tz: Europe/Berlin }, or every: 30d'
            raise refusal("E103", "'every' is either a cron line or an interval", hint)
        if self.cron is not None and self.tz is None:
            hint = "add tz:, such as Europe/Berlin"
            raise refusal("E102", "the cron line does not say its time zone", hint, "cron")
        return self


def _spread(value: object) -> object:
    """One value alone is an interval."""
    return value if isinstance(value, dict | EveryForm) else {"interval": value}


class DrillAlertForm(Written):
    """`alert:` of a drill; without labels those that the first trigger wants."""

    labels: dict[str, Text] = Field(default_factory=dict)
    annotations: dict[str, Text] = Field(default_factory=dict)
    summary: Text | None = None


class DrillForm(Written):
    """`drill:`."""

    every: Annotated[EveryForm, BeforeValidator(_spread)] | None = None
    alert: DrillAlertForm = DrillAlertForm()
    facts: dict[Id, JsonValue] = Field(default_factory=dict)
    facts_after: dict[Id, JsonValue] = Field(default_factory=dict)
    responders: dict[Responder, Behaves] = Field(default_factory=dict)
    speed: Speed | None = None
    people: Literal["simulated", "real"] = "simulated"
    ends_after: Time | None = None
    lasts: Time | None = None
