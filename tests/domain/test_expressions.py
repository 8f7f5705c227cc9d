"""Conditions are checked with their place and judged without a silent False."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, AlertStatus
from domain.expressions import (
    LONGEST_EXPRESSION,
    Scope,
    check,
    evaluate,
    incident_values,
    trigger_values,
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
        ("facts.ratio > 0.2", "E109", "facts", "'facts' is not supported yet", "use labels"),
        ("steps.a.ok", "E109", "steps", "'steps' is not supported yet", "labels"),
        ("params.x == ''", "E109", "params", "'params' is not supported yet", "labels"),
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
    problems = check(expression, Scope.INCIDENT)
    verdict = evaluate(expression, Scope.INCIDENT, an_incident())

    assert all(0 <= problem.offset <= len(expression) for problem in problems)
    assert problems or verdict.why
