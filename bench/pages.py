"""A storm of pages: 500 incidents in ten seconds for fifty people.

Decides what counts: for each person, how long after their first alert was accepted their
first page came. What follows gathers, and the last of it may leave a minute later. The
floor pages for every workflow, one after the other.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from bench.floor import Floor
from bench.playbooks import PEOPLE, alertname_of, an_alert, person_named
from bench.receiver import Receiver
from bench.report import Report, percentile
from bench.sender import Sender

SPREAD_S = 10.0
WITHIN_S = 2.0
SEVERITIES = ("sev1", "sev2", "sev3", "sev4")
PATIENCE_S = 90.0
"""Longer than the minute in which pages gather."""


async def measure(
    receiver: Receiver, sender: Sender, floor: Floor, report: Report, *, quick: bool
) -> None:
    """The product's storm, then the floor's."""
    count = 200 if quick else 500
    product = await _product(receiver, sender, report, count)
    bare = await _floor(receiver, floor, count)
    figures = {"product": product, "floor": bare}
    report.figures["page_storm"] = figures
    for name, part in figures.items():
        report.add(
            f"{count} incidents in {SPREAD_S:.0f} s, {PEOPLE} people, {name}",
            f"a person's first page p50 {part['p50_s']:.2f} s, worst {part['worst_s']:.2f} s "
            f"after acceptance; {part['messages']:.0f} messages",
        )
    holds = product["worst_s"] <= max(WITHIN_S, bare["worst_s"])
    aim = f"<= {WITHIN_S:.0f} s, or the floor's"
    report.add("everybody's first page", f"{product['worst_s']:.2f} s", aim, holds=holds)


async def _product(
    receiver: Receiver, sender: Sender, report: Report, count: int
) -> dict[str, float]:
    prefix = f"pages-{uuid4().hex[:8]}"
    accepted: dict[str, float] = {}
    before = sum(receiver.pages.values())

    async def fire(number: int) -> None:
        person = person_named(number % PEOPLE)
        severity = SEVERITIES[number % PEOPLE % len(SEVERITIES)]
        alert = an_alert(f"{prefix}-{number}", severity, alertname=alertname_of(person))
        await sender.post_surely("/v1/alerts/generic", alert)
        accepted.setdefault(person, time.perf_counter())

    await _evenly(fire, count)
    await _until(lambda: all(person in receiver.first_of for person in accepted))
    waited = {
        person: receiver.first_of[person] - at
        for person, at in accepted.items()
        if person in receiver.first_of
    }
    await _until(lambda: _covered(receiver, accepted) >= count)
    lost = count - _covered(receiver, accepted)
    report.add("the same, mean by severity", _by_severity(waited))
    report.add("incidents that no page spoke of", f"{lost}", "0", holds=lost == 0)
    report.require("a storm of pages: an incident that no page spoke of", holds=lost == 0)
    return _figures(list(waited.values()), sum(receiver.pages.values()) - before)


def _by_severity(waited: dict[str, float]) -> str:
    told = []
    for first, severity in enumerate(SEVERITIES):
        people = [person_named(number) for number in range(PEOPLE)][first :: len(SEVERITIES)]
        mean = statistics.mean([waited[person] for person in people if person in waited] or [0.0])
        told.append(f"{severity.upper()} {mean:.2f} s")
    return ", ".join(told)


def _covered(receiver: Receiver, people: dict[str, float]) -> int:
    return sum(receiver.covered[person] for person in people)


async def _floor(receiver: Receiver, floor: Floor, count: int) -> dict[str, float]:
    """The same at the floor, where each workflow sends its own page."""
    prefix = uuid4().hex[:8]
    accepted: dict[str, float] = {}
    before = sum(receiver.pages.values())

    async def fire(number: int) -> None:
        person = f"floor-{prefix}-{number % PEOPLE}"
        await floor.fire(f"{person}-{number}", f"{person}/{number}")
        accepted.setdefault(person, time.perf_counter())

    await _evenly(fire, count)
    await _until(lambda: _covered(receiver, accepted) >= count)
    waited = [
        receiver.first_of[person] - at
        for person, at in accepted.items()
        if person in receiver.first_of
    ]
    return _figures(waited, sum(receiver.pages.values()) - before)


def _figures(waited: list[float], messages: int) -> dict[str, float]:
    seconds = [max(one, 0.0) for one in waited]
    return {
        "p50_s": percentile(seconds, 0.5),
        "worst_s": max(seconds),
        "people": len(seconds),
        "messages": messages,
    }


async def _evenly(work: Callable[[int], Awaitable[None]], count: int) -> None:
    """So many pieces of work, begun evenly over the ten seconds."""
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            ahead = began + number * SPREAD_S / count - time.perf_counter()
            await asyncio.sleep(max(0.0, ahead))
            group.create_task(_awaited(work(number)))


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _until(is_so: Callable[[], bool]) -> None:
    """Until it is so, or patience ends."""
    until = time.monotonic() + PATIENCE_S
    while True:
        if is_so() or time.monotonic() > until:
            return
        await asyncio.sleep(0.1)
