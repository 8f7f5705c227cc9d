"""Writes values as the YAML that we would write by hand.

Decides style only: short maps and lists on one line, quotes where a plain text would be
read as something else. What is written reads back as the same values.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from compiler.nodes import Value

_WIDTH = 100
_SAFE = re.compile(r"[A-Za-z_][\w./@-]*(:[\w./-]+)*\Z|\d+[dhms](\d+[hms])*\Z", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z(][^\n]*[^\s:]\Z")
_UNSAFE = re.compile(r":\s|\s#|:\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})

Written = Value | Mapping[str, "Written"] | Sequence["Written"]


def as_yaml(fields: Mapping[str, Written], indent: str = "") -> str:
    """The mapping's lines, each with its line break."""
    return "".join(
        f"{line}\n"
        for name, value in fields.items()
        for line in _entry(_key(name, fields), value, indent)
    )


def _entry(written_key: str, value: Written, indent: str) -> Iterator[str]:
    short = _short(value)
    key = f"{indent}{written_key}:"
    if short is not None and len(key) + len(short) < _WIDTH:
        yield f"{key} {short}"
        return
    yield key
    inner = f"{indent}  "
    if isinstance(value, Mapping):
        yield from as_yaml(value, inner).splitlines()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _item(each, inner)
    else:
        yield f"{inner}{_scalar(value, flow=False)}"


def _item(value: Written, indent: str) -> Iterator[str]:
    """One entry of a list; a mapping's first key, or a list's first entry, beside the dash."""
    inner = f"{indent}  "
    lines: list[str] = []
    if isinstance(value, Mapping) and value:
        lines = as_yaml(value, inner).splitlines()
    elif isinstance(value, Sequence) and not isinstance(value, str) and _short(value) is None:
        lines = [line for each in value for line in _item(each, inner)]
    if lines:
        yield f"{indent}- {lines[0].strip()}"
        yield from lines[1:]
    else:
        yield f"{indent}- {_flow(value)}"


def _short(value: Written) -> str | None:
    """The value on one line, or None where it reads better over several."""
    if isinstance(value, Mapping):
        nested = any(isinstance(each, Mapping) for each in value.values())
        return None if nested else _flow(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        nested = any(isinstance(each, Mapping | list | tuple) for each in value)
        return None if nested else _flow(value)
    return _scalar(value, flow=False)


def _flow(value: Written) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name, value)}: {_flow(each)}" for name, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_flow(each) for each in value)}]"
    return _scalar(value, flow=True)


def _key(name: str, beside: Mapping[str, Written]) -> str:
    is_ours = name == "on" and "to" in beside  # of announce
    is_safe = bool(_SAFE.match(name)) and (is_ours or name.lower() not in _WORDS)
    return name if is_safe else _quoted(name)


def _scalar(value: Written, *, flow: bool) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_safe = bool(_SAFE.match(value))
    if not flow and value.isprintable():
        is_safe = is_safe or (bool(_PLAIN.match(value)) and not _UNSAFE.search(value))
    return value if is_safe and value.lower() not in _WORDS else _quoted(value)


def _quoted(text: str) -> str:
    """The text in double quotes, with what does not print escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in quoted)


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"
