"""`watchbill test` as an author or a CI server runs it: its output and its status."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.author import Done, run, run_alone

PLAYBOOK = """language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [schedule:first, user:bo]
tests:
  - name: the first is paged at once
    given: { labels: { alertname: DiskFull } }
    expect: { paged: { schedule:first: 0s } }
  - name: the second after five minutes
    given: { labels: { alertname: DiskFull } }
    expect: { paged: { user:bo: %s } }
"""
FILES = {
    "house.yaml": "language: 1\nfallback: rest\n",
    "rest.yaml": "language: 1\nname: rest\nowner: team:storage\npage: [user:bo, user:ann]\n",
    "roster/storage.yaml": """language: 1
users:
  ann: { contact: { push: "ntfy://ntfy.example/ann" } }
  bo: { contact: { push: "ntfy://ntfy.example/bo" } }
teams:
  storage: { members: [ann, bo] }
schedules:
  first:
    tz: UTC
    rotate: { users: [ann], every: week, hands_over: "monday 09:00", from: 2026-01-05 }
""",
}


def folder(tmp_path: Path, disk_full: str, **others: str) -> Path:
    """A folder of playbooks with this one."""
    files = FILES | {"disk_full.yaml": disk_full}
    files |= {f"{name}.yaml": text for name, text in others.items()}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def rehearse(*arguments: str | Path) -> Done:
    """`watchbill test` with these arguments."""
    return run("test", *arguments)


def test_passing_tests_end_with_0_and_a_line_for_each_playbook(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, PLAYBOOK % "30m"))

    assert done.stdout == "disk_full  2 tests passed\n"
    assert done.stderr.startswith("2 tests in 1 playbook passed in ")
    assert done.stderr.rstrip().endswith("; without a test: rest")
    assert done.returncode == 0


def test_with_check_warnings_are_said_too_and_fail_nothing(tmp_path: Path) -> None:
    """One reading of the folder for both; without it warnings are left to `check`."""
    text = PLAYBOOK.replace(", user:bo]", "]").replace("user:bo: %s", "schedule:first: 0s")
    lonely = folder(tmp_path, text)

    silent, both = rehearse(lonely), rehearse("--check", lonely)

    assert "W508" not in silent.stdout
    assert f"{tmp_path}/disk_full.yaml:5:1: warning[W508]" in both.stdout
    assert "; 1 warning; " in both.stderr
    assert (silent.returncode, both.returncode) == (0, 0)


def test_failed_test_ends_with_1_and_points_at_the_expectation(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, PLAYBOOK % "5m"))

    message = "test 'the second after five minutes': "
    message += "expected user:bo (Bo) to be paged after 5m, but it is after 30m"
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "disk_full  2 tests, 1 failed",
        "",
        f"{tmp_path}/disk_full.yaml:12:33: error[E701]: {message}",
        "      expect: { paged: { user:bo: 5m } }",
        "                                  ^",
        "help: paged: 0s Ann (level 1)",
    ]


def test_broken_playbook_is_said_and_fails_and_the_others_are_tested(tmp_path: Path) -> None:
    broken = "language: 1\nname: broken\nowner: team:nobody\n"

    done = rehearse(folder(tmp_path, PLAYBOOK % "30m", broken=broken))

    assert done.returncode == 1
    assert "disk_full  2 tests passed" in done.stdout
    assert "error[E201]: unknown team 'nobody'" in done.stdout
    assert " in 1 file" in done.stderr


def test_only_tests_with_the_text_are_run_and_none_is_wrong_usage(tmp_path: Path) -> None:
    place = folder(tmp_path, PLAYBOOK % "5m")

    chosen, none = rehearse(place, "-k", "AT ONCE"), rehearse(place, "-k", "at twice")

    assert (chosen.returncode, chosen.stdout) == (0, "disk_full  1 test passed\n")
    assert none.returncode == 2
    assert "no test has 'at twice' in its name" in none.stderr


def test_folder_without_tests_says_so(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, (PLAYBOOK % "5m").partition("tests:")[0]))

    assert done.returncode == 0
    assert done.stderr.startswith("no tests found")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such file or folder: nowhere"),
        (["."], "no playbooks (*.yaml) in ."),
        (["roster/storage.yaml"], "not a playbook: roster/storage.yaml"),
        ([".", "--json", "--format", "junit"], "contradict each other"),
        ([".", "--format", "junit", "--story", "x"], "told as text only"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    (tmp_path / "roster").mkdir()
    (tmp_path / "roster" / "storage.yaml").write_text("language: 1\n")
    monkeypatch.chdir(tmp_path)

    done = rehearse(*arguments)

    assert done.returncode == 2
    assert said in done.stderr


def test_one_file_is_tested_alone_by_the_routing_of_its_folder(tmp_path: Path) -> None:
    test = "tests:\n  - { name: not ours, given: { labels: { alertname: DiskFull } }, "
    rest = FILES["rest.yaml"] + test + "expect: { triggers: false } }\n"

    done = rehearse(folder(tmp_path, PLAYBOOK % "5m", rest=rest) / "rest.yaml")

    assert (done.returncode, done.stdout) == (0, "rest  1 test passed\n")


def test_json_has_every_test_with_its_problems(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, PLAYBOOK % "5m"), "--json")

    told = json.loads(done.stdout)
    assert (told["passed"], told["failed"], told["untested"]) == (1, 1, ["rest"])
    assert [each["passed"] for each in told["tests"]] == [True, False]
    (problem,) = told["tests"][1]["problems"]
    assert (problem["code"], problem["line"], problem["column"]) == ("E701", 12, 33)


def test_junit_has_a_suite_for_each_playbook_and_each_broken_file(tmp_path: Path) -> None:
    broken = "language: 1\nname: broken\nowner: team:nobody\n"

    done = rehearse(folder(tmp_path, PLAYBOOK % "5m", broken=broken), "--format", "junit")

    suites = ET.fromstring(done.stdout)  # noqa: S314 - our own output
    assert suites.attrib["tests"] == "3"
    assert [one.attrib["name"] for one in suites] == ["disk_full", f"{tmp_path}/broken.yaml"]
    (failure,) = suites.iter("failure")
    assert failure.text is not None
    assert "expected user:bo (Bo) to be paged after 5m" in failure.text


def test_github_gets_an_annotation_at_the_line(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, PLAYBOOK % "5m"), "--format", "github")

    assert done.stdout.startswith(f"::error file={tmp_path}/disk_full.yaml,line=12,col=33")


def test_story_tells_what_happened_with_the_time_since_it_was_triggered(tmp_path: Path) -> None:
    done = rehearse(folder(tmp_path, PLAYBOOK % "30m"), "--story", "five minutes")

    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "disk_full: the second after five minutes"
    assert "0s  Paging Ann by push (level 1)." in lines
    assert "30m  Paging Bo by push (level 2)." in lines


def test_shipped_playbooks_all_carry_tests_and_they_pass() -> None:
    done = run_alone("test", "playbooks")

    assert done.returncode == 0, done.stdout
    assert "without a test" not in done.stderr
