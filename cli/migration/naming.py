"""Ids from names: readable, stable, and unique within their kind.

Decides that a collision gets a number, in the order of the export.
"""

import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 60
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})


def slug(*words: str, empty: str = "unnamed") -> str:
    """The words as an id: `[a-z][a-z0-9_]*`, at most 60 characters."""
    spelled = " ".join(words).lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST].strip("_")
    if not name:
        return empty
    return name if name[0].isalpha() else f"{empty[0]}_{name}"


class Names:
    """The ids that are taken, by kind."""

    def __init__(self) -> None:
        self._taken: dict[str, set[str]] = {}

    def unique(self, kind: str, *words: str) -> str:
        """An id of this kind that nothing else has: `ann`, then `ann_2`."""
        taken = self._taken.setdefault(kind, set())
        name = base = slug(*words, empty=kind)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        return name

    def reserve(self, kind: str, names: Iterable[str]) -> None:
        """Take these names, so that nothing else gets them."""
        self._taken.setdefault(kind, set()).update(names)
