"""`watchbill schema` as editors and validators use it: real processes, real files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
ALL = ("playbook", "roster", "ops-commands", "ops-queries", "house", "sources")

SAMPLE = """\
# yaml-language-server: $schema=schemas/playbook.schema.json
language: 1
name: disk_full
owner: team:storage
review_by: 2027-03-31
on_alert: { alertname: DiskFull }
page: [schedule:storage_primary, schedule:storage_secondary]
escalation: { ack_within: { SEV1: 5m, else: never } }
steps:
  - { id: settle, wait: 5m }
"""


def run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PROGRAMS / program, *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every schema, written by the program."""
    folder = tmp_path_factory.mktemp("editor") / "schemas"
    done = run("watchbill", "schema", "--into", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def valid(schemas: Path, document: str, *files: Path) -> "subprocess.CompletedProcess[str]":
    schema = schemas / f"{document}.schema.json"
    return run("check-jsonschema", "--schemafile", str(schema), *map(str, files))


def test_folder_has_a_schema_of_every_kind_of_file(schemas: Path) -> None:
    assert {path.name for path in schemas.iterdir()} == {f"{each}.schema.json" for each in ALL}


def test_shipped_files_are_valid_for_a_validator_that_is_not_ours(schemas: Path) -> None:
    """It reads YAML by itself, so dates, times and words like `on` are put to the test."""
    shipped = ROOT / "playbooks"
    special = {"house.yaml", "sources.yaml"}
    playbooks = [each for each in shipped.glob("*.yaml") if each.name not in special]
    playbooks += [
        each
        for each in (ROOT / "tests/compiler/full_example").glob("*.yaml")
        if each.name not in special
    ]

    outcomes = [
        valid(schemas, "playbook", *playbooks),
        valid(schemas, "roster", *(shipped / "roster").glob("*.yaml")),
        valid(schemas, "house", shipped / "house.yaml"),
        valid(schemas, "ops-commands", shipped / "ops/commands.yaml"),
        valid(schemas, "ops-queries", shipped / "ops/queries.yaml"),
    ]

    assert [each.stdout for each in outcomes if each.returncode] == []


def test_sample_with_the_language_servers_comment_is_valid(schemas: Path) -> None:
    """The comment names the schema by its path, as seen from the file, as editors do."""
    sample = schemas.parent / "disk_full.yaml"
    sample.write_text(SAMPLE)
    named = SAMPLE.partition("\n")[0].partition("$schema=")[2]

    done = run("check-jsonschema", "--schemafile", str(sample.parent / named), str(sample))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("pages: [schedule:storage_primary]", "page: [schedule:storage_primary,"),
        ("wait: 5", "wait: 5m"),
        ("wait: 5m, runbook: x", "wait: 5m"),
        ("SEV1: PT5M", "SEV1: 5m"),
        ("name: disk-full", "name: disk_full"),
        ("owner: storage", "owner: team:storage"),
    ],
)
def test_sample_with_a_mistake_is_refused(schemas: Path, wrong: str, right: str) -> None:
    sample = schemas.parent / "wrong.yaml"
    assert right.rstrip(",") in SAMPLE
    sample.write_text(SAMPLE.replace(right.rstrip(","), wrong, 1))

    assert valid(schemas, "playbook", sample).returncode == 1


def test_schema_is_printed_or_written_to_the_file_that_is_named(tmp_path: Path) -> None:
    printed = run("watchbill", "schema", "roster")
    written = run("watchbill", "schema", "roster", "-o", str(tmp_path / "new/roster.json"))

    assert (printed.returncode, written.returncode) == (0, 0)
    assert json.loads(printed.stdout) == json.loads((tmp_path / "new/roster.json").read_text())


def test_unknown_kind_of_file_is_refused_naming_the_near_one() -> None:
    done = run("watchbill", "schema", "playbok")

    assert done.returncode == 2
    assert "did you mean 'playbook'?" in done.stderr


def test_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    done = run("watchbill", "schema", "--into", str(tmp_path / "taken"))

    assert done.returncode == 1
    assert "cannot write" in done.stderr
