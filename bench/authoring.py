"""The author's loop on a thousand playbooks: check, test, one save, one file.

Measures the commands as processes of their own, with the memory of all processes they start;
the edit is measured in a folder that is watched. Decides nothing about how they work.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil

from bench.authors_folder import LIBRARY, write_folder
from bench.product import ROOT
from bench.report import Report
from cli.folders import FolderOverTime
from compiler.incremental import Compiler
from compiler.known_plugins import KnownPlugins
from domain.plugin import installed_plugins, plugin_named

COPIES = 100
LOOP_AIM_S, LOOP_AIM_MIB = 20.0, 300.0
EDIT_AIM_MS = 200.0
_LOOK_EVERY_S = 0.25
"""Adding up shared memory takes the kernel milliseconds, which the measured processes lack."""


@dataclass(frozen=True)
class Ran:
    """One command: how long it took, and its processes' memory at the peak, shared parts once."""

    seconds: float
    mib: float
    status: int


async def measure(report: Report, *, quick: bool) -> None:
    """Times and peaks; with `quick` a tenth of the playbooks."""
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as name:
        folder = Path(name) / "playbooks"
        count = write_folder(folder, COPIES // 10 if quick else COPIES)
        loop = [_told(report, (command,), count, folder) for command in ("check", "test")]
        together = sum(each.seconds for each in loop)
        report.add("check, then test, of all", f"{together:.1f} s")
        _told(report, ("test", "--check"), count, folder, aimed=True)
        _edits(report, folder, times=3 if quick else 10)
    _start(report, times=1 if quick else 5)


def _told(
    report: Report, typed: tuple[str, ...], count: int, folder: Path, *, aimed: bool = False
) -> Ran:
    ran = run(*typed, str(folder))
    command = " ".join(typed)
    name, measured = f"{command} of {count} playbooks", f"{ran.seconds:.1f} s, {ran.mib:.0f} MiB"
    report.figures[f"{command}_of_{count}"] = vars(ran)
    if aimed:
        holds = ran.seconds < LOOP_AIM_S and ran.mib < LOOP_AIM_MIB
        report.add(name, measured, f"< {LOOP_AIM_S:.0f} s, {LOOP_AIM_MIB:.0f} MiB", holds=holds)
    else:
        report.add(name, measured)
    report.require(f"{name} ends with 0", holds=ran.status == 0)
    return ran


def run(*arguments: str) -> Ran:
    """Runs `watchbill` and looks at the memory of all its processes meanwhile."""
    began, peak = time.perf_counter(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        peak = max(peak, _memory_of(process.pid))
        time.sleep(_LOOK_EVERY_S)
    return Ran(time.perf_counter() - began, peak / 2**20, process.returncode)


def _memory_of(pid: int) -> int:
    """Bytes of the process and its children, what they share counted once (PSS)."""
    try:
        first = psutil.Process(pid)
        family = [first, *first.children(recursive=True)]
        return sum(each.memory_full_info().pss for each in family)
    except psutil.Error:  # one of them has just ended
        return 0


def _edits(report: Report, folder: Path, *, times: int) -> None:
    """From a saved file to the folder's problems, as a watching `check` does it."""
    compiler = Compiler(KnownPlugins(installed_plugins(), plugin_named))
    over_time = FolderOverTime(folder)
    today = datetime.now(UTC).date()
    compiler.compile(over_time.read(), today=today)
    gc.freeze()  # as the command does
    took = []
    for path in [folder / f"{name}_0.yaml" for _ in range(times) for name in LIBRARY]:
        with _edited(path):
            began = time.perf_counter()
            found = compiler.compile(over_time.read(), today=today).diagnostics
            took.append((time.perf_counter() - began) * 1000)
            report.require("the edited file's problem is found", holds=len(found) > 0)
    took.sort()
    middle, most, worst = median(took), took[int(len(took) * 0.95)], took[-1]
    report.figures["recheck_ms"] = {"median": middle, "95_of_100": most, "worst": worst}
    measured = f"{middle:.0f} / {most:.0f} / {worst:.0f} ms"
    name = "one file saved, median / 95 of 100 / worst"
    report.add(name, measured, f"< {EDIT_AIM_MS:.0f} ms", holds=most < EDIT_AIM_MS)


@contextmanager
def _edited(path: Path) -> Iterator[None]:
    """The file with a mistake, until the end."""
    text = path.read_text()
    path.write_text(f"{text}vresion: 2\n")
    try:
        yield
    finally:
        path.write_text(text)


def _start(report: Report, *, times: int) -> None:
    """One file of the shipped folder, from nothing."""
    ran = [run("check", "playbooks/disk_full.yaml").seconds for _ in range(times)]
    report.figures["check_of_one_file_s"] = ran
    report.add("check of one file, shipped folder", f"{median(ran):.2f} s")


if __name__ == "__main__":
    import asyncio

    rows = Report()
    asyncio.run(measure(rows, quick="--quick" in sys.argv))
    print(rows.table())
    print(json.dumps(rows.figures))
