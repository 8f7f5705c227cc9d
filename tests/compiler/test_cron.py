"""Cron lines of drills: what the engine's schedules take, and which field is wrong."""

import pytest
from pydantic_core import PydanticCustomError

from compiler.cron import read_cron


@pytest.mark.parametrize(
    "line",
    ["0 10 1 */3 *", "30 9 1-7 jan,apr mon", "0,30 8-18/2 * * 1-5", "15 3 * * sun", "0 0 31 12 7"],
)
def test_a_line_is_taken_as_it_stands(line: str):
    assert read_cron(f"  {line.replace(' ', '  ')} ") == line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 10 1 */3", "is not a cron line"),
        ("", "is not a cron line"),
        (5, "is not a cron line"),
        ("@daily", "is not a cron line"),
        ("60 10 * * *", "'60' is no minute"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 10 0 * *", "'0' is no day of the month"),
        ("0 10 * 13 *", "'13' is no month"),
        ("0 10 * * 8", "'8' is no day of the week"),
        ("0 10 5-2 * *", "'5-2' is no day of the month"),
        ("0 10 */0 * *", "'*/0' is no day of the month"),
        ("0 10 * * mo", "'mo' is no day of the week"),
        ("*/5 10 * * *", "more than once an hour"),
    ],
)
def test_what_is_no_line_is_e721_naming_the_field(line: object, said: str):
    with pytest.raises(PydanticCustomError) as refused:
        read_cron(line)

    context = refused.value.context or {}
    assert context["code"] == "E721"
    assert said in context["text"]
