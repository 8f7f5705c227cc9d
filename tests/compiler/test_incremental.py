"""What is said after an edit is what would be said of the folder from scratch."""

from datetime import date

from hypothesis import given, settings

from cli.check.many import compile_in_parallel, nothing_more
from compiler.compile import Compiled, compile_folder
from compiler.incremental import Compiler
from tests.cli.edits import FOLDER, RUNBOOK, Folder, calling, histories, playbook

TODAY = date(2026, 11, 22)


def test_the_folder_of_these_tests_is_sound() -> None:
    assert compile_folder(FOLDER, today=TODAY).diagnostics == ()


@settings(max_examples=60)
@given(histories())
def test_a_folder_compiled_edit_by_edit_is_as_from_scratch(history: list[Folder]) -> None:
    compiler = Compiler()

    for files in history:
        again, anew = compiler.compile(files, today=TODAY), compile_folder(files, today=TODAY)

        assert again.diagnostics == anew.diagnostics
        assert again == anew


@settings(max_examples=80)
@given(histories(most=5))
def test_a_folder_compiled_in_parts_has_the_problems_of_the_whole(history: list[Folder]) -> None:
    files = history[-1]

    parts = compile_in_parallel(files, nothing_more, today=TODAY, processes=1)

    assert parts.diagnostics == compile_folder(files, today=TODAY).diagnostics


@settings(max_examples=40)
@given(histories(most=5))
def test_the_parts_have_the_plans_of_the_whole(history: list[Folder]) -> None:
    files = history[-1]
    whole = compile_folder(files, today=TODAY)

    parts = compile_in_parallel(files, seals, today=TODAY, processes=1)

    told = {path: seal for part in parts.results for path, seal in part.items()}
    wanted = seals(whole)
    assert {path: seal for path, seal in told.items() if path in wanted} == wanted


def seals(meaning: Compiled) -> dict[str, str]:
    """What each file's plan is, calls and all."""
    return {meaning.plan_paths[name]: plan.sha256 for name, plan in meaning.plans.items()}


def test_what_an_edit_leaves_as_it_was_is_kept() -> None:
    compiler = Compiler()
    before = compiler.compile(FOLDER, today=TODAY)

    after = compiler.compile(FOLDER | {"tape.yaml": playbook("tape", "TapeTorn")}, today=TODAY)

    assert after.plans["tape"] != before.plans["tape"]
    assert after.plans["disk"] is before.plans["disk"]
    assert after.roster is before.roster


def test_an_edit_of_a_called_playbook_reaches_its_callers() -> None:
    compiler = Compiler()
    before = compiler.compile(FOLDER, today=TODAY)

    after = compiler.compile(FOLDER | {"disk.yaml": playbook("disk", "DiskFull")}, today=TODAY)

    assert after.plans["site"].subplans["array"].subplans["disk"] == after.plans["disk"]
    assert after.plans["site"].sha256 != before.plans["site"].sha256


def test_an_edit_of_a_runbook_reaches_who_reads_it_and_nobody_else() -> None:
    compiler = Compiler()
    before = compiler.compile(FOLDER, today=TODAY)

    after = compiler.compile(FOLDER | {"runbooks/disk.md": RUNBOOK + "\nMore.\n"}, today=TODAY)
    broken = compiler.compile(FOLDER | {"runbooks/disk.md": "# Disk\n"}, today=TODAY)

    assert after.plans["tape"] is before.plans["tape"]
    assert [(each.path, each.code) for each in broken.diagnostics if each.is_error] == [
        ("disk.yaml", "E203")
    ]


def test_a_circle_of_calls_is_found_in_parts_too() -> None:
    files = FOLDER | {"disk.yaml": playbook("disk", "DiskFull", calling("site"))}

    parts = compile_in_parallel(files, nothing_more, today=TODAY, processes=1)

    assert {each.code for each in parts.diagnostics} >= {"E208"}
    assert parts.diagnostics == compile_folder(files, today=TODAY).diagnostics
