"""A false condition is told by the part of it that is false."""

import pytest

from domain.condition_parts import false_parts, leading_labels
from domain.scope import Scope, trigger_values
from tests.domain.test_matching import an_alert

VALUES = trigger_values(an_alert())
"""alertname Slow, service pay, env prod."""


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("labels.env == 'qa'", ["labels.env == 'qa' (env is 'prod')"]),
        (
            "labels.service == 'pay' && labels.env == 'qa'",
            ["labels.env == 'qa' (env is 'prod')"],
        ),
        (
            "labels.env == 'qa' || labels.env == 'dev'",
            ["labels.env == 'qa' (env is 'prod')", "labels.env == 'dev' (env is 'prod')"],
        ),
        (
            "labels.env == 'prod' && (labels.service == 'a' || labels.service.startsWith('b'))",
            [
                "labels.service == 'a' (service is 'pay')",
                "labels.service.startsWith('b') (service is 'pay')",
            ],
        ),
        ("labels.service == 'a && b'", ["labels.service == 'a && b' (service is 'pay')"]),
        ("!(labels.env == 'prod' || true)", ["!(labels.env == 'prod' || true) (env is 'prod')"]),
        (
            "(labels.env == 'a') || (labels.env == 'b')",
            ["labels.env == 'a' (env is 'prod')", "labels.env == 'b' (env is 'prod')"],
        ),
        (
            "labels.env == 'prod' && false ? true : labels.env == 'qa'",
            ["labels.env == 'prod' && false ? true : labels.env == 'qa' (env is 'prod')"],
        ),
        ("labels.never == 'a' && labels.env == 'qa'", ["labels.env == 'qa' (env is 'prod')"]),
    ],
)
def test_the_false_part_is_named_with_what_its_names_stand_for(condition: str, parts: list[str]):
    """Of `&&` the parts that are false, of `||` all, brackets and strings left whole."""
    assert [str(part) for part in false_parts(condition, Scope.TRIGGER, VALUES)] == parts


def test_a_long_value_is_cut():
    """A summary of a page would bury the condition."""
    values = trigger_values(an_alert(labels={"env": "x" * 500}))

    (part,) = false_parts("labels.env == 'prod'", Scope.TRIGGER, values)

    assert part.given == f"env is '{'x' * 40}…'"


@pytest.mark.parametrize(
    ("condition", "labels"),
    [
        ("labels.env == 'prod'", {"env": {"prod"}}),
        ('labels.env == "prod" && true', {"env": {"prod"}}),
        ("labels.env in ['a', 'b'] && labels.x == 'y'", {"env": {"a", "b"}, "x": {"y"}}),
        ("labels.x.startsWith('p') && labels.env == 'prod'", {}),
        ("labels.env == 'prod' || labels.env == 'qa'", {}),
        ("labels.env == 'prod' ? true : false", {}),
        ("labels.env == 'it\\'s'", {}),
        ("labels.env == 'a' && labels.env == 'b'", {"env": {"a"}}),
        ("labels.env != 'prod'", {}),
    ],
)
def test_labels_that_a_condition_asks_for_first_are_known(
    condition: str, labels: dict[str, set[str]]
):
    """And nothing that could be otherwise."""
    assert leading_labels(condition) == labels
