"""The Kubernetes API burns its budget: a failing webhook is found, and let pass."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stage import Story
from tests.stories.library.conftest import Library
from tests.stories.library.telling import (
    an_alert_of,
    decide,
    paged,
    resolved,
    states,
    step_of,
    tick,
)
from tests.stories.library.town import a_json

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FAST = an_alert_of("KubeAPIErrorBudgetBurn", severity="critical", long="1h", short="5m")


async def begin(library: Library) -> Story:
    """01:00 to 01:04: a fast window burns, and one webhook fails its calls."""
    library.town.replies["/api/v1/deploys"] = a_json({"total": 0, "items": []})
    library.tools.prints("kube-ops api-health", {"unhealthy": [], "slowest_verb": "PATCH"})
    library.town.measured = {
        "kubernetes_api_error_ratio": 0.12,
        "kubernetes_api_burn_1h": 15,
        "kubernetes_failing_webhooks": ["policy.acme.example"],
    }
    story = library.story("kubernetes_api_error_budget_burn", TUESDAY_1_AM)
    await story.fire(FAST)
    await story.until("01:03")
    await story.say("jon", "acknowledge")
    await tick(story, "jon", "first_look")
    return story


async def test_a_failing_webhook_is_suggested_and_opened_after_a_second_pair_of_eyes(
    library: Library,
) -> None:
    """Who decides cannot approve it too; the webhooks found are opened one by one."""
    story = await begin(library)
    view = await story.view()
    assert (view.severity, paged(story, "Tue 01:00")) == (Severity.SEV2, {"jon"})
    suggested = [one.id for one in step_of(view, "choose").options if one.suggested]
    assert suggested == ["webhooks"]

    await decide(story, "jon", "choose", "webhooks")
    assert step_of(await story.view(), "approve_webhooks").state == "running"
    assert not any("webhook" in one for one in library.tools.ran())
    await story.say("rosa", "step_approve", step="approve_webhooks")
    assert library.tools.ran()[-1] == "kube-ops webhook-fail-open policy.acme.example"

    library.town.measured = {
        "kubernetes_api_error_ratio": 0.001,
        "kubernetes_api_burn_1h": 0.5,
        "kubernetes_failing_webhooks": [],
    }
    await story.until("01:10")
    await story.until("01:30")
    await tick(story, "jon", "verify")
    await story.fire(resolved(FAST))
    await story.until("01:50")
    await story.say("jon", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "calm", "verify", "fail_open@1") == {
        "calm": "done",
        "verify": "done",
        "fail_open@1": "done",
    }
