"""A playbook's steps on a phone: decided, approved by another, carried out, done."""

import pytest
from playwright.async_api import Browser, Page

from tests.ui.cards import answer
from tests.ui.cards_story import cards_fail, up_to_the_decision
from tests.ui.looking import PATIENCE_MS, Copy, open_incident_page

pytestmark = [pytest.mark.chromium, pytest.mark.engine]


async def phone(chromium: Browser, copy: Copy, opened: str, person: str) -> Page:
    """The person's page of the incident, on a phone without scripts."""
    context = await chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(copy.own_link(person, opened))
    return page


async def said(page: Page) -> str:
    """The sentence on top."""
    return await page.get_by_role("status").inner_text(timeout=PATIENCE_MS)


async def test_steps_are_decided_approved_by_another_carried_out_and_done_on_phones(
    copy: Copy, chromium: Browser
):
    opened = cards_fail(copy, "eu-1")
    ann = await phone(chromium, copy, opened, "ann")
    for item in ("Which regions", "What was changed"):
        await ann.get_by_role("button", name=f"Tick: {item}").click()
    copy.wait_for_step(opened, "choose_way", "running")

    undecided = len(copy.hooks.received("/cards/rollback"))
    cleo = await phone(chromium, copy, opened, "cleo")
    await cleo.get_by_label("Roll back the last deploy").check()
    await cleo.get_by_label("Why this one?").fill("deployed at 02:40")
    await cleo.get_by_role("button", name="Decide").click()
    decided = await said(cleo)
    copy.wait_for_step(opened, "approve_rollback", "running")
    own_approval = await cleo.get_by_role("button", name="Approve").count()
    before = len(copy.hooks.received("/cards/rollback"))

    nora = await phone(chromium, copy, opened, "nora_eng_director")
    await nora.get_by_role("button", name="Approve").click()
    approved = await said(nora)
    copy.hooks.wait_for(before + 1, "/cards/rollback")
    copy.wait_for_step(opened, "rollback", "done")
    answer(copy.hooks, "ratio", {"ratio": 0.001})
    copy.wait_for_step(opened, "verify", "running")

    await ann.get_by_role("link", name="Look again").click()
    await ann.get_by_role("button", name="Tick: Ledger").click()
    copy.wait_for_step(opened, "refunds", "running")
    await ann.get_by_role("link", name="Look again").click()
    await ann.get_by_label("answer", exact=True).fill("12")
    await ann.get_by_role("button", name="Answer").click()
    copy.wait_for_step(opened, "refunds", "done")
    await ann.get_by_role("link", name="Look again").click()
    text = await ann.locator("body").inner_text()
    for page in (ann, cleo, nora):
        await page.context.close()

    assert before == undecided, "nothing was rolled back before another person said yes"
    assert own_approval == 0, "who decided does not approve it"
    assert "ollback" in decided
    assert approved
    assert "Waits for you" not in text
    assert "because deployed at 02:40" in text
    assert "release=r-281" in text
    assert "answer=12" in text
    assert copy.step(opened, "approve_rollback")["votes"][0]["person"] == "nora_eng_director"


async def test_a_fact_is_set_on_the_page_and_stands_until_it_is_released(
    copy: Copy, chromium: Browser
):
    opened = cards_fail(copy, "eu-2")
    page = await phone(chromium, copy, opened, "ann")

    fact = page.get_by_role("listitem").filter(has_text="cause").first
    await fact.get_by_text("Set it").click()
    await fact.get_by_role("combobox").select_option("deploy")
    await fact.get_by_role("button", name="Set cause").click()
    await said(page)
    facts = {one["name"]: one for one in copy.incident(opened)["facts"]}
    text = await fact.inner_text()
    await page.context.close()

    assert (facts["cause"]["value"], facts["cause"]["by_name"]) == ("deploy", "Ann Berg")
    assert "set by Ann Berg" in text


async def test_breaking_the_glass_needs_a_reason_and_then_goes_on_alone(
    copy: Copy, chromium: Browser
):
    opened = up_to_the_decision(copy, "eu-3")
    copy.say(opened, "cleo", "steps/choose_way/choose", option="rollback")
    copy.wait_for_step(opened, "approve_rollback", "running")

    page = await phone(chromium, copy, opened, "cleo")
    await page.get_by_text("Steps of others that take your word too").click()
    await page.get_by_text("Break the glass: approve alone").click()
    button = page.get_by_role("button", name="Break the glass")
    await button.click()
    without = copy.step(opened, "approve_rollback")["state"]
    await page.get_by_label("Why can it not wait?").fill("Nora does not answer")
    await button.click()
    await said(page)
    copy.wait_for_step(opened, "rollback", "done")
    await page.context.close()

    assert without == "running"
    assert copy.step(opened, "approve_rollback")["votes"][-1]["because"] == "Nora does not answer"


async def test_the_temporal_ui_shows_the_tree_and_the_facts(copy: Copy, chromium: Browser):
    opened = cards_fail(copy, "eu-4")
    page = await chromium.new_page(viewport={"width": 1400, "height": 1000})

    text = await open_incident_page(page, copy, opened)
    await page.close()

    for part in ("triage", "recent_deploys", "count=3", "0 of 2 ticked", "operations lead"):
        assert part in text
    assert "error_ratio 0.124" in text
