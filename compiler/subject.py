"""One playbook under examination: its text, its tree, its meaning and its surroundings.

Decides nothing; every check takes a subject and gives diagnostics.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from compiler.diagnostics import Diagnostic
from compiler.document import PlaybookForm
from compiler.document_errors import at_key, at_value, diagnostic
from compiler.house import HouseForm
from compiler.known_names import KnownNames
from compiler.known_plugins import KnownPlugins
from compiler.nodes import Loc, Mark, Node, Scalar, descend, key_at, scalars
from compiler.nodes import Mapping as MappingNode
from compiler.ops import KnownOps
from domain.plan import Plan
from domain.roster import Roster


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
    _scalars: list[tuple[Loc, Scalar]] = field(default_factory=list, repr=False, compare=False)

    def scalars(self) -> list[tuple[Loc, Scalar]]:
        """Every scalar value with its location; walked once."""
        if not self._scalars:
            self._scalars.extend(scalars(self.root))
        return self._scalars

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
