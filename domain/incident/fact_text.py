"""How a fact's value is written for people, and how one that people wrote is read.

Decides wording only, and which answers a declaration allows.
"""

from domain.incident.why_not import Refusal, wrong_input
from domain.plan_facts import FactPlan
from domain.values import Value, ValueType, WrongTypeError, as_value

LONGEST_SHOWN = 120

WANTED: dict[ValueType, str] = {
    "string": "a text",
    "int": "a whole number, such as 3",
    "double": "a number, such as 0.25",
    "bool": "yes or no",
    "list": "texts with commas between them, such as eu,us",
}


def shown(value: Value | None) -> str:
    """The value as people read it."""
    match value:
        case None:
            text = "unknown"
        case bool():
            text = "yes" if value else "no"
        case float():
            text = f"{value:.6g}"
        case tuple():
            text = ", ".join(value) or "none"
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def read(name: str, fact: FactPlan, given: Value) -> Value | Refusal:
    """What somebody says as a value of the fact, or why it is none."""
    try:
        value = as_value(given, fact.type)
    except WrongTypeError:
        return wrong_input(f"'{shown(given)}' is no value of {name}: it is {WANTED[fact.type]}.")
    if fact.one_of and value not in fact.one_of:
        allowed = ", ".join(shown(one) for one in fact.one_of)
        return wrong_input(f"'{shown(given)}' is no value of {name}: it is one of {allowed}.")
    return value
