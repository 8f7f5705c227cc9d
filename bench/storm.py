"""Two thousand alerts on one key: through the API in batches, and one signal each.

Decides what is lost: an alert that was accepted and that the incident does not know.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client  # noqa: TID251 - looks at the engine from outside

from bench.floor import Floor
from bench.playbooks import STORM, an_alert
from bench.receiver import Receiver
from bench.report import Report
from bench.sender import Sender

IN_FLIGHT = 100
LIST = 20


async def in_flight(work: Callable[[int], Awaitable[None]], count: int, at_once: int) -> float:
    """Seconds for so many pieces of work, so many at once."""
    left = iter(range(count))

    async def worker() -> None:
        for number in left:
            await work(number)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
    return time.perf_counter() - began


async def measure(
    client: Client, receiver: Receiver, sender: Sender, report: Report, *, quick: bool
) -> None:
    """Both storms, each on a new incident."""
    count = 500 if quick else 2000
    batched = await _batched(client, receiver, sender, report, count)
    await _in_lists(receiver, sender, report, count)
    unbatched = await _unbatched(client, receiver, report, count)
    ratio = batched / unbatched
    report.figures["storm_ratio"] = ratio
    report.add("one key, batched to unbatched", f"{ratio:.1f}", ">= 10", holds=ratio >= 10)


async def _batched(
    client: Client, receiver: Receiver, sender: Sender, report: Report, count: int
) -> float:
    key = f"storm-{uuid4().hex[:8]}"
    told: dict[str, str] = {}
    repeated = 0

    async def fire(number: int) -> None:
        nonlocal repeated
        alert = an_alert(key, alertname=STORM, fingerprint=f"{key}-{number}")
        answer, repeats = await sender.post_surely("/v1/alerts/generic", alert)
        told[answer["alerts"][0]["fingerprint"]] = answer["alerts"][0]["incident"]
        repeated += repeats

    began = time.perf_counter()
    took = await in_flight(fire, count, IN_FLIGHT)
    paged = await receiver.page_for(key) - began
    (incident,) = set(told.values())
    known = await _known_alerts(client, incident, len(told))
    signals = await _signals(client, incident)
    figures = {"per_second": count / took, "signals": signals, "paged_s": paged}
    report.figures["storm_batched"] = figures | {"repeats": repeated, "lost": len(told) - known}
    report.add(
        f"{count} alerts on one key, {IN_FLIGHT} in flight, through the API",
        f"{count / took:.0f}/s, {signals} signals, page after {paged * 1000:.0f} ms, "
        f"{len(told) - known} lost, {repeated} repeats after 503",
        "0 lost",
        holds=known == len(told),
    )
    report.require("one key: an accepted alert is lost", holds=known == len(told))
    await sender.post(f"/v1/incidents/{incident}/cancel", {"reason": "bench"})
    return count / took


async def _in_lists(receiver: Receiver, sender: Sender, report: Report, count: int) -> None:
    """As Alertmanager sends: several alerts a request, as many alerts in flight."""
    key = f"lists-{uuid4().hex[:8]}"
    taken = 0

    async def fire(number: int) -> None:
        nonlocal taken
        first = number * LIST
        alerts = [
            an_alert(key, alertname=STORM, fingerprint=f"{key}-{first + one}")
            for one in range(LIST)
        ]
        answer, _ = await sender.post_surely("/v1/alerts/generic", alerts)
        taken += int(answer["accepted"])

    took = await in_flight(fire, count // LIST, IN_FLIGHT // LIST)
    await receiver.page_for(key)
    report.figures["storm_in_lists"] = {"per_second": count / took, "lost": count - taken}
    report.add(f"the same, {LIST} alerts a request", f"{count / took:.0f}/s, {count - taken} lost")


async def _unbatched(client: Client, receiver: Receiver, report: Report, count: int) -> float:
    key = f"floor-storm-{uuid4().hex[:8]}"
    floor = Floor(client)

    async def fire(_number: int) -> None:
        await floor.fire(key, key)

    began = time.perf_counter()
    took = await in_flight(fire, count, IN_FLIGHT)
    paged = await receiver.page_for(key) - began
    handle = client.get_workflow_handle(key)
    await handle.signal("acknowledge")
    await handle.signal("resolve")
    known = int(await handle.result())
    report.figures["storm_unbatched"] = {
        "per_second": count / took,
        "paged_s": paged,
        "lost": count - known,
    }
    report.add(
        "the same, one signal each from a client",
        f"{count / took:.0f}/s, page after {paged * 1000:.0f} ms, {count - known} lost",
    )
    return count / took


async def _known_alerts(client: Client, incident: str, expected: int) -> int:
    """How many alerts the incident has, once it has them all or time is up."""
    deadline = time.monotonic() + 30
    while True:
        view = await client.get_workflow_handle(incident).query("view")
        known = int(view["alerts"]["total"])
        if known >= expected or time.monotonic() > deadline:
            return known
        await asyncio.sleep(0.2)


async def _signals(client: Client, incident: str) -> int:
    history = await client.get_workflow_handle(incident).fetch_history()
    kind = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return sum(event.event_type == kind for event in history.events)
