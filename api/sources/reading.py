"""Typed reads of a sender's JSON; what is of the wrong kind is named by its place.

Decides what text is fit to keep: scalars become text, NUL and lone surrogates (which
neither UTF-8 nor PostgreSQL takes) become U+FFFD, and what identifies an alert is
bounded. Which fields a sender has is that sender's module.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from api.sources.errors import Malformed

KEY_LIMIT = 255
"""Characters of what identifies an alert: PagerDuty's limit for its `dedup_key`."""

_UNFIT = re.compile("[\x00\ud800-\udfff]")

_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


def decoded(body: bytes) -> Any:
    """The JSON value of a body, or Malformed naming line and column."""
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed("", f"the body is not JSON: {error.msg} ({place})") from error
    except UnicodeDecodeError as error:
        raise Malformed("", f"the body is not UTF-8 (at byte {error.start})") from error
    except RecursionError as error:
        raise Malformed("", "the body is nested too deeply") from error
    except ValueError as error:  # a number with thousands of digits
        raise Malformed("", f"the body cannot be read: {error}") from error


def clean(text: str) -> str:
    """The text as UTF-8 and SQL can keep it."""
    return _UNFIT.sub("\ufffd", text)


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(value), "a number")


def as_object(value: Any, field: str) -> dict[str, Any]:
    """The value if it is an object, else Malformed."""
    if not isinstance(value, dict):
        raise Malformed(field, f"must be an object, not {kind_of(value)}")
    return value


def scalar_text(value: Any) -> str | None:
    """A scalar as text, the way JSON writes it; None for objects, lists and null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return None


def text_or_none(body: Mapping[str, Any], name: str, field: str) -> str | None:
    """The text of a field, None where it is absent, null or empty; else Malformed."""
    value = body.get(name)
    if value is None:
        return None
    text = scalar_text(value)
    if text is None:
        raise Malformed(field, f"must be text, not {kind_of(value)}")
    return text or None


def text_map(value: Any, field: str) -> dict[str, str]:
    """An object of scalars as text to text; null is empty, null members are left out."""
    if value is None:
        return {}
    found: dict[str, str] = {}
    for name, member in as_object(value, field).items():
        if member is None:
            continue
        text = scalar_text(member)
        if text is None:
            raise Malformed(f"{field}.{clean(name)}", f"must be text, not {kind_of(member)}")
        found[clean(name)] = text
    return found


def digest_of(parts: Mapping[str, str]) -> str:
    """16 hex digits that the same names and values always give, in any order."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def bounded_key(key: str) -> tuple[str, str | None]:
    """A key of at most `KEY_LIMIT` characters, and a note where it had to be hashed."""
    if len(key) <= KEY_LIMIT:
        return key, None
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[:60]}-{digest}", f"the key was longer than {KEY_LIMIT} characters: hashed"
