"""A quiet night and a shift change: what waits, what gathers, who comes on."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from api.app import create_app
from api.gateway import Gateway
from domain.incident.input import AlertBatch
from domain.incident.view import Phase
from tests.night import Night, NightStory
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, an_alert, open_stage, written
from tests.stories.weekend import folder, moment, seen_at

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

WEEKENDS = [
    pytest.param(date(2026, 11, 28), 40, id="a-plain-one"),
    pytest.param(date(2026, 10, 24), 6, id="clocks-go-back"),
    pytest.param(date(2027, 3, 27), 6, id="clocks-go-forward"),
]


@pytest.fixture
async def stage(
    temporal_client: Client,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    tmp_path: Path,
    saturday: date,
) -> AsyncIterator[Stage]:
    """A real engine and real workers; pages gather for a minute."""
    texts = folder(saturday)
    for name, text in texts.items():
        path = tmp_path / "playbooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    compiled = written(texts)
    how = {"bundle_window_s": 60, "playbooks": tmp_path / "playbooks", "send_timeout_s": 10}
    receivers = (hooks, mailbox)
    async with open_stage(temporal_client, compiled.roster, receivers, tmp_path, **how) as stage:
        stage.plans.update(compiled.plans)
        yield stage


async def disks_fill(night: Night, count: int) -> list[NightStory]:
    """So many hosts' disks are full at the same moment."""
    stories = [night.story(night.stage.plans["disk_full"]) for _ in range(count)]
    for number, story in enumerate(stories):
        alert = an_alert(f"db-{number}", alertname="DiskFull", host=f"db-{number}")
        await story.start(AlertBatch(batch_id=uuid4().hex, alerts=(alert,)))
    await night.settle()
    return stories


async def keep(night: Night, stories: list[NightStory], count: int) -> list[NightStory]:
    """These go on to their end; the others are the same, and the test need not watch them."""
    for story in stories[count:]:
        night.stories.remove(story)
        await story.workflow.terminate()
    return stories[:count]


async def disks_are_cleared(night: Night, stories: list[NightStory]) -> None:
    """All of them end; the night goes on without them."""
    for number, story in enumerate(stories):
        alert = an_alert(
            f"db-{number}", status="resolved", alertname="DiskFull", host=f"db-{number}"
        )
        await story.workflow.signal("alerts", AlertBatch(batch_id=uuid4().hex, alerts=(alert,)))
    await night.settle()


async def tap_acknowledge_all(stage: Stage) -> str:
    """What the page says after the one button of the bundle's link is tapped."""
    bundle = stage.hooks.received("/first")[-1]
    actions = json.loads(bundle.headers["actions"])
    address = next(one["url"] for one in actions if "/a/" in one["url"])
    path = httpx.URL(address).path.removesuffix("/acknowledge")
    app = create_app(stage.settings, Gateway(stage.settings, stage.client))
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            answer = await http.post(f"{path}/acknowledge", timeout=120)
    finally:
        await app.state.writer.close()
        app.state.ledger.close()
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(("saturday", "disks"), WEEKENDS)
async def test_the_certificate_waits_for_monday_and_forty_disks_are_three_messages(
    stage: Stage, saturday: date, disks: int
) -> None:
    """E-mail on Saturday, one bundle at night, a page on Monday, the next person at 09:30."""
    night = Night(stage, moment(saturday, "03:00"))
    certificate = night.story(stage.plans["certificate_expires"])
    await certificate.fire(an_alert("certificate", alertname="CertificateExpires"))
    quiet = night.pages()
    await night.until_moment(moment(saturday, "03:30"))
    stories = await disks_fill(night, disks)
    await night.until_moment(moment(saturday, "03:31"))
    said = await tap_acknowledge_all(stage)
    await night.settle()
    loud = [one for one in night.pages("first") if one[1] != "notice"]
    stories = await keep(night, stories, 3)
    await disks_are_cleared(night, stories)
    await night.until_moment(moment(saturday, "04:30"))
    closed = {(await story.view()).phase for story in stories}
    night.stories = [certificate]
    await night.until_moment(moment(saturday, "09:35", days=2))
    await certificate.say("second", "acknowledge")
    monday = [one for one in night.reached if one.at.startswith("Mon")]

    three, half = seen_at(saturday, "03:00"), seen_at(saturday, "03:30")
    minute = seen_at(saturday, "03:31")
    assert [(at, how) for at, how, _ in quiet] == [(three, "mail")]
    first = min(text for at, _, text in loud if at == half)
    together = [text for at, _, text in loud if at == minute]
    assert re.fullmatch(r"db-\d+ is down", first)
    assert sorted((at, how) for at, how, _ in loud) == sorted(
        [(half, "push"), (minute, "push"), (minute, "sms")]
    )
    # Whichever of them comes first leads its bundle, by push and by SMS alike.
    assert all(re.fullmatch(rf"db-\d+ is down \+{disks - 1} more", one) for one in together)
    assert f"All {disks} incidents are acknowledged." in said
    assert closed == {Phase.CLOSED}
    expected = [
        (seen_at(saturday, clock_time, days=2), whom, how)
        for whom, clock_times in (
            ("first", ("09:15", "09:16", "09:17")),
            ("second", ("09:30", "09:31", "09:32")),
        )
        for clock_time, how in zip(clock_times, ("push", "sms", "phone"), strict=True)
    ]
    told = [(seen_at(saturday, "09:35", days=2), "first", "notice")]
    assert sorted((one.at, one.whom, one.how) for one in monday) == sorted(expected + told)
    assert (await certificate.view()).phase is Phase.ACKNOWLEDGED
