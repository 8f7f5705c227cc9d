"""How many events a step of each kind leaves in its incident's history.

Decides what is compared: an incident with ten steps of the kind and one without any, each
from alert to resolution. Then forty steps of all kinds, and a loop over 200 values.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.history import make_up
from bench.place import Place
from bench.playbooks import an_alert
from bench.product import BenchError, running
from bench.report import Report
from bench.sender import Sender

EACH = 10
MOST_EVENTS = 1_000
ROUNDS = 200
PATIENCE = 600
"""Looks at an incident, a tenth of a second apart, before it counts as stuck."""

HUMAN = "    deadline: 8h\n"

KINDS: dict[str, Callable[[str, str], str]] = {
    "notify": lambda _id, _url: "    notify: { to: [user:ann], text: hello }\n",
    "runbook": lambda _id, _url: '    runbook: "runbooks/bench.md#look"\n',
    "checklist": lambda _id, _url: f"    checklist: {{ items: [one, two, three] }}\n{HUMAN}",
    "ask": lambda _id, _url: (
        f"    ask: {{ of: role:operations_lead, question: How many?, type: int }}\n{HUMAN}"
    ),
    "decide": lambda step, _url: (
        "    decide:\n      by: role:operations_lead\n      question: Which?\n      options:\n"
        f"        {step}_a: {{ label: A, do: [] }}\n        {step}_b: {{ label: B, do: [] }}\n"
        f"{HUMAN}"
    ),
    "approve": lambda _id, _url: f"    approve: {{ by: [user:ann], self: true }}\n{HUMAN}",
    "wait": lambda _id, _url: "    wait: 1s\n",
    "wait_for": lambda _id, _url: f"    wait_for: {{ when: alerts.total >= 1 }}\n{HUMAN}",
    "http": lambda _id, url: f'    http: {{ method: GET, url: "{url}/deploys" }}\n',
    "command": lambda _id, _url: "    run: command:bench_true\n",
    "parallel": lambda step, _url: (
        "    parallel:\n"
        f"      - [{{ id: {step}_a, notify: {{ to: [user:ann], text: a }} }}]\n"
        f"      - [{{ id: {step}_b, notify: {{ to: [user:ann], text: b }} }}]\n"
    ),
    "playbook": lambda _id, _url: "    playbook: { name: bench_called }\n",
}
"""A step of each kind as its author writes it, below its id."""

_HEAD = """\
language: 1
name: {name}
owner: team:bench
on_alert: {{ alertname: {name} }}
dedup: {{ key: "{{{{ labels.key }}}}", reopen_within: 1s }}
urgency: high
page: [user:ann]
"""
_LOOP = """\
facts: {{ targets: {{ type: list, first: alert.annotations.targets }} }}
steps:
  - id: loop
    for_each: {{ in: facts.targets, as: target, at_once: 10, max: 200 }}
    do: [{{ id: poke, http: {{ method: GET, url: "{url}/{{{{ target }}}}" }} }}]
"""


def write_step_playbooks(folder: Path, url: str) -> None:
    """A playbook for each kind, one with forty steps of all kinds, and one with a loop."""
    (folder / "runbooks").mkdir(exist_ok=True)
    (folder / "runbooks" / "bench.md").write_text("# Bench\n\n## Look\n\nLook at it.\n")
    (folder / "ops").mkdir(exist_ok=True)
    commands = "language: 1\ncommands:\n  bench_true: { argv: [/bin/true] }\n"
    (folder / "ops" / "commands.yaml").write_text(commands)
    _write(folder, "bench_called", "steps: [{ id: hello, wait: 1s }]\n")
    _write(folder, "steps_none", "")
    for kind in KINDS:
        _write(folder, f"steps_{kind}", _steps([kind] * EACH, url))
    mixed = [kind for kind in KINDS for _ in range(4)][:40]
    _write(folder, "steps_forty", _steps(mixed, url))
    _write(folder, "steps_loop", _LOOP.format(url=url))


def _write(folder: Path, name: str, steps: str) -> None:
    (folder / f"{name}.yaml").write_text(_HEAD.format(name=name) + steps)


def _steps(kinds: list[str], url: str) -> str:
    rows = [f"  - id: s{n}\n{KINDS[kind](f's{n}', url)}" for n, kind in enumerate(kinds)]
    return "steps:\n" + "".join(rows)


async def measure(place: Place, report: Report) -> None:
    """Play each incident to its end and count."""
    write_step_playbooks(place.settings.playbooks, place.receiver.url)
    settings = place.settings.model_copy(update={"http_allow": "127.0.0.1"})
    with running(settings) as product:
        sender = Sender(settings.api_port, product.key, "ann")
        play = Play(place, sender)
        none = await play.events("steps_none")
        report.add("events of an incident without steps", str(none))
        per_kind = {}
        for kind in KINDS:
            per_kind[kind] = (await play.events(f"steps_{kind}") - none) / EACH
            report.add(f"events a step, {kind}", f"{per_kind[kind]:.1f}")
        forty = await play.events("steps_forty")
        aim = f"< {MOST_EVENTS}"
        report.add("events, 40 steps of all kinds", str(forty), aim, holds=forty < MOST_EVENTS)
        loop = await play.events("steps_loop")
        report.add(f"events, for_each over {ROUNDS} values, an http call each", str(loop))
        report.figures["step_events"] = per_kind | {"forty": forty, "loop": loop, "none": none}
        sender.close()


class Play:
    """Incidents that ann works through, step by step."""

    def __init__(self, place: Place, sender: Sender) -> None:
        self._place = place
        self._sender = sender

    async def events(self, name: str) -> int:
        """The events of one incident of this playbook, from alert to resolution."""
        key = f"{name}-{uuid4().hex[:8]}"
        targets = ",".join(f"{number:x}" for number in range(ROUNDS))
        alert = an_alert(key, alertname=name) | {"annotations": {"targets": targets}}
        _, answer = await self._sender.post("/v1/alerts/generic", alert)
        incident = answer["alerts"][0]["incident"]
        await self._say(incident, "acknowledge", {})
        await self._work_through(incident)
        await self._say(incident, "resolve", {})
        made = await make_up(self._place.client, incident)
        return int(made["events"])

    async def _work_through(self, incident: str) -> None:
        for _ in range(PATIENCE):
            _, view = await self._sender.get(f"/v1/incidents/{incident}")
            steps = list(_all(view["steps"]))
            if any(step["state"] == "failed" for step in steps):
                raise BenchError(f"a step failed: {[s for s in steps if s['state'] == 'failed']}")
            waits = [step for step in steps if step["needs"]]
            for step in waits:
                await self._serve(incident, step)
            if not waits and all(step["state"] == "done" for step in view["steps"]):
                return
            await asyncio.sleep(0 if waits else 0.1)
        raise BenchError(f"{incident} is stuck")

    async def _serve(self, incident: str, step: dict[str, Any]) -> None:
        bodies: dict[str, dict[str, Any]] = {
            "done": {},
            "choose": {"option": f"{step['id']}_a", "because": "bench"},
            "answer": {"answer": 3},
            "approve": {},
        }
        verb = step["needs"][0]
        await self._say(incident, f"steps/{step['id']}/{verb}", bodies[verb])

    async def _say(self, incident: str, what: str, body: dict[str, Any]) -> None:
        status, said = await self._sender.post(f"/v1/incidents/{incident}/{what}", body)
        if status not in (200, 202):
            raise BenchError(f"{what} was not carried out: {status} {said}")


def _all(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        yield from _all(step["steps"])
