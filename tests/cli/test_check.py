"""What `watchbill check` writes, in every form, for people and for programs."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Standard
from typer.testing import CliRunner

from cli.check.checked import LARGE, UnusablePathError
from cli.check.many import compile_in_parallel, nothing_more
from cli.findings import Findings, Format, written
from cli.findings.colour import Colour, wants_colour
from cli.main import build_app
from compiler.compile import Compiled, compile_folder
from compiler.diagnostics import Diagnostic
from compiler.error_pages import codes
from tests.cli.edits import FOLDER, playbook
from tests.compiler.conftest import TODAY

ROOT = Path(__file__).parents[2]
ODD = "größe 50%, a:b.yaml"
ODD_TEXT = playbook("odd", "Odd", "title: '🔥 {{ labls.env }}'\nvresion: 1\n")
OLD_TEXT = playbook("old", "Old", "review_by: 2020-01-01\n")

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in {**FOLDER, ODD: ODD_TEXT, "old.yaml": OLD_TEXT}.items():
        file = tmp_path / "my playbooks" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "my playbooks"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`watchbill check`, run in a folder."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)

    def checked(*arguments: str, at: Path) -> Result:
        monkeypatch.chdir(at)
        return CliRunner().invoke(build_app(["check"]), ["check", *arguments])

    return checked


def a_problem(**changes: Any) -> Diagnostic:
    """An error at the first character of a file."""
    fields = {"path": "a.yaml", "line": 1, "column": 1, "code": "E301", "message": "unknown name"}
    return Diagnostic(**(fields | changes))


def test_every_form_tells_the_same_problems(folder: Path, run: Run) -> None:
    text = run(folder.name, at=folder.parent)
    told = [
        json.loads(run(folder.name, "--format", "json", at=folder.parent).stdout),
        json.loads(run(folder.name, "--json", at=folder.parent).stdout),
    ]
    sarif = json.loads(run(folder.name, "--format", "sarif", at=folder.parent).stdout)
    github = run(folder.name, "--format", "github", at=folder.parent).stdout.splitlines()

    wanted = ["E101", "E308", "W110"]
    assert sorted(re.findall(r"\[([EW]\d{3})\]", text.stdout)) == wanted
    assert [sorted(each["code"] for each in one) for one in told] == [wanted, wanted]
    assert sorted(each["ruleId"] for each in sarif["runs"][0]["results"]) == wanted
    assert [re.findall("title=([EW][0-9]+)", line)[0] for line in github][-1] == "W110"
    assert text.stderr == "2 errors and 1 warning\n"


def test_json_objects_have_these_fields_and_no_other(folder: Path, run: Run) -> None:
    found = json.loads(run(folder.name, "--json", at=folder.parent).stdout)

    fields = ["path", "line", "column", "code", "message", "help", "severity"]
    assert [list(each) for each in found] == [fields] * 3
    assert {each["path"] for each in found} == {f"{folder.name}/{ODD}", f"{folder.name}/old.yaml"}


def test_sarif_is_what_the_standard_says(folder: Path, run: Run) -> None:
    log = json.loads(run(folder.name, "--format", "sarif", at=folder.parent).stdout)

    Standard.model_validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(codes())
    assert all(rule["shortDescription"]["text"] and rule["help"]["markdown"] for rule in rules)
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]


def test_sarif_places_are_relative_uris_and_utf16_columns(folder: Path, run: Run) -> None:
    log = json.loads(run(folder.name, "--format", "sarif", at=folder.parent).stdout)

    found = {each["ruleId"]: each["locations"][0] for each in log["runs"][0]["results"]}
    place = found["E308"]["physicalLocation"]
    assert (
        place["artifactLocation"]["uri"] == "my%20playbooks/gr%C3%B6%C3%9Fe%2050%25%2C%20a%3Ab.yaml"
    )
    line = ODD_TEXT.splitlines()[5]
    before = line[: line.index("labls")]
    assert place["region"] == {
        "startLine": 6,
        "startColumn": len(before) + 2,  # the flame is two units of UTF-16
        "endLine": 6,
        "endColumn": len(before) + 7,
    }
    assert log["runs"][0]["columnKind"] == "utf16CodeUnits"


def test_sarif_fingerprints_hold_while_lines_move_and_tell_equals_apart() -> None:
    lines = "a: labls\nb: 1\na: labls\n"
    twice = [a_problem(line=1, column=4), a_problem(line=3, column=4)]
    before = _results(Findings(twice, {"a.yaml": lines}))

    lower = [each.model_copy(update={"line": each.line + 2}) for each in twice]
    after = _results(Findings(lower, {"a.yaml": f"# one\n# two\n{lines}"}))

    prints = [each["partialFingerprints"] for each in before]
    assert prints[0] != prints[1]
    assert prints == [each["partialFingerprints"] for each in after]


def _results(findings: Findings) -> list[dict[str, Any]]:
    log = json.loads(written(findings, Format.SARIF))
    Standard.model_validate(log)
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def test_sarif_of_nothing_wrong_has_no_results_and_a_file_outside_is_absolute(
    tmp_path: Path,
) -> None:
    outside = a_problem(path=str(tmp_path / "x y.yaml"))

    assert _results(Findings([])) == []
    (result,) = _results(Findings([outside], root=ROOT))
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"file://{tmp_path}/x%20y.yaml"


def test_github_escapes_what_would_end_a_property_or_a_message(tmp_path: Path) -> None:
    odd = a_problem(path=str(tmp_path / "50%, a:b\n.yaml"), message="100% of a,b: c", help="x")

    text = written(Findings([odd], root=tmp_path), Format.GITHUB)

    assert text == (
        "::error file=50%25%2C a%3Ab%0A.yaml,line=1,col=1,title=E301::100%25 of a,b: c%0Ahelp: x\n"
    )


def test_github_hears_of_errors_first_and_that_it_shows_ten() -> None:
    warnings = [a_problem(line=line, code="W110") for line in range(1, 12)]
    found = [*warnings, a_problem(line=99)]

    lines = written(Findings(found), Format.GITHUB).splitlines()

    assert [line.split(" ")[0] for line in lines] == ["::error", *["::warning"] * 11, "::notice"]
    assert lines[-1].startswith("::notice title=watchbill check::1 error and 11 warnings; GitHub")


def test_github_paths_start_at_the_workspace(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.parent))

    done = run(".", "--format", "github", at=folder)

    assert "file=my playbooks/größe 50%25%2C a%3Ab.yaml," in done.stdout


def test_output_goes_to_the_file_and_the_count_to_people(
    folder: Path, tmp_path: Path, run: Run
) -> None:
    there = run(folder.name, "--format", "sarif", "--output", "found.sarif", at=tmp_path)
    nowhere = run(folder.name, "--output", "no/such/folder", at=tmp_path)

    assert (there.exit_code, there.stdout, there.stderr) == (1, "", "2 errors and 1 warning\n")
    assert json.loads((tmp_path / "found.sarif").read_text())["version"] == "2.1.0"
    assert nowhere.exit_code == 2
    assert "cannot write no/such/folder" in nowhere.stderr


def test_warnings_as_errors_end_with_status_1(folder: Path, run: Run) -> None:
    (folder / ODD).unlink()

    mild = run(folder.name, at=folder.parent)
    strict = run(folder.name, "--warnings-as-errors", at=folder.parent)

    assert (mild.exit_code, strict.exit_code) == (0, 1)
    assert mild.stdout == strict.stdout
    assert "warning[W110]" in strict.stdout


def test_two_forms_at_once_are_wrong_usage(folder: Path, run: Run) -> None:
    done = run(folder.name, "--json", "--format", "sarif", at=folder.parent)

    assert done.exit_code == 2
    assert "contradict" in done.stderr


def test_colours_painted_over_leave_the_plain_text(folder: Path, run: Run) -> None:
    plain = run(folder.name, at=folder.parent).stdout
    painted = run(folder.name, "--color", "always", at=folder.parent).stdout

    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert "\x1b[1;31merror[E101]\x1b[0m" in painted
    assert "\x1b[1;33mwarning[W110]\x1b[0m" in painted
    assert painted.count("\x1b[1;32m^\x1b[0m") == 3
    assert painted.count("\x1b[1;36mhelp:\x1b[0m") == 3


@pytest.mark.parametrize(("said", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_the_environment_says_no(
    folder: Path, said: dict[str, str], *, coloured: bool
) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    shown = _at_a_terminal(["check", str(folder)], kept | {"TERM": "xterm"} | said)

    assert "error[E101]" in shown
    assert ("\x1b[1;31m" in shown) is coloured


def _at_a_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    """What a real pseudo terminal shows of the command."""
    here, there = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        stdin=there,
        stdout=there,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=ROOT,
    ):
        os.close(there)
        shown = b""
        try:
            while more := os.read(here, 65536):
                shown += more
        except OSError:  # the other end is closed
            pass
    os.close(here)
    return shown.decode()


@pytest.mark.parametrize(
    ("said", "environment", "terminal", "file"),
    [
        (Colour.AUTO, {}, True, False),
        (Colour.AUTO, {"TERM": "dumb"}, False, False),
        (Colour.AUTO, {"NO_COLOR": "", "FORCE_COLOR": ""}, True, False),
        (Colour.AUTO, {"FORCE_COLOR": "1"}, True, True),
        (Colour.AUTO, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        (Colour.NEVER, {"FORCE_COLOR": "1"}, False, False),
        (Colour.ALWAYS, {"NO_COLOR": "1"}, True, True),
    ],
)
def test_what_the_author_says_goes_before_the_environment_and_that_before_the_terminal(
    tmp_path: Path, said: Colour, environment: dict[str, str], *, terminal: bool, file: bool
) -> None:
    here, there = pty.openpty()
    with os.fdopen(there, "w") as screen, (tmp_path / "file").open("w") as plain:
        found = [wants_colour(said, stream, environment) for stream in (screen, plain)]
    os.close(here)

    assert found == [terminal, file]


def test_a_large_folder_checked_in_processes_is_told_as_a_small_one(tmp_path: Path) -> None:
    many = {
        f"disk_{number}.yaml": playbook(f"disk_{number}", f"D{number}") for number in range(LARGE)
    }
    many["disk_7.yaml"] = playbook("disk_8", "D8", "pag: x\n")
    files = FOLDER | many
    whole = compile_folder(files, today=TODAY)

    parts = compile_in_parallel(files, names, today=TODAY, processes=2)

    assert parts.diagnostics == whole.diagnostics
    assert sorted(name for part in parts.results for name in part) == sorted(whole.plans)


def names(meaning: Compiled) -> list[str]:
    return list(meaning.plans)


def test_an_error_in_a_process_comes_back_to_who_asked() -> None:
    with pytest.raises(ZeroDivisionError):
        compile_in_parallel(FOLDER, broken, today=TODAY, processes=2)

    assert compile_in_parallel(FOLDER, nothing_more, today=TODAY, processes=2).diagnostics == ()


def test_a_process_that_is_killed_is_said_so() -> None:
    with pytest.raises(UnusablePathError, match="ended from outside"):
        compile_in_parallel(FOLDER, killed, today=TODAY, processes=2)


def killed(meaning: Compiled) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def broken(meaning: Compiled) -> float:
    return len(meaning.plans) / 0


def test_files_of_one_folder_are_told_in_the_order_in_which_they_are_named(
    folder: Path, run: Run
) -> None:
    (folder / "tape.yaml").write_text(FOLDER["tape.yaml"].replace("page:", "pag:"))

    done = run("tape.yaml", ODD, "tape.yaml", at=folder)

    assert [line.split(":")[0] for line in done.stdout.splitlines() if ": error[" in line] == [
        "tape.yaml",
        *["größe 50%, a"] * 2,
    ]
