"""Paths into answers: how they are written, what they find, what they say otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answer_paths import InvalidPathError, NothingThereError, found_at, steps_of

ANSWER = {
    "status": 200,
    "headers": {"x-request-id": "r1", "a.b": "dotted"},
    "body": {"items": [{"sha": "c0ffee", "ok": None}], "total": 1, "name": "x"},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("status", 200),
        ("headers.x-request-id", "r1"),
        ('headers["a.b"]', "dotted"),
        ("body.items[0].sha", "c0ffee"),
        ("body.items[0].ok", None),
        ("body.items", [{"sha": "c0ffee", "ok": None}]),
    ],
)
def test_a_path_finds_what_stands_there(path: str, found: object):
    assert found_at(path, ANSWER) == found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("body.count", "body has no 'count', only items, total, name"),
        ("body.items[1].sha", "body.items has 1 entries, none with index 1"),
        ("body.total.x", "body.total is a number, so it has no 'x'"),
        ("body.name[0]", "body.name is text, not a list"),
        ("body.items.sha", "body.items is a list, so it has no 'sha'"),
        ("stdout", "the answer has no 'stdout', only status, headers, body"),
    ],
)
def test_a_path_to_nothing_says_where_it_ends_and_what_is_there(path: str, said: str):
    with pytest.raises(NothingThereError) as nothing:
        found_at(path, ANSWER)

    assert nothing.value.args[0] == said


@pytest.mark.parametrize(
    "path", ["", ".x", "a..b", "a[", "a[-1]", "a[x]", "a b", "a.", '[""]', "$.a b"]
)
def test_what_is_no_path_is_refused(path: str):
    with pytest.raises(InvalidPathError):
        steps_of(path)


@given(st.lists(st.integers(0, 999) | st.text("abz_09-$@", min_size=1), max_size=6))
def test_a_path_written_out_is_read_back_as_it_was(steps: list[str | int]):
    written = "first" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps
    )

    assert steps_of(written) == ("first", *steps)


@given(st.text())
def test_any_text_is_a_path_or_refused(text: str):
    try:
        assert steps_of(text)
    except InvalidPathError as error:
        assert str(error)  # noqa: PT017
