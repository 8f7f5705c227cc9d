"""Severities, and values that differ by severity.

Decides what is worse than what. What a severity means for paging is the plan's.
"""

from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Severity(StrEnum):
    """How bad it is: SEV1 is the worst; SEV5 pages nobody."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"

    @property
    def rank(self) -> int:
        """1 for the worst to 5 for the least; also Temporal's priority key."""
        return int(self.value[-1])

    def is_worse_than(self, other: "Severity") -> bool:
        """Whether this severity is strictly worse than the other."""
        return self.rank < other.rank


def worst(severities: list[Severity]) -> Severity | None:
    """The worst of them, or None where there are none."""
    return min(severities, key=lambda severity: severity.rank, default=None)


class PerSeverity(BaseModel, Generic[T]):
    """One value for each severity; None in a duration means never."""

    model_config = ConfigDict(frozen=True)

    SEV1: T
    SEV2: T
    SEV3: T
    SEV4: T
    SEV5: T

    def at(self, severity: Severity) -> T:
        """The value that holds at this severity."""
        value: T = getattr(self, severity.value)
        return value

    @classmethod
    def same(cls, value: T) -> "PerSeverity[T]":
        """The same value at every severity."""
        return cls(SEV1=value, SEV2=value, SEV3=value, SEV4=value, SEV5=value)
