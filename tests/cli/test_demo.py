"""`watchbill demo`: told for real, interrupted, and caught when something is missing."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.demo.checks import Evidence, promises
from cli.demo.command import demo_settings
from cli.demo.folder import FILES, captured, write_playbooks
from cli.demo.receivers import Receivers
from cli.folders import read_folder
from cli.show.shown import ShownIncident
from compiler.compile import compile_folder
from settings import Settings
from tests.cli.conftest import INCIDENT, ROOT
from tests.receivers import free_port

PAYLOADS = ROOT / "tests" / "payloads"


def start_demo(folder: Path, **changes: str) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("WATCHBILL_")
    }
    ports = ("API", "TEMPORAL", "UI")
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "demo"],
        cwd=ROOT,
        env=environment
        | {f"WATCHBILL_{name}_PORT": str(free_port()) for name in ports}
        | {"WATCHBILL_DATA_DIR": str(folder)}
        | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.engine
def test_the_demo_tells_its_story_and_everything_in_it_happened(tmp_path: Path):
    demo = start_demo(tmp_path, WATCHBILL_TEST_SPEED="120")

    said, _ = demo.communicate(timeout=110)

    assert demo.returncode == 0, said
    for part in ("1. ", "2. ", "3. ", "4. ", "5. ", "The recorded timeline", "Temporal UI"):
        assert part in said
    assert "this did not happen" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
def test_an_interrupted_demo_stops_everything_it_started(tmp_path: Path):
    demo = start_demo(tmp_path)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "Ann is asleep" in line:
            break
    (folder,) = tmp_path.iterdir()
    pids = [int(file.read_text()) for file in (folder / "run").glob("*.pid")]

    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=60)

    assert demo.returncode == 130
    assert len(pids) == 3
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_what_did_not_happen_is_named():
    shown = ShownIncident.model_validate(INCIDENT)
    with Receivers() as receivers:
        evidence = Evidence(shown, [], receivers, "whsec_c2VjcmV0c2VjcmV0c2VjcmV0")

        kept = dict(promises(evidence))

    assert not kept["Bo's tap is the acknowledgement"]
    assert not kept["level 2 is paged when 15 minutes are over, not before"]
    assert not kept["it is resolved"]
    assert [promise for promise, is_kept in kept.items() if is_kept] == [
        "two alerts are one incident",
        "no page arrives twice",
    ]


def test_the_demos_alerts_are_the_captured_ones():
    for file in FILES.glob("alertmanager-*.json"):
        assert file.read_bytes() == (PAYLOADS / file.name).read_bytes()
    assert captured("firing-two")["status"] == "firing"


def test_the_demos_playbooks_have_no_problems(tmp_path: Path):
    write_playbooks(tmp_path / "playbooks", "127.0.0.1:9")

    compiled = compile_folder(
        read_folder(tmp_path / "playbooks"), today=datetime(2026, 11, 22, tzinfo=UTC).date()
    )

    assert [problem for problem in compiled.diagnostics if problem.is_error] == []
    assert "payment_api_5xx" in compiled.plans


def test_a_taken_default_port_is_exchanged_but_one_asked_for_is_kept(tmp_path: Path):
    with Receivers() as taken:
        port = int(taken.address.rpartition(":")[2])
        asked = Settings(data_dir=tmp_path, api_port=port)
        by_default = Settings(data_dir=tmp_path)
        by_default.__dict__["api_port"] = port  # as if it were the shipped default

        kept = demo_settings(asked, datetime.now(UTC))
        exchanged = demo_settings(by_default, datetime.now(UTC))

    assert kept.api_port == port
    assert exchanged.api_port != port


def test_the_demo_never_touches_the_installation_it_is_run_in(tmp_path: Path):
    given = Settings(
        data_dir=tmp_path,
        ledger_url="postgresql://real",
        public_url="https://real.example",
        playbooks=Path("/real"),
        bind="0.0.0.0",
    )

    settings = demo_settings(given, datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC))

    assert settings.data_dir == tmp_path / "demo-20261122-030405"
    assert settings.playbooks.is_relative_to(settings.data_dir)
    assert settings.ledger_address.endswith("demo-20261122-030405/ledger.db")
    assert settings.public_address.startswith("http://127.0.0.1:")
    assert (settings.bind, settings.test_clock, settings.test_speed) == ("127.0.0.1", True, 60)
