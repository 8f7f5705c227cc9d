"""Checks texts in which names are not filled in (W311).

Decides which texts are shown as they are written: all but those with names in them.
"""

import re
from collections.abc import Iterator

from compiler.checks.places import places_of
from compiler.diagnostics import Diagnostic
from compiler.subject import Subject

_TEMPLATE = re.compile(r"\{\{|\{%")


def check_plain_texts(subject: Subject) -> Iterator[Diagnostic]:
    """Each text that would be shown with its braces."""
    filled = {place.loc for place in places_of(subject)}
    for loc, scalar in subject.scalars():
        found = _TEMPLATE.search(scalar.text) if "{" in scalar.text else None
        if found and loc not in filled:
            field = next((step for step in reversed(loc) if isinstance(step, str)), "")
            message = f"names are not filled in in '{field}': this is shown as it is written"
            help_text = "write it out; title, question, label, notify and calls can name values"
            yield subject.mark(scalar.place_of(found.start()), "W311", message, help_text)
