"""A world in which shifts end: Ann serves first, then Bo, then Cy."""

from datetime import datetime, timedelta
from typing import Any

from domain.incident.people import Person
from domain.plan import HandoffPlan
from tests.incident.plans import a_plan, an_escalation, minutes
from tests.incident.world import START, World, a_person, an_alert

ANN = a_person("ann", ("push", 0), ("sms", 1))
BO = a_person("bo", ("push", 0), ("sms", 1))
CY = a_person("cy")
DEE = a_person("dee")
NEVER = minutes(None)
CALM = {"ack_expires": NEVER, "ack_within": minutes(5, 15, 30, 60, None)}


def at(minute: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minute)


def a_world(
    severity: str = "critical",
    max_shift: Any = NEVER,
    shifts: list[tuple[datetime, list[Person]]] | None = None,
    **handoff: Any,
) -> World:
    """Ann serves for two hours, then Bo, then Cy; Ann acknowledges at once."""
    plan = a_plan(
        escalation=an_escalation(**CALM), handoff=HandoffPlan(max_shift=max_shift, **handoff)
    )
    world = World(plan, {"schedule:second": [DEE], "user:manager": [a_person("mo")]})
    world.shifts["schedule:first"] = shifts or [
        (at(-60), [ANN]),
        (at(120), [BO]),
        (at(600), [CY]),
    ]
    world.fire(an_alert(severity=severity))
    world.say("ann", "acknowledge")
    return world


def told(world: World, person: str) -> list[tuple[float, str]]:
    """What the person was told quietly, by minute."""
    return [(minute, text) for minute, who, text in world.notices if who == person]


def open_offer(world: World) -> str:
    """The id of the one open offer."""
    (offer,) = [one.id for one in world.state.offers.values() if one.is_open]
    return offer
