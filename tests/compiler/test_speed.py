"""Checking a hundred long playbooks does not blow up.

The figure itself is the benchmark's (`bench/run.py --only startup`); what stands here is several
times of it, so that only work that grows faster than the folder fails. Processor time counts,
since other tests may run beside it.
"""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BAR_S = 8.0
OWN = ("payment_api_5xx", "PaymentApi5xx", "PaymentErrorBudgetBurn", "payments_canary")


def a_copy(text: str, number: int) -> str:
    """The playbook under another name, for alerts and a heartbeat of its own."""
    for name in OWN:
        text = text.replace(name, f"{name}_{number}")
    return text


def test_hundred_long_playbooks_are_checked_without_a_blow_up(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks"
    shutil.copytree(ROOT / "playbooks", folder)
    text = (folder / "payment_api_5xx.yaml").read_text()
    for number in range(100):
        (folder / f"copy_{number}.yaml").write_text(a_copy(text, number))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "check", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert (done.returncode, done.stdout) == (0, "")
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < BAR_S
