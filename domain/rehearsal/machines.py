"""Simulated machines: every call succeeds and says the plainest thing of each type.

Decides what a step that was not really carried out leaves to the steps behind it.
"""

from domain.incident.step_effects import CallResult, MakeCall
from domain.values import Value, ValueType

SIMULATED = CallResult(outcome="ok", detail="simulated")
"""Done, though nothing was, and nothing is said."""

PLAIN: dict[ValueType, Value] = {
    "string": "none",
    "int": 0,
    "double": 0.0,
    "bool": False,
    "list": (),
}
"""What is said where nothing is known."""


def succeed_plainly(call: MakeCall) -> CallResult:
    """Done, though nothing was; every declared output has the plainest value of its type."""
    values = {name: PLAIN[out.type] for name, out in call.out.items()}
    return SIMULATED.model_copy(update={"values": values})
