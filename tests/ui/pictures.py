"""Takes the pictures of docs/images: `python -m tests.ui.pictures [folder]`.

They show a real copy in which a real story has just happened, so that they can be taken
again whenever what people see has changed.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.processes import ROOT
from tests.ui.cards_story import to_the_end, up_to_the_decision
from tests.ui.looking import (
    PATIENCE_MS,
    WORKFLOWS,
    Copy,
    browser,
    open_incident_page,
    running_copy,
)

COLUMNS = ("IncidentSeverity", "IncidentPhase", "IncidentTitle", "IncidentCommander")
NOT_NEEDED = ("Run ID", "Start", "End")
OPEN = "?query=ExecutionStatus%3D%22Running%22"


def play(copy: Copy) -> str:
    """A small night: three incidents, one of them well under way; its workflow id."""
    copy.fire("dc1 is down", alertname="DatacenterDown", dc="dc1", env="dc")
    copy.fire("Disk of db-1 is 97 % full", alertname="DiskFull", service="db-1", env="prod")
    opened = copy.fire("Payment API error ratio 12.4 %")
    first = copy.person_paged(opened)
    commander = copy.person_paged(opened, "incident commander")
    copy.say(opened, first, "acknowledge")
    copy.say(opened, commander, "roles/incident_commander/accept")
    look = copy.step(opened, "first_look")
    copy.say(opened, first, "steps/first_look/done", item=look["items"][0]["id"])
    copy.say(opened, first, "note", type="action", text="Rolled back the 14:02 deploy.")
    summary = {"state_now": "Rolled back, error ratio falls, eu-west-1 only."}
    to = next(person for person in ("bo", "dev") if person not in (first, commander))
    offer = {"role": "incident_commander", "to": to, "summary": summary}
    copy.say(opened, commander, "handoff", **offer)
    return opened


async def take(copy: Copy, folder: Path) -> None:
    """All pictures into the folder, which exists."""
    async with browser() as chromium:
        waiting = copy.fire("Payment API error ratio 31 %", service="checkout-api")
        link = copy.link_of(copy.person_paged(waiting), copy.incident(waiting)["reference"])
        await picture_of_link(chromium, link, folder / "phone.png")
        opened = play(copy)
        page = await chromium.new_page(viewport={"width": 1400, "height": 1000})
        await picture_of_list(page, copy, folder / "list.png")
        await page.set_viewport_size({"width": 1400, "height": 1200})
        await open_incident_page(page, copy, opened)
        await page.screenshot(path=folder / "incident.png")
        await picture_of_history(page, copy.tab_of(opened, "history"), folder / "history.png")
        await pictures_of_steps(chromium, copy, folder)


async def pictures_of_steps(chromium: Browser, copy: Copy, folder: Path) -> None:
    """The tree while a decision waits, and when all is done: on a phone and in the UI."""
    opened = up_to_the_decision(copy, "eu-west-1")
    await picture_of_tree(chromium, copy, opened, folder / "steps_running.png")
    await asyncio.to_thread(to_the_end, copy, opened)
    await picture_of_tree(chromium, copy, opened, folder / "steps_finished.png")


async def picture_of_tree(chromium: Browser, copy: Copy, opened: str, file: Path) -> None:
    """The commander's page down to its steps and facts, and the incident in the Temporal UI."""
    phone = await chromium.new_context(viewport={"width": 390, "height": 844})
    page = await phone.new_page()
    await page.goto(copy.own_link("cleo", opened))
    below = await page.get_by_role("heading", name="Latest").bounding_box()
    height = below["y"] if below else 844
    clip = {"x": 0, "y": 0, "width": 390, "height": height}
    await page.screenshot(path=file, full_page=True, clip=clip)
    await phone.close()
    page = await chromium.new_page(viewport={"width": 1400, "height": 1230})
    await open_incident_page(page, copy, opened)
    below = {"x": 60, "y": 330, "width": 1340, "height": 900}
    await page.screenshot(path=file.with_name(f"{file.stem}_ui.png"), clip=below)
    await page.close()


async def picture_of_link(chromium: Browser, link: str, file: Path) -> None:
    """The page behind a signed link, on a phone."""
    phone = await chromium.new_context(viewport={"width": 390, "height": 844})
    page = await phone.new_page()
    await page.goto(link)
    await page.screenshot(path=file)
    await phone.close()


async def picture_of_list(page: Page, copy: Copy, file: Path) -> None:
    """The list with our columns, added as a person would."""
    await page.set_viewport_size({"width": 1600, "height": 1000})
    await page.goto(copy.ui + WORKFLOWS + OPEN)
    await page.get_by_label("Collapse saved views").click()
    await page.get_by_test_id("workflows-summary-table-configuration-button").click()
    for column in COLUMNS:
        await page.get_by_test_id(f"orderable-list-item-{column}-add-button").click()
    for column in NOT_NEEDED:
        await page.get_by_test_id(f"orderable-list-item-{column}-remove-button").click()
    await page.reload()
    await page.get_by_text("Disk of db-1").first.wait_for(timeout=PATIENCE_MS)
    await page.screenshot(path=file, clip={"x": 0, "y": 0, "width": 1600, "height": 480})


async def picture_of_history(page: Page, address: str, file: Path) -> None:
    """The history as a timeline, whole, the first event on top."""
    await page.set_viewport_size({"width": 1400, "height": 3000})
    await page.goto(address)
    await page.get_by_text("to acknowledge").first.wait_for(timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Minimized").click()
    await page.get_by_role("button", name="Descending").click()
    await page.get_by_role("button", name="Ascending").wait_for()
    box = await page.get_by_text("Event History").first.bounding_box()
    top = box["y"] - 6 if box else 0
    await page.screenshot(path=file, clip={"x": 60, "y": top, "width": 1340, "height": 1000})


def main(folder: Path) -> None:
    """Run a copy, and take the pictures of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running_copy(Path(data)) as copy:
        asyncio.run(take(copy, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
