"""One incident after another: how soon the page comes, and how many cycles a second.

Decides what a cycle is, the same for product and floor: an alert is sent, its page
arrives, somebody acknowledges, somebody resolves, both answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from bench.floor import Floor
from bench.playbooks import an_alert
from bench.product import BenchError
from bench.receiver import Receiver
from bench.report import Report, percentile
from bench.sender import Sender

OK, ACCEPTED, PENDING = 200, 202, 202
SETTLE_S = 0.25
"""Between two that are measured alone: what follows a page must not hide in the next."""

Cycle = Callable[[], Awaitable["Timing"]]


@dataclass(frozen=True)
class Timing:
    """Seconds from sending the alert: until it was accepted, and until its page came."""

    accepted_s: float
    paged_s: float


@dataclass(frozen=True)
class Load:
    """A closed loop of cycles: how many a second, and the latency of each."""

    per_second: float
    timings: list[Timing]


class Cycles:
    """Whole cycles on both sides; keys are new each time."""

    def __init__(self, receiver: Receiver, sender: Sender, floor: Floor) -> None:
        self._receiver = receiver
        self._sender = sender
        self._floor = floor
        self.pending = 0
        """Commands that no worker answered within the API's patience: durable, applied later."""
        self.latest = ""
        self.command_s: list[float] = []

    async def product(self) -> Timing:
        """One cycle through the API."""
        key = f"cycle-{uuid4().hex[:12]}"
        began = time.perf_counter()
        status, answer = await self._sender.post("/v1/alerts/generic", an_alert(key))
        accepted = time.perf_counter()
        if status != ACCEPTED or answer["alerts"][0]["outcome"] != "opened":
            raise BenchError(f"an alert opened nothing: {status} {answer}")
        paged = await self._receiver.page_for(key)
        incident = answer["alerts"][0]["incident"]
        self.latest = incident
        for command in ("acknowledge", "resolve"):
            asked = time.perf_counter()
            status, said = await self._sender.post(f"/v1/incidents/{incident}/{command}", {})
            self.command_s.append(time.perf_counter() - asked)
            if status == PENDING:
                self.pending += 1
            elif status != OK:
                raise BenchError(f"{command} was not carried out: {status} {said}")
        return Timing(accepted - began, paged - began)

    async def floor(self) -> Timing:
        """One cycle of the minimal workflow, acknowledged and resolved by signals."""
        key = f"floor-{uuid4().hex[:12]}"
        began = time.perf_counter()
        handle = await self._floor.fire(key, key)
        accepted = time.perf_counter()
        paged = await self._receiver.page_for(key)
        await handle.signal("acknowledge")
        await handle.signal("resolve")
        await handle.result()
        return Timing(accepted - began, paged - began)


async def closed_loop(cycle: Cycle, count: int, at_once: int) -> Load:
    """So many cycles, so many at once, each starting as another ends."""
    left = iter(range(count))
    timings: list[Timing] = []

    async def work() -> None:
        for _ in left:
            timings.append(await cycle())  # noqa: PERF401 - one at a time, as they end

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    return Load(count / (time.perf_counter() - began), timings)


async def alone(cycle: Cycle, count: int) -> list[Timing]:
    """Cycles one after the other, with a rest between."""
    timings = []
    for _ in range(count):
        timings.append(await cycle())
        await asyncio.sleep(SETTLE_S)
    return timings


async def measure_latency(cycles: Cycles, report: Report, *, quick: bool) -> None:
    """Cycles alone, the two sides in turns, so that both see the same machine."""
    rounds, singles = (2, 10) if quick else (3, 15)
    for cycle in (cycles.floor, cycles.product):
        await alone(cycle, 5)
    calm: dict[str, list[Timing]] = {"floor": [], "product": []}
    for _ in range(rounds):
        calm["floor"] += await alone(cycles.floor, singles)
        calm["product"] += await alone(cycles.product, singles)
    _report_latency(calm, report)


async def measure_load(cycles: Cycles, report: Report, *, quick: bool) -> None:
    """Several cycles at once, the two sides in turns."""
    rounds, count, at_once = (2, 60, 8) if quick else (3, 50, 8)
    for cycle in (cycles.floor, cycles.product):
        await closed_loop(cycle, 10, 2)
    loads: dict[str, list[Load]] = {"floor": [], "product": []}
    for _ in range(rounds):
        loads["floor"].append(await closed_loop(cycles.floor, count, at_once))
        await asyncio.sleep(2)
        loads["product"].append(await closed_loop(cycles.product, count, at_once))
        await asyncio.sleep(2)
    _report_load(loads, report, at_once)
    _report_commands(cycles, report)


def _report_latency(calm: dict[str, list[Timing]], report: Report) -> None:
    figures = {name: _figures(timings) for name, timings in calm.items()}
    report.figures["latency_ms"] = figures
    for name, part in figures.items():
        measured = (
            f"p50 {part['paged_p50']:.0f} ms, p99 {part['paged_p99']:.0f} ms "
            f"(accepted p50 {part['accepted_p50']:.0f} ms)"
        )
        report.add(f"alert sent to page received, {name}", measured)
    ratio = figures["product"]["paged_p50"] / figures["floor"]["paged_p50"]
    report.figures["latency_ratio"] = ratio
    report.add("latency p50, product to floor", f"{ratio:.2f}", "<= 1.5", holds=ratio <= 1.5)


def _report_load(loads: dict[str, list[Load]], report: Report, at_once: int) -> None:
    rates = {name: [one.per_second for one in runs] for name, runs in loads.items()}
    report.figures["cycles_per_second"] = rates
    report.figures["latency_loaded_ms"] = {
        name: _figures([timing for run in runs for timing in run.timings])
        for name, runs in loads.items()
    }
    for name, values in rates.items():
        latency = report.figures["latency_loaded_ms"][name]
        measured = (
            f"{percentile(values, 0.5):.1f}/s, page p50 {latency['paged_p50']:.0f} ms, "
            f"p99 {latency['paged_p99']:.0f} ms"
        )
        report.add(f"whole cycles, {at_once} at once, {name}", measured)
    ratio = percentile(rates["product"], 0.5) / percentile(rates["floor"], 0.5)
    report.figures["throughput_ratio"] = ratio
    report.add("throughput, product to floor", f"{ratio:.2f}", ">= 0.6", holds=ratio >= 0.6)


def _report_commands(cycles: Cycles, report: Report) -> None:
    took = [one * 1000 for one in cycles.command_s]
    p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
    report.figures["commands"] = {"p50_ms": p50, "p99_ms": p99, "pending": cycles.pending}
    measured = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {cycles.pending} of {len(took)} pending"
    report.add("acknowledge and resolve, sent to answered", measured)


def _figures(timings: list[Timing]) -> dict[str, float]:
    accepted = [one.accepted_s * 1000 for one in timings]
    paged = [one.paged_s * 1000 for one in timings]
    return {
        "accepted_p50": percentile(accepted, 0.5),
        "paged_p50": percentile(paged, 0.5),
        "paged_p99": percentile(paged, 0.99),
        "count": len(timings),
    }
