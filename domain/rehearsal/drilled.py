"""Plays a whole drill without a server: the rehearsal, and what happens in it by itself.

Decides in which order simulated people, the incident's own deadlines and the end of the
alert come: by moment, deadlines first. The same acts run a drill on the engine.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.drill import DrillPlan, DrillScript, alert_of, names_in, script_of
from domain.plan import Plan
from domain.rehearsal.acts import Act
from domain.rehearsal.cast import Cast
from domain.rehearsal.machines import succeed_plainly
from domain.rehearsal.rehearsal import EndlessRehearsalError, Rehearsal
from domain.rehearsal.surroundings import acts_of

MOST_ACTS = 5_000


def rehearse_drill(
    plan: Plan, cast: Cast, drill: DrillPlan, start: datetime, *, reference: str = "INC-DRILL0"
) -> Rehearsal:
    """The drill's incident once it is resolved or called off; people are simulated.

    Raises EndlessRehearsalError if it goes round in circles.
    """
    alone = drill.model_copy(update={"people": "simulated"})
    script = script_of(alone, names=names_in(plan, cast.roster))
    cast = replace(cast, machine=succeed_plainly)
    rehearsal = Rehearsal(plan, cast, start, reference=reference, drill=True)
    rehearsal.fire(alert_of(plan, drill, reference, start.isoformat()))
    done: set[tuple[str, str]] = set()
    for _ in range(MOST_ACTS):
        if not _is_open(rehearsal):
            return rehearsal
        _go_on(rehearsal, script, done)
    raise EndlessRehearsalError(f"the drill of {plan.name} does not come to an end")


def _is_open(rehearsal: Rehearsal) -> bool:
    return rehearsal.state.phase.is_open and not rehearsal.is_over


def _go_on(rehearsal: Rehearsal, script: DrillScript, done: set[tuple[str, str]]) -> None:
    """Whatever comes next: a deadline, or somebody acts."""
    acting, act = min(_acts(rehearsal, script, done), key=lambda pair: (pair[1].at, pair[1].key))
    at = max(act.at, rehearsal.now)
    due = rehearsal.next_due()
    if due is not None and due <= at and due > rehearsal.now:
        rehearsal.until(due)
        return
    rehearsal.until(at)
    done.add((acting.state.reference, act.key))
    acting.take(act.event)


def _acts(
    rehearsal: Rehearsal, script: DrillScript, done: set[tuple[str, str]]
) -> Iterator[tuple[Rehearsal, Act]]:
    for act in acts_of(rehearsal.plan, rehearsal.state, script, rehearsal.now):
        if (rehearsal.state.reference, act.key) not in done:
            yield rehearsal, act
    for child in rehearsal.children.values():
        yield from _acts(child, script, done)
