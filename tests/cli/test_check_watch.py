"""`watchbill check --watch` as an author sees it: a real process on a real folder."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from cli.folders import FolderOverTime, read_folder
from tests.cli.edits import FOLDER

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests ignore Ctrl-C
from cli.main import main
main()
"""
BROKEN = FOLDER["tape.yaml"].replace("page:", "pag:")


class Author:
    """Who watches: what was printed so far, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def until(self, part: str) -> list[str]:
        """The lines that come, up to the first with this part."""
        seen: list[str] = []
        while not seen or part not in seen[-1]:
            seen.append(self._lines.get(timeout=WITHIN_S))
        return seen

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=WITHIN_S)


@contextmanager
def watching(folder: Path) -> Iterator[Author]:
    """`watchbill check --watch` on this folder, ended with the test."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, "check", "--watch", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Author(process)
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "play books"
    for path, text in FOLDER.items():
        file = found / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return found


def test_each_save_is_reported_with_what_is_new_and_what_is_fixed(folder: Path) -> None:
    with watching(folder) as author:
        author.until("no problems")
        (folder / "tape.yaml").write_text(BROKEN)
        broken = author.until("1 error")
        _write_by_rename(folder / "tape.yaml", FOLDER["tape.yaml"])
        mended = author.until("no problems")

        status = author.interrupt()

    told = f"{folder / 'tape.yaml'}: E101: unknown field 'pag'"
    assert broken[0] == f"{folder / 'tape.yaml'}:5:1: error[E101]: unknown field 'pag'"
    assert f"new: {told}" in broken
    assert mended[0] == f"fixed: {told}"
    assert not any("\x1b" in line for line in [*broken, *mended])
    assert status == 0


def _write_by_rename(path: Path, text: str) -> None:
    """As many editors save: a new file beside it, moved over it."""
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    beside.replace(path)


def test_ctrl_c_ends_with_the_status_of_the_last_check(folder: Path) -> None:
    (folder / "tape.yaml").write_text(BROKEN)

    with watching(folder) as author:
        author.until("1 error")
        status = author.interrupt()
        rest = author.process.stdout.read() if author.process.stdout else ""

    assert status == 1
    assert "Traceback" not in rest


def test_a_folder_that_vanishes_is_waited_for_and_checked_when_it_is_back(folder: Path) -> None:
    away = folder.with_name("away")
    with watching(folder) as author:
        author.until("no problems")
        folder.rename(away)
        author.until("waiting for it")
        (away / "tape.yaml").write_text(BROKEN)
        away.rename(folder)
        author.until("1 error")
        (folder / "tape.yaml").write_text(FOLDER["tape.yaml"])
        mended = author.until("no problems")

        status = author.interrupt()

    assert mended[0].startswith("fixed: ")
    assert status == 0


@pytest.mark.parametrize("more", [["--format", "json"], ["--json"], ["--output", "x"]])
def test_watching_shows_text_only(folder: Path, more: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "check", "--watch", *more, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "--watch shows text" in done.stderr


Change = Callable[[Path], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "tape.yaml").write_text(BROKEN),
        lambda folder: (folder / "tape.yaml").unlink(),
        lambda folder: (folder / "new.yaml").write_text("language: 1\n"),
        lambda folder: (folder / ".hidden.yaml").write_text("language: 1\n"),
        lambda folder: (folder / "tape.yaml").rename(folder / "type.yaml"),
        lambda folder: shutil.rmtree(folder / "runbooks"),
        lambda folder: (folder / "runbooks" / "disk.md").write_bytes(b"\xff\n"),
    ],
)
def test_a_folder_read_over_time_is_always_as_read_anew(folder: Path, change: Change) -> None:
    over_time = FolderOverTime(folder)
    long_ago = 1_700_000_000
    for path in folder.rglob("*.yaml"):
        os.utime(path, (long_ago, long_ago))
    over_time.read()

    change(folder)

    assert over_time.read() == read_folder(folder)
    assert list(over_time.read()) == list(read_folder(folder))
