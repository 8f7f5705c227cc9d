"""Whatever an editor does to the shipped files, the compiler answers with places."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.check.command import check
from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.diagnostics import report, source_lines
from compiler.known_plugins import KnownPlugins
from domain.plugin import installed_plugins, plugin_named

SHIPPED = read_folder(Path(__file__).parents[2] / "playbooks")
EXAMPLE = read_folder(Path(__file__).parent / "full_example")
SHARED = ("house.yaml", "sources.yaml", "unmatched_alerts.yaml")
TODAY = date(2026, 11, 22)
INSTALLED = KnownPlugins(installed_plugins(), plugin_named)
PIECES = [
    "", " ", "\n", "\t", ":", ": ", "- ", "{", "}", "[", "]", '"', "'", "#", " #", "&a ", "*a",
    "!x ", "<<", "|", ">", "@", "%", "null", "never", "SEV1", "12:30", "+49", "0755", "facts.x",
    "role:x", "user:", "\x00", "\x85", "\u2028", "\udcff", "é", "🔥", "---", "...", "5", "5m",
    "steps.x.ok", "facts.", "{{ ", " }}", "{% if ", "secret:x", " && ", "!(", "?", "in", "do:",
    "parallel:", "for_each:", "- id: x", "{ id: x, wait: 5m }",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, folder: dict[str, str] = SHIPPED) -> tuple[str, str]:
    """A file of the folder with a few cuts, insertions, doublings and swaps of lines."""
    path = draw(st.sampled_from(sorted(path for path in folder if path.endswith(".yaml"))))
    text = folder[path]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        match draw(st.sampled_from(["cut", "insert", "double", "line"])):
            case "cut":
                text = text[:start] + text[end:]
            case "insert":
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[start:]
            case "double":
                text = text[:end] + text[start:end] + text[end:]
            case _:
                lines = text.split("\n")
                at = draw(st.integers(0, len(lines) - 1))
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
                text = "\n".join(lines)
    return path, text


@settings(max_examples=150)
@given(mutated())
def test_mutated_file_never_raises_and_every_problem_has_a_place(case: tuple[str, str]) -> None:
    path, text = case
    beside = {each: found for each, found in SHIPPED.items() if "/" in each or each in SHARED}
    _compiles_with_places(beside | {path: text})


@settings(max_examples=150)
@given(mutated(EXAMPLE))
def test_mutated_full_example_never_raises_and_every_problem_has_a_place(
    case: tuple[str, str],
) -> None:
    path, text = case
    _compiles_with_places(EXAMPLE | {path: text})


def _compiles_with_places(files: dict[str, str]) -> None:
    compiled = compile_folder(files, today=TODAY, plugins=INSTALLED)

    for each in compiled.diagnostics:
        lines = source_lines(files.get(each.path, ""))
        assert 1 <= each.line <= len(lines) + 1
        assert 1 <= each.column <= max(map(len, lines)) + 2
    printed = report(compiled.diagnostics, files)
    assert printed.encode(errors="surrogateescape").count(b"[") >= len(compiled.diagnostics)


@settings(max_examples=60)
@given(mutated())
def test_broken_playbook_takes_down_only_itself(case: tuple[str, str]) -> None:
    path, text = case
    if "/" in path or path == "house.yaml":
        return

    compiled = compile_folder(SHIPPED | {path: text}, today=TODAY)

    broken = {each.path for each in compiled.diagnostics if each.is_error}
    names = {"payment_api_5xx", "datacenter_down", "disk_full", "unmatched_alerts"}
    assert names - {Path(path).stem} <= set(compiled.plans) or broken - {path}


def test_shipped_playbooks_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    status = check([Path(__file__).parents[2] / "playbooks"])

    assert (status, capsys.readouterr().out) == (0, "")
