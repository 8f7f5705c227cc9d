"""Pages look up the address at the moment of sending, and always say what became of them."""

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.channels.tools import ChannelTools
from activities.links import read_link
from activities.metrics import PageMetrics
from activities.page import PageActivities
from domain.incident.effects import Outcome, SendPage, SendResult
from domain.roster import Method, Roster
from settings import Settings
from tests.activities.builders import a_page, a_roster, a_user, tools_for
from tests.receivers import MailReceiver, WebhookReceiver


async def send(tools: ChannelTools, roster: Roster, page: SendPage) -> SendResult:
    """Run the activity as a worker would."""
    activities = PageActivities(tools, lambda: roster, PageMetrics())
    result: SendResult = await ActivityEnvironment().run(activities.send_page, page)
    return result


async def test_each_method_goes_its_way_with_a_link_for_the_person(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver, mailbox: MailReceiver
) -> None:
    roster = a_roster(
        a_user(push=f"{hooks.ntfy}/push", email="ann@example.org", webhook=f"{hooks.url}/hook")
    )
    tools = tools_for(settings, http, smtp_port=mailbox.port)

    for method in (Method.PUSH, Method.EMAIL, Method.WEBHOOK):
        assert (await send(tools, roster, a_page(method))).outcome is Outcome.DELIVERED

    link = hooks.received("/hook")[0].json()["link"]
    assert read_link(settings, link.rpartition("/")[2]) == ("INC-M4T9WC", "ann")
    assert hooks.received("/push")[0].headers["click"] == link
    assert link in mailbox.mails()[0].plain


async def test_person_gone_from_the_roster_fails_for_good(
    settings: Settings, http: httpx.AsyncClient
) -> None:
    result = await send(tools_for(settings, http), a_roster(), a_page())

    assert result == SendResult(
        outcome=Outcome.FAILED, detail="Ann Berg is no longer in the roster"
    )


@pytest.mark.parametrize("method", [Method.SMS, Method.PHONE, Method.SLACK])
async def test_method_without_a_provider_fails_for_good_and_says_the_mend(
    method: Method, settings: Settings, http: httpx.AsyncClient
) -> None:
    """The reducer then starts the person's next method at once."""
    ann = a_user().model_copy(update={"contact": {method: "+4930123456"}})
    roster = a_roster(ann)

    result = await send(tools_for(settings, http), roster, a_page(method))

    assert result.outcome is Outcome.FAILED
    assert "Apprise" in result.detail


async def test_missing_contact_fails_for_good(settings: Settings, http: httpx.AsyncClient) -> None:
    result = await send(tools_for(settings, http), a_roster(a_user(push="ntfy://x/y")), a_page())

    assert result.outcome is Outcome.FAILED
    assert "webhook" in result.detail


async def test_any_other_url_goes_through_apprise(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """Apprise's own JSON service, as one of its many."""
    address = hooks.url.replace("http://", "json://") + "/apprise"
    tools = tools_for(settings, http)

    taken = await send(tools, a_roster(a_user(sms=address)), a_page(Method.SMS))
    hooks.stop()
    down = await send(tools, a_roster(a_user(sms=address)), a_page(Method.SMS))
    unknown = await send(tools, a_roster(a_user(sms="nosuch://x")), a_page(Method.SMS))

    assert taken.outcome is Outcome.DELIVERED
    assert "INC-M4T9WC" in hooks.received("/apprise")[0].json()["title"]
    assert down.outcome is Outcome.RETRY
    assert unknown.outcome is Outcome.FAILED
