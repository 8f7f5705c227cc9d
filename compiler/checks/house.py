"""Checks the house: its policies, and the words its severity table knows.

Decides E201 for an unknown policy, E108 for a word that differs only by case, and E405 and
E502 for maps of a policy: any playbook may use it, so each covers every severity.
"""

from collections.abc import Iterator

from compiler.checks.severities import incomplete, maps_of_ladder, stricter_key
from compiler.diagnostics import Diagnostic, choice
from compiler.document import PolicyForm
from compiler.document_errors import at_key, at_value
from compiler.house import HouseForm
from compiler.nodes import Loc
from compiler.nodes import Mapping as MappingNode
from domain.severity import Severity


def check_house(house: HouseForm, root: MappingNode, path: str) -> Iterator[Diagnostic]:
    """What is wrong in the house beyond the shape of its fields."""
    shared = house.defaults.escalation
    name = shared.use.removeprefix("policy:") if shared else None
    if name is not None and name not in house.policies:
        loc = ("defaults", "escalation", "use")
        help_text = choice(name, house.policies, of="policies")
        yield at_value(path, root, loc, "E201", f"unknown policy '{name}'", help_text=help_text)
    for policy, form in house.policies.items():
        yield from _maps(form, ("policies", policy), root, path)
    seen: dict[str, str] = {}
    for word in house.severity_from:
        first = seen.setdefault(word.strip().lower(), word)
        if first != word:
            message = f"'{word}' and '{first}' are one word: case does not matter"
            yield at_key(path, root, ("severity_from", word), "E108", message, help_text="keep one")


def _maps(form: PolicyForm, here: Loc, root: MappingNode, path: str) -> Iterator[Diagnostic]:
    for loc, written, grows in maps_of_ladder(form, here):
        missing = incomplete(loc, written, set(Severity))
        if missing:
            yield at_key(path, root, loc, "E502", missing[0], help_text=missing[1])
        for key, message, help_text in stricter_key(loc, written) if grows else ():
            yield at_value(path, root, (*loc, key), "E405", message, help_text=help_text)
