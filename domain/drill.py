"""Drills: what a playbook is rehearsed with, how often, and how simulated people behave.

Decides their shape, what stands where an author says nothing, and what a simulated person
does when asked. When they do it is `domain.rehearsal.responders`; how it went is
`domain.rehearsal.score`.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert, AlertStatus
from domain.clock_text import duration_text
from domain.plan import Plan, canonical_json
from domain.roster import Roster
from domain.values import Value

SOURCE = "drill"
"""The sender of a drill's alert; its fingerprint names the drill, so no real alert has it."""

ANSWERS_AFTER = timedelta(minutes=3)
"""A simulated person of whom nothing is said."""

DECLINES_AFTER = timedelta(minutes=1)
"""So long does somebody think who declines."""

SPEED = 60.0
"""A minute in a second: where people are simulated and nothing is said."""

ENDS_AFTER = timedelta(minutes=5)
"""So long after the harm is stopped the alert ends, in the drill's time."""

LASTS = timedelta(hours=4)
"""The alert ends by then, whatever happens."""

OUTER = timedelta(hours=2)
"""So long after its alert a drill may still go on; then it is called off."""

_USER = re.compile(r"\buser:([a-z][a-z0-9_]*)")

Mode = Literal["simulated", "real"]
"""Whether people are simulated (alone), or real ones get messages marked as a drill."""


class DrillPart(BaseModel):
    """A frozen part of a drill."""

    model_config = ConfigDict(frozen=True)


class Behaviour(DrillPart):
    """What a simulated person does when asked: answers, declines, or (None) never anything."""

    after: timedelta | None = ANSWERS_AFTER
    declines: bool = False

    @property
    def answers(self) -> bool:
        """Whether they take what they are asked for."""
        return self.after is not None and not self.declines


NEVER = Behaviour(after=None)
DECLINES = Behaviour(after=DECLINES_AFTER, declines=True)


class Responders(DrillPart):
    """How everybody behaves: by `user:` and `schedule:` references, and else."""

    default: Behaviour = Behaviour()
    by_ref: dict[str, Behaviour] = {}

    def of(self, person: str, found_by: Iterable[str] = ()) -> Behaviour:
        """A person's own behaviour, else that of a schedule which found them, else the default."""
        for ref in (f"user:{person}", *found_by):
            if ref in self.by_ref:
                return self.by_ref[ref]
        return self.default


class Every(DrillPart):
    """When a drill is run by itself: at the times of a cron line in a zone, or an interval."""

    cron: str | None = None
    tz: str = "UTC"
    interval: timedelta | None = None

    def text(self) -> str:
        """`0 10 1 */3 * in Europe/Berlin`, or `every 30 d`."""
        if self.cron is not None:
            return f"{self.cron} in {self.tz}"
        return f"every {duration_text(self.interval or timedelta(0))}"


class DrillPlan(DrillPart):
    """The `drill:` of a playbook. `speed` None is that of the mode.

    `facts` are what sources say from the start, `facts_after` once the alert has ended.
    """

    every: Every | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    summary: str = ""
    facts: dict[str, Value] = {}
    facts_after: dict[str, Value] = {}
    responders: Responders = Responders()
    speed: float | None = None
    people: Mode = "simulated"
    ends_after: timedelta = ENDS_AFTER
    lasts: timedelta = LASTS

    @property
    def pace(self) -> float:
        """How fast its clock runs; real people live in real time unless the author says else."""
        if self.speed is not None:
            return self.speed
        return 1.0 if self.people == "real" else SPEED


class DrillScript(DrillPart):
    """What happens by itself in one drill's incident. `responders` None: people are real.

    `conductor` is the workflow that waits for its end; None in a playbook called by another.
    `names` are those of people whom the playbook names itself.
    """

    responders: Responders | None = None
    names: dict[str, str] = {}
    facts: dict[str, Value] = {}
    facts_after: dict[str, Value] = {}
    ends_after: timedelta = ENDS_AFTER
    lasts: timedelta = LASTS
    conductor: str | None = None

    @property
    def called_off_after(self) -> timedelta:
        """When the drill is over, however it stands."""
        return self.lasts + OUTER


def script_of(
    drill: DrillPlan, *, names: dict[str, str] | None = None, conductor: str | None = None
) -> DrillScript:
    """What happens by itself in a run of this drill."""
    return DrillScript(
        responders=drill.responders if drill.people == "simulated" else None,
        names=names or {},
        facts=drill.facts,
        facts_after=drill.facts_after,
        ends_after=drill.ends_after,
        lasts=drill.lasts,
        conductor=conductor,
    )


def names_in(plan: Plan, roster: Roster) -> dict[str, str]:
    """How people are called whom the playbook or one that it calls names by `user:`."""
    named = set(_USER.findall(canonical_json(plan)))
    return {one.id: one.name for one in roster.users.values() if one.id in named}


def alert_of(plan: Plan, drill: DrillPlan, reference: str, starts_at: str) -> Alert:
    """The drill's firing alert, as the playbook would take it; none but this drill owns it."""
    labels = drill.labels or labels_that_trigger(plan)
    return Alert(
        source=SOURCE,
        fingerprint=f"{plan.name}/{reference}",
        status=AlertStatus.FIRING,
        starts_at=starts_at,
        labels=labels,
        annotations=drill.annotations,
        summary=drill.summary or f"Drill: {labels.get('alertname') or plan.name}",
    )


def labels_that_trigger(plan: Plan) -> dict[str, str]:
    """The first value of every label that the playbook's first trigger wants."""
    for trigger in plan.triggers:
        if trigger.match:
            return {name: values[0] for name, values in trigger.match.items() if values}
    return {"alertname": plan.name}
