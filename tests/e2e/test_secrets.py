"""Secrets of steps and facts stay in the worker: searched for in all that a copy leaves."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.in_service import serve
from tests.e2e.scene import Scene, a_playbook, a_scene, until
from tests.e2e.test_behaviours_text import plain
from tests.receivers import Received, Reply, WebhookReceiver
from tests.web_server import WebServer, web_server, with_json

pytestmark = pytest.mark.engine

TOKEN = "5ecret+t0ken/of=deploys"
PASSWORD = "p4ss word&of=router"
KEY = "k3y-of-the-command"

WRITTEN = {
    form
    for value in (TOKEN, PASSWORD, KEY)
    for form in (
        value,
        quote(value, safe=""),
        base64.b64encode(value.encode()).decode(),
        base64.urlsafe_b64encode(value.encode()).decode(),
    )
} | {base64.b64encode(f"ann:{PASSWORD}".encode()).decode()}

SIGNED = b"secret deploy_token"

STEPS = """\
facts:
  echoed:
    type: string
    http: {{ url: "{url}/ok", path: body.you, auth: secret:deploy_token }}
    every: 1m
  refused:
    type: string
    http: {{ url: "{url}/422", path: body.you, auth: secret:deploy_token }}
    every: 1m
steps:
  - id: echo
    http: {{ method: POST, url: "{url}/ok", auth: secret:deploy_token, json: {{ a: 1 }} }}
    out:
      you: {{ path: body.you, type: string }}
      head: {{ path: headers.x-echo, type: string }}
  - id: basic
    http:
      url: "{url}/ok"
      auth: {{ basic: {{ user: ann, password: secret:router_password }} }}
    on_error: continue
  - id: complains
    http: {{ url: "{url}/422", auth: secret:deploy_token }}
    on_error: continue
  - id: breaks
    http: {{ url: "{url}/500", auth: secret:deploy_token }}
    retry: {{ attempts: 2, backoff: 1s }}
    on_error: continue
  - id: lacks
    http: {{ url: "{url}/ok", auth: secret:deploy_token }}
    out: {{ you: {{ path: body.you, type: int }} }}
    on_error: continue
  - id: runs
    run: command:talkative
    on_error: continue
  - id: says
    notify: {{ to: [user:ann], text: "It said: {{{{ steps.echo.you }}}}" }}
"""

OPS = """\
language: 1
commands:
  talkative:
    argv: [/bin/sh, -c, 'echo "out $KEY"; echo "$KEY" | base64; echo "err $KEY" >&2; exit 3']
    env: { KEY: secret:command_key }
"""


def echo(one: Received) -> Reply:
    """What was sent, said back in header, body and complaint; `/422` and `/500` complain."""
    given = one.headers["authorization"].partition(" ")[2]
    code = one.path.removeprefix("/")
    text = json.dumps({"you": given, "again": f"in {quote(given, safe='')}", given: [given]})
    return with_json(text, int(code) if code.isdigit() else 200, X_Echo=given)


@pytest.fixture
def echoing() -> Iterator[WebServer]:
    """A service without manners."""
    with web_server(echo) as server:
        yield server


@pytest.fixture
def scene(
    tmp_path: Path,
    hooks: WebhookReceiver,
    echoing: WebServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """A copy whose secrets come from the environment, a file and a command."""
    monkeypatch.setenv("WATCHBILL_SECRET_DEPLOY_TOKEN", TOKEN)
    files = tmp_path / "secrets"
    files.mkdir()
    (files / "router_password").write_text(f"{PASSWORD}\n")
    program = tmp_path / "ask-vault"
    program.write_text(f'#!/bin/sh\ntest "$1" = command_key && echo "{KEY}"\n')
    program.chmod(0o700)
    changes = {
        "http_allow": echoing.target,
        "secrets_dir": files,
        "secret_command": f"{program} {{name}}",
    }
    with a_scene(tmp_path, hooks, **changes) as scene:
        yield scene


def states(scene: Scene, reference: str) -> dict[str, str]:
    """How each step stands."""
    tree = scene.http.get(f"/v1/incidents/{reference}/steps").json()["items"]
    return {one["id"]: one["state"] for one in tree}


def files_of(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file that the copy has written: engine's database, ledger, logs, catalog."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


def test_no_secret_is_in_a_history_a_log_an_answer_the_ledger_or_a_message(
    scene: Scene, echoing: WebServer
) -> None:
    """A service says them back in header, body and error, and a command on both streams."""
    scene.start()
    scene.write("ops/commands.yaml", OPS)
    serve(scene, leaky=a_playbook("leaky", more=STEPS.format(url=echoing.url)))

    reference = scene.open("Leaky")
    link = scene.until_paged(reference, "first")[0].body["link"]
    scene.say("ann", reference, "acknowledge")
    until(lambda: states(scene, reference)["says"] == "done", lambda: str(states(scene, reference)))
    scene.whole_timeline(reference)

    assert states(scene, reference) == {
        "echo": "done",
        "basic": "done",
        "complains": "failed",
        "breaks": "failed",
        "lacks": "failed",
        "runs": "failed",
        "says": "done",
    }
    history = plain(scene.histories(scene.incident(reference)["id"]))
    answers = [
        scene.http.get(f"/v1/incidents/{reference}{path}").text
        for path in ("", "/timeline?limit=1000", "/steps", "/facts")
    ]
    messages = [one.body.decode() for one in scene.hooks.received()]
    told = "\n".join((history, *answers, *messages, scene.http.get(link).text))
    written = list(files_of(scene.copy.settings.data_dir))
    for name in ("deploy_token", "router_password", "command_key"):
        assert f"‹secret {name}›" in told
    # The search reads what it means to read: signs are where the values would be.
    signed = {file.name.split(".")[0] for file, content in written if SIGNED in content}
    assert signed >= {"ledger", "temporal", "worker"}
    for form in WRITTEN:
        assert form not in told
        for file, content in written:
            assert form.encode() not in content, file
