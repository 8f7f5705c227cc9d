"""`watchbill fmt` on real files: what it writes, what it leaves alone, what it says."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.fmt import Mode
from cli.fmt import fmt as lay_out

PROGRAM = Path(sys.executable).parent / "watchbill"
UNTIDY = "name:   disk_full  # kept\nlanguage: 1\nowner: team:storage\n"
TIDY = "language: 1\nname: disk_full    # kept\nowner: team:storage\n"


class Done(NamedTuple):
    """How one run ended."""

    returncode: int
    stdout: str
    stderr: str


Fmt = Callable[..., Done]


@pytest.fixture
def fmt(capsys: pytest.CaptureFixture[str]) -> Fmt:
    """Runs the command in this process."""

    def run(*paths: Path, mode: Mode = "write") -> Done:
        return Done(lay_out(list(paths), mode), *capsys.readouterr())

    return run


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    """A folder with one untidy playbook, one tidy one and a runbook."""
    (tmp_path / "roster").mkdir()
    (tmp_path / "roster/storage.yaml").write_text("users:\n    ann: {}\nlanguage: 1\n")
    (tmp_path / "disk_full.yaml").write_text(UNTIDY)
    (tmp_path / "tidy.yaml").write_text(TIDY)
    (tmp_path / "notes.md").write_text("language:   1\n")
    return tmp_path


def test_folder_is_laid_out_and_the_changed_files_are_named(untidy: Path, fmt: Fmt) -> None:
    done = fmt(untidy)

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"formatted {untidy}/disk_full.yaml",
        f"formatted {untidy}/roster/storage.yaml",
    ]
    assert (untidy / "disk_full.yaml").read_text() == TIDY
    assert (untidy / "roster/storage.yaml").read_text() == "language: 1\n\nusers:\n  ann: {}\n"
    assert (untidy / "notes.md").read_text() == "language:   1\n"
    assert fmt(untidy, mode="check").returncode == 0


def test_check_names_what_would_change_and_writes_nothing(untidy: Path, fmt: Fmt) -> None:
    done = fmt(untidy, mode="check")

    assert done.returncode == 1
    assert f"would format {untidy}/disk_full.yaml" in done.stdout
    assert "2 files to format, 1 file in order" in done.stderr
    assert (untidy / "disk_full.yaml").read_text() == UNTIDY


def test_diff_prints_what_would_change_and_writes_nothing(untidy: Path, fmt: Fmt) -> None:
    done = fmt(untidy / "disk_full.yaml", mode="diff")

    assert done.returncode == 1
    assert "-name:   disk_full  # kept" in done.stdout
    assert "+name: disk_full    # kept" in done.stdout
    assert (untidy / "disk_full.yaml").read_text() == UNTIDY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"name: [\n", "E001"),
        (b"a: &x 1\nb:   *x\n", "E002"),
        (b"a: 1\na:   2\n", "E003"),
        (b"a: !t 1\n", "E005"),
        (b"a: '\xff'\n", "E001"),
    ],
)
def test_file_that_the_compiler_refuses_is_left_alone_with_its_error(
    untidy: Path, text: bytes, code: str, fmt: Fmt
) -> None:
    (untidy / "broken.yaml").write_bytes(text)

    done = fmt(untidy)

    assert done.returncode == 1
    assert f"error[{code}]" in done.stderr
    assert (untidy / "broken.yaml").read_bytes() == text
    assert (untidy / "disk_full.yaml").read_text() == TIDY


def test_mode_line_breaks_and_a_link_stay(untidy: Path, fmt: Fmt) -> None:
    real = untidy / "real.txt"
    real.write_bytes(UNTIDY.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    (untidy / "linked.yaml").symlink_to(real)

    done = fmt(untidy / "linked.yaml")

    assert done.returncode == 0
    assert real.read_bytes() == TIDY.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (untidy / "linked.yaml").is_symlink()
    assert not list(untidy.glob(".*"))


def test_path_that_is_no_yaml_is_wrong_usage(untidy: Path, fmt: Fmt) -> None:
    assert fmt(untidy / "absent").returncode == 2
    assert fmt(untidy / "notes.md").returncode == 2


def test_playbooks_that_are_shipped_are_in_order(fmt: Fmt) -> None:
    shipped = Path(__file__).parents[2] / "playbooks"

    done = fmt(shipped, mode="check")

    assert (done.stdout, done.returncode) == ("", 0)


def test_program_writes_by_itself_and_is_silent_where_all_is_in_order(untidy: Path) -> None:
    """The options reach the same code, as a real process."""
    checked = subprocess.run([PROGRAM, "fmt", "--check", untidy], capture_output=True, check=False)
    done = subprocess.run([PROGRAM, "fmt", untidy], capture_output=True, check=False)

    assert (checked.returncode, done.returncode) == (1, 0)
    assert (untidy / "disk_full.yaml").read_text() == TIDY
