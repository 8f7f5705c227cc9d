"""Run all measurements: print a table with the aims, write `bench/results/<date>.json`.

Ends with status 0 unless something was lost or broke: a figure that misses its aim is
for people to judge, since a busy machine misses it too.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import (
    authoring,
    automation,
    keys,
    malformed,
    matching,
    on_call,
    pages,
    rehearsals,
    startup,
    steps,
    storm,
)
from bench.cycles import Cycles, measure_latency, measure_load
from bench.floor import Floor
from bench.history import make_up
from bench.place import Place, floor_worker, open_place
from bench.product import BenchError, running
from bench.report import Report
from bench.sender import Sender
from settings import Settings

RESULTS = Path(__file__).parent / "results"
PARTS = (
    *("cycles", "storm", "keys", "pages", "memory", "startup", "on_call", "steps", "automation"),
    "matching",
    "authoring",
    "rehearsals",
    "malformed",
)
WITHOUT_AN_ENGINE = {"on_call", "matching", "authoring", "rehearsals", "malformed"}


async def measure(parts: list[str], *, quick: bool) -> Report:
    """Every part that was asked for, one after the other."""
    report = Report()
    await _without_an_engine(report, parts, quick=quick)
    if set(parts) <= WITHOUT_AN_ENGINE:
        return report
    async with open_place() as place:
        if "cycles" in parts:
            await _beside_the_floor(place, report, quick=quick)
        if {"storm", "keys"} & set(parts):
            await _storms(place, report, parts, quick=quick)
        if "pages" in parts:
            await _pages(place, report, quick=quick)
        if "memory" in parts:
            await _memory(place, report, quick=quick)
        if "steps" in parts:
            await steps.measure(place, report)
        if "automation" in parts:
            await automation.measure(place, report, quick=quick)
        if "startup" in parts:
            await startup.measure(place, report, quick=quick)
    return report


async def _without_an_engine(report: Report, parts: list[str], *, quick: bool) -> None:
    if "on_call" in parts:
        await on_call.measure(report, quick=quick)
    if "matching" in parts:
        matching.measure(report, quick=quick)
    if "authoring" in parts:
        await authoring.measure(report, quick=quick)
    if "rehearsals" in parts:
        await rehearsals.measure(report, quick=quick)
    if "malformed" in parts:
        await malformed.measure(report, quick=quick)


async def _beside_the_floor(place: Place, report: Report, *, quick: bool) -> None:
    """Latency with the claim that every page makes; then the load, of one person, unbundled."""
    with floor_worker(place):
        with running(_claiming(place)) as product:
            sender = Sender(place.settings.api_port, product.key, "ann")
            cycles = Cycles(place.receiver, sender, Floor(place.client))
            await measure_latency(cycles, report, quick=quick)
            sender.close()
        with running(place.settings) as product:
            sender = Sender(place.settings.api_port, product.key, "ann")
            cycles = Cycles(place.receiver, sender, Floor(place.client))
            await measure_load(cycles, report, quick=quick)
            await _history(place, cycles, report)
            sender.close()


def _claiming(place: Place) -> Settings:
    """Pages claim their person, as always, but ann's next one need not wait a minute."""
    return place.settings.model_copy(update={"bundle_window_s": 0.2})


async def _pages(place: Place, report: Report, *, quick: bool) -> None:
    settings = place.settings.model_copy(update={"bundle_window_s": 60.0})
    with floor_worker(place), running(settings) as product:
        sender = Sender(settings.api_port, product.key, "ann")
        await pages.measure(place.receiver, sender, Floor(place.client), report, quick=quick)
        sender.close()


async def _history(place: Place, cycles: Cycles, report: Report) -> None:
    """What the newest whole cycle left in the engine."""
    made = await make_up(place.client, cycles.latest)
    report.figures["history_of_a_cycle"] = made
    report.add("history of one whole cycle", f"{made['events']} events, {made['bytes']} bytes")
    for name, part in list(made["by_type"].items())[:4]:
        report.add(f"  of it {name}", f"{part['events']} events, {part['bytes']} bytes")


async def _storms(place: Place, report: Report, parts: list[str], *, quick: bool) -> None:
    with floor_worker(place), running(place.settings) as product:
        sender = Sender(place.settings.api_port, product.key, "ann")
        if "storm" in parts:
            await storm.measure(place.client, place.receiver, sender, report, quick=quick)
        if "keys" in parts:
            await keys.measure(product, place.receiver, sender, report, quick=quick)
        sender.close()


async def _memory(place: Place, report: Report, *, quick: bool) -> None:
    """Once in the sandbox, once without; each with a worker of its own."""
    count = 60 if quick else 150
    for name, sandboxed in (("sandboxed", True), ("not sandboxed", False)):
        settings = place.settings.model_copy(update={"sandboxed": sandboxed})
        with running(settings) as product:
            sender = Sender(settings.api_port, product.key, "ann")
            await keys.measure_memory(product, place.receiver, sender, report, name, count)
            sender.close()


def main() -> int:
    """The exit status."""
    options = _options()
    began = time.monotonic()
    try:
        report = asyncio.run(measure(options.only or list(PARTS), quick=options.quick))
    except BenchError as error:
        print(f"bench: broken: {error}", file=sys.stderr)
        return 1
    report.figures["seconds"] = round(time.monotonic() - began, 1)
    print(report.table())
    _write(report)
    for broken in report.broken:
        print(f"bench: broken: {broken}", file=sys.stderr)
    return 1 if report.broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; repeatable")
    return parser.parse_args()


def _write(report: Report) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    report.figures |= {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "temporalio": version("temporalio"),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "broken": report.broken,
        "rows": [vars(row) for row in report.rows],
    }
    file = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    file.write_text(json.dumps(report.figures, indent=2) + "\n")
    print(f"\nwritten: {file}")


if __name__ == "__main__":
    sys.exit(main())
