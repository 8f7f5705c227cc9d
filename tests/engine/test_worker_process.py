"""The worker as a process: it waits for its engine, shows metrics and ends cleanly."""

import time
import urllib.request

import pytest

from settings import Settings
from tests.processes import processes
from tests.receivers import free_port

pytestmark = pytest.mark.engine


def test_worker_started_first_waits_for_the_engine_and_says_so_once(settings: Settings) -> None:
    with processes(settings) as copy:
        copy.begin("worker")
        deadline = time.monotonic() + 30
        while "engine unreachable" not in copy.output("worker"):
            assert time.monotonic() < deadline, copy.output("worker")
            time.sleep(0.05)
        copy.start("engine")
        copy.wait_until_ready("worker")

        assert copy.stop("worker") == 0

    assert copy.output("worker").count("engine unreachable") == 1
    assert "Fatal Python error" not in copy.output("worker")
    assert not (settings.data_dir / "run" / "worker.ready").exists()


def test_worker_asked_to_stop_while_it_waits_ends_with_0(settings: Settings) -> None:
    with processes(settings) as copy:
        copy.begin("worker")
        deadline = time.monotonic() + 30
        while "engine unreachable" not in copy.output("worker"):
            assert time.monotonic() < deadline, copy.output("worker")
            time.sleep(0.05)

        assert copy.stop("worker") == 0


def test_worker_metrics_are_where_the_setting_says(settings: Settings) -> None:
    port = free_port()
    with processes(settings.model_copy(update={"worker_metrics_port": port})) as copy:
        copy.start("engine", "worker")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()

    assert 'task_queue="watchbill-paging"' in text
    assert "temporal_" in text
