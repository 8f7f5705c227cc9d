"""Plans for tests, with the defaults of a small playbook."""

from datetime import timedelta
from typing import Any

from domain.plan import (
    Escalation,
    Exhausted,
    HandoffPlan,
    Plan,
    ResolvePlan,
    RolePlan,
    sealed,
)
from domain.severity import PerSeverity, Severity


def minutes(*values: float | None) -> PerSeverity[timedelta | None]:
    """Minutes for SEV1 to SEV5; the last one given is repeated."""
    filled = (*values, *([values[-1]] * (5 - len(values))))
    return PerSeverity[timedelta | None](
        **{
            severity.value: None if value is None else timedelta(minutes=value)
            for severity, value in zip(Severity, filled, strict=True)
        }
    )


def counts(value: int) -> PerSeverity[int]:
    """The same number at every severity."""
    return PerSeverity[int](SEV1=value, SEV2=value, SEV3=value, SEV4=value, SEV5=value)


def an_escalation(*levels: tuple[str, ...], repeat: int = 2, **extra: Any) -> Escalation:
    """A ladder; level 1 is `schedule:first`, level 2 `schedule:second` unless said."""
    given: dict[str, Any] = {
        "levels": levels or (("schedule:first",), ("schedule:second",)),
        "ack_within": minutes(5, 15, 30, 60, None),
        "repeat": counts(repeat),
        "exhausted": Exhausted(page=("user:manager",), again_every=minutes(15, 15, None)),
        "ack_expires": minutes(30, 120, None),
    }
    return Escalation(**(given | extra))


DEFAULT_ROLES = {
    "incident_commander": RolePlan(),
    "operations_lead": RolePlan(fill="first_acknowledger"),
    "responders": RolePlan(many=True),
}


def confirm(*values: str) -> PerSeverity[str]:
    """Who confirms at SEV1 to SEV5."""
    filled = (*values, *([values[-1]] * (5 - len(values))))
    return PerSeverity[str](
        **{severity.value: value for severity, value in zip(Severity, filled, strict=True)}
    )


COMMANDER_CONFIRMS = confirm(*["role:incident_commander"] * 3, "nobody", "nobody")


def a_plan(**extra: Any) -> Plan:
    """A plan with two levels and the default roles."""
    given: dict[str, Any] = {
        "name": "down",
        "owner": "team:platform",
        "escalation": an_escalation(),
        "roles": DEFAULT_ROLES,
        "handoff": HandoffPlan(max_shift=minutes(None)),
        "resolve": ResolvePlan(confirm=COMMANDER_CONFIRMS),
    }
    return sealed(Plan(**(given | extra)))
