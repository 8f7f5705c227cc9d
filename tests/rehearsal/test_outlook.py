"""What an author is told will happen is what the rules of production do."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.incident.input import Declaration
from domain.incident.view import Phase
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.outlook import Course, Outlook, foresee
from domain.rehearsal.plan_lines import PlanLine
from domain.rehearsal.rehearsal import Rehearsal
from domain.rehearsal.severity_told import severity_told
from domain.rehearsal.staffing import roles_told, who_serves
from domain.severity import Severity
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import an_alert, open_stage, shipped

SHIPPED = shipped()
NIGHT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
"""Wednesday 02:00 in Berlin."""

Page = tuple[datetime, str, str]


def a_rehearsal(plan: Plan) -> Rehearsal:
    return Rehearsal(plan, Cast(SHIPPED.roster), NIGHT)


def declared(rehearsal: Rehearsal, severity: Severity, course: Course | None = None) -> Outlook:
    """Played from a declaration at this severity."""
    declaration = Declaration(title="odd", actor="system", severity=severity)
    return foresee(rehearsal, lambda: rehearsal.declare(declaration), course or Course())


def expanded(lines: tuple[PlanLine, ...], until: datetime) -> list[Page]:
    """Every page that the lines tell of, those that come again too."""
    found: list[Page] = []
    for line in lines:
        if line.kind == "page":
            found += _pages(line, timedelta(0))
        elif line.kind == "again" and line.every is not None:
            end = line.until or until
            round_ = [
                one
                for one in lines
                if one.kind == "page"
                and one.where.startswith(("level ", "last resort"))
                and line.at - line.every <= one.at < line.at
            ]
            for times in count(1):
                pages = [one for each in round_ for one in _pages(each, times * line.every)]
                if all(page[0] > end for page in pages):
                    break
                found += [page for page in pages if page[0] <= end]
    return sorted(found)


def _pages(line: PlanLine, later: timedelta) -> list[Page]:
    return [(line.at + later, person, str(line.method)) for person in line.people]


@pytest.mark.parametrize("name", sorted(SHIPPED.plans))
@pytest.mark.parametrize("severity", list(Severity))
def test_the_plan_tells_every_page_of_the_rehearsal_and_no_other(name: str, severity: Severity):
    """Rounds that are said once mean just the pages that the reducer sends."""
    rehearsal = a_rehearsal(SHIPPED.plans[name])

    outlook = declared(rehearsal, severity)

    sent = sorted((one.at, one.page.person, str(one.page.method)) for one in rehearsal.record.pages)
    assert expanded(outlook.lines, rehearsal.now) == sent
    assert len(outlook.lines) < 40


@pytest.mark.engine
async def test_the_plan_of_a_shipped_playbook_is_what_the_real_server_pages(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
):
    """Round by round up to the last resort, with real workers and receivers."""
    alert = an_alert("disk", alertname="DiskFull", severity="sev1")
    rehearsal = a_rehearsal(SHIPPED.plans["disk_full"])
    outlook = foresee(rehearsal, lambda: rehearsal.fire(alert), Course())

    async with open_stage(temporal_client, SHIPPED.roster, (hooks, mailbox), tmp_path) as stage:
        story = stage.story(SHIPPED.plans["disk_full"], NIGHT)
        await story.fire(alert)
        await story.until("01:46")

    told = expanded(outlook.lines, NIGHT + timedelta(minutes=46))
    assert len(told) > 6
    assert story.pages() == sorted((f"{at:%a %H:%M}", person, how) for at, person, how in told)


def test_rounds_that_are_the_same_are_said_once():
    """Two levels, three rounds and an endless last resort are six lines."""
    outlook = declared(a_rehearsal(SHIPPED.plans["disk_full"]), Severity.SEV1)

    assert [(line.kind, line.where, line.text) for line in outlook.lines] == [
        ("page", "level 1", "Bo Chen"),
        ("page", "level 2", "Dev Patel"),
        ("again", "", "rounds 2 and 3 of 3: the same again, the last page Wed 02:25 CET"),
        ("note", "", "The escalation ladder is exhausted: nobody acknowledged."),
        ("page", "last resort", "Nora Eng, Bo Chen"),
        ("again", "last resort", "the same again every 15 min, until somebody answers"),
    ]


def test_quiet_hours_are_told_with_the_moment_at_which_the_ladder_begins():
    """SEV4 wakes nobody: one quiet page, then level 1 when the team is at work."""
    outlook = declared(a_rehearsal(SHIPPED.plans["disk_full"]), Severity.SEV4)

    texts = [line.text for line in outlook.lines]
    assert texts[0] == "Nobody is woken at SEV4 now. Level 1 waits: Wed 09:00 CET."
    assert outlook.lines[1].quiet
    assert "Level 2 is skipped: nobody on call." in texts


def test_ladder_that_waits_for_hours_day_by_day_comes_to_an_end():
    """A level an hour: the ladder never gets through in one working day."""
    rehearsal = a_rehearsal(SHIPPED.plans["etcd_members_lost"])

    outlook = declared(rehearsal, Severity.SEV4)

    assert rehearsal.now < NIGHT + timedelta(days=2)
    assert any("Waits for the hours of" in line.text for line in outlook.later)


def test_severity_that_pages_nobody_says_so():
    """SEV5 is on the timeline only."""
    outlook = declared(a_rehearsal(SHIPPED.plans["disk_full"]), Severity.SEV5)

    assert [line.text for line in outlook.lines] == ["SEV5 pages nobody."]


def test_an_answer_tells_roles_questions_and_the_silence_after_it():
    """The first person paged acknowledges, and does nothing more."""
    course = Course(answers=timedelta(minutes=3))

    outlook = declared(a_rehearsal(SHIPPED.plans["payment_api_5xx"]), Severity.SEV1, course)

    texts = [line.text for line in outlook.lines]
    assert outlook.answered_by == "Bo Chen"
    assert texts.index("Acknowledged by Bo Chen.") < texts.index("Bo Chen holds operations lead.")
    assert "Asked of Bo Chen: What broke?" in texts
    assert any("Step first_look is overdue: " in text for text in texts)
    assert "Nobody has acted for long: still on it?" in texts
    assert outlook.is_paged_anew
    assert outlook.lines[-1].kind == "page"


def test_an_alert_that_resolves_while_nobody_answers_pauses_the_paging():
    """What is over pages nobody further, and the incident ends by itself."""
    rehearsal = a_rehearsal(SHIPPED.plans["disk_full"])
    alert = an_alert("disk", alertname="DiskFull", severity="sev1")
    course = Course(resolves=timedelta(minutes=7))

    outlook = foresee(rehearsal, lambda: rehearsal.fire(alert), course, gone=[alert])

    pages = [line.at for line in outlook.lines if line.kind == "page"]
    assert max(pages) < NIGHT + timedelta(minutes=7)
    assert rehearsal.state.phase is not Phase.TRIGGERED or not rehearsal.state.firing


def test_each_severity_rule_is_told_with_its_verdict():
    """A fact that is not measured cannot be judged; after a rule that holds none is asked."""
    rehearsal = a_rehearsal(SHIPPED.plans["payment_api_5xx"])
    rehearsal.fire(an_alert("a", alertname="PaymentApi5xx", env="prod", severity="critical"))

    told = severity_told(rehearsal)

    assert (told.severity, told.reason) == (Severity.SEV2, "a rule cannot be evaluated yet")
    assert [rule.verdict for rule in told.rules] == ["unknown", "holds", "not_asked"]
    assert told.rules[0].why == "'facts.error_ratio' has no value"
    assert (told.label, told.label_severity) == ("severity: critical", Severity.SEV2)


def test_a_rule_that_is_false_names_the_part():
    """With what is measured."""
    rehearsal = a_rehearsal(SHIPPED.plans["datacenter_down"])
    rehearsal.fire(an_alert("a", alertname="DatacenterDown", dc="dc1"))

    told = severity_told(rehearsal)

    assert [rule.verdict for rule in told.rules] == ["false"]
    assert told.rules[0].why
    assert (told.severity, told.default) == (Severity.SEV2, Severity.SEV2)


def test_roles_and_who_serves_are_told_at_a_severity():
    """Who would be paged for each role, and who stands behind what is paged."""
    plan = SHIPPED.plans["payment_api_5xx"]

    roles = {one.role: one.how for one in roles_told(plan, Severity.SEV2)}
    serving = {
        one.ref: one.names for one in who_serves(plan, Severity.SEV2, Cast(SHIPPED.roster), NIGHT)
    }

    assert roles["incident_commander"] == "pages ic_primary, then ic_secondary"
    assert roles["scribe"] == "not at SEV2 (SEV1)"
    assert roles["sme"] == "dba if facts.cause == 'database'"
    assert serving["schedule:payments_primary"] == ("Bo Chen",)
    assert serving["schedule:ic_primary"] == ("Cleo Dubois",)
