"""When a measured fact is worth telling: changed, stood for long enough, stale, fresh again.

Decides it for one fact and one answer of its source at a time; pure, so that every order of
answers can be tried. Reading the source is `activities.facts`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident.step_effects import Reading, Watched
from domain.plan_facts import FactPlan
from domain.values import Value, ValueType

DIGITS = 4
"""Significant digits of a measured number: less is noise."""

SOONEST = timedelta(seconds=1)
"""The least time between two questions to the same source."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One fact as it is measured now: what is known of it, and how fast time runs."""

    name: str
    fact: FactPlan
    known: Value | None = None
    stale: bool = False
    speed: float = 1.0

    def lasting(self, duration: timedelta) -> timedelta:
        """The duration by the measuring clock."""
        return duration / self.speed


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a source: a value of the fact's type, or why there is none."""

    at: datetime
    value: Value | None = None
    why: str = ""


def rounded(value: Value) -> Value:
    """The value without noise in its last digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value


def differs(fact: FactPlan, known: Value, value: Value) -> bool:
    """Whether the change is worth telling: for a number with marks, one is crossed."""
    numbers = _is_number(fact.type, known) and _is_number(fact.type, value)
    if fact.marks is None or not numbers:
        return known != value
    return _place(fact.marks, known) != _place(fact.marks, value)


def _is_number(kind: ValueType, value: Value) -> bool:
    return kind in ("int", "double") and not isinstance(value, bool | str | tuple)


def _place(marks: tuple[float, ...], value: Value) -> tuple[int, bool]:
    """How many marks lie below, and whether the value is one."""
    number = float(value)  # type: ignore[arg-type]  # asked by `_is_number`
    return sum(mark < number for mark in marks), number in marks


def judge(gauge: Gauge, watched: Watched, found: Found) -> tuple[Watched, Reading | None]:
    """What the answer means: where the watch stands, and what of it is told."""
    if found.value is None:
        after = watched.model_copy(update={"read_at": found.at})
        return after, _too_old(gauge, watched, found)
    value = rounded(found.value)
    fresh = Watched(good_at=found.at, read_at=found.at)
    told = Reading(fact=gauge.name, value=value, at=found.at)
    if gauge.known is None or gauge.stale:
        return fresh, told
    if not differs(gauge.fact, gauge.known, value):
        return fresh, None
    if not gauge.fact.hold:
        return fresh, told
    return _holding(gauge, watched, told)


def _holding(gauge: Gauge, watched: Watched, told: Reading) -> tuple[Watched, Reading | None]:
    """A changed value must stand first; another one begins anew."""
    value, candidate, since = told.value, watched.candidate, watched.since
    goes_on = candidate is not None and value is not None and since is not None
    if not goes_on or differs(gauge.fact, candidate, value):  # type: ignore[arg-type]
        since = told.at
    after = Watched(good_at=told.at, read_at=told.at, candidate=value, since=since)
    stood = told.at - (since or told.at)
    if stood < gauge.lasting(gauge.fact.hold):
        return after, None
    return Watched(good_at=told.at, read_at=told.at), told


def _too_old(gauge: Gauge, watched: Watched, found: Found) -> Reading | None:
    if gauge.stale or found.at - watched.good_at < gauge.lasting(gauge.fact.max_age):
        return None
    why = found.why or "no answer"
    return Reading(fact=gauge.name, at=watched.good_at, stale=True, why=why)


def next_read(gauge: Gauge, watched: Watched) -> datetime:
    """When the source is asked again: each `every`, and when a hold or the age is decided."""
    last = watched.read_at
    if last is None:
        return watched.good_at
    moments = [last + gauge.lasting(gauge.fact.every)]
    if watched.since is not None and watched.since + gauge.lasting(gauge.fact.hold) > last:
        moments.append(watched.since + gauge.lasting(gauge.fact.hold))
    if not gauge.stale and last > watched.good_at:
        moments.append(watched.good_at + gauge.lasting(gauge.fact.max_age))
    return max(min(moments), last + min(SOONEST, gauge.lasting(gauge.fact.every)))
