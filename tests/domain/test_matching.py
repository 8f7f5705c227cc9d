"""An alert finds its playbook, with reasons, and always the same workflow."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, AlertStatus
from domain.matching import (
    dedup_key,
    is_reference,
    match_alert,
    new_reference,
    workflow_id,
)
from domain.plan import AlertTrigger, Dedup, Escalation, Exhausted, HandoffPlan, Plan, ResolvePlan
from domain.severity import PerSeverity

FIVE = PerSeverity[timedelta | None].same(timedelta(minutes=5))
NEVER = PerSeverity[timedelta | None].same(None)


def a_plan(name: str, *triggers: AlertTrigger, key: str | None = None, priority: int = 0) -> Plan:
    return Plan(
        name=name,
        owner="team:payments",
        priority=priority,
        triggers=triggers,
        dedup=Dedup(key=key),
        escalation=Escalation(
            levels=(("user:ann",),),
            ack_within=FIVE,
            repeat=PerSeverity[int].same(1),
            exhausted=Exhausted(again_every=NEVER),
            ack_expires=NEVER,
        ),
        roles={},
        handoff=HandoffPlan(max_shift=NEVER),
        resolve=ResolvePlan(confirm=PerSeverity[str].same("nobody")),
    )


def a_trigger(when: str | None = None, hold_s: int = 0, **labels: str) -> AlertTrigger:
    match = {name: tuple(values.split("|")) for name, values in labels.items()}
    return AlertTrigger(match=match, when=when, hold=timedelta(seconds=hold_s))


def an_alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "source": "am",
        "fingerprint": "f1",
        "status": AlertStatus.FIRING,
        "labels": {"alertname": "Slow", "service": "pay", "env": "prod"},
    }
    return Alert.model_validate(fields | changes)


def plans(*all_of_them: Plan) -> dict[str, Plan]:
    return {plan.name: plan for plan in all_of_them}


def test_most_matching_labels_win_over_priority_and_name():
    routing = match_alert(
        an_alert(),
        plans(
            a_plan("aaa", a_trigger(alertname="Slow"), priority=9),
            a_plan("zzz", a_trigger(alertname="Slow", env="prod|qa")),
        ),
        None,
    )

    assert routing.playbook == "zzz"
    assert not routing.is_fallback
    assert [verdict.name for verdict in routing.verdicts] == ["zzz", "aaa"]
    assert routing.verdicts[0].reason == "labels alertname, env match"


def test_higher_priority_then_name_decides_between_equals():
    slow = a_trigger(alertname="Slow")

    by_priority = match_alert(
        an_alert(), plans(a_plan("a", slow), a_plan("b", slow, priority=1)), None
    )
    by_name = match_alert(an_alert(), plans(a_plan("b", slow), a_plan("a", slow)), None)

    assert (by_priority.playbook, by_name.playbook) == ("b", "a")


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        (a_trigger(env="staging|qa"), "label env is 'prod', wants one of staging, qa"),
        (a_trigger(env="staging"), "label env is 'prod', wants staging"),
        (a_trigger(region="eu"), "label region is missing, wants eu"),
        (a_trigger(), "it names neither labels nor a condition"),
        (
            a_trigger("labels.service == 'x'", env="prod"),
            "the condition is false: labels.service == 'x' (service is 'pay')",
        ),
        (
            a_trigger("labels.service == 'pay' && (labels.env == 'qa')"),
            "the condition is false: labels.env == 'qa' (env is 'prod')",
        ),
    ],
)
def test_playbook_that_does_not_match_says_why_in_a_sentence(trigger: AlertTrigger, reason: str):
    verdict = match_alert(an_alert(), plans(a_plan("p", trigger)), None).verdicts[0]

    assert (verdict.matched, verdict.reason) == (False, reason)


def test_of_several_triggers_the_best_counts_and_brings_its_hold():
    plan = a_plan("p", a_trigger(env="prod"), a_trigger(env="prod", service="pay", hold_s=60))

    routing = match_alert(an_alert(), plans(plan), None)

    assert routing.verdicts[0].labels_matched == 2
    assert routing.hold == timedelta(minutes=1)


def test_of_several_triggers_that_do_not_match_every_reason_is_told():
    plan = a_plan("p", a_trigger(env="qa"), a_trigger(service="x"))

    reason = match_alert(an_alert(), plans(plan), None).verdicts[0].reason

    assert reason == "label env is 'prod', wants qa; or: label service is 'pay', wants x"


def test_condition_alone_may_trigger():
    plan = a_plan("p", a_trigger("labels.service.startsWith('pa')"))

    routing = match_alert(an_alert(), plans(plan), None)

    assert (routing.playbook, routing.verdicts[0].reason) == ("p", "the condition holds")


def test_condition_that_cannot_be_evaluated_counts_as_matching_with_a_note():
    """Failing to page is worse than paging for a label the sender does not send."""
    plan = a_plan("p", a_trigger("labels.region == 'eu'", env="prod"))

    routing = match_alert(an_alert(), plans(plan), None)

    assert routing.playbook == "p"
    assert routing.notes == (
        "the condition cannot be evaluated (label 'region' is missing), so it counts as matching",
    )


def test_resolve_without_owner_is_tried_by_labels_alone():
    plan = a_plan("p", a_trigger("labels.service == 'x'", env="prod"), a_trigger("false"))

    routing = match_alert(an_alert(), plans(plan), None, judge_conditions=False)

    assert routing.playbook == "p"
    assert routing.verdicts[0].reason == "label env matches"


def test_what_nothing_matches_goes_to_the_fallback_which_says_so():
    by_hand = a_plan("by_hand")
    routing = match_alert(an_alert(), plans(by_hand, a_plan("p", a_trigger(env="qa"))), "by_hand")

    assert (routing.playbook, routing.is_fallback) == ("by_hand", True)
    assert routing.notes == ("no playbook matches; the fallback by_hand takes it",)
    assert routing.verdicts[0].reason == "it has no trigger for alerts"


@pytest.mark.parametrize(
    ("fallback", "note"),
    [
        (None, "no playbook matches, and no fallback is set"),
        ("gone", "no playbook matches; the fallback gone is not loaded"),
    ],
)
def test_without_a_fallback_nothing_takes_it_and_that_is_said(fallback: str | None, note: str):
    routing = match_alert(an_alert(), {}, fallback)

    assert (routing.playbook, routing.notes) == (None, (note,))


def test_default_key_is_those_of_the_usual_labels_that_exist():
    plan = a_plan("p")
    labels = {"env": "prod", "cluster": "c1", "service": "pay", "pod": "p-1"}

    assert dedup_key(plan, an_alert(labels=labels)).key == "pay/c1/prod"
    assert dedup_key(plan, an_alert(labels={"pod": "p-1", "env": ""})).key == "f1"


def test_declared_key_is_rendered_from_the_alert():
    plan = a_plan("p", key="{{ labels.service }}/{{ alert.source }}")

    assert dedup_key(plan, an_alert()).key == "pay/am"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ labels.service }}/{{ labels.dc }}", "lacks labels.dc"),
        ("{{ facts.x }}", "cannot be rendered"),
        ("{{ labels.nothing | default(' ') }}", "it is empty"),
    ],
)
def test_key_that_lacks_a_label_falls_back_to_the_fingerprint_with_a_note(template: str, why: str):
    """Two alerts without the label are two incidents, not one for all strangers."""
    plan = a_plan("p", a_trigger(env="prod"), key=template)

    one = match_alert(an_alert(), plans(plan), None)
    other = match_alert(an_alert(fingerprint="f2"), plans(plan), None)

    assert (one.dedup_key, other.dedup_key) == ("f1", "f2")
    assert one.workflow_id != other.workflow_id
    assert why in one.notes[0]


def test_workflow_id_is_the_same_for_ever():
    """A change here would split every open incident in two."""
    assert workflow_id("payment_api_5xx", "payments-api/prod") == "payments-api-prod-t6yj6qws"


def test_workflow_id_of_a_key_without_letters_is_still_readable():
    assert re.fullmatch(r"incident-[a-z2-7]{8}", workflow_id("p", "///"))


@given(st.text(), st.text())
def test_workflow_id_is_short_and_plain_for_any_key(playbook: str, key: str):
    """It is the one free text in the engine's list."""
    found = workflow_id(playbook, key)

    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-[a-z2-7]{8}", found)
    assert len(found) <= 120
    assert found == workflow_id(playbook, key)


@given(st.binary(min_size=6, max_size=16))
def test_reference_is_recognised_and_has_no_ambiguous_letter(random_bytes: bytes):
    """People read it aloud."""
    reference = new_reference(random_bytes)

    assert is_reference(reference)
    assert not set(reference.removeprefix("INC-")) & set("ILOU")


def test_too_little_randomness_is_refused_and_strangers_are_no_reference():
    with pytest.raises(ValueError, match="6 random bytes"):
        new_reference(b"12345")
    assert not is_reference("INC-M4T9W")
    assert not is_reference("INC-M4T9WI")
    assert not is_reference("payments-prod-abcdefgh")
