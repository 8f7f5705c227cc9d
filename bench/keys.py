"""A thousand keys at once: accepted, paged, none lost, the worst first; memory of each.

Decides what order means: the mean place in the pages of each severity, while a backlog
exists.
"""

import asyncio
import random
import statistics
import time
from collections import Counter
from uuid import uuid4

from bench.playbooks import an_alert
from bench.product import Product
from bench.receiver import Receiver
from bench.report import Report
from bench.sender import Sender
from bench.storm import IN_FLIGHT, in_flight

SEVERITIES = ("sev1", "sev2", "sev3", "sev4")
PATIENCE_S = 30.0
"""Without a single further page: whoever was not paged by then is lost."""


async def measure(
    product: Product, receiver: Receiver, sender: Sender, report: Report, *, quick: bool
) -> None:
    """One storm over many keys, severities mixed."""
    count = 200 if quick else 1000
    prefix = f"key-{uuid4().hex[:8]}"
    severity_of = {f"{prefix}-{number}": SEVERITIES[number % 4] for number in range(count)}
    keys = list(severity_of)
    random.Random(7).shuffle(keys)
    outcomes: Counter[str] = Counter()

    async def fire(number: int) -> None:
        alert = an_alert(keys[number], severity=severity_of[keys[number]])
        answer, repeats = await sender.post_surely("/v1/alerts/generic", alert)
        outcomes[answer["alerts"][0]["outcome"]] += 1
        outcomes["asked again"] += repeats

    memory = product.worker.rss
    began = time.perf_counter()
    took = await in_flight(fire, count, IN_FLIGHT)
    await _drained(receiver, keys)
    drained = max(receiver.first.get(key, 0.0) for key in keys) - began
    lost, twice = receiver.missing(keys), receiver.repeated(keys)
    ordered = sorted((key for key in keys if key in receiver.first), key=receiver.first.__getitem__)
    places: dict[str, list[int]] = {one: [] for one in SEVERITIES}
    for place, key in enumerate(ordered):
        places[severity_of[key]].append(place)
    means = [statistics.mean(places[one]) for one in SEVERITIES if places[one]]
    report.figures["keys"] = {
        "count": count,
        "accepted_per_second": count / took,
        "drained_per_second": len(ordered) / drained,
        "outcomes": dict(outcomes),
        "lost": len(lost),
        "paged_twice": len(twice),
        "mean_place_by_severity": dict(zip(SEVERITIES, means, strict=False)),
        "worker_kib_per_incident": (product.worker.rss - memory) / count / 1024,
    }
    answered = outcomes["opened"] + outcomes["added"] == count
    good = not lost and not twice and answered
    report.add(
        f"{count} keys, {IN_FLIGHT} in flight",
        f"accepted {count / took:.0f}/s, paged {len(ordered) / drained:.1f}/s, {len(lost)} lost, "
        f"{len(twice)} twice, {outcomes['asked again']} repeats after 503",
        "0 lost or ambiguous",
        holds=good,
    )
    report.require("many keys: an accepted alert paged nobody", holds=not lost)
    text = ", ".join(
        f"{name.upper()} {mean:.0f}" for name, mean in zip(SEVERITIES, means, strict=False)
    )
    report.add(
        "mean place in the order of pages", text, "worst first", holds=means == sorted(means)
    )


async def _drained(receiver: Receiver, keys: list[str]) -> None:
    """Until all have paged, or no page has come for long."""
    left, since = len(keys) + 1, time.monotonic()
    while left and time.monotonic() - since < PATIENCE_S:
        missing = len(receiver.missing(keys))
        if missing < left:
            left, since = missing, time.monotonic()
        await asyncio.sleep(0.1)


async def measure_memory(
    product: Product, receiver: Receiver, sender: Sender, report: Report, name: str, count: int
) -> None:
    """The worker's growth over so many open incidents, after a few to warm it up."""
    keys = [f"mem-{uuid4().hex[:8]}-{number}" for number in range(count + 30)]

    async def fire(number: int) -> None:
        await sender.post("/v1/alerts/generic", an_alert(keys[number]))

    async def later(number: int) -> None:
        await fire(number + 30)

    await in_flight(fire, 30, 4)
    await _drained(receiver, keys[:30])
    before = product.worker.rss
    await in_flight(later, count, 4)
    await _drained(receiver, keys)
    grown = (product.worker.rss - before) / count / 1024
    report.figures[f"worker_kib_per_open_incident_{name}"] = grown
    report.add(f"worker memory per open incident, {name}", f"{grown:.0f} KiB over {count}")
