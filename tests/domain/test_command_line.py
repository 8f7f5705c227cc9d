"""A command takes the values its author allows, each in the argument it stands in."""

from typing import Any

import pytest

from domain.command_line import RefusedParamError, arguments_of
from domain.ops import CommandParam, CommandSpec
from domain.values import Value


def a_command(*argv: str, **params: dict[str, Any]) -> CommandSpec:
    """A command with these arguments and parameters."""
    declared = {name: CommandParam.model_validate(one) for name, one in params.items()}
    return CommandSpec(argv=argv, params=declared)


def test_a_value_stays_one_argument_whatever_is_in_it() -> None:
    """No shell ever reads it."""
    spec = a_command("payctl", "rollback", "--service={{ service }}", "{{to}}", service={}, to={})

    filled = arguments_of(spec, {"service": "pay api; rm -rf /", "to": "$(id) `id` {{ service }}"})

    assert filled == (
        "payctl",
        "rollback",
        "--service=pay api; rm -rf /",
        "$(id) `id` {{ service }}",
    )


def test_a_list_becomes_as_many_arguments() -> None:
    """An empty one becomes none."""
    spec = a_command("drain", "{{ nodes }}", "--now", nodes={"type": "list"})

    assert arguments_of(spec, {"nodes": ("a", "b c")}) == ("drain", "a", "b c", "--now")
    assert arguments_of(spec, {"nodes": ()}) == ("drain", "--now")


def test_numbers_and_truth_are_written_plainly_and_defaults_hold() -> None:
    """A text that is a number is one."""
    spec = a_command(
        "scale",
        "{{ to }}",
        "--wait={{ wait }}",
        to={"type": "int"},
        wait={"type": "bool", "default": True},
    )

    assert arguments_of(spec, {"to": "3"}) == ("scale", "3", "--wait=true")


@pytest.mark.parametrize(
    ("param", "value", "said"),
    [
        ({}, "--force", "would read as an option"),
        ({"type": "int"}, -1, "would read as an option"),
        ({}, "a\0b", "NUL"),
        ({}, "x" * 5000, "longer than"),
        ({"type": "int"}, "many", "no number"),
        ({"one_of": ("previous", "stable")}, "latest", "not one of previous, stable"),
        ({"pattern": "[a-z-]+"}, "Pay", "not like"),
        ({"pattern": "[a-z-]+"}, "pay\n", "not like"),
        ({"pattern": "a|b"}, "bc", "not like"),
        ({"pattern": "("}, "a", "no regular expression"),
        ({"type": "list"}, ("fine", "-rf"), "would read as an option"),
    ],
)
def test_a_value_the_command_does_not_take_is_refused(
    param: dict[str, Any], value: Value, said: str
) -> None:
    """The text names the parameter."""
    with pytest.raises(RefusedParamError, match=said) as refused:
        arguments_of(a_command("run", "{{ it }}", it=param), {"it": value})

    assert "'it'" in str(refused.value)


def test_a_dash_is_taken_where_the_author_says_so() -> None:
    """For programs that are given numbers or options."""
    assert arguments_of(a_command("run", "{{ it }}", it={"dash": True}), {"it": "-5"})[1] == "-5"


def test_a_parameter_that_is_missing_or_unknown_is_refused() -> None:
    """So is one that stands where it cannot."""
    with pytest.raises(RefusedParamError, match="'to' has no value"):
        arguments_of(a_command("run", "{{ to }}", to={}), {})
    with pytest.raises(RefusedParamError, match="no parameter 'from'; there are: to"):
        arguments_of(a_command("run", "{{ to }}", to={}), {"from": "x"})
    with pytest.raises(RefusedParamError, match="'ghost' is not declared"):
        arguments_of(a_command("run", "x{{ ghost }}"), {})
    with pytest.raises(RefusedParamError, match="'all' is a list"):
        arguments_of(a_command("run", "x{{ all }}", all={"type": "list"}), {"all": ("a",)})
    with pytest.raises(RefusedParamError, match="program itself"):
        arguments_of(a_command("{{ to }}", to={}), {"to": "sh"})


def test_a_pattern_takes_no_longer_than_the_text_is_long() -> None:
    """Python's own expressions would not end within this century."""
    spec = a_command("run", "{{ it }}", it={"pattern": "(a+)+b"})

    with pytest.raises(RefusedParamError, match="not like"):
        arguments_of(spec, {"it": "a" * 4000})
