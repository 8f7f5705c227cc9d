"""The names that conditions and templates may use, and the values behind them.

Decides what exists where: a trigger sees the one alert being matched, everything else
sees the incident. Judging conditions is `domain.expressions`, rendering text is
`domain.templates`; both read the tables here, so a name is listed once.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from domain.alert import Alert
from domain.values import ValueType

Kind = Literal[
    "text", "int", "double", "bool", "list", "moment", "duration", "text_map", "lists_map",
    "any", "any_map",
]  # fmt: skip
"""The kinds of values; `any` is one that is known only when it is there."""

Declared = tuple[tuple[str, Kind], ...]
"""Names that a playbook declares itself, dotted, with the kind of their values."""

TYPE_NAMES: dict[Kind, ValueType] = {
    "text": "string",
    "int": "int",
    "double": "double",
    "bool": "bool",
    "list": "list",
}
"""How an author writes the type of a declared value."""


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

NOT_YET = ("comms", "review", "update")
"""Names of the language that this version does not build."""

OWN = ("facts", "steps", "params")
"""Below these stand the names that a playbook declares itself."""


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
