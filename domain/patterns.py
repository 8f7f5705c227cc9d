"""Whether a text matches a pattern as a whole, in time that is linear in its length.

Decides the dialect: RE2, as in conditions. Python's own expressions can take minutes over
forty characters, and a worker that is busy with that pages nobody.
"""

from functools import lru_cache
from typing import Any

from cel_expr_python import cel


class InvalidPatternError(ValueError):
    """What was given is no RE2 pattern."""


@lru_cache(maxsize=1)
def _matcher() -> Any:
    texts = {"text": cel.Type.STRING, "pattern": cel.Type.STRING}
    return cel.NewEnv(variables=texts).compile("text.matches(pattern)")


def matches_whole(pattern: str, text: str) -> bool:
    """Whether all of the text, line ends included, matches. Raises InvalidPatternError."""
    found = _matcher().eval(data={"text": text, "pattern": rf"\A(?:{pattern})\z"})
    if found.type().name() == "ERROR":
        raise InvalidPatternError(f"'{pattern}' is no regular expression (RE2)")
    return bool(found.value())
