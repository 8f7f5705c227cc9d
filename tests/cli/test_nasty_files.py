"""Whatever stands in a file, no command of the author's ends in a traceback."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from cli.main import AT_HOME_IN

CONTEXT = Path(__file__).parents[1] / "compiler" / "context"
WATCHBILL = (sys.executable, "-m", "cli.main")
HEAD = b"language: 1\nname: disk_odd\nowner: team:storage\n"

NASTY: dict[str, bytes] = {
    "empty": b"",
    "bytes": b"\xff\xfe\x00\x01" * 50,
    "utf16": "language: 1\nname: disk_odd\n".encode("utf-16"),
    "nul": HEAD + b"title: a\x00b\n",
    "deep": b"[" * 50_000,
    "aliases": b"a: &a [x]\n" + b"b: [*a, *a]\n" * 50,
    "enormous": HEAD + b"title: " + b"x" * 900_000,
    "many": HEAD + b"".join(b"a%d: no\n" % n for n in range(20_000)),
    "list": b"- 1\n- 2\n",
    "number": b"42\n",
    "wrong": HEAD + b"page: { a: [1] }\nsteps: {}\ntests: 5\ndrill: []\non_alert: [x]\n",
    "bombs": HEAD
    + b'title: "{% for a in range(10**9) %}x{% endfor %}"\n'
    + b'mitigated: { when: "'
    + b"(" * 1000
    + b'true" }\npage: [user:\xc3\xa9]\n',
    "torn": HEAD + b'page: ["schedule:a\n',
    "documents": b"---\na: b\n" * 500,
    "carriage": HEAD.replace(b"\n", b"\r") + "tests:\u2028- x\x85".encode(),
}
PLACES = ("house.yaml", "sources.yaml", "roster/more.yaml", "ops/commands.yaml", "ops/queries.yaml")
PAYLOADS: dict[str, bytes] = {
    "bytes": b"\xff\xfe{",
    "torn": b'{"alerts": [{"labels": {"alertname": "x"',
    "deep": b"[" * 50_000,
    "number": b"NaN",
    "wrong": b'{"version": 4, "alerts": {"labels": 5}, "status": [null]}',
    "odd": b'{"alerts": [{"labels": {"a\\u0000": "\\ud800", "b": null}, "status": "firing"}]}',
    "huge": b'{"a": ' + b"9" * 5000 + b"}",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few sound playbooks with every nasty file among them."""
    target = tmp_path_factory.mktemp("nasty") / "playbooks"
    copytree(CONTEXT, target)
    (target / "house.yaml").write_text("language: 1\nfallback: catch_all\n")
    for name, content in NASTY.items():
        (target / f"odd_{name}.yaml").write_bytes(content)
    (target / "runbooks" / "odd.md").write_bytes(NASTY["bytes"])
    return target


@pytest.fixture(scope="module")
def undone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with a nasty file where each shared one stood."""
    target = tmp_path_factory.mktemp("undone") / "playbooks"
    copytree(CONTEXT, target)
    (target / "house.yaml").write_text("language: 1\nfallback: catch_all\n")
    for place, content in zip(PLACES, (NASTY[name] for name in sorted(NASTY)), strict=False):
        (target / place).write_bytes(content)
    return target


def commands(folder: Path) -> Iterator[tuple[str, ...]]:
    """Every author's command that reads files, as it is used on this folder."""
    here = ("--playbooks", str(folder))
    yield ("check", "--format", "sarif", str(folder))
    yield ("explain", "disk_odd", *here)
    yield ("explain", "--label", "alertname=DiskFull", *here)
    yield ("test", *here)
    yield ("graph", "catch_all", *here)
    yield ("fmt", "--check", *(str(each) for each in sorted(folder.glob("*.yaml"))))
    yield ("drill", "--rehearse", "catch_all", *here)
    yield ("new", "odd_new", "--alert", "alertname=New", "--page", "user:nobody", *here)
    yield ("oncall", "--now", *here)


NO_FILES = ("schema", "explain-error")


def ran(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*WATCHBILL, *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL
    )


def must_be_an_answer(done: subprocess.CompletedProcess[bytes]) -> None:
    """It ended by itself, with a status of ours, and said something."""
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert "Traceback" not in said, (done.args[3:], said[-2000:])
    assert done.returncode in (0, 1, 2), (done.args[3:], said[-2000:])
    assert said.strip(), done.args[3:]


def test_commands_answer_although_nasty_files_lie_in_the_folder(folder: Path) -> None:
    for arguments in commands(folder):
        must_be_an_answer(ran(arguments))


def test_commands_answer_although_the_shared_files_are_nasty(undone: Path) -> None:
    for arguments in commands(undone):
        if arguments[0] in ("check", "explain", "test", "drill"):
            must_be_an_answer(ran(arguments))


def test_every_nasty_file_has_a_problem_with_its_place(folder: Path) -> None:
    said = ran(("check", str(folder))).stdout.decode(errors="replace")

    for name in NASTY:
        assert f"odd_{name}.yaml:" in said, name


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_a_payload_that_cannot_be_read_is_an_answer(name: str, tmp_path: Path) -> None:
    path = tmp_path / "alert.json"
    path.write_bytes(PAYLOADS[name])

    done = ran(("explain", "--alert", str(path), "--playbooks", str(CONTEXT)))

    must_be_an_answer(done)
    assert done.returncode != 0 or name == "odd"


SYSTEMS = ("alertmanager", "oncall", "pagerduty", "opsgenie")


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_export_that_cannot_be_read_is_an_answer(system: str, tmp_path: Path) -> None:
    paths = []
    for name in ("empty", "deep", "wrong", "torn"):
        content = NASTY.get(name, b"") + PAYLOADS.get(name, b"")
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_bytes(content)
    for path in paths if system == SYSTEMS[0] else paths[2:3]:
        done = ran(("import", system, str(path), "--into", str(tmp_path / "into"), "--dry-run"))
        must_be_an_answer(done)


def test_every_author_command_is_among_them(folder: Path) -> None:
    """A new command that reads files is tried as well, or is no author's command."""
    tried = {arguments[0] for arguments in commands(folder)} | {"import"}
    at_work = {
        *NO_FILES,
        *("up", "demo", "engine", "api", "worker", "keys", "maintenance", "heartbeats"),
        *("override", "doctor", "task"),
    }
    others = {name for name, home in AT_HOME_IN.items() if home == "cli.respond.command"} | at_work

    assert set(AT_HOME_IN) - others - tried == set()
