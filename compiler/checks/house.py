"""Checks the house: its policies, and the words its severity table knows.

Decides E201 for an unknown policy and E108 for a word that differs only by case.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic, choice
from compiler.document_errors import at_key, at_value
from compiler.house import HouseForm
from compiler.nodes import Mapping as MappingNode


def check_house(house: HouseForm, root: MappingNode, path: str) -> Iterator[Diagnostic]:
    """What is wrong in the house beyond the shape of its fields."""
    shared = house.defaults.escalation
    name = shared.use.removeprefix("policy:") if shared else None
    if name is not None and name not in house.policies:
        loc = ("defaults", "escalation", "use")
        help_text = choice(name, house.policies, of="policies")
        yield at_value(path, root, loc, "E201", f"unknown policy '{name}'", help_text=help_text)
    seen: dict[str, str] = {}
    for word in house.severity_from:
        first = seen.setdefault(word.strip().lower(), word)
        if first != word:
            message = f"'{word}' and '{first}' are one word: case does not matter"
            yield at_key(path, root, ("severity_from", word), "E108", message, help_text="keep one")
