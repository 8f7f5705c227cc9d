"""The SDK's download is bounded: nothing arriving ends it, and says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.engine import search


def child(code: str) -> "subprocess.Popen[bytes]":
    """A process in place of the download."""
    return subprocess.Popen([sys.executable, "-c", code])


def test_download_that_stalls_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STALLED_DOWNLOAD_S", 0.3)
    process = child("import time; time.sleep(60)")

    reason = search._wait_for_download(process, tmp_path, lambda _line: None)

    assert reason is not None
    assert "nothing arrived" in reason
    assert process.returncode != 0


def test_download_that_is_slow_but_growing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow line is no reason to build for minutes instead."""
    monkeypatch.setattr(search, "STALLED_DOWNLOAD_S", 1.0)
    grow = (
        "import time\n"
        f"with open({str(tmp_path / 'part')!r}, 'ab', buffering=0) as file:\n"
        "    for _ in range(15):\n"
        "        file.write(b'x'); time.sleep(0.1)\n"
    )

    reason = search._wait_for_download(child(grow), tmp_path, lambda _line: None)

    assert reason is None
