"""Labels in PromQL: data inside quotes, never part of the query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.promql import UnfitLabelError, filled

EVIL = 'a"} or vector(1) or up{x="'


def test_a_label_stands_in_the_query_as_it_is() -> None:
    assert filled('up{job="{{ labels.job }}"}', {"job": "api"}) == 'up{job="api"}'


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_label_never_ends_the_quotes_it_stands_in(quote: str) -> None:
    query = f"up{{job={quote}{{{{labels.job}}}}{quote}}}"

    text = filled(query, {"job": EVIL + "'"})

    assert text.count(quote) == 2
    assert r"\x22" in text


@pytest.mark.parametrize("query", ["rate(x[{{ labels.w }}])", "up{job=`{{ labels.w }}`}"])
def test_a_label_that_would_change_the_query_is_refused(query: str) -> None:
    with pytest.raises(UnfitLabelError):
        filled(query, {"w": "5m]) or `vector(1)"})


def test_a_plain_label_may_stand_outside_quotes() -> None:
    assert filled('rate(x{a="b\\""}[{{ labels.w }}])', {"w": "5m"}).endswith("[5m])")


def test_a_missing_label_is_named() -> None:
    with pytest.raises(UnfitLabelError, match="label 'job' is missing"):
        filled('up{job="{{ labels.job }}"}', {})


@given(st.text(max_size=30))
def test_whatever_a_label_says_no_quote_is_left_open(value: str) -> None:
    text = filled('up{a="{{ labels.x }}"} > 1', {"x": value})
    inside = text.removeprefix('up{a="').removesuffix('"} > 1')

    assert '"' not in inside
    assert (len(inside) - len(inside.rstrip("\\"))) % 2 == 0
