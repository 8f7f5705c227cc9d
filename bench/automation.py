"""How long a page takes while machines hang: with no step under way, and with 200.

Decides what hanging means: an http step whose server takes the request and never answers.
The two are measured one after the other on the same engine and worker, by whole incidents.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.cycles import Cycles, Timing, alone
from bench.floor import Floor
from bench.place import Place
from bench.playbooks import an_alert
from bench.product import BenchError, running
from bench.report import Report, percentile
from bench.sender import Sender

HANGING = 200
EACH = 10
"""Steps side by side in one incident."""

ACCEPTED = 202
PATIENCE = 1200
"""Looks, a tenth of a second apart, until all of them hang."""

_HEAD = """\
language: 1
name: bench_hangs
owner: team:bench
on_alert: { alertname: BenchHangs }
dedup: { key: "{{ labels.key }}", reopen_within: 1s }
page: [user:ann]
steps:
  - id: triage
    parallel:
"""


class Hole:
    """Takes every request and answers none."""

    def __init__(self) -> None:
        self.taken = 0
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()

    @property
    def target(self) -> str:
        """Host and port."""
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Hole"]:
        """Until the end."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, backlog=1024)
        try:
            yield self
        finally:
            self._over.set()
            self._server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.taken += 1
        await self._over.wait()
        writer.close()


async def measure(place: Place, report: Report, *, quick: bool) -> None:
    """The same cycles, alone, before and beside."""
    count = 20 if quick else 40
    async with Hole().listening() as hole:
        _write_playbook(place.settings.playbooks, hole.target)
        given = {"http_allow": hole.target, "automation_slots": HANGING}
        settings = place.settings.model_copy(update=given)
        with running(settings) as product:
            sender = Sender(settings.api_port, product.key, "ann")
            cycles = Cycles(place.receiver, sender, Floor(place.client))
            await alone(cycles.product, 5)
            _say(report, 0, await alone(cycles.product, count))
            await _hang(hole, sender)
            _say(report, HANGING, await alone(cycles.product, count))
            if hole.taken != HANGING:
                raise BenchError(f"{hole.taken} requests hang, not {HANGING}")
            sender.close()


def _write_playbook(folder: Path, target: str) -> None:
    steps = "".join(
        f'      - [{{ id: ask_{n}, http: {{ url: "http://{target}/{n}" }}, timeout: 1h }}]\n'
        for n in range(EACH)
    )
    (folder / "bench_hangs.yaml").write_text(_HEAD + steps)


async def _hang(hole: Hole, sender: Sender) -> None:
    """Open incidents until every step of theirs hangs."""
    for number in range(HANGING // EACH):
        alert = an_alert(f"hangs-{number}")
        alert["labels"] = {**alert["labels"], "alertname": "BenchHangs"}
        status, answer = await sender.post("/v1/alerts/generic", alert)
        if status != ACCEPTED:
            raise BenchError(f"an alert was refused: {status} {answer}")
    for _ in range(PATIENCE):
        if hole.taken == HANGING:
            return
        await asyncio.sleep(0.1)
    raise BenchError(f"only {hole.taken} of {HANGING} steps hang")


def _say(report: Report, hanging: int, timings: list[Timing]) -> None:
    paged = [one.paged_s * 1000 for one in timings]
    p50, p99 = percentile(paged, 0.5), percentile(paged, 0.99)
    report.figures[f"page_beside_{hanging}_hanging_ms"] = {"p50": p50, "p99": p99}
    measured = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"
    report.add(f"alert sent to page received, {hanging} steps hanging", measured)
