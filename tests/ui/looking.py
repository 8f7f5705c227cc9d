"""A running copy whose pages arrive, and a browser to look at it with."""

import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page, async_playwright

from activities.links import link_for
from cli.up.sample_alert import sample_alert
from cli.up.stack import Stack, running_stack
from tests.processes import ROOT, settings_for
from tests.programs import program
from tests.receivers import PATIENCE_S, WebhookReceiver, mail_receiver, webhook_receiver
from tests.ui.cards import write_cards

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
PATIENCE_MS = 30_000
WORKFLOWS = "/namespaces/default/workflows"


class Copy:
    """Engine with its UI, worker and API, whose people are reached at `hooks`."""

    def __init__(self, stack: Stack, hooks: WebhookReceiver) -> None:
        """See `running_copy`."""
        self.hooks = hooks
        self.settings = stack.settings
        self.ui = stack.settings.ui_address
        self._http = httpx.Client(
            base_url=stack.settings.public_address,
            headers={"Authorization": f"Bearer {stack.key}"},
            trust_env=False,
            timeout=20,
        )

    def close(self) -> None:
        """Let go of the API."""
        self._http.close()

    def fire(self, summary: str, **labels: str) -> str:
        """Fire the alert that `watchbill up` prints, changed so; the workflow id."""
        group: Any = sample_alert(datetime.now(UTC))
        alert = group["alerts"][0]
        alert["labels"] |= labels
        alert["annotations"] = {"summary": summary}
        alert["fingerprint"] = "/".join(alert["labels"].values())
        answer = self._http.post("/v1/alerts/alertmanager", json=group)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["alerts"][0]["incident"])

    def incident(self, workflow_id: str) -> dict[str, Any]:
        """The incident as its workflow sees it."""
        answer = self._http.get(f"/v1/incidents/{workflow_id}")
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def say(self, workflow_id: str, person: str, what: str, **body: Any) -> None:
        """A person's command."""
        answer = self._http.post(
            f"/v1/incidents/{workflow_id}/{what}",
            json=body,
            headers={"X-Watchbill-Actor": person},
        )
        assert answer.is_success, answer.text

    def person_paged(self, workflow_id: str, level: str = "level 1") -> str:
        """Who was paged for the level, once it was delivered."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for page in self.incident(workflow_id)["paged"]:
                is_of_level = page["level"].lower().startswith(level)
                if is_of_level and page["state"] == "delivered":
                    return str(page["person"])
            time.sleep(0.02)
        raise AssertionError(f"nobody was paged for {level}: {self.incident(workflow_id)}")

    def link_of(self, person: str, reference: str) -> str:
        """The signed link that the person's page brought for this incident."""
        pushed = self.hooks.received(f"/{person}")
        links = [one.headers["click"] for one in pushed if reference in one.headers["title"]]
        assert links, f"{person} was sent nothing for {reference}"
        return links[0]

    def own_link(self, person: str, workflow_id: str) -> str:
        """A link signed for this person, paged or not."""
        return link_for(self.settings, self.incident(workflow_id)["reference"], person)

    def step(self, workflow_id: str, name: str) -> dict[str, Any]:
        """One step of the tree, wherever it stands; empty if it does not exist yet."""
        answer = self._http.get(f"/v1/incidents/{workflow_id}/steps").json()
        waiting = list(answer["items"])
        while waiting:
            found: dict[str, Any] = waiting.pop()
            if found["id"] == name:
                return found
            waiting += found["steps"]
        return {}

    def wait_for_step(self, workflow_id: str, name: str, state: str) -> None:
        """Return once the step stands there."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.step(workflow_id, name).get("state") == state:
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} is not {state}: {self.step(workflow_id, name)}")

    def wait_for_fact(self, workflow_id: str, name: str) -> None:
        """Return once the fact is known."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            facts = {one["name"]: one["value"] for one in self.incident(workflow_id)["facts"]}
            if facts[name] is not None:
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} is unknown: {self.incident(workflow_id)['facts']}")

    def tab_of(self, workflow_id: str, tab: str) -> str:
        """The address of a workflow's tab in the UI: `user-metadata` or `history`."""
        found = httpx.get(f"{self.ui}/api/v1{WORKFLOWS}/{workflow_id}", trust_env=False).json()
        run = found["workflowExecutionInfo"]["execution"]["runId"]
        return f"{self.ui}{WORKFLOWS}/{workflow_id}/{run}/{tab}"


@contextmanager
def running_copy(folder: Path) -> Iterator[Copy]:
    """A copy on the shipped playbooks, as `watchbill up` runs it, ended at the end."""
    with webhook_receiver() as hooks, mail_receiver() as mailbox:
        playbooks = reachable_playbooks(folder / "playbooks", hooks)
        write_cards(playbooks, hooks)
        settings = settings_for(
            folder / "data",
            playbooks=playbooks,
            smtp_port=mailbox.port,
            http_allow=hooks.url.removeprefix("http://"),
        )
        said: list[str] = []
        with running_stack(settings, said.append) as stack:
            copy = Copy(stack, hooks)
            try:
                yield copy
            finally:
                copy.close()


def reachable_playbooks(folder: Path, hooks: WebhookReceiver) -> Path:
    """The shipped playbooks, with everybody's contacts at the receiver."""
    shutil.copytree(ROOT / "playbooks", folder)
    for file in (folder / "roster").glob("*.yaml"):
        text = file.read_text().replace("ntfys://ntfy.example", hooks.ntfy)
        file.write_text(re.sub(r"https://hooks\.example", f"{hooks.url}/hooks", text))
    return folder


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, headless."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(program("chromium")),
            args=[*CHROMIUM],
            env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        )
        try:
            yield chromium
        finally:
            await chromium.close()


async def open_incident_page(page: Page, copy: Copy, workflow_id: str) -> str:
    """Open the incident's document in the Temporal UI; its text, and that of the tab around."""
    await page.goto(copy.tab_of(workflow_id, "user-metadata"))
    incident = copy.incident(workflow_id)
    reference, severity = incident["reference"], incident["severity"]
    # The UI renders Markdown in frames whose address is the Markdown; only the live one
    # names the severity.
    live = f'iframe[src*="{reference}"][src*="{severity}"]'
    document = page.frame_locator(live).locator("body")
    await document.get_by_text(reference).first.wait_for(timeout=PATIENCE_MS)
    around = await page.locator("body").inner_text()
    return f"{await document.inner_text()}\n{around}"
