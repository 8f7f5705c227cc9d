"""The index finds what judging every playbook finds, and looks at far fewer of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import routing_index
from domain.alert import Alert
from domain.cel_environments import compiled_to_run
from domain.matching import match_alert
from domain.plan import AlertTrigger, Plan
from domain.routing_index import RoutingIndex
from tests.domain.test_matching import a_plan, a_trigger, an_alert

NAMES = ("alertname", "env", "service", "region")
VALUES = ("a", "b", "c")
CONDITIONS = (
    None,
    "labels.env == 'a'",
    "labels.env == 'b' && labels.service in ['a', 'c'] && labels.never_sent == 'x'",
    "labels.region == 'a' || labels.env == 'a'",
    "labels.env != 'a' && labels.service == 'b'",
    "labels.never_sent == 'x'",
    "alert.annotations.ratio == '1'",
)

labels = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES))
matches = st.dictionaries(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=2).map(tuple),
    max_size=3,
)
triggers = st.builds(
    AlertTrigger,
    match=matches,
    when=st.sampled_from(CONDITIONS),
    hold=st.timedeltas(min_value=a_trigger().hold, max_value=a_trigger(hold_s=60).hold),
)


@st.composite
def some_plans(draw: Any) -> dict[str, Plan]:
    """Up to eight playbooks with up to three triggers each."""
    found = {}
    for name in draw(st.lists(st.sampled_from("abcdefgh"), unique=True)):
        own = draw(st.lists(triggers, max_size=3))
        key = draw(st.sampled_from((None, "{{ labels.service }}")))
        priority = draw(st.integers(min_value=0, max_value=2))
        found[name] = a_plan(name, *own, key=key, priority=priority)
    return found


@given(plans=some_plans(), labels=labels, fallback=st.sampled_from((None, "a", "gone")))
def test_index_gives_the_same_answer_as_judging_every_playbook(
    plans: dict[str, Plan], labels: dict[str, str], fallback: str | None
):
    """Winner, key, workflow id, hold, notes and whether it is the fallback."""
    alert = an_alert(labels=labels)

    found = RoutingIndex(plans, fallback).route(alert)

    judged = match_alert(alert, plans, fallback)
    assert found == judged.model_copy(update={"verdicts": ()})


@given(plans=some_plans(), labels=labels)
def test_playbooks_by_labels_alone_come_in_the_order_of_routing(
    plans: dict[str, Plan], labels: dict[str, str]
):
    """What a resolve without an owner is tried against."""
    alert = an_alert(labels=labels)

    found = RoutingIndex(plans).by_labels_alone(alert)

    judged = match_alert(alert, plans, None, judge_conditions=False)
    assert found == tuple(one.name for one in judged.verdicts if one.matched)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[AlertTrigger]]:
    """The triggers that are judged."""
    seen: list[AlertTrigger] = []
    judge = routing_index.judge_trigger

    def watching(trigger: AlertTrigger, alert: Alert, **options: Any) -> Any:
        seen.append(trigger)
        return judge(trigger, alert, **options)

    monkeypatch.setattr(routing_index, "judge_trigger", watching)
    return seen


def test_of_a_thousand_playbooks_only_those_of_the_alerts_own_labels_are_looked_at(
    looked_at: list[AlertTrigger],
):
    """Also where all of them share a label."""
    own = [a_trigger(env="prod", alertname=f"Alert{number}") for number in range(1000)]
    index = RoutingIndex(
        {f"p{number}": a_plan(f"p{number}", own[number]) for number in range(1000)}
    )

    found = index.route(an_alert(labels={"env": "prod", "alertname": "Alert500"}))

    assert found.playbook == "p500"
    assert looked_at == [own[500]]


def test_of_a_thousand_conditions_only_those_that_ask_for_the_alerts_label_are_looked_at(
    looked_at: list[AlertTrigger],
):
    """Labels may stand in the condition as well."""
    own = [a_trigger(f"labels.alertname == 'Alert{number}' && true") for number in range(1000)]
    index = RoutingIndex(
        {f"p{number}": a_plan(f"p{number}", own[number]) for number in range(1000)}
    )

    found = index.route(an_alert(labels={"alertname": "Alert500"}))

    assert found.playbook == "p500"
    assert looked_at == [own[500]]


def test_condition_without_labels_is_only_asked_when_no_labels_match(
    looked_at: list[AlertTrigger],
):
    """More labels win anyway."""
    condition, labelled = a_trigger("labels.env != 'qa'"), a_trigger(env="prod")
    index = RoutingIndex({"a": a_plan("a", condition), "b": a_plan("b", labelled)})

    assert index.route(an_alert()).playbook == "b"
    assert looked_at == [labelled]


def test_a_thousand_different_conditions_are_compiled_once():
    """The cache of compiled conditions holds more than a large folder has."""
    plans = {
        f"p{number}": a_plan(f"p{number}", a_trigger(f"!(labels.env != 'once{number}')"))
        for number in range(1000)
    }
    index = RoutingIndex(plans)
    index.route(an_alert())
    compiled = compiled_to_run.cache_info().misses

    index.route(an_alert())

    assert compiled_to_run.cache_info().misses == compiled
