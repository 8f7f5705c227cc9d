"""Whatever happens, in whatever order: the promises of `chance` hold."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.incident.effects import Outcome
from domain.plan import (
    AlertTrigger,
    Dedup,
    EscalationCriterion,
    Exhausted,
    HandoffPlan,
    Mitigated,
    Plan,
    ResolvePlan,
    RolePick,
    RolePlan,
    Urgency,
)
from domain.plan_steps import ChecklistItem, ChecklistStep, NotifyStep, RunbookStep
from domain.roster import Hours
from domain.severity import PerSeverity, Severity
from tests.incident.chance import PEOPLE, Chance
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, confirm, minutes

WORST = (Severity.SEV1, Severity.SEV2)
ROLES = DEFAULT_ROLES | {
    "incident_commander": RolePlan(page=("schedule:command", "schedule:second"), at=WORST),
    "scribe": RolePlan(fill="role:incident_commander", at=(Severity.SEV1,)),
    "sme": RolePlan(
        many=True,
        pick=(
            RolePick(when="size(alerts.labels.dc) >= 2", page=("schedule:expert",), at=WORST),
            RolePick(when="labels.nothing == 'x'", page=("user:ann",), at=WORST),
        ),
    ),
}
STEPS = (
    NotifyStep(
        id="tell", to=("destination:desk", "role:operations_lead"), text="{{ incident.title }}"
    ),
    ChecklistStep(
        id="look",
        items=(ChecklistItem(id="one", text="One"), ChecklistItem(id="two", text="Two")),
        assign="role:operations_lead",
        deadline=minutes(5, 10, None),
    ),
    RunbookStep(id="read", source="a.md", text="Read", sha256="0"),
)
CRITERIA = (
    EscalationCriterion(
        after=minutes(60, 240, None), page=("user:manager",), unless="mitigated", because="long"
    ),
    EscalationCriterion(
        when="alerts.firing >= 2",
        raise_to=Severity.SEV1,
        page=("schedule:expert", "schedule:first"),
        because="two",
    ),
)
PLANS: dict[str, Plan] = {
    "small": a_plan(),
    "one level, once": a_plan(
        escalation=an_escalation(("schedule:first",), repeat=0),
        resolve=ResolvePlan(confirm=confirm("nobody"), hold=timedelta(0)),
        dedup=Dedup(reopen_within=timedelta(0)),
    ),
    "everything": a_plan(
        escalation=an_escalation(criteria=CRITERIA, repeat=1),
        roles=ROLES,
        steps=STEPS,
        mitigated=Mitigated(when="alerts.firing <= 1", hold=timedelta(minutes=3)),
        handoff=HandoffPlan(max_shift=minutes(60, 150, None), require=()),
        triggers=(AlertTrigger(match={"severity": ("warning",)}, hold=timedelta(minutes=1)),),
    ),
    "mostly in hours": a_plan(
        urgency=PerSeverity[Urgency](
            SEV1="high", SEV2="high_in_hours", SEV3="high_in_hours", SEV4="low", SEV5="low"
        ),
        escalation=an_escalation(
            repeat=1,
            criteria=CRITERIA,
            exhausted=Exhausted(page=("user:manager",), again_every=minutes(15, 15, 60)),
        ),
        roles=ROLES | {"incident_commander": RolePlan(page=("schedule:command",))},
    ),
    "never loudly": a_plan(
        urgency=PerSeverity[Urgency].same("low"), escalation=an_escalation(repeat=0), roles=ROLES
    ),
    "nobody anywhere": a_plan(
        escalation=an_escalation(("user:nobody",), ("user:noone",), repeat=1),
        mitigated=Mitigated(when="alerts.firing == 0"),
    ),
}

people = st.sampled_from(sorted(PEOPLE))
roles = st.sampled_from(["incident_commander", "operations_lead", "responders", "sme", "none"])
alerts = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["dc1", "dc2", "dc3"]),
        "status": st.sampled_from(["firing", "firing", "resolved"]),
        "severity": st.sampled_from(["sev1", "critical", "warning", "ticket", "info"]),
        "starts": st.sampled_from([None, 0, 5, 30, 90, 600]),
    }
)


def saying(what: str, **body: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    """A command with a body drawn field by field."""
    return st.tuples(st.just(what), st.fixed_dictionaries(body))


BY_HAND: list[tuple[str, dict[str, Any]]] = [
    ("join", {}),
    ("leave", {}),
    ("set", {"impact": "all of them"}),
    ("task_add", {"text": "look", "owner": "user:bo", "due_in": "PT20M"}),
    ("task_drop", {"task": "task-1"}),
]
said = st.one_of(
    st.sampled_from(
        [
            ("acknowledge", {}),
            ("acknowledge", {}),
            ("unacknowledge", {}),
            ("confirm", {}),
            ("escalate", {}),
            ("note", {"text": "hm"}),
            ("mitigate", {}),
            ("resolve", {}),
            ("reopen", {}),
            ("cancel", {}),
        ]
    ),
    saying("severity", severity=st.sampled_from(list(Severity)), reason=st.just("so")),
    saying("assign", role=roles, to=people.map("user:{}".format)),
    saying("accept_role", role=roles),
    saying("decline_role", role=roles),
    saying("release_role", role=roles),
    saying(
        "offer_handoff",
        role=roles,
        to=people.map("user:{}".format) | st.sampled_from(["schedule:second", "user:nobody"]),
        summary=st.just({"state_now": "so"}),
    ),
    saying("accept_handoff", offer=st.integers(1, 40).map("offer-{}".format)),
    saying("decline_handoff", offer=st.integers(1, 40).map("offer-{}".format)),
    saying(
        "step_done",
        step=st.sampled_from(["tell", "look", "read", "x"]),
        item=st.sampled_from([None, "one", "two", "x"]),
    ),
    st.sampled_from(BY_HAND),
    saying("take_role", role=roles),
    saying("snooze", lasting=st.sampled_from(["PT1M", "PT1H", "PT12H", "PT30H"])),
    saying("confirm", question=st.just("still_on_it")),
    saying(
        "page",
        to=st.sampled_from([("schedule:expert",), ("user:ann", "user:bo"), ("user:nobody",)]),
        because=st.sampled_from(["so", "we are lost"]),
    ),
    saying("task_done", task=st.integers(1, 3).map("task-{}".format)),
    saying("task_undo", task=st.integers(1, 3).map("task-{}".format)),
    saying(
        "step_undo", step=st.sampled_from(["look", "read"]), item=st.sampled_from([None, "one"])
    ),
)
happenings = st.one_of(
    st.tuples(st.just("fire"), alerts),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 5, 16, 40, 130, 1500])),
    st.tuples(st.just("look_up"), st.booleans()),
    st.tuples(st.just("deliver"), st.sampled_from(list(Outcome))),
    st.tuples(st.just("settle"), st.none()),
    st.tuples(st.just("say"), st.tuples(people, said)),
    st.tuples(st.just("say"), st.tuples(people, said)),
    st.tuples(st.just("source"), st.none()),
    st.tuples(st.just("gone"), people),
)


def play(chance: Chance, happening: tuple[str, Any]) -> None:
    """Let one thing happen."""
    what, how = happening
    match what:
        case "fire":
            chance.fire(**how)
        case "wait":
            chance.wait(how)
        case "look_up":
            chance.look_up(empty=how)
        case "deliver":
            chance.deliver(how)
        case "settle":
            chance.settle()
        case "say":
            who, (command, body) = how
            chance.say(who, command, **latest_offer(chance, body))
        case "source":
            chance.say("source:tool", "acknowledge")
        case "gone":
            chance.gone(how)


def latest_offer(chance: Chance, body: dict[str, Any]) -> dict[str, Any]:
    """Mostly answer an offer that exists."""
    if "offer" in body and chance.state.offers:
        number = int(body["offer"].removeprefix("offer-"))
        if number % 4:
            return {"offer": list(chance.state.offers)[-1]}
    return body


@pytest.mark.parametrize("name", sorted(PLANS))
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(
    first=st.sampled_from(["sev1", "critical", "warning", "ticket", "info"]),
    by_hand=st.integers(0, 9).map(lambda n: n == 0),
    story=st.lists(happenings, max_size=45),
)
def test_every_promise_holds_whatever_happens(
    name: str, first: str, *, by_hand: bool, story: list[tuple[str, Any]]
) -> None:
    """The promises are the assertions of `Chance.take` and `Chance.at_the_end`.

    Nobody is paged after the end; there is always a deadline or a person who owes the next
    move; an offered role keeps its holder; command is never empty; keys never repeat; the
    given state is untouched, survives JSON, and replaying the events gives it again.
    """
    chance = Chance(PLANS[name])
    if by_hand:
        chance.declare()
    else:
        chance.fire("dc1", "firing", first, 0)

    for happening in story:
        play(chance, happening)

    chance.at_the_end()


about_loudness = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 1, 2, 5, 30])),
    st.tuples(st.just("look_up"), st.just(value=False)),
    st.tuples(st.just("deliver"), st.sampled_from(list(Outcome))),
    st.tuples(st.just("settle"), st.none()),
    st.tuples(
        st.just("say"),
        st.tuples(
            people,
            saying("severity", severity=st.sampled_from(list(Severity)), reason=st.just("so")),
        ),
    ),
    st.tuples(
        st.just("say"),
        st.tuples(people, st.sampled_from([("acknowledge", {}), ("unacknowledge", {})])),
    ),
    st.tuples(st.just("fire"), alerts),
)
hours = st.tuples(st.integers(0, 8), st.integers(1, 12)).map(
    lambda span: Hours(tz="UTC", between=(time(3, span[0]), time(3, span[0] + span[1])))
)


@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(
    team_hours=hours,
    first=st.sampled_from(["sev1", "critical", "warning", "ticket"]),
    story=st.lists(about_loudness, min_size=5, max_size=25),
)
def test_hours_that_begin_and_end_within_minutes_wake_nobody_outside_them(
    team_hours: Hours, first: str, story: list[tuple[str, Any]]
) -> None:
    """The promises again, where severity and hours change while pages are on their way."""
    chance = Chance(PLANS["mostly in hours"], team_hours)
    chance.fire("dc1", "firing", first, 0)
    chance.settle()

    for happening in story:
        play(chance, happening)

    chance.at_the_end()
