"""The times in a picture are those at which an incident really pages."""

import re
from datetime import timedelta

import pytest

from domain.clock_text import duration_text
from domain.incident.input import Declaration
from domain.picture.contents import outline_of
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.rehearsal import Rehearsal
from domain.severity import Severity
from tests.picture.situations import START, compiled, shipped

RUNG = re.compile(r"\((level \d+|exhausted)\)$")
NAMES = {"exhausted": "Last resort"}
LOUD = [
    (name, severity)
    for name in ("payment_api_5xx", "disk_full", "postgres_primary_down")
    for severity in (Severity.SEV1, Severity.SEV2)
]


@pytest.mark.parametrize(("name", "severity"), LOUD)
def test_each_level_and_the_last_resort_are_paged_when_the_picture_says(
    name: str, severity: Severity
):
    """Played by the rules of production, with nobody answering; somebody stands on each level."""
    plan = shipped(name)
    rungs = [rung for rung in outline_of(plan).ladder.rungs if rung.is_level]
    column = list(Severity).index(severity)
    said = {rung.name: rung.times[column] for rung in rungs}

    rehearsal = _nobody_answers(plan, severity)

    first: dict[str, str] = {}
    for entry in rehearsal.record.look_ups:
        rung = RUNG.search(entry.asked.summary)
        if rung is not None:
            name_of_rung = NAMES.get(rung[1], rung[1].capitalize())
            after = entry.at - START
            first.setdefault(name_of_rung, duration_text(after) if after else "at once")
    assert first == said


def _nobody_answers(plan: Plan, severity: Severity) -> Rehearsal:
    people = list(compiled().roster.users)
    refs = [ref for level in plan.escalation.levels for ref in level]
    serving = {ref: (people[place % len(people)],) for place, ref in enumerate(refs)}
    rehearsal = Rehearsal(plan, Cast(compiled().roster, serving=serving), START)
    rehearsal.declare(Declaration(title="it burns", actor="system", severity=severity))
    rehearsal.let_pass(timedelta(hours=8))
    return rehearsal
