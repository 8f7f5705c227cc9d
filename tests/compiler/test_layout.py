"""The one layout: what it changes, and that it never changes what a file says."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.document import PlaybookForm
from compiler.layout.formatted import formatted
from compiler.layout.order import PLAYBOOK
from compiler.layout.reading import read
from compiler.layout.tree import UnformattableError
from compiler.source import load

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)
FOLDERS = {
    "shipped": read_folder(HERE.parents[1] / "playbooks"),
    "example": read_folder(HERE / "full_example"),
    "context": read_folder(HERE / "context"),
}
FILES = [
    (folder, path) for folder, files in FOLDERS.items() for path in files if path.endswith(".yaml")
]


def said(files: dict[str, str]) -> tuple[dict[str, str], Counter[str]]:
    """The hash of every plan of a folder, and the codes of what is wrong in it."""
    compiled = compile_folder(files, today=TODAY)
    hashes = {name: plan.sha256 for name, plan in compiled.plans.items()}
    return hashes, Counter(each.code for each in compiled.diagnostics)


def test_untidy_file_is_laid_out_as_the_tidy_one() -> None:
    """Run with UNTIDY and TIDY side by side to see what the layout does."""
    untidy = (HERE / "layout/untidy.yaml").read_text()

    assert formatted("untidy.yaml", untidy) == (HERE / "layout/tidy.yaml").read_text()


@pytest.mark.parametrize("name", FOLDERS)
def test_every_plan_and_diagnostic_of_a_folder_is_the_same_afterwards(name: str) -> None:
    files = FOLDERS[name]
    after = {
        path: formatted(path, text) if path.endswith(".yaml") else text
        for path, text in files.items()
    }

    assert said(after) == said(files)


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_laying_out_twice_is_laying_out_once(folder: str, path: str) -> None:
    once = formatted(path, FOLDERS[folder][path])

    assert formatted(path, once) == once
    assert read(once).comments == read(FOLDERS[folder][path]).comments


def test_every_section_of_a_playbook_has_its_place() -> None:
    fields = {each.alias or name for name, each in PlaybookForm.model_fields.items()}

    assert fields - set(PLAYBOOK) == set()


@pytest.mark.parametrize(
    "text",
    ["no", "0755", "12:30", "2027-03-31", "+4930123456", "1_000", "0x1F", "1e3", ".5", "~", "'a'''",
     '"\\u00e9 \\" #"', "a#b", "{{ x }}x", "é🔥", "y", "1.0", "1.50", "-0", "'it''s'", "'x: y'"],
)  # fmt: skip
def test_scalar_keeps_its_source_text(text: str) -> None:
    """YAML 1.1 and 1.2 read these differently; we do not read them at all."""
    source = f"language: 1\nname: {text}\nroles: [{text}]\n" if text[0] != "{" else "a: 'b'\n"

    laid_out = formatted("a.yaml", source)

    assert laid_out == source.replace("'x: y'", '"x: y"').replace("'b'", '"b"')


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_line_breaks_and_byte_order_mark_stay(line_break: str) -> None:
    text = f"\ufeffname:   a{line_break}language: 1  # x{line_break}"

    laid_out = formatted("a.yaml", text)

    assert laid_out == f"\ufefflanguage: 1  # x{line_break}name: a{line_break}"


@pytest.mark.parametrize(
    "text",
    ["language: 1\ntitle: |2\n    two\n   one\n", 'language: 1\n? "a\n  b"\n: c\n'],
)
def test_what_the_layout_cannot_keep_is_refused(text: str) -> None:
    assert not load("a.yaml", text).diagnostics

    with pytest.raises(UnformattableError):
        formatted("a.yaml", text)


PIECES = [
    "\n", "\n\n\n", "  ", " ", "\n# own line\n", "\n      # deep\n", "  # behind\n", " #x\n", "- ",
    "key: ", ": ", ", ", "{ ", " }", "[", "]", "'", '"', "|\n", ">-\n", "? ", "\t", "🔥", "---\n",
    "é: ü\n", "x: |\n    a\n\n     b # no comment\n", "a: 'b'\n", "a:\n- b\n-   c # d\n", "\r\n",
    "q: {\n  a: 1, # one\n  b: [2,\n 3] }\n", "m: plain\n   text # c\n", '"a b": "c\n  d"\n',
]  # fmt: skip


@st.composite
def disturbed(draw: st.DrawFn) -> tuple[str, str, str]:
    """A file of a folder with pieces put in, cut out or indented otherwise."""
    folder, path = draw(st.sampled_from(FILES))
    text = FOLDERS[folder][path]
    for _ in range(draw(st.integers(1, 5))):
        lines = text.split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        start = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["piece", "line", "cut", "indent", "behind"])):
            case "piece":
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[start:]
            case "line":
                text = "\n".join([*lines[:at], draw(st.sampled_from(PIECES)), *lines[at:]])
            case "cut":
                text = text[:start] + text[start + draw(st.integers(1, 20)) :]
            case "behind":
                text = "\n".join([*lines[:at], f"{lines[at]} # said", *lines[at + 1 :]])
            case _:
                text = "\n".join(" " * (len(each) - len(each.lstrip())) + each for each in lines)
    return folder, path, text


@settings(max_examples=100)
@given(disturbed())
@example(("shipped", "house.yaml", "a: [b,\n  c\n  d]\nlanguage: 1\n"))
@example(("shipped", "house.yaml", "language: 1\na: [b, # c\n d]\n# e\n"))
def test_disturbed_file_says_the_same_afterwards_or_is_refused(case: tuple[str, str, str]) -> None:
    folder, path, text = case
    assume(not any(each.is_error for each in load(path, text).diagnostics))

    try:
        once = formatted(path, text)
    except UnformattableError:
        return

    assert formatted(path, once) == once
    beside = {each: found for each, found in FOLDERS[folder].items() if "roster/" in each}
    assert said(beside | {path: once}) == said(beside | {path: text})
