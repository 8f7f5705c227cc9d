"""One playbook under examination: its text, its tree, its meaning and its surroundings.

Decides nothing; every check takes a subject and gives diagnostics.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from compiler.diagnostics import Diagnostic
from compiler.document import PlaybookForm
from compiler.document_errors import at_key, at_value, diagnostic
from compiler.house import HouseForm
from compiler.known_names import KnownNames
from compiler.known_plugins import KnownPlugins
from compiler.nodes import Loc, Mark, Node, Scalar, descend, key_at, scalars
from compiler.nodes import Mapping as MappingNode
from compiler.ops import KnownOps
from compiler.steps_written import StepWritten, steps_written
from domain.plan import Plan
from domain.roster import Roster

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a playbook is compiled with: everything else in its folder, and the day."""

    house: HouseForm
    house_is_sound: bool
    roster: Roster
    roster_is_sound: bool
    names: KnownNames
    files: Mapping[str, str]
    today: date | None
    ops: KnownOps = field(default_factory=KnownOps)
    plugins: KnownPlugins | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A playbook; `form` and `plan` are None where its shape is broken."""

    path: str
    root: MappingNode
    around: Surroundings
    form: PlaybookForm | None = None
    plan: Plan | None = None
    tests: Node | None = None
    _found: dict[str, tuple[Any, ...]] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: str, find: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """What several checks look for in the file, looked for once."""
        if what not in self._found:
            self._found[what] = tuple(find())
        return self._found[what]

    def scalars(self) -> tuple[tuple[Loc, Scalar], ...]:
        """Every scalar value with its location."""
        return self.once("scalars", lambda: scalars(self.root))

    def steps(self) -> tuple[StepWritten, ...]:
        """Every step as it stands in the file, however deep."""
        return self.once("steps", lambda: steps_written(self.root))

    def value(self, loc: Loc, code: str, message: str, help_text: str = "") -> Diagnostic:
        """A diagnostic at the value at this location."""
        return at_value(self.path, self.root, loc, code, message, help_text=help_text)

    def key(self, loc: Loc, code: str, message: str, help_text: str = "") -> Diagnostic:
        """A diagnostic at the key that the location's last step names."""
        return at_key(self.path, self.root, loc, code, message, help_text=help_text)

    def mark(self, mark: Mark, code: str, message: str, help_text: str = "") -> Diagnostic:
        """A diagnostic at this place."""
        return diagnostic(self.path, mark, code, message, help_text)

    def node(self, loc: Loc) -> Node:
        """The node at this location."""
        return descend(self.root, loc)

    def has(self, loc: Loc) -> bool:
        """Whether the author wrote this key."""
        return key_at(self.root, loc) is not None
