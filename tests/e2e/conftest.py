"""Copies of the product as real processes: one of a test's own, one that a module shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scene import Scene, a_scene
from tests.receivers import WebhookReceiver, webhook_receiver


@pytest.fixture
def scene(tmp_path: Path, hooks: WebhookReceiver) -> Iterator[Scene]:
    """A copy of the test's own; nothing runs yet."""
    with a_scene(tmp_path, hooks) as scene:
        yield scene


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A running copy for tests that each have a playbook of their own; nobody kills it."""
    with (
        webhook_receiver() as hooks,
        a_scene(tmp_path_factory.mktemp("shared"), hooks) as scene,
    ):
        scene.start()
        yield scene
