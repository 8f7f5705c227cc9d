"""What the reader of YAML refuses, and that nothing an author writes breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.nodes import Listing, Mapping, Scalar, descend, key_at
from compiler.source import MAX_EVENTS, load


def codes(text: str) -> list[str]:
    return [each.code for each in load("a.yaml", text).diagnostics]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000],
    ids=["lists", "mappings", "dashes", "keys"],
)
def test_deep_nesting_is_refused_instead_of_crashing(text: str) -> None:
    assert codes(text) == ["E010"]


def test_alias_bomb_is_refused_at_each_alias() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )

    loaded = load("a.yaml", bomb)

    assert {each.code for each in loaded.diagnostics} == {"E002"}


def test_file_over_a_mebibyte_is_refused() -> None:
    assert codes("a: " + "x" * 1024 * 1024) == ["E010"]


def test_too_many_values_are_refused() -> None:
    assert codes("a: [" + "x, " * MAX_EVENTS + "]") == ["E010"]


def test_endless_number_is_no_number() -> None:
    assert codes("a: " + "9" * 10_000) == ["E011"]


def test_byte_that_is_no_text_is_placed() -> None:
    found = load("a.yaml", "a: b\nc: \udcff\n").diagnostics[0]

    assert (found.code, found.line, found.column) == ("E001", 2, 4)


def test_control_character_is_placed() -> None:
    found = load("a.yaml", "a: b\nc: \x01\n").diagnostics[0]

    assert (found.code, found.line, found.column) == ("E001", 2, 4)


def test_list_as_a_key_is_refused_and_the_rest_read() -> None:
    loaded = load("a.yaml", "? [a]\n: b\nc: d\n")

    assert [each.code for each in loaded.diagnostics] == ["E001"]
    assert loaded.root is not None
    assert loaded.root.plain() == {"c": "d"}


def test_plain_values_have_the_few_types_and_no_other() -> None:
    text = "[true, null, ~, 12, -3, 1.5, -0.5e3, 2027-03-31, 1e3, .5, True, '5', y, 0]"

    root = load("a.yaml", text).root

    assert root is not None
    expected = [True, None, None, 12, -3, 1.5, -500.0, "2027-03-31", "1e3", ".5", "True", "5"]
    assert root.plain() == [*expected, "y", 0]


def test_quoted_values_and_keys_are_never_suspicious() -> None:
    text = "'on': '12:30'\n12:30: \"+49301234567\"\nx: 'no'\ny: # a comment\n  z: a\n"

    assert codes(text) == []


@pytest.mark.parametrize("word", ["yes", "No", "on", "OFF", "true", "False"])
def test_plain_word_that_others_read_as_truth_is_warned_of_as_value_and_as_key(word: str) -> None:
    if word != "true":
        assert codes(f"a: {word}\n") == (["W006"])
    assert codes(f"{word}: a\nb: {{ {word}: c }}\n") == ["W006", "W006"]


def test_on_of_announce_is_a_word_of_the_language() -> None:
    text = "announce: { to: x, on: [a] }\n"

    assert codes(text) == []
    assert codes("announce:\n  - to: x\n    on: [a]\n") == []
    assert codes("announce: { to: { on: a } }\n") == ["W006"]


def test_empty_file_has_no_tree_and_no_problem_of_its_own() -> None:
    loaded = load("a.yaml", "")

    assert (loaded.root, loaded.diagnostics) == (None, ())


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("a: one two\n", "two"),
        ("a: 'one two'\n", "two"),
        ("a: |\n  one\n    two\n", "two"),
        ("a: >\n\n  one\n  two\n", "two"),
        ("a: one\n  two\n", "two"),
        ('a: "one\n   two"\n', "two"),
    ],
)
def test_offset_into_a_value_finds_its_place_in_the_file(text: str, needle: str) -> None:
    root = load("a.yaml", text).root
    assert root is not None
    scalar = descend(root, ("a",))
    assert isinstance(scalar, Scalar)

    mark = scalar.place_of(scalar.text.index(needle))

    lines = text.split("\n")
    assert lines[mark.line - 1][mark.column - 1 :].startswith(needle)


def test_offset_past_the_end_stays_in_the_file() -> None:
    root = load("a.yaml", "a: b").root
    assert root is not None
    scalar = descend(root, ("a",))
    assert isinstance(scalar, Scalar)

    mark = scalar.place_of(500)

    assert (mark.line, mark.column) == (1, 5)


def test_location_that_the_file_lacks_points_at_the_nearest_thing_it_has() -> None:
    root = load("a.yaml", "a: { b: [c] }\n").root
    assert root is not None

    assert isinstance(descend(root, ("a", "b", 7)), Listing)
    assert isinstance(descend(root, ("a", "nothing", "else")), Mapping)
    assert key_at(root, ("a", "b", 0)) is None
    assert key_at(root, ()) is None


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    loaded = load("a.yaml", text)

    lines = text.count("\n") + text.count("\r") + sum(text.count(c) for c in "\x85\u2028\u2029")
    for each in loaded.diagnostics:
        assert 1 <= each.line <= lines + 2
        assert each.column >= 1
    if loaded.root is None:
        assert loaded.diagnostics or not text.strip() or "#" in text or text.strip("\ufeff- .\n\r")
