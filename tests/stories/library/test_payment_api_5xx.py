"""The payment API fails: the example that shows every construct, played whole."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stage import Story
from tests.stories.library.conftest import Library
from tests.stories.library.telling import (
    an_alert_of,
    decide,
    mailed,
    paged,
    resolved,
    states,
    step_of,
    tick,
)
from tests.stories.library.town import a_json

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ALERT = an_alert_of(
    "PaymentApi5xx",
    says={"error_ratio": "0.3"},
    service="payments-api",
    env="prod",
    region="eu-west-1",
    severity="critical",
    db_cluster="pay",
)


def a_deploy_an_hour_ago(library: Library) -> None:
    """The deploy service knows a deploy, the provider is well, 30 % of payments fail."""
    library.town.replies["/api/v1/deploys"] = a_json({"total": 1, "items": [{"sha": "abc1234"}]})
    library.town.replies["/api/v2/components.json"] = a_json(
        {"components": [{"id": "a1", "name": "Acquirer", "status": "operational"}]}
    )
    library.town.measured = {"payments_5xx_ratio": 0.3, "payments_regions_down": []}


async def people_come(story: Story) -> None:
    """01:00 to 01:04: it fires, Bo is on it, Cleo commands, and the first look is taken."""
    await story.fire(ALERT)
    await story.until("01:02")
    await story.say("bo", "acknowledge")
    await story.until("01:03")
    await story.say("cleo", "accept_role", role="incident_commander")
    await story.say("bo", "fact_set", fact="data_loss", value=False)
    await story.say("bo", "fact_set", fact="cause", value="deploy")
    await story.until("01:04")
    await tick(story, "bo", "first_look")


async def it_recovers(library: Library, story: Story) -> None:
    """01:06 to 01:50: the rollback works, what broke is looked after, the alert ends."""
    library.town.measured["payments_5xx_ratio"] = 0.001
    await story.until("01:06")
    await story.until("01:17")
    await tick(story, "bo", "verify")
    await story.until("01:23")
    await story.say("bo", "step_answer", step="refunds", answer=3)
    await story.fire(resolved(ALERT))
    await story.until("01:40")
    await story.say("cleo", "confirm")


async def test_thirty_percent_errors_page_everybody_at_once(library: Library) -> None:
    """SEV1 by the alert's own figure: the page does not wait for a query."""
    a_deploy_an_hour_ago(library)
    story = library.story("payment_api_5xx", TUESDAY_1_AM)

    await story.fire(ALERT)

    view = await story.view()
    assert view.severity is Severity.SEV1
    assert paged(story, "Tue 01:00") == {"bo", "cleo", "dev"}
    assert states(view, "recent_deploys", "provider_status", "first_look") == {
        "recent_deploys": "done",
        "provider_status": "done",
        "first_look": "pending",
    }
    (asked,) = library.town.received("/api/v1/deploys?service=payments-api&since=1h")
    assert asked.headers["authorization"] == "Bearer the-deploy_token"


async def test_a_deploy_is_suggested_chosen_and_rolled_back_once(library: Library) -> None:
    """From the page to the confirmation, with every machine and every person of the story."""
    a_deploy_an_hour_ago(library)
    story = library.story("payment_api_5xx", TUESDAY_1_AM)

    await people_come(story)
    choice = step_of(await story.view(), "choose_mitigation")
    assert [one.id for one in choice.options if one.suggested] == ["rollback"]
    assert choice.question == "Error ratio is 30 %. How do we stop the damage?"
    await decide(story, "cleo", "choose_mitigation", "rollback")
    assert library.tools.ran() == ["payctl rollback --service payments-api --to previous --wait"]
    view = await story.view()
    assert states(view, "approve_rollback", "rollback", "db_recovery", "recovered") == {
        "approve_rollback": "skipped",  # SEV1 does not wait for it
        "rollback": "done",
        "db_recovery": "skipped",
        "recovered": "running",
    }
    await it_recovers(library, story)

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert set(states(view).values()) <= {"done", "skipped", "pending"}
    assert step_of(view, "refunds").results["answer"] == 3
    assert "Payment API returns 5xx in prod: stable again." in mailed(story)


async def test_a_failing_provider_sends_each_region_to_the_standby_once(library: Library) -> None:
    """Two regions are down, at SEV2: each call carries a key of its own, and its secret."""
    a_deploy_an_hour_ago(library)
    library.town.replies["/api/v2/components.json"] = a_json(
        {"components": [{"id": "a1", "name": "Acquirer", "status": "major_outage"}]}
    )
    library.town.measured = {"payments_5xx_ratio": 0.3, "payments_regions_down": ["eu", "us"]}
    story = library.story("payment_api_5xx", TUESDAY_1_AM)

    await people_come(story)
    choice = step_of(await story.view(), "choose_mitigation")
    assert [one.id for one in choice.options if one.suggested] == ["rollback", "failover"]
    await decide(story, "cleo", "choose_mitigation", "failover")

    calls = [one for one in library.town.received() if one.path.endswith("/failover")]
    assert sorted(one.path for one in calls) == [
        "/api/regions/eu/failover",
        "/api/regions/us/failover",
    ]
    assert {one.headers["authorization"] for one in calls} == {"Bearer the-router_token"}
    assert {one.headers["idempotency-key"] for one in calls} == {
        f"{story.workflow_id}-eu",
        f"{story.workflow_id}-us",
    }
    assert step_of(await story.view(), "choose_mitigation").state == "done"


async def test_a_broken_database_is_recovered_by_the_playbook_that_is_called(
    library: Library,
) -> None:
    """The same people, no page of its own, and the caller goes on when it has ended."""
    a_deploy_an_hour_ago(library)
    status = {"old_primary_reachable": True, "candidate": "pay-2", "candidate_lag_bytes": 0}
    library.tools.prints("pg-ops status", status)
    library.town.measured["postgres_clusters_without_primary"] = ["pay"]
    story = library.story("payment_api_5xx", TUESDAY_1_AM)
    await people_come(story)
    await story.say("bo", "fact_set", fact="cause", value="database")
    assert "tomas" in {one.person for one in (await story.view()).paged}  # the database's expert
    await decide(story, "cleo", "choose_mitigation", "hold")

    child = await library.called(story, "db_recovery", "postgres_primary_down")
    await child.settle()
    view = await child.view()
    assert view.title == "postgres_primary_down for Payment API returns 5xx in prod"
    assert (view.parent, view.severity) == (story.reference, Severity.SEV1)
    assert [one.person for one in view.roles["incident_commander"]] == ["cleo"]
    await tick(child, "bo", "down_or_unreachable")
    await decide(child, "cleo", "choose", "network")
    library.town.measured["postgres_clusters_without_primary"] = []
    await child.until("01:05")
    await child.until("01:10")
    await tick(child, "bo", "verify")

    assert library.tools.ran() == ["pg-ops status --cluster pay --output json"]
    await story.until("01:12")
    found = step_of(await story.view(), "db_recovery")
    assert (found.state, found.results) == ("done", {"recovered": True})
