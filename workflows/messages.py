"""Raw payloads of dynamic messages, read into our own values."""

from collections.abc import Sequence
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RawValue

from domain.incident.commands import Command, command_named

T = TypeVar("T")


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
    return command_named(name, payload_from(args[0], dict))
