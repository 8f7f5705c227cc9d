"""Declared outputs: typed, or a sentence that names the path and what was there."""

import pytest

from activities.automation.errors import WillNotSucceed
from activities.automation.outputs import LONGEST_VALUES, outputs_of
from domain.plan_steps import OutPlan
from domain.values import Value, ValueType

ANSWER = {
    "status": 200,
    "headers": {"etag": "e1"},
    "body": {"total": "12", "ratio": 0.25, "ok": True, "regions": ["eu", "us"], "none": None},
}


@pytest.mark.parametrize(
    ("path", "wanted", "value"),
    [
        ("status", "int", 200),
        ("headers.etag", "string", "e1"),
        ("body.total", "int", 12),
        ("body.ratio", "double", 0.25),
        ("body.ok", "bool", True),
        ("body.regions", "list", ("eu", "us")),
    ],
)
def test_an_output_has_its_declared_type(path: str, wanted: ValueType, value: Value):
    assert outputs_of(ANSWER, {"x": OutPlan(path=path, type=wanted)}) == {"x": value}


@pytest.mark.parametrize(
    ("path", "wanted", "said"),
    [
        ("body.count", "int", "no output 'x': body has no 'count', only total, ratio, ok, regions"),
        ("body.regions", "int", "no output 'x': at body.regions, '['eu', 'us']' is no number"),
        ("body.none", "string", "no output 'x': body.none is null, no string"),
        ("body", "string", "no output 'x': body is an object, no string"),
        ("headers.etag", "bool", "no output 'x': at headers.etag, 'e1' is no yes or no"),
        ("body.", "int", "no output 'x': 'body.' is no path"),
    ],
)
def test_an_output_that_is_missing_or_of_another_type_fails_the_call(
    path: str, wanted: ValueType, said: str
):
    with pytest.raises(WillNotSucceed) as failed:
        outputs_of(ANSWER, {"x": OutPlan(path=path, type=wanted)})

    assert failed.value.detail.startswith(said)


def test_outputs_that_are_too_long_for_a_history_fail_the_call():
    answer = {"body": "x" * (LONGEST_VALUES + 1)}

    with pytest.raises(WillNotSucceed, match="16,385 characters together, at most 16,384"):
        outputs_of(answer, {"x": OutPlan(path="body", type="string")})
