"""A world whose facts are measured by the test: what is in flight, and what came of it."""

from datetime import timedelta
from typing import Any

from domain.incident.conditions import values_of
from domain.incident.effects import Effect, SendNotice
from domain.incident.events import Event, FactsMeasured
from domain.incident.step_effects import MeasureFacts, Reading
from domain.incident.step_state import FactState
from domain.incident.turn import Turn, Turned
from domain.plan import Plan, RolePlan, SeverityPlan, SeverityRule
from domain.plan_facts import FactPlan
from domain.severity import Severity
from domain.values import Value
from tests.incident.plans import DEFAULT_ROLES, a_plan, minutes
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "schedule:command": [a_person("cy")],
    "user:manager": [a_person("mo")],
}
COMMANDED = DEFAULT_ROLES | {
    "incident_commander": RolePlan(page=("schedule:command",), at=(Severity.SEV1, Severity.SEV2))
}
RATIO = FactPlan(type="double", query="ratio", max_age=timedelta(minutes=3), marks=(0.05, 0.25))
"""Measured, and compared with two numbers."""

CAUSE = FactPlan(
    type="string",
    ask="role:operations_lead",
    question="What broke?",
    deadline=minutes(15),
    one_of=("unknown", "deploy", "database"),
    default="unknown",
)
"""Asked of who holds operations."""

RULES = (
    SeverityRule(set=Severity.SEV1, when="facts.ratio >= 0.25", criteria="a quarter fails"),
    SeverityRule(set=Severity.SEV2, when="facts.ratio >= 0.05"),
)


class FactWorld(World):
    """One incident whose measurements stay in flight until the test says what they found."""

    def __init__(self, plan: Plan, **given: Any) -> None:
        super().__init__(plan, dict(ON_CALL), **given)
        self.flying: dict[str, MeasureFacts] = {}
        self.issued = 0
        self.lines: list[str] = []

    def take(self, event: Event) -> Turned:
        """As ever; a withdrawn measurement no longer flies."""
        turned = super().take(event)
        for key in turned.withdraw:
            self.flying.pop(key, None)
        return turned

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, MeasureFacts):
            self.flying[effect.id] = effect
            self.issued += 1
            return
        if isinstance(effect, SendNotice):
            self.lines.extend(effect.message.lines)
        super()._perform(effect)

    @property
    def flight(self) -> MeasureFacts:
        """The one measurement in flight."""
        (only,) = self.flying.values()
        return only

    def read(self, **values: Value) -> Turned:
        """What was measured now."""
        return self.tell(*(Reading(fact=f, value=v, at=self.now) for f, v in values.items()))

    def fail(self, fact: str, why: str = "connection refused") -> Turned:
        """No good answer for too long."""
        return self.tell(Reading(fact=fact, at=self.now, stale=True, why=why))

    def tell(self, *readings: Reading) -> Turned:
        """The measurement in flight ends with these."""
        return self.take(FactsMeasured(id=self.flying.popitem()[0], readings=readings))

    def known(self, name: str) -> FactState:
        """What the incident knows of the fact."""
        return self.state.known_facts.get(name, FactState())

    def texts(self, kind: str) -> list[str]:
        """The sentences of the entries of this kind."""
        return [entry.text for entry in self.entries if entry.kind == kind]


def with_facts(
    *,
    rules: tuple[SeverityRule, ...] = RULES,
    facts: dict[str, FactPlan] | None = None,
    **more: Any,
) -> Plan:
    """A plan with the facts, whose severity follows the ratio."""
    severity = {"default": Severity.SEV3, "rules": rules, **more.pop("severity", {})}
    given = {"roles": COMMANDED, **more}
    chosen = {"ratio": RATIO} if facts is None else facts
    return a_plan(facts=chosen, severity=SeverityPlan(**severity), **given)


def an_open_world(plan: Plan | None = None, **labels: str) -> FactWorld:
    """One alert fires."""
    world = FactWorld(plan or with_facts())
    world.fire(an_alert(**labels))
    return world


def seen(world: FactWorld) -> dict[str, Any]:
    """The facts that conditions see."""
    values = values_of(Turn(world.plan, world.state, world.now))["facts"]
    return {name: value for name, value in values.items() if value is not None}
