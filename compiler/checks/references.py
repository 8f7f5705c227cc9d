"""Checks that everything a playbook refers to exists (E201, E202).

Decides which fields hold references. Roles are the playbook's own, policies the house's,
everything else is the roster's.
"""

import re
from collections.abc import Iterator

from compiler.checks.places import places_of
from compiler.defaults import ROLES
from compiler.diagnostics import Diagnostic, choice, listed, near
from compiler.nodes import Mapping as MappingNode
from compiler.nodes import Scalar
from compiler.subject import Subject

_FIELDS = frozenset(
    {"page", "levels", "to", "allow", "assign", "owner", "fill", "use", "confirm"}
    | {"by", "of", "ask", "raise", "lower"}
)
_REFERENCE = re.compile(r"(schedule|user|team|destination|policy|role):([a-z][a-z0-9_]*)\Z")


def check_references(subject: Subject) -> Iterator[Diagnostic]:
    """Each reference to something that does not exist, with the near name and its place."""
    texts = {place.loc for place in places_of(subject) if place.use == "text"}
    for loc, scalar in subject.scalars():
        found = _REFERENCE.match(scalar.text)
        if found and loc not in texts and _FIELDS.intersection(map(str, loc)):
            yield from _resolve(subject, scalar, found[1], found[2])
    service = subject.root.get("service")
    if isinstance(service, Scalar) and isinstance(service.value, str):
        yield from _roster(subject, service, "service", service.text)


def declared_roles(subject: Subject) -> set[str]:
    """The roles that the playbook declares, and those every playbook has."""
    node = subject.root.get("roles")
    own = {key.text for key, _ in node.entries} if isinstance(node, MappingNode) else set()
    return own | set(ROLES)


def problems_of(subject: Subject, scalar: Scalar) -> Iterator[Diagnostic]:
    """E201 or E202 if the value is a reference to what does not exist."""
    found = _REFERENCE.match(scalar.text)
    if found:
        yield from _resolve(subject, scalar, found[1], found[2])


def _resolve(subject: Subject, scalar: Scalar, kind: str, name: str) -> Iterator[Diagnostic]:
    match kind:
        case "role":
            yield from _role(subject, scalar, name)
        case "policy":
            yield from _policy(subject, scalar, name)
        case _:
            yield from _roster(subject, scalar, kind, name)


def _role(subject: Subject, scalar: Scalar, name: str) -> Iterator[Diagnostic]:
    roles = declared_roles(subject)
    if name not in roles:
        help_text = choice(name, roles, of="declared")
        yield subject.mark(scalar.mark, "E202", f"role '{name}' is not declared", help_text)


def _policy(subject: Subject, scalar: Scalar, name: str) -> Iterator[Diagnostic]:
    policies = subject.around.house.policies
    if name not in policies and subject.around.house_is_sound:
        help_text = choice(name, policies, of="policies in house.yaml")
        yield subject.mark(scalar.mark, "E201", f"unknown policy '{name}'", help_text)


def _roster(subject: Subject, scalar: Scalar, kind: str, name: str) -> Iterator[Diagnostic]:
    names = subject.around.names
    if names.knows(kind, name):
        return
    yield subject.mark(scalar.mark, "E201", f"unknown {kind} '{name}'", _where(subject, kind, name))


def _where(subject: Subject, kind: str, name: str) -> str:
    """Which name may be meant, and where it is defined; also under another kind."""
    places = subject.around.names.places
    for other, known in places.items():
        if other not in (kind, "service") and name in known:
            return f"'{name}' is a {other}: write {other}:{name} ({known[name]})"
    known = places.get(kind, {})
    meant = near(name, known)
    if meant:
        return f"did you mean '{meant}' ({known[meant]})?"
    others = f", or use one of: {listed(known)}" if known else ""
    return f"define it in roster/*.yaml under {kind}s{others}"
