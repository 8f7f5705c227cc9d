"""Where each name of the roster is defined, also in files that are broken.

Decides what counts as known when a playbook refers to it, so that one broken roster file
is reported once and not again at every reference.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from compiler.nodes import Mapping as MappingNode
from compiler.source import Loaded

SECTIONS = {
    "user": "users",
    "team": "teams",
    "service": "services",
    "destination": "destinations",
    "schedule": "schedules",
}
"""The kind of a reference, and the section of a roster file that defines it."""


class KnownNames(BaseModel):
    """Names by kind, each with `path:line`; `is_complete` is off if a file is unreadable."""

    model_config = ConfigDict(frozen=True)

    places: dict[str, dict[str, str]]
    is_complete: bool

    def knows(self, kind: str, name: str) -> bool:
        """Whether the roster has this name, or may have it in a file that cannot be read."""
        return not self.is_complete or name in self.places.get(kind, {})


def known_names(loaded: Mapping[str, Loaded]) -> KnownNames:
    """The names that the roster's files define."""
    places: dict[str, dict[str, str]] = {kind: {} for kind in SECTIONS}
    for path, file in sorted(loaded.items()):
        if not isinstance(file.root, MappingNode):
            continue
        for kind, section in SECTIONS.items():
            node = file.root.get(section)
            if isinstance(node, MappingNode):
                for key, _ in node.entries:
                    places[kind].setdefault(key.text, f"{path}:{key.mark.line}")
    is_complete = all(file.root is not None or not file.diagnostics for file in loaded.values())
    return KnownNames(places=places, is_complete=is_complete)
