"""Raw payloads of dynamic messages, read into our own values.

Decides how a message's name and body become a command, and what is said if they do not.
"""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from domain.incident.commands import Command

T = TypeVar("T")

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def payload_from(raw: RawValue, of: type[T]) -> T:
    """The payload as a value of this type."""
    value: T = workflow.payload_converter().from_payload(raw.payload, of)
    return value


def command_from(name: str, args: Sequence[RawValue]) -> Command:
    """The command a message carries.

    Raises:
        ValueError: the name is no command, or its body does not fit.
    """
    if not args:
        raise ValueError(f"'{name}' came without a body")
    body = payload_from(args[0], dict)
    try:
        return _COMMAND.validate_python({**body, "kind": name})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"'{name}': {place}: {first['msg']}") from error
