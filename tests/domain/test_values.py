"""Values of facts, results and parameters: what becomes of text from outside."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import ValueType, WrongTypeError, as_value

TYPES: tuple[ValueType, ...] = ("string", "int", "double", "bool", "list")


@pytest.mark.parametrize(
    ("given", "wanted", "value"),
    [
        ("0.3", "double", 0.3),
        (3, "double", 3.0),
        ("12", "int", 12),
        (12.0, "int", 12),
        ("9007199254740993", "int", 9007199254740993),
        ("true", "bool", True),
        ("no", "bool", False),
        (1, "bool", True),
        (0.5, "string", "0.5"),
        (True, "string", "true"),
        ("eu, us,", "list", ("eu", "us")),
        (["eu", 2], "list", ("eu", "2")),
    ],
)
def test_text_and_numbers_become_the_type_that_is_wanted(
    given: object, wanted: ValueType, value: object
) -> None:
    assert as_value(given, wanted) == value


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a", "double"),
        ("NaN", "double"),
        ("inf", "double"),
        (True, "double"),
        (10**400, "double"),
        ("1.5", "int"),
        (2**70, "int"),
        (2, "bool"),
        ("perhaps", "bool"),
        ({}, "string"),
        (None, "list"),
        ([{}], "list"),
    ],
)
def test_what_is_no_such_value_is_refused_quoting_it(given: object, wanted: ValueType) -> None:
    with pytest.raises(WrongTypeError, match="is no"):
        as_value(given, wanted)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_whatever_is_given_is_a_value_or_refused(given: object) -> None:
    """No other error, and no number that is none."""
    for wanted in TYPES:
        try:
            value = as_value(given, wanted)
        except WrongTypeError:
            continue
        assert not (isinstance(value, float) and not math.isfinite(value))
