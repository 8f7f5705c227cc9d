"""In which order the sections of a file stand.

Decides the order of a file's top fields; inside them the author's own order is kept.
"""

from compiler.layout.tree import Branch, Entry
from compiler.schema.documents import DOCUMENTS

PLAYBOOK = (
    "language", "name", "version", "title", "owner", "service", "review_by", "bridge",
    "timezone", "priority", "params", "facts", "on_alert", "triggers", "dedup", "severity",
    "urgency", "page", "escalation", "roles", "steps", "announce", "comms", "statuses",
    "handoff", "mitigated", "resolve", "review", "outputs", "drill", "tests",
)  # fmt: skip
"""The sections of a playbook, as the language's own sample has them."""


def order_of(document: str) -> tuple[str, ...]:
    """The order of this kind of file."""
    if document == "playbook":
        return PLAYBOOK
    fields = DOCUMENTS[document].model_fields
    return tuple(each.alias or name for name, each in fields.items())


def in_order(root: Branch, document: str | None) -> list[str]:
    """Puts the sections in order; what stood on top of the file, to stay there."""
    header = _header(root)
    if document is not None:
        ranks = {name: rank for rank, name in enumerate(order_of(document))}
        root.entries = [each for _, _, each in sorted(_ranked(root.entries, ranks), key=_by_rank)]
    return header


def _by_rank(ranked: tuple[int, int, Entry]) -> tuple[int, int]:
    return ranked[0], ranked[1]


def _ranked(entries: list[Entry], ranks: dict[str, int]) -> list[tuple[int, int, Entry]]:
    """Each entry with its rank; one that nobody knows stays behind the one before it."""
    found = []
    rank = -1
    for at, entry in enumerate(entries):
        rank = ranks.get((entry.key or "").strip("\"'"), rank)
        found.append((rank, at, entry))
    return found


def _header(root: Branch) -> list[str]:
    """Takes what belongs to the file from what stands above its first field."""
    if not root.entries:
        return []
    above = root.entries[0].before
    split = max((at + 1 for at, line in enumerate(above) if not line), default=0)
    while split < len(above) and above[split].startswith("# yaml-language-server:"):
        split += 1
    if (root.entries[0].key or "") == "language":
        split = len(above)
    root.entries[0].before = above[split:]
    return above[:split]
