"""Plain words and numbers that other YAML readers read as something else (E007 to W006).

Decides which values surprise, and how they are mended. What a value means to us is
`compiler.source`.
"""

import re
from typing import NamedTuple

_PHONE = re.compile(r"\+[0-9][0-9_]*\Z")
_TIME = re.compile(r"[0-9]{1,2}(:[0-9]{2}){1,2}\Z")
_NUMBER = re.compile(
    r"[-+]?(0[0-9]+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+_[0-9_]+|[0-9]+)\Z"
)
_TRUTH = re.compile(r"(yes|no|on|off|true|false)\Z", re.IGNORECASE)
_NOTHING = re.compile(r"null\Z", re.IGNORECASE)
_TRUE = ("yes", "on", "true")
_LONGEST_WORD = len("false")
_LONGEST_QUOTE = 40

STARTS_ODDLY = frozenset("+-.0123456789~tfnyoTFNYO")
"""How a value starts that may be more than text; a quick way past all patterns."""


class Surprise(NamedTuple):
    """What is said of a value, and the mend."""

    code: str
    message: str
    help: str


def surprise_in(value: str) -> Surprise | None:
    """What other readers may make of this plain value; None where all agree."""
    if value[:1].isalpha() and len(value) > _LONGEST_WORD:
        return None
    text = value if len(value) <= _LONGEST_QUOTE else f"{value[:_LONGEST_QUOTE]}…"
    quoted = f'quote it: "{text}"'
    if _PHONE.match(value):
        return Surprise("E008", f"'{text}' would be read as a number", quoted)
    if _TIME.match(value):
        return Surprise("E007", f"'{text}' unquoted is a number to many YAML readers", quoted)
    if _NUMBER.match(value):
        message = f"'{text}' is not a plain decimal number"
        return Surprise("E011", message, f"{quoted}, or write a decimal without leading zeros")
    if _TRUTH.match(value):
        meant = "true" if value.lower() in _TRUE else "false"
        message = f"plain '{text}' is kept as text; to many YAML readers it is {meant}"
        return Surprise("W006", message, f"{quoted}, or write {meant}")
    if _NOTHING.match(value):
        message = f"plain '{text}' is kept as text; to many YAML readers it is no value"
        return Surprise("W006", message, quoted)
    return None


def surprise_in_key(key: str) -> Surprise | None:
    """What other readers may make of this plain key; None where all agree."""
    if not _TRUTH.match(key):
        return None
    meant = "true" if key.lower() in _TRUE else "false"
    message = f"the plain key '{key}' is kept as text; to many YAML readers it is {meant}"
    return Surprise("W006", message, f'quote it: "{key}":')
