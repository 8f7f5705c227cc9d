"""Refuses files that are written in a newer language than this compiler reads.

Decides E106; nothing else is said about such a file, since its fields may be new.
"""

from compiler.diagnostics import Diagnostic
from compiler.document_errors import at_value
from compiler.nodes import Mapping, Scalar
from compiler.source import Loaded

LANGUAGE = 1
"""The grammar version that this compiler reads."""


def newer_language(file: Loaded) -> Diagnostic | None:
    """E106 if the file says a newer language, or one that never was; else None."""
    node = file.root.get("language") if isinstance(file.root, Mapping) else None
    if not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    if file.root is None or not isinstance(node.value, int) or node.value == LANGUAGE:
        return None
    newer = node.value > LANGUAGE
    what = f"is newer than {LANGUAGE}, which this version reads" if newer else "does not exist"
    help_text = "update watchbill, or write" if newer else "write"
    return at_value(
        file.path,
        file.root,
        ("language",),
        "E106",
        f"language {node.value} {what}",
        help_text=f"{help_text} language: {LANGUAGE}",
    )
