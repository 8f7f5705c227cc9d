"""How long people wait: a hundred playbooks checked, everything ready after the engine."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.place import Place
from bench.product import ROOT, ready_seconds
from bench.report import Report

READY_AIM_S = 3.0
CHECK_AIM_S = 2.0


async def measure(place: Place, report: Report, *, quick: bool) -> None:
    """Medians of a few runs each."""
    times = 1 if quick else 3
    ready = await ready_seconds(place.settings, times)
    report.figures["ready_s"] = ready
    report.add("API and worker ready", f"{ready:.2f} s", "< 3 s", holds=ready < READY_AIM_S)
    check = statistics.median(_check_seconds() for _ in range(times))
    report.figures["check_s"] = check
    report.add("check of 100 playbooks", f"{check:.2f} s", "< 2 s", holds=check < CHECK_AIM_S)


def _copy(text: str, number: int) -> str:
    for name in ("payment_api_5xx", "PaymentApi5xx", "PaymentErrorBudgetBurn", "payments_canary"):
        text = text.replace(name, f"{name}_{number}")
    return text


def _check_seconds() -> float:
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as name:
        folder = Path(name) / "playbooks"
        shutil.copytree(ROOT / "playbooks", folder)
        text = (folder / "payment_api_5xx.yaml").read_text()
        for number in range(100):
            (folder / f"copy_{number}.yaml").write_text(_copy(text, number))
        began = time.perf_counter()
        command = [sys.executable, "-m", "cli.main", "check", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return time.perf_counter() - began
