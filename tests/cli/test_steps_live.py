"""`watchbill step` and `watchbill fact` against the real thing: engine, worker and API."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.demo.folder import write_playbooks
from cli.demo.receivers import Receivers
from cli.main import build_app
from tests.processes import Processes, processes, settings_for
from tests.receivers import PATIENCE_S, Reply, WebhookReceiver, webhook_receiver

pytestmark = pytest.mark.engine

Run = Callable[..., tuple[int, str, str]]

PLAYBOOK = """\
language: 1
name: drain
title: Drain the regions
owner: team:payments
facts:
  regions: { type: list }
triggers: [{ manual: {} }]
severity: { default: SEV3 }
page: user:ann
roles:
  incident_commander: {}
  operations_lead: { fill: first_acknowledger }
steps:
  - id: known
    wait_for: { when: size(facts.regions) > 0 }
    deadline: 1h
  - id: way
    decide:
      by: role:operations_lead
      question: "Drain {{ facts.regions | join(', ') }}?"
      options:
        drain:
          label: Drain them
          do:
            - id: four_eyes
              approve: { by: [role:operations_lead, user:cleo] }
              deadline: 1h
            - id: each_region
              for_each: { in: facts.regions, as: region, at_once: 1, max: 5 }
              do:
                - id: drain
                  http: { method: POST, url: "@HERE@/drain/{{ region }}" }
        wait: { label: Wait, do: [] }
    deadline: 1h
  - id: left
    ask: { of: role:operations_lead, question: How many are left?, type: int }
    deadline: 1h
"""


@pytest.fixture(scope="module")
def machines() -> Iterator[WebhookReceiver]:
    """What the playbook's calls reach."""
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def copy(
    tmp_path_factory: pytest.TempPathFactory, machines: WebhookReceiver
) -> Iterator[Processes]:
    """One running copy with the demo's people and this playbook."""
    folder: Path = tmp_path_factory.mktemp("steps-live")
    with Receivers() as receivers:
        write_playbooks(folder / "playbooks", receivers.address)
        (folder / "playbooks" / "drain.yaml").write_text(PLAYBOOK.replace("@HERE@", machines.url))
        settings = settings_for(
            folder / "data",
            playbooks=folder / "playbooks",
            http_allow=machines.url.removeprefix("http://"),
        )
        with processes(settings) as running:
            running.start("engine", "worker", "api")
            yield running


@pytest.fixture
def run(
    copy: Processes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Type a command: its status, what it printed, and its complaint."""
    monkeypatch.setenv("WATCHBILL_API_PORT", str(copy.settings.api_port))
    monkeypatch.setenv("WATCHBILL_DATA_DIR", str(copy.settings.data_dir))
    capsys.readouterr()

    def typed(*arguments: str) -> tuple[int, str, str]:
        status = 0
        try:
            build_app(list(arguments))(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out.strip(), err.strip()

    return typed


def said(answer: tuple[int, str, str]) -> str:
    """The sentence of a command that was carried out."""
    status, out, err = answer
    assert (status, err) == (0, "")
    return out


def seen(run: Run, what: tuple[str, ...], part: str) -> str:
    """What the command prints, once it has this part."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        shown = said(run(*what))
        if part in shown:
            return shown
        time.sleep(0.1)
    raise AssertionError(f"no {part!r} in {shown}")


def test_a_playbook_is_worked_through_from_the_command_line(run: Run, machines: WebhookReceiver):
    out = said(run("declare", "Too hot", "--playbook", "drain", "--as", "ann"))
    ref = re.findall(r"INC-\w+", out)[0]
    said(run("ack", ref, "--as", "ann"))

    machines.replies["/drain/us"] = Reply(status=500)
    assert "regions" in said(run("fact", "set", ref, "regions", "eu, us", "--as", "ann"))
    assert "eu, us  (set by Ann" in said(run("fact", "list", ref))
    tree = seen(run, ("step", "list", ref), "to be decided")
    assert "Drain eu, us?" in tree
    seen(run, ("mine", "--as", "ann"), f"watchbill step choose {ref} way OPTION")

    status, _, err = run("step", "choose", ref, "way", "flee", "--as", "ann")
    assert (status, "drain, wait" in err) == (1, True)
    chosen = ("step", "choose", ref, "way", "drain", "--because", "too hot")
    said(run(*chosen, "--as", "ann"))
    seen(run, ("step", "list", ref), "approved by 0 of 1")
    status, _, err = run("step", "approve", ref, "four_eyes", "--as", "ann")
    assert (status, "four eyes" in err) == (1, True)
    status, _, err = run("step", "skip", ref, "four_eyes", "--because", "x", "--as", "ann")
    assert (status, "--break-glass" in err) == (1, True)
    said(run("step", "approve", ref, "four_eyes", "--as", "cleo"))

    held = seen(run, ("step", "list", ref), "500")
    assert re.search(r"├─ \[x\] drain \(eu\): http, done", held)
    assert re.search(r"└─ \[!\] drain \(us\): http, failed: .*500", held)
    machines.replies["/drain/us"] = Reply()
    said(run("step", "retry", ref, "drain@2", "--as", "ann"))
    seen(run, ("step", "list", ref), "to be answered")
    status, _, err = run("step", "answer", ref, "left", "many", "--as", "ann")
    assert (status, "many" in err) == (1, True)
    said(run("step", "answer", ref, "left", "3", "--as", "ann"))

    shown = said(run("show", ref))
    assert "because too hot" in shown
    assert "answer=3, by Ann" in shown
    assert "regions  eu, us" in shown
    assert len(machines.received("/drain/eu")) == 1, "what has succeeded is not done again"
