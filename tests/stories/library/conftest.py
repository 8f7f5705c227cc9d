"""The stage of the library: the shipped playbooks, with the town around them."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.incident.steps.children import child_id
from tests.receivers import mail_receiver, webhook_receiver
from tests.stage import ROOT, Stage, Story, open_stage, shipped
from tests.stories.library.telling import step_of
from tests.stories.library.tools import Tools
from tests.stories.library.town import Town

HOSTS = ("deploy", "router", "prometheus", "ntfy", "alertmanager")
SECRETS = ("deploy_token", "router_token")


@dataclass(frozen=True)
class Library:
    """The stage, and what the playbooks' machines reach."""

    stage: Stage
    town: Town
    tools: Tools

    def story(self, playbook: str, start: datetime) -> Story:
        """A story of one shipped playbook, on a stepped clock."""
        return self.stage.story(self.stage.plans[playbook], start)

    async def called(self, caller: Story, step: str, playbook: str) -> Story:
        """The story of a playbook that a step has called, as it runs."""
        reference = step_of(await caller.view(), step).child
        assert reference is not None
        story = self.story(playbook, caller.now)
        story.reference = reference
        story.workflow_id = child_id(playbook, reference, f"{caller.reference}/child/{step}/1")
        story.handle = self.stage.client.get_workflow_handle(story.workflow_id)
        return story


def write_playbooks(folder: Path, places: dict[str, str]) -> None:
    """The shipped folder, whose addresses and programs are those of the story."""
    shutil.copytree(ROOT / "playbooks", folder)
    for path in folder.rglob("*.yaml"):
        text = path.read_text()
        for before, after in places.items():
            text = text.replace(before, after)
        path.write_text(text)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture(scope="module")
async def opened(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Library]:
    """Engine, workers and town; they end with the file, since other tests bring their own."""
    import apprise

    apprise.Apprise.instantiate("json://127.0.0.1")  # loading its services takes a second
    place = tmp_path_factory.mktemp("library")
    tools, town = Tools(place / "bin"), Town()
    secrets = place / "secrets"
    secrets.mkdir()
    for name in SECRETS:
        (secrets / name).write_text(f"the-{name}\n")
    town.start()
    try:
        with (
            webhook_receiver() as hooks,
            mail_receiver() as mailbox,
            _environment(WATCHBILL_STATUSPAGE_URL=town.url),
        ):
            places = {f"https://{host}.example": town.url for host in HOSTS}
            places |= {"/usr/local/bin": str(tools.folder), "https://hooks.example": hooks.url}
            write_playbooks(place / "playbooks", places)
            compiled = shipped(place / "playbooks")
            town.learn(compiled.ops)
            settings = {"http_allow": "127.0.0.1", "secrets_dir": secrets}
            receivers = (hooks, mailbox)
            async with open_stage(
                temporal_client, compiled.roster, receivers, place, **settings
            ) as stage:
                stage.plans.update(compiled.plans)
                stage.ops = compiled.ops
                yield Library(stage=stage, town=town, tools=tools)
    finally:
        town.stop()


@pytest.fixture
async def library(opened: Library) -> AsyncIterator[Library]:
    """The library, as if nothing had happened before."""
    opened.town.forget()
    opened.town.replies.clear()
    opened.town.measured.clear()
    opened.tools.forget()
    opened.stage.arrived()
    yield opened
    await opened.stage.end_stories()
    opened.stage.stories.clear()
