"""How severities, times and references read in a picture.

Decides wording only.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import TypeVar

from domain.clock_text import duration_text
from domain.severity import PerSeverity, Severity

T = TypeVar("T")

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_KINDS = {"schedule": "on call", "team": "team", "destination": ""}


def severities_text(at: tuple[Severity, ...]) -> str:
    """`SEV1`, `SEV1 and SEV3`, `SEV1 to SEV3`; `any severity` for all of them."""
    found = sorted(set(at), key=lambda one: one.rank)
    if len(found) == len(Severity):
        return "any severity"
    if not found:
        return "no severity"
    if len(found) > 2 and found[-1].rank - found[0].rank == len(found) - 1:  # noqa: PLR2004
        return f"{found[0].value} to {found[-1].value}"
    *others, last = (one.value for one in found)
    return f"{', '.join(others)} and {last}" if others else last


def by_severity(values: PerSeverity[T], say: Callable[[T], str]) -> str:
    """`5 min at SEV1, 10 min at SEV2 to SEV5`; the value alone where it is the same at all."""
    said: list[tuple[Severity, str]] = [
        (severity, say(values.at(severity))) for severity in Severity
    ]
    groups = [(text, tuple(one for one, _ in group)) for text, group in groupby(said, key=_said)]
    if len(groups) == 1:
        return groups[0][0]
    return ", ".join(f"{text} at {severities_text(at)}" for text, at in groups)


def _said(pair: tuple[Severity, str]) -> str:
    return pair[1]


def time_text(duration: timedelta | None) -> str:
    """`5 min`, or `never`."""
    return "never" if duration is None else duration_text(duration)


def timers_text(values: PerSeverity[timedelta | None]) -> str:
    """The time at each severity; empty where there is none at any."""
    if all(values.at(severity) is None for severity in Severity):
        return ""
    return by_severity(values, time_text)


def ref_text(ref: str) -> str:
    """`payments primary (on call)`, `Nora`: a reference as people read it."""
    kind, _, name = ref.partition(":")
    if not name:
        return ref
    words = name.replace("_", " ")
    added = _KINDS.get(kind, "")
    return f"{words} ({added})" if added else words


def refs_text(refs: tuple[str, ...]) -> str:
    """Several references."""
    return ", ".join(ref_text(ref) for ref in refs) or "nobody"


def template_text(template: str) -> str:
    """A template as people read it: `‹labels.env›` for `{{ labels.env }}`."""
    return _PLACE.sub(r"‹\1›", template)


def held_for(hold: timedelta) -> str:
    """` for 10 min`, or nothing."""
    return f" for {duration_text(hold)}" if hold else ""
