"""Checks how roles are filled (E511, W507).

Decides when two roles would land on one person, and when roles fill each other in a
circle.
"""

from collections.abc import Iterator
from itertools import combinations

from compiler.diagnostics import Diagnostic
from compiler.people import people_of
from compiler.subject import Subject
from domain.plan import Plan


def check_roles(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the roles."""
    if subject.plan is None:
        return
    yield from _circles(subject, subject.plan)
    if subject.around.roster_is_sound:
        yield from _same_person(subject, subject.plan)


def _circles(subject: Subject, plan: Plan) -> Iterator[Diagnostic]:
    reported: set[str] = set()
    for name in plan.roles:
        path = [name]
        while True:
            fill = plan.roles[path[-1]].fill or ""
            following = fill.removeprefix("role:")
            if not fill.startswith("role:") or following not in plan.roles:
                break
            path.append(following)
            if following in path[:-1]:
                break
        if len(path) > 1 and path[-1] == name and name not in reported:
            reported |= set(path)
            message = f"roles fill each other in a circle: {' → '.join(path)}"
            help_text = "let one of them page: somebody"
            yield subject.value(("roles", name, "fill"), "E511", message, help_text)


def _same_person(subject: Subject, plan: Plan) -> Iterator[Diagnostic]:
    roster = subject.around.roster
    busy = {
        name: frozenset[str]().union(*(people_of(ref, roster) for ref in role.page))
        for name, role in plan.roles.items()
        if role.page and not role.many
    }
    for one, other in combinations(busy, 2):
        shared = set(plan.roles[one].at) & set(plan.roles[other].at)
        if shared and busy[one] == busy[other] and len(busy[one]) == 1:
            person = next(iter(busy[one]))
            message = f"'{person}' would hold both {one} and {other}"
            yield subject.key(("roles", other), "W507", message, "let somebody else take one")
