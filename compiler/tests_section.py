"""The section `tests:` of a playbook, apart from what is served.

Decides that whatever is wrong in it, the YAML included as far as it can be read, is an error
of `check` and of `test`, and never takes the playbook out of service.
"""

from collections.abc import Iterable

from compiler.diagnostics import Diagnostic
from compiler.nodes import Mapping, Mark, Node

TESTS = "tests"


def tests_node(root: Node | None) -> Node | None:
    """What stands under `tests:`, or None."""
    return root.get(TESTS) if isinstance(root, Mapping) else None


def without_tests(root: Node | None) -> Node | None:
    """The playbook without its tests."""
    if not isinstance(root, Mapping) or root.get(TESTS) is None:
        return root
    return Mapping(root.mark, tuple(each for each in root.entries if each[0].text != TESTS))


def marked(root: Node | None, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same problems; those that stand in the section say so."""
    span = _span(root)
    if span is None:
        return tuple(found)
    begins, ends = span
    return tuple(
        each.model_copy(update={"in_tests": True})
        if begins <= (each.line, each.column) and (ends is None or (each.line, each.column) < ends)
        else each
        for each in found
    )


def _span(root: Node | None) -> tuple[Mark, Mark | None] | None:
    """Where the section begins, and where the next one does."""
    marks = [key.mark for key, _ in root.entries] if isinstance(root, Mapping) else []
    own = root.key(TESTS) if isinstance(root, Mapping) else None
    if own is None:
        return None
    return own.mark, min((mark for mark in marks if mark > own.mark), default=None)
