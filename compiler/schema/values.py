"""How the small values that authors write look in JSON Schema.

Decides one schema for each reader of `compiler.written_values` and its like. It is never
stricter than the reader: what it refuses, the compiler refuses as well.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from compiler.written_values import ReferenceReader
from domain.roster import Method
from domain.severity import Severity
from domain.values import ValueType

Schema = dict[str, Any]

_ID = "[a-z][a-z0-9_]*"
_SPAN = r"\s*(?=[0-9])([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?\s*"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHOLE_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _text(pattern: str, *examples: str) -> Schema:
    found: Schema = {"type": "string", "pattern": pattern}
    return found | ({"examples": list(examples)} if examples else {})


def _number_text(*examples: str) -> Schema:
    return _text(r"^\s*([A-Za-z][A-Za-z0-9+.-]*://\S|\+)", *examples)


def _said(schema: Schema, message: str) -> Schema:
    """With what VS Code's and its relatives' servers say instead of the pattern."""
    return {**schema, "patternErrorMessage": message}


ID = _said(
    {**_text(f"^{_ID}$"), "maxLength": 80},
    "an id is lower-case letters, digits and underscores: [a-z][a-z0-9_]*",
)
SPAN = _said(
    _text(f"^{_SPAN}$", "90s", "5m", "1h30m", "2d"),
    "write a number with its unit, such as 90s, 5m, 1h30m or 2d",
)
TIMER = _said(
    _text(f"^(never|{_SPAN})$", "5m", "1h", "never"),
    "write a number with its unit, such as 90s, 5m, 1h30m or 2d, or never",
)
_URL = _text(r"^\s*[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]", "ntfys://ntfy.example/ann")
_WEB = _text(r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]", "https://hooks.example/ann")

READ: Mapping[str, Schema] = {
    "compiler.document.read_fill": {
        "anyOf": [{"const": "first_acknowledger"}, _text("^role:", "role:incident_commander")]
    },
    "compiler.cron.read_cron": {"type": "string", "examples": ["0 10 1 */3 *"]},
    "compiler.document.read_silence": SPAN,
    "compiler.document.label_values": {},
    "compiler.document_calls._header": _text("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "X-Request-Id"),
    "compiler.document_calls._run": _text(
        rf"^(command:{_ID}|plugin:[A-Za-z_][\w.-]*)$", "command:payctl_rollback"
    ),
    "compiler.document_calls._status": {"type": "integer", "minimum": 100, "maximum": 599},
    "compiler.document_calls._url": _text(r"^(\s|[Hh][Tt][Tt][Pp][Ss]?://[^/\s])"),
    "compiler.document_calls.read_path": {
        "type": ["string", "integer", "number"],
        "examples": ["body.items[0].sha"],
    },
    "compiler.document_calls.read_result_name": {**ID, "not": {"enum": ["ok", "timed_out"]}},
    "compiler.document_drill.read_behaviour": {"anyOf": [{"enum": ["never", "declines"]}, SPAN]},
    "compiler.document_drill.read_interval": SPAN,
    "compiler.document_drill.read_responder": _text(
        f"^(default|(user|schedule):{_ID})$", "default", "user:ann"
    ),
    "compiler.document_facts._by": {
        "anyOf": [{"enum": ["auto", "never"]}, _text("^role:", "role:incident_commander")]
    },
    "compiler.document_tests.read_moment": _text(r"^[0-9]{4}", "2026-11-25T03:00"),
    "compiler.document_tests._read_paged_key": _text(f"^(only|(schedule|user|team):{_ID})$"),
    "compiler.document_tests._read_paged_value": {"anyOf": [{"type": "boolean"}, TIMER]},
    "compiler.document_tests._read_answer": {
        "anyOf": [{"enum": ["failed", "unknown"]}, {"type": "object"}]
    },
    "compiler.document_tests._read_ended": {"anyOf": [{"const": True}, {"type": "object"}]},
    "compiler.document_tests._read_holder": _text(f"^(nobody|(schedule|user|team):{_ID})$"),
    "compiler.durations.read_duration": SPAN,
    "compiler.durations.read_timer": TIMER,
    "compiler.ops_document._env_name": _text("^[A-Za-z_][A-Za-z0-9_]*$", "PAYCTL_TOKEN"),
    "compiler.ops_document._env_value": {"type": "string"},
    "compiler.ops_document._exit_code": {"type": "integer", "minimum": 0, "maximum": 255},
    "compiler.ops_document._pattern": {
        "type": ["string", "integer", "number", "boolean"],
        "examples": ["[a-z0-9-]+"],
    },
    "compiler.ops_document._query": {"type": "string"},
    "compiler.ops_document._url": _text(r"^[Hh]?[Tt]?[Tt]?[Pp]?[Ss]?://[^/\s]"),
    "compiler.roster_values._calendar": _text(
        r"^\s*([Hh][Tt][Tt][Pp][Ss]?|[Ww][Ee][Bb][Cc][Aa][Ll][Ss]?)://[^\s/?#]",
        "https://calendar.example/primary.ics",
    ),
    "compiler.roster_values._every": _text(
        r"^\s*([0-9]{1,4}\s*)?(h|d|hour|day|week|month)s?\s*$", "day", "week", "12h", "2 weeks"
    ),
    "compiler.roster_values._hands_over": _text(
        r"^\s*(([A-Za-z]+|[0-9]{1,2})\s+)?[0-9]{1,2}:[0-9]{2}\s*$", "monday 09:30", "09:30"
    ),
    "compiler.roster_values._local_moment": _text(r"^\s*[0-9]{4}", "2026-12-24T18:00"),
    "compiler.roster_values._mail": _text(r"^\s*[^@\s<>,;]+@[^@\s<>,;]+\s*$", "ann@example.org"),
    "compiler.roster_values._method": {"enum": [each.value for each in Method]},
    "compiler.roster_values._number.<locals>.read": _number_text("+4930123456"),
    "compiler.roster_values._push": _URL,
    "compiler.roster_values._refresh": SPAN,
    "compiler.roster_values._slack": _text(
        r"^\s*([A-Za-z][A-Za-z0-9+.-]*://\S|[UWCGD][A-Z0-9]|[@#])", "U0123ABCD", "#incidents"
    ),
    "compiler.roster_values._user": _text(f"^(user:)?{_ID}$", "ann"),
    "compiler.roster_values._web": _WEB,
    "compiler.roster_values._window": {
        "type": "array",
        "items": _text(r"^\s*[0-9]{1,2}:[0-9]{2}\s*$", "09:15", "18:00"),
        "minItems": 2,
        "maxItems": 2,
    },
    "compiler.roster_values.read_time": _text(r"^\s*[0-9]{1,2}:[0-9]{2}\s*$", "09:30"),
    "compiler.roster_values.read_weekday": {
        "anyOf": [{"enum": [*_DAYS, *_WHOLE_DAYS]}, _text("^[A-Za-z ]+$")]
    },
    "compiler.sources._source_value": {"type": "string", "examples": ["body.check.name"]},
    "compiler.typed_values._read_type": {"enum": list(get_args(ValueType))},
    "compiler.written_values._day": {
        "anyOf": [_text("^[0-9]{4}", "2027-03-31"), {"type": "integer"}]
    },
    "compiler.written_values._severity": {"enum": [each.value for each in Severity]},
    "compiler.written_values._stated": _text(r"\S"),
    "compiler.written_values._zone": _text(r"^[A-Za-z]", "Europe/Berlin", "UTC"),
    "compiler.written_values.read_confirm": {
        "anyOf": [{"const": "nobody"}, _text(f"^role:{_ID}$", "role:incident_commander")]
    },
    "compiler.written_values.read_id": ID,
    "compiler.written_values.read_time": SPAN,
    "compiler.written_values.read_urgency": {"enum": ["high", "high_in_hours", "low"]},
}
"""The schema of what each reader takes, by the reader's name."""

_SECRET = _text(f"^secret:{_ID}$", "secret:deploy_token")


def listed(inner: Schema) -> Schema:
    """One value, or a list of at least one."""
    several: Schema = inner if inner.get("type") == "array" else {"type": "array", "items": inner}
    one = several.get("items", {})
    if not one:
        return {}
    return {"anyOf": [one, {**several, "minItems": 1}]}


def _spread(inner: Schema) -> Schema:
    """One value for all severities, or a map of them."""
    alone = inner["properties"]["else"]
    return {"anyOf": [{key: each for key, each in alone.items() if key != "description"}, inner]}


def _either(*short: Schema) -> Callable[[Schema], Schema]:
    return lambda inner: {"anyOf": [*short, inner]}


AROUND: Mapping[str, Callable[[Schema], Schema]] = {
    "compiler.document.label_values": listed,
    "compiler.document_calls._auth": _either(_SECRET),
    "compiler.document_calls._retry": _either(_text(f"^policy:{_ID}$", "policy:patient")),
    "compiler.document_drill._spread": _either(SPAN),
    "compiler.document_human_steps._item": _either({"type": "string"}),
    "compiler.document_steps._branch": listed,
    "compiler.document_tests._read_step": _either({"type": "string"}),
    "compiler.roster_document._rule": _either({"enum": [each.value for each in Method]}),
    "compiler.written_values._spread": _spread,
    "compiler.written_values.one_or_more": listed,
}
"""How each reader of a short form widens the schema of the long one, by the reader's name."""


def reference(reader: ReferenceReader) -> Schema:
    """A reference: its kind, a colon, an id."""
    kinds = "|".join(reader.kinds)
    several = f"({kinds})" if len(reader.kinds) > 1 else kinds
    allowed = [f"{kind}:<id>" for kind in reader.kinds]
    examples = [f"{kind}:name" for kind in reader.kinds]
    return _said(_text(f"^{several}:{_ID}$", *examples), f"allowed: {', '.join(allowed)}")


def name_of(reader: object) -> str:
    """Under which name a reader stands in the tables above."""
    module, name = getattr(reader, "__module__", ""), getattr(reader, "__qualname__", "")
    return f"{module}.{name}"
