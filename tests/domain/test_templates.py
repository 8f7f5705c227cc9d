"""Texts are checked when compiled and rendered within bounds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, AlertStatus
from domain.expressions import incident_values, trigger_values
from domain.scope import Declared
from domain.templates import LONGEST_TEXT, Scope, check, neutralised, render


def values(**labels: str) -> dict[str, Any]:
    return incident_values(
        labels={"service": "pay", "ratio": "0.053", "flag": "yes"} | labels,
        firing_labels=[{"dc": "dc2"}, {"dc": "dc1"}],
        firing=2,
        total=3,
        incident={"severity": "SEV2", "elapsed": timedelta(minutes=83), "title": None},
    )


@pytest.mark.parametrize(
    "template",
    [
        "plain text, don't mind 'quotes' or { braces }",
        "[{{ incident.severity }}] {{ incident.title | default('no title') }}",
        "{{ labels['host-name'] }} {{ labels['a.b'] }} {{ alerts.labels.dc | join(', ') }}",
        "{% for dc in alerts.labels.dc %}{{ loop.index }} {{ dc }}{% endfor %}",
        "{% if labels.x is defined and (alerts.firing > 1) %}many{% else %}one{% endif %}",
        "Revoke the secret. Then (secrets) rest.",
        "{# a {{ comment }} #}{{ '}} {{ nothing() }}' }}",
    ],
)
def test_sound_template_has_no_problems(template: str):
    assert check(template, Scope.INCIDENT) == ()


@pytest.mark.parametrize(
    ("template", "code", "points_at", "says", "help_says"),
    [
        ("é {{ labls.x }}", "E308", "labls", "unknown name 'labls'", "'labels'"),
        ("{{ incident.titel }}", "E308", "titel", "'incident.titel'", "'title'"),
        ("{{ incident }}", "E308", "incident", "say which field", "severity"),
        ("{{ labels.a.b }}", "E308", "labels.a.b", "has no fields", "labels['a.b']"),
        ("{{ alert.summary }}", "E308", "alert", "unknown name 'alert'", "'alerts'"),
        ("{{ labels.a | uper }}", "E308", "uper", "unknown filter 'uper'", "'upper'"),
        ("{{ labels.a | zzz }}", "E308", "zzz", "unknown filter 'zzz'", "known: percent"),
        ("{{ range(5) }}", "E308", "range(", "calls a function", "filter"),
        ("{{ labels.keys() }}", "E308", ".keys()", "'keys(' calls", "filter"),
        ("{{ '}}' * 9999999 }}", "E308", "* 9", "'*' is not available", ""),
        ("{{ labels.__class__ }}", "E308", "__class__", "not available", ""),
        ("{{ {'a': 1} }}", "E308", "{'a'", "'{' is not available", ""),
        ("{% set x = 1 %}", "E308", "set", "'set' is not available", "known: if"),
        ("{{ comms.next_update | time }}", "E109", "comms", "not supported yet", "labels"),
        ("{{ facts.ratio | percent }}", "E308", "ratio", "'facts.ratio'", "declares no facts"),
        ("é {{ labels.", "E303", ".", "template is broken", "braces"),
        ("{{ labels.x }}{% endif %}", "E303", "endif", "template is broken", ""),
        ("x" * 17_000, "E303", "x", "longer than", "runbook"),
        ("token secret:deploy_token", "E309", "secret:", "cannot stand in a text", "auth"),
        ("{{ secret }}", "E309", "secret", "cannot stand in a text", "auth"),
        ("{{ secret.token }}", "E309", "secret.", "cannot stand in a text", "auth"),
    ],
)
def test_problem_points_into_the_template_and_names_the_mend(
    template: str, code: str, points_at: str, says: str, help_says: str
):
    problem = check(template, Scope.INCIDENT)[0]

    assert problem.code == code
    assert (
        template[problem.offset - (points_at == "labels.") * 0 :].startswith(points_at)
        or code == "E303"
    )
    assert says in problem.message
    assert help_says in problem.help


DECLARED: Declared = (
    ("facts.ratio", "double"),
    ("steps.deploys.ok", "bool"),
    ("steps.deploys.count", "int"),
    ("region", "text"),
)


@pytest.mark.parametrize(
    "template",
    [
        "{{ facts.ratio | percent }} in {{ region | upper }}",
        "{% if steps.deploys.ok %}{{ steps.deploys.count }}{% endif %}",
        "{{ steps.deploys.count | default('no') }} {% for region in alerts.labels.r %}{% endfor %}",
    ],
)
def test_declared_names_are_known_in_texts(template: str):
    assert check(template, Scope.INCIDENT, DECLARED) == ()


@pytest.mark.parametrize(
    ("template", "points_at", "says", "help_says"),
    [
        ("{{ facts.rato }}", "rato", "unknown name 'facts.rato'", "mean 'ratio'"),
        ("{{ facts }}", "facts", "'facts' alone", "one of ratio"),
        ("{{ steps.deploys }}", "steps", "'steps.deploys' alone", "ok, count"),
        ("{{ steps.deploys.cont }}", "cont", "has no result 'cont'", "mean 'count'"),
        ("{{ steps.deplys.ok }}", "deplys", "'steps.deplys'", "mean 'deploys'"),
        ("{{ params.x }}", "x", "'params.x'", "declares no params"),
        ("{{ region.name }}", "region", "'region' is one value", "write {{ region }}"),
        ("{{ regio }}", "regio", "unknown name 'regio'", "mean 'region'"),
    ],
)
def test_undeclared_name_in_a_text_is_explained(
    template: str, points_at: str, says: str, help_says: str
):
    problem = check(template, Scope.INCIDENT, DECLARED)[0]

    assert (problem.code, template[problem.offset :].startswith(points_at)) == ("E308", True)
    assert says in problem.message
    assert help_says in problem.help


def test_facts_and_results_are_rendered_and_missing_ones_say_so():
    own = {
        "facts": {"ratio": 0.053, "left": 5400.0},
        "steps": {"deploys": {"ok": False, "timed_out": False}},
        "region": "eu",
    }
    template = (
        "{{ facts.ratio | percent }}, {{ facts.left | duration }}, {{ region }}, "
        "{{ facts.cause }}, {{ steps.deploys.count }}, {{ steps.deploys.ok }}"
    )

    rendered = render(template, values() | own)

    assert rendered.text == (
        "5.3 %, 1 h 30 min, eu, ‹facts.cause missing›, ‹steps.deploys.count missing›, no"
    )
    assert rendered.missing == ("facts.cause", "steps.deploys.count")


def test_dedup_key_sees_the_alert_and_not_the_incident():
    assert check("{{ alert.source }}/{{ alert.labels.x }}", Scope.TRIGGER) == ()
    assert check("{{ incident.id }}", Scope.TRIGGER)[0].code == "E308"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ labels.ratio | percent }}", "5.3 %"),
        ("{{ 0.3 | percent }} {{ labels.service | percent }}", "30 % pay"),
        ("{{ incident.elapsed }} = {{ incident.elapsed | duration }}", "1 h 23 min = 1 h 23 min"),
        ("{{ 90 | duration }} {{ labels.service | duration }}", "1 min 30 s pay"),
        ("{{ 1e30 | duration }}", "1e+30"),
        ("{{ alerts.labels.dc }}", "dc1, dc2"),
        ("{{ alerts.labels.dc | join('+') }} {{ labels.service | join('+') }}", "dc1+dc2 pay"),
        ("[{{ alerts.labels.region }}]", "[]"),
        ("{{ alerts.firing > 1 }} {{ alerts.firing > 5 }}", "yes no"),
        ("{{ labels.x | default('none') }} {{ labels.flag | default('none') }}", "none yes"),
        ("{% if labels.x %}a{% else %}b{% endif %}", "b"),
        ("{% if labels.x is undefined %}a{% endif %}{% for y in labels.x %}c{% endfor %}", "a"),
        ("{{ labels.x | length }}", "0"),
        ("{{ none }}", ""),
    ],
)
def test_values_are_shown_as_people_read_them(template: str, text: str):
    rendered = render(template, values())

    assert (rendered.text, rendered.missing, rendered.problem) == (text, (), None)


def test_moments_are_shown_in_utc_and_other_text_is_left():
    moment = {
        "incident": {
            "at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
            "bare": datetime(2026, 1, 5, 9, 30, tzinfo=UTC).replace(tzinfo=None),
        }
    }
    alert = Alert(
        source="s",
        fingerprint="f",
        status=AlertStatus.FIRING,
        starts_at="2026-01-05T23:30:00+01:00",
    )

    assert (
        render("{{ incident.at | time }} {{ incident.bare | date }}", moment).text
        == "09:30 UTC 2026-01-05"
    )
    sent = render(
        "{{ alert.starts_at | time }} {{ alert.source | time }} {{ 5 | date }}",
        trigger_values(alert),
    )
    assert sent.text == "22:30 UTC s 5"


def test_missing_names_are_shown_and_listed_once():
    rendered = render(
        "{{ labels.x }} {{ labels['a-b'] | percent }} {{ incident.title }} {{ labels.x }}", values()
    )

    assert rendered.text == (
        "‹labels.x missing› ‹labels.a-b missing› ‹incident.title missing› ‹labels.x missing›"
    )
    assert rendered.missing == ("labels.x", "labels.a-b", "incident.title")


def test_alert_text_is_data_and_wakes_nobody():
    rendered = render(
        "<!here> {{ labels.bad }}", values(bad="<!channel> {{ incident.id }} <@U123> @everyone")
    )

    assert rendered.text.startswith("<!here> <\u200b!channel> {{ incident.id }}")
    assert "<@U123>" not in rendered.text
    assert "@everyone" not in rendered.text


def test_a_key_is_rendered_without_changing_a_character():
    assert render("{{ labels.bad }}", values(bad="@all"), for_people=False).text == "@all"


def test_mail_addresses_and_plain_links_stay_readable():
    text = "ann@example.org <https://example.org> a < b"

    assert neutralised(text) == text
    assert neutralised("<https://evil.example|your bank>").startswith("<\u200bhttps")


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ labels.service", "template is broken"),
        ("{{ 'a' * 999999999 }} @all", "'*' is not available"),
        ("{{ facts.ratio }}", "`facts` is undefined"),
        ("{{ 1 // 0 }}", "unable to calculate"),
        ("{% for a in labels.service %}" * 4 + "x" + "{% endfor %}" * 4, ""),
    ],
)
def test_template_that_cannot_be_rendered_comes_out_raw_with_the_problem(
    template: str, problem: str
):
    rendered = render(template, values(service="pay" * 300))

    assert rendered.text == neutralised(template)
    assert rendered.problem is not None
    assert problem in rendered.problem


def test_long_output_is_cut_at_the_limit_inside_no_character():
    rendered = render("{{ labels.long }}", values(long="é" * 9000))

    assert len(rendered.text.encode()) <= LONGEST_TEXT
    assert rendered.text.endswith("é…")


@given(st.text(alphabet="{}%#'\"*|._ ()labelsincident.x\\é-", max_size=40))
def test_any_template_is_checked_and_rendered_without_raising(template: str):
    """Whatever an author writes comes back as problems, and as bounded text."""
    problems = check(template, Scope.INCIDENT)
    rendered = render(template, values())

    assert all(0 <= problem.offset <= len(template) for problem in problems)
    assert len(rendered.text.encode()) <= LONGEST_TEXT


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=30), max_size=4))
def test_any_label_value_is_shown_as_text(labels: dict[str, str]):
    rendered = render("{{ labels.service }} {{ labels.x }}", values(**labels))

    assert rendered.problem is None
