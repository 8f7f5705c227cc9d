"""Conditions are checked with their place and judged without a silent False."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import cel_environments
from domain.alert import Alert, AlertStatus
from domain.expressions import (
    LONGEST_EXPRESSION,
    Scope,
    check,
    check_value,
    evaluate,
    incident_values,
    trigger_values,
    value_of,
)
from domain.scope import Declared
from domain.values import ValueType

DECLARED: Declared = (
    ("facts.ratio", "double"),
    ("facts.cause", "text"),
    ("facts.regions", "list"),
    ("facts.loss", "bool"),
    ("params.cluster", "text"),
    ("steps.deploys.ok", "bool"),
    ("steps.deploys.timed_out", "bool"),
    ("steps.deploys.count", "int"),
    ("steps.linked.ok", "bool"),
    ("steps.linked", "any_map"),
    ("region", "text"),
)


def an_incident(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "labels": {"service": "pay"},
        "firing_labels": [{"dc": "dc2"}, {"dc": "dc1"}, {"dc": "dc1"}],
        "firing": 3,
        "total": 4,
        "incident": {"severity": "SEV2", "elapsed": timedelta(hours=2)},
    }
    return incident_values(**(fields | changes))


def an_alert(**changes: Any) -> Alert:
    fields = {
        "source": "am",
        "fingerprint": "f1",
        "status": AlertStatus.FIRING,
        "labels": {"service": "payments", "host-name": "h1"},
        "annotations": {"ratio": "0.3"},
        "starts_at": "2026-01-05T09:00:00.123456789Z",
    }
    return Alert.model_validate(fields | changes)


@pytest.mark.parametrize(
    "expression",
    [
        "alerts.firing == 0",
        "size(alerts.labels.dc) >= 2",
        "'dc1' in alerts.labels.dc",
        "alerts.labels.dc.exists(d, d.startsWith('dc'))",
        "incident.severity in ['SEV1', 'SEV2'] && incident.elapsed > duration('1h')",
        "labels.service == 'x.map(y)'",
        "has(labels.region) && labels.region == 'eu'",
        "true // .map(x, x)",
        "labels['host-name'].matches('^h[0-9]+$')",
    ],
)
def test_sound_condition_has_no_problems(expression: str):
    assert check(expression, Scope.INCIDENT) == ()


@pytest.mark.parametrize(
    ("expression", "code", "points_at", "says", "help_says"),
    [
        ("labls.x == 'a'", "E301", "labls.x", "unknown name 'labls'", "mean 'labels'"),
        ("alerts.fring == 1", "E301", "fring", "unknown name 'alerts.fring'", "mean 'firing'"),
        ("incident.foo == 1", "E301", "foo", "unknown name 'incident.foo'", "severity, phase"),
        ("alerts", "E301", "alerts", "say which field", "firing, total, labels"),
        ("alert.summary == ''", "E301", "alert.s", "unknown name 'alert'", "mean 'alerts'"),
        ("zzz == 1", "E301", "zzz", "unknown name 'zzz'", "labels, alerts, incident"),
        ("foo(1)", "E301", "foo(", "unknown function 'foo'", "known: size"),
        ("labels.a.startWith('1')", "E301", "startWith", "'startWith'", "mean 'startsWith'"),
        ("labels.a == 'é' &&\n lablz.x == ''", "E301", "lablz", "'lablz'", "'labels'"),
        ("labels.host-name == 'x'", "E301", "name ==", "'name'", "labels['host-name']"),
        ("comms.due == 1", "E109", "comms", "'comms' is not supported yet", "use labels"),
        ("review.due == ''", "E109", "review", "'review' is not supported yet", "labels"),
        ("update.text == ''", "E109", "update", "'update' is not supported yet", "labels"),
        ("facts.ratio > 0.2", "E301", "ratio", "'facts.ratio'", "declares no facts"),
        ("steps.a.ok", "E301", "a.ok", "unknown name 'steps.a'", "has no steps"),
        ("params.x == ''", "E301", "x", "unknown name 'params.x'", "declares no params"),
        ("alerts.firing == 'x'", "E302", "==", "'==' does not take int and string", "quote"),
        ("alerts.firing && true", "E302", "&&", "'&&' does not take", "true or false"),
        ("size(5) > 0", "E302", "(5)", "'size' does not take int", ""),
        ("alerts.firing.x > 1", "E302", ".x", "operand of a select", ""),
        ("has(alerts.labels.dc)", "E302", "has", "always true", "size(alerts.labels.dc) > 0"),
        ("labels.a.matches('((')", "E302", "'(('", "not a regular expression", ""),
        ("incident.elapsed > duration('x')", "E302", "'x'", "not a duration", ""),
        ("1 +", "E303", "", "ends too early", "missing"),
        ("", "E303", "", "ends too early", "missing"),
        ("labels['a'", "E303", "", "ends too early", "bracket"),
        ("'unclosed", "E303", "'unclosed", "a quote is not closed", "close it"),
        ("labels.a == 'x' and true", "E303", "and", "unexpected 'and'", "&&"),
        ("labels.a = 'x'", "E303", "=", "unexpected '='", "=="),
        ("@", "E303", "@", "unexpected '@'", ""),
        ("has(labels)", "E303", "labels)", "has()", ""),
        ("(" * 40 + "true" + ")" * 40, "E303", "((", "nested too deeply", ""),
        ("labels.a", "E304", "labels.a", "gives string", "compare"),
        ("dyn(1)", "E304", "dyn", "gives dyn", "compare"),
        ("labels.map(k, k) == []", "E307", "map", "'map' is refused", "exists"),
        ("alerts.labels.dc . filter (d, true).size() > 0", "E307", "filter", "'filter'", "all"),
    ],
)
def test_problem_points_into_the_condition_and_names_the_mend(
    expression: str, code: str, points_at: str, says: str, help_says: str
):
    problem = check(expression, Scope.INCIDENT)[0]

    assert problem.code == code
    assert expression[problem.offset :].startswith(points_at)
    assert says in problem.message
    assert help_says in problem.help


@pytest.mark.parametrize(
    "expression",
    [
        "facts.ratio >= 0.25 || facts.loss",
        "size(facts.regions) >= 1 && 'eu' in facts.regions",
        "steps.deploys.ok && steps.deploys.count > 0",
        "has(steps.deploys.count) && steps.deploys.count > 0 || has( facts . ratio )",
        "params.cluster == 'pg1' && region.startsWith('eu')",
        "steps.linked.ok && steps.linked.lag > 3",
        "facts.regions.exists(one, one == region)",
    ],
)
def test_declared_names_are_known_with_their_types(expression: str):
    assert check(expression, Scope.INCIDENT, DECLARED) == ()


@pytest.mark.parametrize(
    ("expression", "code", "points_at", "says", "help_says"),
    [
        ("facts.rati > 0.2", "E301", "rati", "unknown name 'facts.rati'", "mean 'ratio'"),
        ("facts.zzz", "E301", "zzz", "'facts.zzz'", "declared: ratio, cause, regions, loss"),
        ("facts == 1", "E301", "facts", "'facts' alone has no value", "one of ratio, cause"),
        ("steps.deploys", "E301", "steps", "'steps.deploys' alone", "ok, timed_out, count"),
        ("steps.deploys.cuont > 1", "E301", "cuont", "no result 'cuont'", "mean 'count'"),
        ("steps.deplois.ok", "E301", "deplois", "'steps.deplois'", "mean 'deploys'"),
        ("has(facts.rati)", "E301", "rati", "'facts.rati'", "mean 'ratio'"),
        ("facts.cause == disk", "E301", "disk", "unknown name 'disk'", "quote it: 'disk'; known"),
        ("facts['ratio'] > 0.2", "E301", "facts", "'facts' alone", "ratio"),
        ("regon == 'eu'", "E301", "regon", "unknown name 'regon'", "mean 'region'"),
        (
            "facts.ratio > 1",
            "E302",
            ">",
            "double and int",
            "ratio is a double: compare it with 1.0",
        ),
        ("25 <= facts.ratio", "E302", "<=", "int and double", "compare it with 25.0"),
        ("facts.ratio == '0.2'", "E302", "==", "double and string", "a point, such as 0.25"),
        ("facts.cause == 5", "E302", "==", "string and int", "facts.cause is a string"),
        ("facts.regions > 1", "E302", ">", "list(string) and int", "compare size(facts.regions)"),
        ("facts.loss == 'yes'", "E302", "==", "bool and string", "true or false by itself"),
        ("facts.cause && true", "E302", "&&", "'&&'", "facts.cause is a string: each side"),
        ("facts.ratio * 2 > 1.0", "E302", "*", "double and int", "write 1.0 for 1"),
        (
            "steps.deploys.count > 0.5",
            "E302",
            ">",
            "int and double",
            "is an int: compare it with a whole",
        ),
        ("facts.cause.x == 1", "E302", ".x", "operand of a select", ""),
    ],
)
def test_misused_declared_name_is_explained_in_the_words_of_its_author(
    expression: str, code: str, points_at: str, says: str, help_says: str
):
    problem = check(expression, Scope.INCIDENT, DECLARED)[0]

    assert problem.code == code
    assert expression[problem.offset :].startswith(points_at)
    assert says in problem.message
    assert help_says in problem.help


def test_place_after_a_has_that_spans_lines_is_the_right_one():
    problem = check("has(facts.\n  ratio) &&\n facts.rati > 0.1", Scope.INCIDENT, DECLARED)[0]

    assert problem.offset == len("has(facts.\n  ratio) &&\n facts.")


def test_trigger_has_no_facts_and_is_told_why():
    problem = check("facts.ratio > 0.2", Scope.TRIGGER, ())[0]

    assert (problem.code, problem.offset) == ("E301", 0)
    assert "before there is an incident" in problem.help


@pytest.mark.parametrize(
    ("expression", "wanted", "is_read", "says"),
    [
        ("facts.regions", "list", False, None),
        ("['eu', 'us']", "list", False, None),
        ("facts.cause", "list", False, "this gives string, not list"),
        ("facts.ratio * 100.0", "double", True, None),
        ("labels.ratio", "double", True, None),
        ("facts.loss", "double", True, "this gives bool, not double"),
        ("facts.regions", "int", True, "this gives list, not int"),
        ("incident.elapsed", "string", True, "this gives a duration, not string"),
        ("steps.linked.lag", "int", True, None),
        ("size(facts.regions)", "int", True, None),
    ],
)
def test_value_must_be_of_the_type_that_its_place_wants(
    expression: str, wanted: ValueType, *, is_read: bool, says: str | None
):
    found = check_value(expression, Scope.INCIDENT, wanted, DECLARED, read=is_read)

    assert [problem.message for problem in found] == ([says] if says else [])


OWN = {
    "facts": {"ratio": 1, "regions": ("eu",)},
    "steps": {"deploys": {"ok": True, "timed_out": False, "count": 2}, "linked": {"ok": False}},
    "params": {"cluster": "pg1"},
    "region": "eu",
}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("facts.ratio == 1.0 && facts.ratio + 0.5 > 1.2", True),
        ("has(facts.ratio) && !has(facts.cause)", True),
        ("facts.cause == 'deploy' || facts.ratio > 0.5", True),
        ("steps.deploys.ok && steps.deploys.count == 2", True),
        ("steps.linked.ok && steps.linked.lag > 3", False),
        ("region in facts.regions && params.cluster == 'pg1'", True),
        ("facts.regions.exists(one, one == region)", True),
        ("!steps.linked.ok || facts.loss", True),
    ],
)
def test_condition_is_judged_on_declared_values(expression: str, *, holds: bool):
    assert evaluate(expression, Scope.INCIDENT, OWN, DECLARED).holds is holds


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("facts.cause == 'deploy'", "'facts.cause' has no value"),
        ("facts.loss && facts.ratio > 0.5", "'facts.loss' has no value"),
        ("steps.linked.lag > 3", "'steps.linked.lag' has no value"),
        ("facts.undeclared > 1", "'facts.undeclared' has no value"),
        ("facts.ratio", "gives double, not true or false"),
    ],
)
def test_condition_on_a_fact_without_a_value_says_which(expression: str, why: str):
    verdict = evaluate(expression, Scope.INCIDENT, OWN, DECLARED)

    assert verdict.holds is None
    assert why in verdict.why


def test_step_that_never_came_to_pass_has_no_value_rather_than_a_label_missing():
    verdict = evaluate("steps.deploys.ok", Scope.INCIDENT, {"steps": {}}, DECLARED)

    assert (verdict.holds, verdict.why) == (None, "'steps.deploys.ok' has no value")


def test_value_of_a_list_is_a_list_of_its_texts():
    assert value_of("facts.regions", Scope.INCIDENT, OWN, DECLARED).value == ["eu"]


def test_thousand_playbooks_share_one_environment_when_they_run():
    """An environment takes a tenth of a megabyte; one for each playbook would not fit."""
    cel_environments.compiled_to_run.cache_clear()
    cel_environments._loose.cache_clear()
    for number in range(1000):
        declared: Declared = ((f"facts.ratio_{number}", "double"),)
        values = {"facts": {f"ratio_{number}": 0.5}}
        assert evaluate(f"facts.ratio_{number} > 0.1", Scope.INCIDENT, values, declared).holds

    assert cel_environments._loose.cache_info().currsize == 1


def test_every_problem_of_a_condition_is_told_in_order_of_place():
    problems = check("labls.x == 'a' || incident.foo == 'b'", Scope.INCIDENT)

    assert [problem.offset for problem in problems] == [0, 27]


def test_trigger_sees_the_alert_and_not_the_incident():
    assert check("alert.source == 'am' && labels.a == 'b'", Scope.TRIGGER) == ()
    problem = check("incident.severity == 'SEV1'", Scope.TRIGGER)[0]
    assert "triggers and dedup see the one alert" in problem.help


def test_too_long_condition_is_refused_by_check_and_not_evaluated():
    expression = "true" + " && true" * LONGEST_EXPRESSION

    assert check(expression, Scope.INCIDENT)[0].code == "E303"
    assert evaluate(expression, Scope.INCIDENT, an_incident()).holds is None


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("alerts.firing == 3 && alerts.total == 4", True),
        ("size(alerts.labels.dc) == 2", True),
        ("size(alerts.labels.region) >= 1", False),
        ("size(alerts.labels['rack-id']) == 0", True),
        ("incident.elapsed > duration('90m')", True),
        ("has(labels.region)", False),
        ("true || labels.region == 'eu'", True),
    ],
)
def test_condition_is_judged_on_the_incident(expression: str, *, holds: bool):
    assert evaluate(expression, Scope.INCIDENT, an_incident()).holds is holds


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("labels.region == 'eu'", "label 'region' is missing"),
        ("incident.title == 'x'", "'incident.title' has no value"),
        ("1 / 0 > 1", "divide by zero"),
        ("labels.service", "gives string"),
        ("bad(", "the condition is broken"),
        ("labels.service.matches(labels.service + '(')", "invalid regular expression"),
    ],
)
def test_condition_that_cannot_be_evaluated_says_why(expression: str, why: str):
    verdict = evaluate(expression, Scope.INCIDENT, an_incident())

    assert verdict.holds is None
    assert why in verdict.why


def test_trigger_condition_reads_annotations_and_the_start():
    values = trigger_values(an_alert())

    late = "alert.starts_at > timestamp('2026-01-05T08:00:00Z')"
    assert evaluate(late, Scope.TRIGGER, values).holds is True
    assert evaluate("double(alert.annotations.ratio) > 0.2", Scope.TRIGGER, values).holds is True
    missing = evaluate("alert.annotations.region == ''", Scope.TRIGGER, values)
    assert missing.why == "annotation 'region' is missing"


def test_start_that_the_sender_does_not_give_is_missing_not_invented():
    values = trigger_values(an_alert(starts_at=None))

    verdict = evaluate("alert.starts_at > timestamp('2000-01-01T00:00:00Z')", Scope.TRIGGER, values)

    assert (verdict.holds, verdict.why) == (None, "'alert.starts_at' has no value")


def test_condition_bomb_is_stopped_and_not_false():
    values = an_incident(firing_labels=[{"dc": f"dc{number}"} for number in range(1000)])
    bomb = "alerts.labels.dc.all(a, alerts.labels.dc.all(b, alerts.labels.dc.all(c, a+b+c != '')))"

    verdict = evaluate(bomb, Scope.INCIDENT, values)

    assert (verdict.holds, verdict.why) == (None, "the condition takes too long to evaluate")


def test_values_of_a_broken_shape_are_a_reason_not_a_crash():
    assert evaluate("alerts.firing == 0", Scope.INCIDENT, {"alerts": 3}).holds is None
    assert (
        evaluate("alerts.firing == 0", Scope.INCIDENT, {"alerts": {"firing": 2**70}}).holds is None
    )


@given(st.text(max_size=60))
def test_any_text_is_checked_and_judged_without_raising(expression: str):
    """Whatever an author writes comes back as problems or a verdict."""
    problems = check(expression, Scope.INCIDENT, DECLARED)
    verdict = evaluate(expression, Scope.INCIDENT, an_incident() | OWN, DECLARED)

    assert all(0 <= problem.offset <= len(expression) for problem in problems)
    assert problems or verdict.why
