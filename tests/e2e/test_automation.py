"""Machines at work: what a dead worker leaves, and what hangs beside a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scene import Scene, a_playbook, a_scene, until
from tests.receivers import Reply, WebhookReceiver
from tests.web_server import WebServer, saying, web_server
from tests.workflows.machines import Machine

pytestmark = [pytest.mark.engine, pytest.mark.kill]

HANGING = 200
INCIDENTS = 20


def with_steps(name: str, steps: str) -> str:
    """A playbook with these steps."""
    return a_playbook(name, more=f"steps:\n{steps}")


def step_of(scene: Scene, reference: str, step: str = "act") -> dict[str, Any]:
    """The step as the incident has it now."""
    return next(one for one in scene.seen(reference)["steps"] if one["id"] == step)


def commands(machine: Machine) -> str:
    """The list of commands, with the one that waits."""
    script = machine.ops.commands["it"].argv[-1]
    return f'language: 1\ncommands:\n  it: {{ argv: [sh, -c, "{script}"] }}\n'


def test_worker_killed_in_the_middle_of_a_command_leaves_no_process_and_a_person_decides(
    scene: Scene, tmp_path: Path
) -> None:
    """It ran once; nobody knows how far it came, and the incident says so."""
    machine = Machine(tmp_path)
    scene.write("ops/commands.yaml", commands(machine))
    scene.write("disk_full.yaml", with_steps("disk_full", "  - { id: act, run: command:it }\n"))
    scene.start()
    reference = scene.open("DiskFull")
    until(lambda: machine.starts == 1)
    scene.until_paged(reference, "first")
    scene.whole_timeline(reference)

    scene.copy.kill("worker")
    until(lambda: not machine.is_running)
    machine.let_go()
    scene.copy.start("worker")

    def failed() -> dict[str, Any] | None:
        step = step_of(scene, reference)
        return step if step["state"] == "failed" else None

    step = until(failed, patience_s=90)
    assert "its worker is gone" in step["detail"]
    assert "It may have happened" in step["detail"]
    assert {"retry", "skip", "take_over"} <= set(step["needs"])
    assert "step.failed" in [one["kind"] for one in scene.whole_timeline(reference)]
    assert machine.starts == 1


def test_worker_killed_in_the_middle_of_a_command_that_may_be_repeated_runs_it_again(
    scene: Scene, tmp_path: Path
) -> None:
    """Its author has said so, with `retry`; the first run is over before the second begins."""
    machine = Machine(tmp_path)
    scene.write("ops/commands.yaml", commands(machine))
    retried = "  - { id: act, run: command:it, retry: { attempts: 3, backoff: 1s } }\n"
    scene.write("disk_full.yaml", with_steps("disk_full", retried))
    scene.start()
    reference = scene.open("DiskFull")
    until(lambda: machine.starts == 1)
    scene.until_paged(reference, "first")
    scene.whole_timeline(reference)

    scene.copy.kill("worker")
    until(lambda: not machine.is_running)
    scene.copy.start("worker")
    until(lambda: machine.starts == 2, patience_s=90)
    machine.let_go()

    until(lambda: step_of(scene, reference)["state"] == "done")
    assert machine.starts == 2


@pytest.fixture
def hole() -> Iterator[WebServer]:
    """A server that takes every request and answers none."""
    with web_server(saying(Reply(hang=True))) as one:
        yield one


@pytest.fixture
def beside(tmp_path: Path, hooks: WebhookReceiver, hole: WebServer) -> Iterator[Scene]:
    """A copy whose machines may ask the server that never answers, 200 at a time."""
    given = {"http_allow": hole.target, "automation_slots": HANGING}
    with a_scene(tmp_path, hooks, **given) as scene:
        yield scene


def test_a_page_goes_out_while_200_steps_hang(beside: Scene, hole: WebServer) -> None:
    """None of them has ended when it arrives, and none had to."""
    each = HANGING // INCIDENTS
    steps = "  - id: triage\n    parallel:\n" + "".join(
        f'      - [{{ id: ask_{n}, http: {{ url: "{hole.url}/{n}" }}, timeout: 1h }}]\n'
        for n in range(each)
    )
    beside.write("disk_full.yaml", with_steps("disk_full", steps))
    beside.write("power_lost.yaml", a_playbook("power_lost"))
    beside.start()
    hanging = [beside.open("DiskFull", service=f"s{n}") for n in range(INCIDENTS)]
    until(lambda: len(hole.received) == HANGING)

    reference = beside.open("PowerLost", severity="sev1")
    beside.until_paged(reference, "first")

    states = [step["state"] for one in hanging for step in branches(beside, one)]
    beside.copy.kill("worker")  # stopped kindly it would give the 200 some time
    assert states == ["running"] * HANGING
    assert len(hole.received) == HANGING


def branches(scene: Scene, reference: str) -> list[dict[str, Any]]:
    """The steps inside the parallel one."""
    found: list[dict[str, Any]] = step_of(scene, reference, "triage")["steps"]
    return found
