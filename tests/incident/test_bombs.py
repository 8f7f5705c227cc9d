"""A condition or a text that would take forever is bounded: the incident pages all the same."""

from datetime import UTC, datetime

import pytest

from domain.matching import dedup_key, match_alert
from domain.plan import AlertTrigger, Dedup, Plan, SeverityPlan, SeverityRule
from domain.plan_steps import NotifyStep
from domain.rehearsal.cast import Cast
from domain.rehearsal.rehearsal import Rehearsal
from domain.roster import Method, NotifyRule, Roster, User
from domain.severity import Severity
from domain.templates import LONGEST_TEXT
from tests.incident.plans import a_plan
from tests.incident.world import an_alert

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LOOPS = "{% for a in alerts.labels.host %}" * 40 + "x" + "{% endfor %}" * 40
TEXT_BOMBS = {
    "loops": LOOPS,
    "range": "{% for a in range(1000000000) %}x{% endfor %}",
    "repetition": "{{ 'x' * 1000000000 }}",
    "doubling": "{% set a = 'xxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "nested": "{{ " + "(" * 5000 + "labels.host" + ")" * 5000 + " }}",
    "long": "x" * 1_000_000,
    "unclosed": "{{ labels.host",
}
CONDITION_BOMBS = {
    "loops": "alerts.labels.host.all(a, " * 20 + "true" + ")" * 20,
    "nested": "(" * 1000 + "true" + ")" * 1000,
    "pattern": "labels.host.matches('" + "(a*)*" * 300 + "b')",
    "long": "alerts.firing > 0 && " * 2000 + "true",
    "number": "alerts.firing > " + "9" * 4000,
}
HOSTS = tuple(an_alert(f"a{n}", host=f"db{n}") for n in range(60))


ANN = User(
    id="ann",
    name="Ann Berg",
    tz="UTC",
    contact={Method.PUSH: "ntfys://ntfy.example/ann"},
    high=(NotifyRule(via=Method.PUSH),),
    low=(),
)
NAMED = AlertTrigger(match={"alertname": ("Down",)})
CAST = Cast(Roster(users={"ann": ANN}), {"schedule:first": ("ann",)})


def opened(plan: Plan) -> Rehearsal:
    """The incident after sixty alerts have come."""
    rehearsal = Rehearsal(plan, CAST, START)
    rehearsal.fire(*HOSTS)
    return rehearsal


def paged(rehearsal: Rehearsal) -> list[str]:
    return [each.page.person for each in rehearsal.record.pages]


@pytest.mark.parametrize("bomb", TEXT_BOMBS.values(), ids=TEXT_BOMBS)
def test_a_title_that_never_ends_is_shown_raw_and_people_are_paged(bomb: str) -> None:
    rehearsal = opened(a_plan(title=bomb))

    title = rehearsal.view().title
    assert "ann" in paged(rehearsal)
    assert title
    assert title.rstrip("…") in bomb


@pytest.mark.parametrize("bomb", CONDITION_BOMBS.values(), ids=CONDITION_BOMBS)
def test_a_severity_rule_that_never_ends_takes_the_worse_severity_and_pages(bomb: str) -> None:
    rules = (SeverityRule(set=Severity.SEV1, when=bomb),)
    severity = SeverityPlan(default=Severity.SEV2, rules=rules)

    rehearsal = opened(a_plan(severity=severity))

    assert "ann" in paged(rehearsal)
    assert rehearsal.view().severity in (Severity.SEV1, Severity.SEV2)


@pytest.mark.parametrize("bomb", CONDITION_BOMBS.values(), ids=CONDITION_BOMBS)
def test_a_trigger_that_never_ends_counts_as_matching(bomb: str) -> None:
    """Failing to page is worse: where nobody can say, the playbook takes the alert."""
    own = bomb.replace("alerts.labels.host", "['a']").replace("alerts.firing", "size(labels)")
    trigger = AlertTrigger(match={"alertname": ("Down",)}, when=own)
    plan = a_plan(triggers=(trigger,))

    routing = match_alert(HOSTS[0], {plan.name: plan}, None)

    assert routing.playbook == plan.name or "false" in routing.verdicts[0].reason


@pytest.mark.parametrize("bomb", TEXT_BOMBS.values(), ids=TEXT_BOMBS)
def test_a_dedup_key_that_never_ends_still_gives_the_alert_one_incident(bomb: str) -> None:
    plan = a_plan(dedup=Dedup(key=bomb), triggers=(NAMED,))

    once, again = dedup_key(plan, HOSTS[0]), dedup_key(plan, HOSTS[0])
    routing = match_alert(HOSTS[0], {plan.name: plan}, None)

    assert once == again
    assert len(once.key.encode()) <= LONGEST_TEXT
    assert routing.playbook == plan.name
    assert routing.workflow_id


@pytest.mark.parametrize("bomb", TEXT_BOMBS.values(), ids=TEXT_BOMBS)
def test_a_step_whose_text_never_ends_tells_it_raw_and_holds_nobody_up(bomb: str) -> None:
    step = NotifyStep(id="tell", to=("destination:news",), text=bomb)

    rehearsal = opened(a_plan(steps=(step,)))

    told = [each.announcement.message for each in rehearsal.record.announcements]
    announced = [message.headline + "".join(message.lines) for message in told]
    assert "ann" in paged(rehearsal)
    assert announced
    assert all(len(text.encode()) <= LONGEST_TEXT + 1000 for text in announced)
