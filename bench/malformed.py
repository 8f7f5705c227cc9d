"""Twenty thousand malformed files: what the compiler says, how long it takes, in how much memory.

Decides how they are measured: each in a child process that is killed where it hangs, by
processor time and the most memory held, so that a busy machine changes nothing. The files
are those of `tests.compiler.malformed`; every tenth is answered twice, under another seed of
hashes, and must be answered alike.
"""

import asyncio
import os
import resource
import signal
import sys
import time
from asyncio.subprocess import PIPE
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from bench.report import Report, percentile
from tests.compiler.malformed import case_of, verdict

SEED = 6
COUNT, QUICK_COUNT = 20_000, 2_000
TWICE = 10
LONGEST_S, LARGEST_MIB = 1.0, 200
_HANGS_AFTER_S = 60
_AT_ONCE = 500
"""Cases of one process: what earlier ones left in its memory would count for later ones."""
_ADDRESSES = 2 << 30


class Measured(NamedTuple):
    """One case: processor time, most memory of the process meanwhile, what was said."""

    number: int
    seconds: float
    mebibytes: float
    said: str


async def measure(report: Report, *, quick: bool = False) -> None:
    """Every case once, in as many processes as there are processors."""
    count = QUICK_COUNT if quick else COUNT
    workers = os.cpu_count() or 1
    rounds = await asyncio.gather(*(_child(report, n, count, workers) for n in range(workers)))
    found = [each for part in rounds for each in part]
    again = await _child(report, 0, count, TWICE, hashes="7")
    _add(report, found, again, count)


def _add(report: Report, found: list[Measured], again: list[Measured], count: int) -> None:
    first = {each.number: each.said for each in found}
    differ = [each.number for each in again if first.get(each.number) != each.said]
    times = [each.seconds for each in found]
    slowest = max(found, key=lambda each: each.seconds)
    largest = max(found, key=lambda each: each.mebibytes)
    report.add("malformed files answered with places", f"{len(found)} of {count}")
    report.add("  processor time, half of them", f"{percentile(times, 0.5) * 1000:.1f} ms")
    report.add("  99 of 100", f"{percentile(times, 0.99) * 1000:.0f} ms")
    for what, measured, aim, holds, worst in (
        ("longest", f"{slowest.seconds:.2f} s", f"<= {LONGEST_S:g} s",
         slowest.seconds <= LONGEST_S, slowest),
        ("most memory of the process", f"{largest.mebibytes:.0f} MiB", f"<= {LARGEST_MIB} MiB",
         largest.mebibytes <= LARGEST_MIB, largest),
    ):  # fmt: skip
        name = case_of(SEED, worst.number).name
        report.add(f"  {what} ({name})"[:70], measured, aim, holds=holds)
    report.require("every malformed file is answered", holds=len(found) == count)
    report.require(f"answers differ between runs: {differ[:5]}", holds=not differ)
    report.figures["malformed"] = {
        "cases": count,
        "longest_s": slowest.seconds,
        "largest_mib": largest.mebibytes,
    }


async def _child(
    report: Report, first: int, end: int, step: int, hashes: str = "0"
) -> list[Measured]:
    """What one process measured; what it did not live to answer is broken."""
    found: list[Measured] = []
    while first < end:
        arguments = ("-m", "bench.malformed", str(first), str(end), str(step))
        environment = os.environ | {"PYTHONHASHSEED": hashes}
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=environment, stdout=PIPE, stderr=PIPE
        )
        out, complaint = await child.communicate()
        part = [_read(line) for line in out.decode().splitlines()]
        found += part
        first = part[-1].number + step if part else first
        if child.returncode:
            last = complaint.decode(errors="replace").strip().splitlines()[-1:]
            name = case_of(SEED, first).name
            report.require(f"{name}: ended with {child.returncode} {last}", holds=False)
            first += step
    return found


def _read(line: str) -> Measured:
    number, seconds, mebibytes, said = line.split()
    return Measured(int(number), float(seconds), float(mebibytes), said)


def _answer(first: int, end: int, step: int) -> None:
    """Prints one line a case, as soon as it is answered."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    verdict(case_of(SEED, 1))
    for number in range(first, min(end, first + step * _AT_ONCE), step):
        case = case_of(SEED, number)
        signal.alarm(_HANGS_AFTER_S)
        Path("/proc/self/clear_refs").write_text("5")
        began = time.process_time()
        said = verdict(case)
        seconds = time.process_time() - began
        digest = sha256(said.encode()).hexdigest()[:16]
        print(f"{number} {seconds:.4f} {_most_held():.1f} {digest}", flush=True)


def _most_held() -> float:
    """The most memory that this process held since the mark was reset, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    _answer(*map(int, sys.argv[1:]))
