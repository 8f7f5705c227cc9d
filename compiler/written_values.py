"""The small values authors write: ids, references, timers and per-severity maps.

Decides how each is written and with which code it is refused. Whether a reference
exists is `compiler.checks.references`.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from compiler.diagnostics import near
from compiler.document_errors import Written, described
from compiler.durations import read_duration, read_timer, refusal
from domain.plan import Urgency
from domain.severity import PerSeverity, Severity

T = TypeVar("T")

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_REFERENCE = re.compile(r"([a-z]+):(.+)\Z", re.DOTALL)
_LONGEST_ID = 80


def read_id(value: object) -> str:
    """The id; E107 if it is not lower-case words joined by underscores."""
    if isinstance(value, str) and _ID.match(value) and len(value) <= _LONGEST_ID:
        return value
    words = value.lower() if isinstance(value, str) else ""
    better = re.sub(r"[^a-z0-9]+", "_", words).strip("_")[:_LONGEST_ID]
    form = f"an id is [a-z][a-z0-9_]*, at most {_LONGEST_ID} characters"
    meant = f"did you mean '{better}'? " if _ID.match(better) else ""
    raise refusal("E107", f"{described(value)} is not an id", f"{meant}{form}")


@dataclass(frozen=True, slots=True)
class ReferenceReader:
    """Reads a reference of one of these kinds; E113 if it is not one."""

    kinds: tuple[str, ...]

    def __call__(self, value: object) -> str:
        """The reference as it is written."""
        found = _REFERENCE.match(value) if isinstance(value, str) else None
        if found is None or found[1] not in self.kinds:
            raise self._refused(value, is_reference=found is not None)
        if not _ID.match(found[2]):
            raise refusal("E107", f"'{found[2]}' is not an id", "an id is [a-z][a-z0-9_]*")
        return str(value)

    def _refused(self, value: object, *, is_reference: bool) -> PydanticCustomError:
        listed = ", ".join(f"{kind}:<id>" for kind in self.kinds)
        if is_reference:
            return refusal("E113", f"'{value}' cannot stand here", f"allowed: {listed}")
        if isinstance(value, dict) and len(value) == 1:
            kind = next(iter(value))
            hint = f"write {kind}:name without a space after the colon"
            return refusal("E113", f"'{kind}: …' is a mapping, not a reference", hint)
        guess = f"did you mean '{self.kinds[0]}:{value}'? " if isinstance(value, str) else ""
        message = f"{described(value)} does not say its kind"
        return refusal("E113", message, f"{guess}allowed: {listed}")


def _reader(*kinds: str) -> BeforeValidator:
    """Reads a reference of one of these kinds."""
    return BeforeValidator(ReferenceReader(kinds))


read_secret = ReferenceReader(("secret",))


def _listed(value: object) -> object:
    """A single value as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _zone(value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near_one = _zone_near(str(value))
        meant = f"did you mean '{near_one}'? " if near_one else ""
        hint = f"{meant}write an IANA name such as Europe/Berlin, never a fixed offset"
        raise refusal("E111", f"{described(value)} is not a time zone", hint) from None
    return str(value)


@lru_cache(maxsize=64)
def _zone_near(word: str) -> str | None:
    """The zone that was probably meant, also where only its city or its case is known."""
    by_lower = {name.lower(): name for name in sorted(available_timezones())}
    by_city = {name.rpartition("/")[2]: full for name, full in by_lower.items() if "/" in name}
    wanted = word.strip().lower().replace(" ", "_")
    if wanted in by_city:
        return by_city[wanted]
    found = near(wanted, by_lower) or near(wanted, by_city)
    return by_lower.get(found, by_city.get(found)) if found else None


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise refusal(
            "E112", f"{described(value)} is not a date", "write it as 2027-03-31"
        ) from None


def _severity(value: object) -> Severity:
    try:
        return Severity(str(value))
    except ValueError:
        upper = str(value).upper()
        meant = f"did you mean '{upper}'? " if upper in tuple(Severity) else ""
        allowed = f"{meant}allowed: {', '.join(Severity)}"
        raise refusal("E112", f"{described(value)} is not a severity", allowed) from None


def _stated(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise refusal("E112", "the text is empty", "write it out, or remove the field")
    return value


def read_time(value: object) -> timedelta:
    """A duration that takes time; E112 for none."""
    time = read_duration(value)
    if not time:
        raise refusal("E112", "no time at all does nothing", "write such as 30s or 5m")
    return time


def one_or_more(value: object) -> object:
    """A single value as a list of one; E112 for an empty list."""
    listed = _listed(value)
    if listed == []:
        raise refusal("E112", "the list is empty", "name at least one")
    return listed


Id = Annotated[str, BeforeValidator(read_id)]
Text = Annotated[str, BeforeValidator(_stated)]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Zone = Annotated[str, BeforeValidator(_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Sev = Annotated[Severity, BeforeValidator(_severity)]
Span = Annotated[timedelta, BeforeValidator(read_duration)]
Time = Annotated[timedelta, BeforeValidator(read_time)]
Timer = Annotated[timedelta | None, BeforeValidator(read_timer)]

TeamRef = Annotated[str, _reader("team")]
PolicyRef = Annotated[str, _reader("policy")]
DestinationRef = Annotated[str, _reader("destination")]
PageRef = Annotated[str, _reader("schedule", "user", "team")]
TellRef = Annotated[str, _reader("destination", "role", "team", "user")]
AssignRef = Annotated[str, _reader("role", "user", "team")]
PersonRef = Annotated[str, _reader("role", "user")]
SecretRef = Annotated[str, BeforeValidator(read_secret)]
QueryRef = Annotated[str, _reader("prometheus")]

PageList = Annotated[tuple[PageRef, ...], BeforeValidator(one_or_more)]
Level = PageList
SevList = Annotated[tuple[Sev, ...], BeforeValidator(one_or_more)]


class BySeverity(Written, Generic[T]):
    """A value for each severity; one alone stands for all, `else` for those not named."""

    SEV1: T | None = None
    SEV2: T | None = None
    SEV3: T | None = None
    SEV4: T | None = None
    SEV5: T | None = None
    else_: T | None = Field(default=None, alias="else")

    def covers(self, severity: Severity) -> bool:
        """Whether the map says something for this severity."""
        return severity.value in self.model_fields_set or "else_" in self.model_fields_set

    def key_for(self, severity: Severity) -> str:
        """The key under which the value for this severity is written."""
        return severity.value if severity.value in self.model_fields_set else "else"

    def at(self, severity: Severity) -> T | None:
        """What is written for this severity."""
        name = severity.value if severity.value in self.model_fields_set else "else_"
        value: T | None = getattr(self, name)
        return value

    def resolved(self, default: PerSeverity[Any]) -> dict[str, Any]:
        """One value for each severity, the default's where nothing is written."""
        return {
            each.value: self.at(each) if self.covers(each) else default.at(each)
            for each in Severity
        }


def _spread(value: object) -> object:
    """One value alone means the same at every severity."""
    return value if isinstance(value, dict) else {"else": value}


Timers = Annotated[BySeverity[Timer], BeforeValidator(_spread)]
Counts = Annotated[
    BySeverity[Annotated[int, Field(strict=True, ge=0, le=100)]], BeforeValidator(_spread)
]


def read_confirm(value: object) -> str:
    """`nobody` or a role; E113 for anything else."""
    if value == "nobody":
        return "nobody"
    if isinstance(value, str) and re.match(r"role:[a-z][a-z0-9_]*\Z", value):
        return value
    raise refusal("E113", f"{described(value)} cannot confirm", "allowed: nobody, role:<id>")


Confirms = Annotated[
    BySeverity[Annotated[str, BeforeValidator(read_confirm)]], BeforeValidator(_spread)
]


def read_urgency(value: object) -> str:
    """How loudly people are called; E112 for anything else."""
    allowed = get_args(Urgency)
    if isinstance(value, str) and value in allowed:
        return value
    meant = near(str(value), allowed)
    hint = f"did you mean '{meant}'? " if meant else ""
    listed = f"{hint}allowed: {', '.join(allowed)}"
    raise refusal("E112", f"{described(value)} is not an urgency", listed)


Urgencies = Annotated[
    BySeverity[Annotated[str, BeforeValidator(read_urgency)]], BeforeValidator(_spread)
]
