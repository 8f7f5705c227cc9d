"""`watchbill graph` on the command line."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from domain.incident.view import IncidentView
from tests.cli.conftest import INCIDENT, ApiServer, document, problem
from tests.picture.situations import PLAYBOOKS, shipped, unanswered

Run = Callable[..., int]
FOLDER = str(PLAYBOOKS)


def title_of(svg: str) -> str:
    """The picture's own title."""
    return ET.fromstring(svg)[0].text or ""  # noqa: S314 - our own text


def test_a_playbook_is_drawn_by_name_and_by_file(run_here: Run, capsys: pytest.CaptureFixture[str]):
    by_name = run_here("graph", "disk_full", "--playbooks", FOLDER)
    first = capsys.readouterr().out
    by_file = run_here("graph", str(PLAYBOOKS / "disk_full.yaml"))
    second = capsys.readouterr().out

    assert (by_name, by_file) == (0, 0)
    assert title_of(first) == "disk full"
    assert first == second


def test_the_output_files_ending_says_the_format_and_a_flag_overrules_it(
    run_here: Run, tmp_path: Path
):
    for name, *more in (("a.svg",), ("a.mmd",), ("a.html",), ("b.svg", "--format", "mermaid")):
        said = ("graph", "disk_full", "--playbooks", FOLDER, "-o", str(tmp_path / name), *more)
        assert run_here(*said) == 0

    assert (tmp_path / "a.svg").read_text().startswith("<svg ")
    assert (tmp_path / "a.mmd").read_text().startswith("flowchart ")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "b.svg").read_text().startswith("flowchart ")


def test_paper_and_direction_are_those_asked_for(run_here: Run, tmp_path: Path):
    sheet = tmp_path / "sheet.html"

    said = ("--paper", "letter", "--landscape", "-o", str(sheet))
    status = run_here("graph", "disk_full", "--playbooks", FOLDER, *said)

    assert status == 0
    assert "@page { size: 792pt 612pt; margin: 0 }" in sheet.read_text()


def test_a_broken_playbook_prints_its_errors_and_no_other_files(
    run_here: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "playbooks"
    copytree(PLAYBOOKS, folder)
    broken = folder / "disk_full.yaml"
    broken.write_text(broken.read_text().replace("payments_primary", "payments_primry"))
    (folder / "unmatched_alerts.yaml").write_text("language: 1\nname: unmatched_alerts\n")

    status = run_here("graph", "disk_full", "--playbooks", str(folder))

    said = capsys.readouterr()
    assert status == 1
    assert "disk_full.yaml:5:" in said.err
    assert "error[E201]" in said.err
    assert "unmatched_alerts.yaml" not in said.err
    assert said.out == ""


def test_a_name_that_no_playbook_has_is_refused_with_the_near_one(
    run_here: Run, capsys: pytest.CaptureFixture[str]
):
    status = run_here("graph", "disk_ful", "--playbooks", FOLDER)

    assert status == 2
    assert "did you mean 'disk_full'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("graph",),
        ("graph", "disk_full", "--incident", "INC-M4T9WC"),
        ("graph", "nowhere/disk_full.yaml"),
        ("graph", "disk_full", "--playbooks", "nowhere"),
        ("graph", "disk_full", "--playbooks", FOLDER, "-o", "nowhere/a.svg"),
        ("graph", "disk_full", "--playbooks", FOLDER, "--format", "png"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_is_wrong(
    arguments: tuple[str, ...], run_here: Run, capsys: pytest.CaptureFixture[str]
):
    assert run_here(*arguments) == 2
    assert capsys.readouterr().err


def test_a_running_incident_is_drawn_on_the_plan_it_runs_on(
    api: ApiServer, run_here: Run, capsys: pytest.CaptureFixture[str]
):
    view = unanswered()
    older = shipped("payment_api_5xx").model_copy(update={"version": 3})
    api.replies["/v1/incidents/INC-TEST00"] = document(_document(view))
    api.replies["/v1/incidents/INC-TEST00/plan"] = document(json.loads(older.model_dump_json()))

    status = run_here("graph", "--incident", "inc-test00")

    svg = capsys.readouterr().out
    assert status == 0
    assert title_of(svg) == "INC-TEST00: Payment API returns 5xx in prod"
    assert "payment_api_5xx, version 3" in svg
    assert "as of 2026-03-04 03:07:00 CET" in svg


def test_an_incident_that_nobody_knows_is_said_in_a_line(
    api: ApiServer, run_here: Run, capsys: pytest.CaptureFixture[str]
):
    api.replies["/v1/incidents/INC-000000"] = problem(404, "No incident 'INC-000000'.")

    status = run_here("graph", "--incident", "INC-000000")

    assert status == 1
    assert capsys.readouterr().err == "watchbill graph: No incident 'INC-000000'.\n"


def _document(view: IncidentView) -> dict[str, object]:
    """The incident as the API sends it, with fields of a newer version."""
    return INCIDENT | view.model_dump(mode="json") | {"links": {}, "fresh": True, "newer": 1}
