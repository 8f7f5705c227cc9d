"""A page of a drill reaches its person, and counts neither in metrics nor as a wake-up."""

import httpx
from temporalio.testing import ActivityEnvironment

from activities.page import PageActivities
from domain.incident.effects import Outcome, SendPage, SendResult
from domain.roster import Method
from settings import Settings
from tests.activities.builders import a_page, a_roster, a_user, tools_for
from tests.receivers import WebhookReceiver


class Counting:
    """Stands at both edges: what is counted, and who is noted as woken."""

    def __init__(self) -> None:
        self.counted: list[str] = []
        self.woken: list[str] = []

    def count(self, page: SendPage, result: SendResult, elapsed_s: float) -> None:
        """One page was counted."""
        self.counted.append(page.id)

    async def after_page(self, page: SendPage, result: SendResult) -> None:
        """Somebody may have been woken."""
        self.woken.append(page.person)


async def test_a_page_of_a_drill_is_sent_and_counts_nowhere(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
):
    roster = a_roster(a_user(webhook=f"{hooks.url}/hook"))
    edges = Counting()
    activities = PageActivities(
        tools_for(settings, http),
        lambda: roster,
        edges,  # type: ignore[arg-type]
        night=edges,  # type: ignore[arg-type]
    )
    real = a_page(Method.WEBHOOK)
    message = real.message.model_copy(update={"drill": True})
    drill = real.model_copy(update={"id": "of-a-drill", "message": message})

    for page in (real, drill):
        result = await ActivityEnvironment().run(activities.send_page, page)
        assert result.outcome is Outcome.DELIVERED

    assert [one.json()["drill"] for one in hooks.received("/hook")] == [False, True]
    assert edges.counted == [real.id]
    assert edges.woken == [real.person]
