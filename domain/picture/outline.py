"""What a picture shows of a playbook, as values without places.

Decides the shape only: `domain.picture.contents` fills it from a plan and, where one runs,
an incident. Layout, SVG and Mermaid read it, so that all of them say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.picture.pieces import Outline as Frame
from domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text; `code` is written as the author wrote it, `strong` is what matters."""

    text: str
    look: Literal["body", "code", "small", "strong"] = "body"


@dataclass(frozen=True, slots=True)
class Field:
    """A name and what is said under it."""

    name: str
    words: tuple[Words, ...]


Emphasis = Literal["ahead", "live", "over", "failed", "passed_by"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a part of a running incident stands: the mark in its box, and a sentence."""

    mark: str
    said: str
    emphasis: Emphasis

    @property
    def is_marked(self) -> bool:
        """Whether it is to be found at once: something goes on there, or went wrong."""
        return self.emphasis in ("live", "failed")


@dataclass(frozen=True, slots=True)
class PhaseOutline:
    """One phase, and what moves an incident on from it to the next."""

    name: str
    onwards: tuple[Words, ...] = ()
    is_present: bool = False
    reached: str = ""


@dataclass(frozen=True, slots=True)
class RuleOutline:
    """One severity rule in the order in which they are tried."""

    severity: Severity | None
    criteria: str
    condition: str
    is_present: bool = False


@dataclass(frozen=True, slots=True)
class RungOutline:
    """One row of the ladder; a level, or the last resort, says who is paged and when."""

    name: str
    people: str
    times: tuple[str, ...]
    standing: Standing | None = None
    is_level: bool = True


@dataclass(frozen=True, slots=True)
class LadderOutline:
    """The escalation ladder; `severities` are its columns."""

    severities: tuple[Severity, ...]
    rungs: tuple[RungOutline, ...]
    present: Severity | None
    criteria: tuple[Field, ...] = ()

    @property
    def levels(self) -> int:
        """How many levels there are before the last resort."""
        return sum(rung.is_level for rung in self.rungs) - 1


@dataclass(frozen=True, slots=True)
class TableOutline:
    """A table; the first cell of a row names it."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class BranchOutline:
    """A sequence of steps inside a step: an option, a branch of several, a loop's body."""

    label: str
    words: tuple[Words, ...]
    steps: "tuple[StepOutline, ...]"
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class StepOutline:
    """One step; `joins` says when what is inside it is over."""

    id: str
    kind: str
    frame: Frame
    who: str = ""
    words: tuple[Words, ...] = ()
    branches: tuple[BranchOutline, ...] = ()
    joins: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A running incident in a few sentences; `as_of` is when they were true."""

    reference: str
    title: str
    severity: Severity
    phase: str
    as_of: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Everything that a picture shows."""

    name: str
    title: str
    subtitle: str
    head: tuple[Field, ...]
    moment: Moment | None
    phases: tuple[PhaseOutline, ...]
    rules: tuple[RuleOutline, ...]
    reassess: str
    ladder: LadderOutline
    roles: TableOutline
    steps: tuple[StepOutline, ...]
    tables: tuple[TableOutline, ...]

    @property
    def described(self) -> str:
        """The picture in a sentence, for those who cannot see it."""
        steps = sum(1 for _ in steps_of(self.steps))
        text = (
            f"Playbook {self.subtitle}: {len(self.phases)} phases, {len(self.rules)} severity "
            f"rules, a ladder of {self.ladder.levels} levels, "
            f"{len(self.roles.rows)} roles and {steps} steps."
        )
        if self.moment is None:
            return text
        here = self.moment
        return f"{here.reference} is {here.severity.value}, {here.phase}, {here.as_of}. {text}"


def steps_of(steps: tuple[StepOutline, ...]) -> Iterator[StepOutline]:
    """Every step, however deep, in the order of the file."""
    for step in steps:
        yield step
        for branch in step.branches:
            yield from steps_of(branch.steps)
