"""How much one file may hold, beyond its bytes and its depth (E010).

Decides the limits that keep every check of a file quick: steps, rules, levels, overrides and
the length of texts. What is larger is not read on, so that it is said once, at its place.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.document_errors import diagnostic
from compiler.nodes import Listing, Mapping, Mark, Node
from compiler.source import Loaded
from compiler.steps_written import steps_written

MOST_STEPS = 500
"""Steps of one playbook, at any depth."""

_PLAYBOOK = {
    ("triggers",): (100, "make it several playbooks"),
    ("page",): (50, "page more people at one level, or use repeat:"),
    ("escalation", "levels"): (50, "page more people at one level, or use repeat:"),
    ("escalation", "criteria"): (100, "make it several playbooks"),
    ("severity", "rules"): (100, "join conditions with ||, or make it several playbooks"),
    ("roles",): (100, "make it several playbooks"),
    ("facts",): (200, "make it several playbooks"),
    ("params",): (200, "make it several playbooks"),
    ("outputs",): (200, "make it several playbooks"),
}
_SCHEDULE = {
    "overrides": (500, "remove those that are over"),
    "layers": (100, "make it several schedules"),
}


def too_much_in_playbook(file: Loaded) -> Diagnostic | None:
    """E010 for a playbook that holds more than can be checked in time; else None."""
    if not isinstance(file.root, Mapping):
        return None
    found = [*_crowded(file.root), *_steps(file.root)]
    return _said(file, found)


def too_much_in_roster(file: Loaded) -> Diagnostic | None:
    """E010 for a roster file with a schedule that holds too much; else None."""
    schedules = file.root.get("schedules") if isinstance(file.root, Mapping) else None
    found = []
    for _, schedule in schedules.entries if isinstance(schedules, Mapping) else ():
        for field, (most, mend) in _SCHEDULE.items():
            node = schedule.get(field) if isinstance(schedule, Mapping) else None
            found += [_Excess(field, *over, most, mend) for over in _over(node, most)]
    return _said(file, found)


class _Excess:
    """What there is too much of: its name, how many, where the first too many stands."""

    def __init__(self, what: str, count: int, mark: Mark, most: int, mend: str) -> None:
        self.mark = mark
        self.message = f"'{what}' has {count} entries, more than {most}"
        self.mend = mend


def _said(file: Loaded, found: list[_Excess]) -> Diagnostic | None:
    if not found:
        return None
    first = min(found, key=lambda each: each.mark)
    return diagnostic(file.path, first.mark, "E010", first.message, first.mend)


def _crowded(root: Mapping) -> Iterator[_Excess]:
    for way, (most, mend) in _PLAYBOOK.items():
        node: Node | None = root
        for key in way:
            node = node.get(key) if isinstance(node, Mapping) else None
        for over in _over(node, most):
            yield _Excess(way[-1], *over, most, mend)


def _over(node: Node | None, most: int) -> Iterator[tuple[int, Mark]]:
    """How many entries there are, and where the first beyond the limit stands."""
    if isinstance(node, Listing) and len(node.items) > most:
        yield len(node.items), node.items[most].mark
    if isinstance(node, Mapping) and len(node.entries) > most:
        yield len(node.entries), node.entries[most][0].mark


def _steps(root: Mapping) -> Iterator[_Excess]:
    steps = steps_written(root)
    if len(steps) > MOST_STEPS:
        mark, mend = steps[MOST_STEPS].node.mark, "let steps call other playbooks: playbook: {…}"
        yield _Excess("steps", len(steps), mark, MOST_STEPS, mend)
