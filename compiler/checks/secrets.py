"""Checks that secrets are named only where a call says who it is (E309).

Decides it for every value of a playbook but texts with names in them, which refuse secrets
themselves.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from compiler.checks.places import places_of
from compiler.diagnostics import Diagnostic
from compiler.nodes import Loc, Scalar
from compiler.subject import Subject
from domain.template_rules import AUTH_HELP

_SECRET = re.compile(r"\s*(secret:[a-z][a-z0-9_]*)\s*\Z")
_ANYWHERE = re.compile(r"\{\{-?\s*secrets?\b|\bsecret:[a-z][a-z0-9_]*(?=\s*\}\})")


def check_secrets(subject: Subject) -> Iterator[Diagnostic]:
    """Each secret that stands where it would be read by people or kept in a history."""
    texts = {place.loc for place in places_of(subject) if place.use == "text"}
    for loc, scalar in subject.scalars():
        if "secret" in scalar.text and loc not in texts and not _is_auth(loc):
            yield from _secret(subject, scalar)


def _is_auth(loc: Loc) -> bool:
    """Whether it stands in the `auth` of an http step, or of a fact's http."""
    return ("http", "auth") in pairwise(loc)


def _secret(subject: Subject, scalar: Scalar) -> Iterator[Diagnostic]:
    found = _SECRET.match(scalar.text) or _ANYWHERE.search(scalar.text)
    if found:
        name = found[1] if found.re is _SECRET else found.group().strip("{- ")
        message = f"the secret '{name}' cannot stand here"
        mark = scalar.place_of(found.end() - len(found.group().lstrip("{- \t\n")))
        yield subject.mark(mark, "E309", message, AUTH_HELP)
