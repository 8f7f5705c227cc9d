"""The names that conditions and templates may use, and the values behind them.

Decides what exists where: a trigger sees the one alert being matched, everything else
sees the incident. Judging conditions is `domain.expressions`, rendering text is
`domain.templates`; both read the tables here, so a name is listed once.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert

Kind = Literal[
    "text", "int", "double", "bool", "list", "moment", "duration", "text_map", "lists_map"
]

Declared = tuple[tuple[str, Kind], ...]
"""Names that a playbook declares itself, dotted, with the kind of their values."""


class Scope(StrEnum):
    """Where an expression or a template stands."""

    TRIGGER = "trigger"
    INCIDENT = "incident"


NAMES: dict[Scope, dict[str, Kind]] = {
    Scope.TRIGGER: {
        "labels": "text_map",
        "alert.source": "text",
        "alert.fingerprint": "text",
        "alert.status": "text",
        "alert.labels": "text_map",
        "alert.annotations": "text_map",
        "alert.summary": "text",
        "alert.starts_at": "moment",
    },
    Scope.INCIDENT: {
        "labels": "text_map",
        "alerts.firing": "int",
        "alerts.total": "int",
        "alerts.labels": "lists_map",
        "incident.severity": "text",
        "incident.phase": "text",
        "incident.title": "text",
        "incident.reference": "text",
        "incident.id": "text",
        "incident.elapsed": "duration",
    },
}
"""Every name with the kind of its value; the maps take any key after a dot."""

NOT_YET = ("facts", "steps", "params", "comms", "review", "update")
"""Names of the language that this version does not build."""

_WHERE = {
    Scope.TRIGGER: "triggers and dedup see the one alert being matched",
    Scope.INCIDENT: "outside triggers, names speak of the whole incident",
}


class Problem(BaseModel):
    """One thing wrong with an expression or template; `offset` counts characters from 0."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    offset: int = 0
    help: str = ""


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, or None if none is close."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_name(name: str, scope: Scope, offset: int, *, code: str) -> Problem:
    """What to tell the author about a dotted name that does not exist in this scope."""
    root, _, rest = name.partition(".")
    if root in NOT_YET:
        return Problem(
            code="E109",
            message=f"'{root}' is not supported yet",
            offset=offset,
            help=f"use {_listed(_roots(scope))} here",
        )
    if root not in _roots(scope):
        return Problem(
            code=code,
            message=f"unknown name '{root}'",
            offset=offset,
            help=_meant(root, _roots(scope)) or _elsewhere(root, scope),
        )
    fields = _fields(root, scope)
    if not rest:
        message = f"'{root}' alone has no value; say which field"
        return Problem(code=code, message=message, offset=offset, help=f"one of {_listed(fields)}")
    field = rest.split(".", 1)[0]
    return Problem(
        code=code,
        message=f"unknown name '{root}.{field}'",
        offset=offset + len(root) + 1,
        help=_meant(field, fields) or f"'{root}' has {_listed(fields)}",
    )


def _meant(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    return f"did you mean '{close}'?" if close else ""


def _elsewhere(root: str, scope: Scope) -> str:
    names = f"known names: {_listed(_roots(scope))}"
    if any(root in _roots(other) for other in Scope if other is not scope):
        return f"{_WHERE[scope]}; {names}"
    return names


def _roots(scope: Scope) -> list[str]:
    return list(dict.fromkeys(name.split(".")[0] for name in NAMES[scope]))


def _fields(root: str, scope: Scope) -> list[str]:
    return [name.split(".")[1] for name in NAMES[scope] if name.startswith(f"{root}.")]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)


_LITERAL = re.compile(
    r"""(?P<keep>[rRbB]{0,2})(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"|//[^\n]*",
    re.DOTALL,
)


def without_literals(expression: str) -> str:
    """The expression with strings and comments blanked, every offset unchanged."""
    return _LITERAL.sub(lambda found: " " * len(found.group()), expression)


def trigger_values(alert: Alert) -> dict[str, Any]:
    """What a trigger's condition, or a dedup key, sees of the alert being matched."""
    return {
        "labels": dict(alert.labels),
        "alert": {
            "source": alert.source,
            "fingerprint": alert.fingerprint,
            "status": alert.status.value,
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "summary": alert.summary,
            "starts_at": alert.starts_at,
        },
    }


def incident_values(
    *,
    labels: Mapping[str, str],
    firing_labels: Sequence[Mapping[str, str]],
    firing: int,
    total: int,
    incident: Mapping[str, Any],
) -> dict[str, Any]:
    """What conditions and texts of an incident see.

    `labels` are the frozen common ones; `firing_labels` those of each alert now firing,
    whose distinct values come out sorted; `incident` has severity, phase, title,
    reference, id and elapsed (a timedelta).
    """
    values: dict[str, set[str]] = {}
    for one in firing_labels:
        for name, value in one.items():
            values.setdefault(name, set()).add(value)
    return {
        "labels": dict(labels),
        "alerts": {
            "firing": firing,
            "total": total,
            "labels": {name: sorted(values[name]) for name in sorted(values)},
        },
        "incident": dict(incident),
    }
