"""What people see in a browser: the incident in the Temporal UI, and the signed link."""

import pytest
from playwright.async_api import Browser

from tests.ui.looking import PATIENCE_MS, WORKFLOWS, Copy, open_incident_page

pytestmark = [pytest.mark.chromium, pytest.mark.engine]


async def test_temporal_ui_shows_title_severity_roles_and_what_comes_next(
    copy: Copy, chromium: Browser
):
    opened = copy.fire("Error ratio 12.4 %", service="shown")
    copy.say(opened, copy.person_paged(opened), "acknowledge")
    incident = copy.incident(opened)
    page = await chromium.new_page(viewport={"width": 1400, "height": 1000})
    text = await open_incident_page(page, copy, opened)
    await page.close()

    assert incident["title"] in text
    assert incident["severity"] in text
    assert incident["roles"], "somebody holds operations and acts as commander"
    for role, holders in incident["roles"].items():
        assert role.replace("_", " ") in text.lower()
        assert all(holder["name"] in text for holder in holders)
    assert incident["deadlines"][0]["summary"] in text


async def test_temporal_ui_list_shows_playbook_and_readable_id(copy: Copy, chromium: Browser):
    opened = copy.fire("Error ratio 12.4 %", service="listed")
    page = await chromium.new_page(viewport={"width": 1400, "height": 1000})
    await page.goto(copy.ui + WORKFLOWS)
    await page.get_by_text(opened).first.wait_for(timeout=PATIENCE_MS)
    text = await page.locator("body").inner_text()
    await page.close()

    assert opened.startswith("listed-prod-")
    assert "payment_api_5xx" in text


async def test_signed_link_acts_on_the_first_tap_and_tells_the_second_when(
    copy: Copy, chromium: Browser
):
    """Looking never acts. A page left open in another tab is a late second tap."""
    opened = copy.fire("Error ratio 12.4 %", service="tapped")
    person = copy.person_paged(opened)
    link = copy.link_of(person, copy.incident(opened)["reference"])
    phone = await chromium.new_context(viewport={"width": 390, "height": 844})
    first, second = await phone.new_page(), await phone.new_page()

    await first.goto(link)
    await second.goto(link)
    after_looking = copy.incident(opened)["phase"]
    await first.get_by_role("button", name="Acknowledge").click()
    said_first = await first.get_by_role("status").inner_text()
    after_tap = copy.incident(opened)["phase"]
    await second.get_by_role("button", name="Acknowledge").click()
    said_second = await second.get_by_role("status").inner_text()
    await phone.close()

    assert after_looking == "triggered"
    assert (after_tap, said_first.startswith("You acknowledged.")) == ("acknowledged", True)
    assert said_second.startswith("You acknowledged at ")
