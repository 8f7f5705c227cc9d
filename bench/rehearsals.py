"""The tests of playbooks: a hundred of them, as an author waits for them.

Measures `watchbill test` as a process of its own on copies of the shipped library, and what
one rehearsed test takes in a process that runs already.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.authors_folder import write_folder
from bench.product import ROOT
from bench.report import Report, percentile
from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.rehearsing import play_tests

COPIES = 3
AIM_S = 5.0


async def measure(report: Report, *, quick: bool) -> None:
    """The command on about a hundred tests, and the time of each; with `quick` a third."""
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as name:
        folder = Path(name) / "playbooks"
        write_folder(folder, 1 if quick else COPIES)
        begun = time.perf_counter()
        command = [sys.executable, "-m", "cli.main", "test", str(folder)]
        done = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
            command, cwd=ROOT, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - begun
        report.require(f"tests of copies pass: {done.stdout[-500:]}", holds=done.returncode == 0)
        times = _each(folder)
    measured = f"{seconds:.1f} s for {len(times)} tests"
    report.add(
        "watchbill test, process and all", measured, f"< {AIM_S:.0f} s", holds=seconds < AIM_S
    )
    told = f"{median(times):.1f} ms, p99 {percentile(times, 0.99):.1f} ms"
    report.add("one rehearsed test, median", told)


def _each(folder: Path) -> list[float]:
    """Milliseconds of every test, in one process."""
    compiled = compile_folder(read_folder(folder))
    times, begun = [], time.perf_counter()
    for _ in play_tests(compiled):
        now = time.perf_counter()
        times.append((now - begun) * 1000)
        begun = now
    return times
