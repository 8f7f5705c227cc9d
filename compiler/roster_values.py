"""The small values of roster files: addresses, wall-clock times, turns.

Decides how each is written and with which code it is refused.
"""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator

from compiler.diagnostics import near
from compiler.document_errors import described
from compiler.durations import read_duration, refusal
from compiler.written_values import one_or_more, read_id
from domain.roster import Method, Weekday
from domain.rotation import WEEKDAYS

Unit = Literal["hour", "day", "week", "month"]

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://[^\s/?#]\S*\Z", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\Z")
_SPACING = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_SLACK = re.compile(r"(?:[UWCGD][A-Z0-9]{6,20}|[@#][\w.\-]{1,80})\Z")
_EVERY = re.compile(r"(?:([0-9]{1,4})\s*)?(h|d|hour|day|week|month)s?\Z")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})\Z")
_HANDS_OVER = re.compile(r"(?:([a-z]+)\s+|([0-9]{1,2})\s+)?([0-9]{1,2}:[0-9]{2})\Z", re.IGNORECASE)
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LAST_DAY = 31

SHORTEST_REFRESH, LONGEST_REFRESH = timedelta(minutes=1), timedelta(days=1)
"""How often an imported calendar may be read."""


class Every(NamedTuple):
    """How long a turn lasts."""

    unit: Unit
    number: int


class HandsOver(NamedTuple):
    """When turns change, as far as it is written."""

    at: time
    weekday: Weekday | None = None
    day: int | None = None


def _text(value: object, what: str, example: str) -> str:
    if not isinstance(value, str):
        raise refusal(
            "E112", f"expected {what}, not {described(value)}", f"write it in quotes: {example}"
        )
    return value.strip()


def _mail(value: object) -> str:
    text = _text(value, "an e-mail address", '"ann@example.org"')
    if not _MAIL.match(text):
        raise refusal("E112", f"'{text}' is not an e-mail address", "such as ann@example.org")
    return text


def _web(value: object) -> str:
    text = _text(value, "a URL", '"https://hooks.example/ann"')
    found = _URL.match(text)
    if not found or found[1].lower() not in ("http", "https"):
        hint = "a webhook is an http or https URL, such as https://hooks.example/ann"
        raise refusal("E112", f"'{text}' is not a web address", hint)
    return text


def _calendar(value: object) -> str:
    """An http or https URL; `webcal` is how calendar programs write https."""
    text = _text(value, "a URL", '"https://calendar.example/primary.ics"')
    found = _URL.match(text)
    if found and found[1].lower() in ("webcal", "webcals"):
        return f"https{text[len(found[1]) :]}"
    if not found or found[1].lower() not in ("http", "https"):
        hint = "a calendar is an http or https URL, such as https://calendar.example/primary.ics"
        raise refusal("E112", f"'{text}' is not the address of a calendar", hint)
    return text


def _refresh(value: object) -> timedelta:
    every = read_duration(value)
    if not SHORTEST_REFRESH <= every <= LONGEST_REFRESH:
        raise refusal("E112", f"a calendar is not read every {value}", "write 1m to 1d")
    return every


def _push(value: object) -> str:
    text = _text(value, "a URL", '"ntfys://ntfy.example/ann"')
    if not _URL.match(text):
        hint = "write ntfys://server/topic, or another service's Apprise URL"
        raise refusal("E112", f"'{text}' is not a push address", hint)
    return text


def _number(kind: str, example: str) -> BeforeValidator:
    """Reads a telephone number in E.164, without its spaces, or an Apprise URL."""

    def read(value: object) -> str:
        text = _text(value, "a telephone number", '"+4930123456"')
        if _URL.match(text):
            return text
        number = _SPACING.sub("", text)
        if _E164.match(number):
            return number
        hint = f'write it as "+4930123456", with its country, or the Apprise URL {example}'
        raise refusal("E112", f"'{text}' is not a number for {kind}", hint)

    return BeforeValidator(read)


def _slack(value: object) -> str:
    text = _text(value, "a Slack id or channel", '"U0123ABCD" or "#incidents"')
    if _URL.match(text) or _SLACK.match(text):
        return text
    hint = 'write a member id "U0123ABCD", "@name", "#channel", or an Apprise URL'
    raise refusal("E112", f"'{text}' is not a slack address", hint)


def _every(value: object) -> object:
    found = _EVERY.match(value.strip()) if isinstance(value, str) else None
    allowed = "write hour, day, week or month, or several, such as 12h or 2 weeks"
    if found is None:
        raise refusal("E112", f"{described(value)} does not say how long a turn lasts", allowed)
    units: dict[str, Unit] = {
        "h": "hour",
        "d": "day",
        "hour": "hour",
        "day": "day",
        "week": "week",
        "month": "month",
    }
    if found[2] in ("h", "d") and found[1] is None:
        raise refusal("E112", f"{described(value)} does not say how long a turn lasts", allowed)
    count = int(found[1] or 1)
    if count == 0:
        raise refusal("E112", f"{described(value)} is no time at all", allowed)
    return Every(units[found[2]], count)


def read_time(value: object) -> time:
    """The local time of day; E112 if it is none."""
    text = _text(value, "a time of day", '"09:30"')
    found = _TIME.match(text)
    try:
        if found:
            return time(int(found[1]) % 24 if text == "24:00" else int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise refusal("E112", f"'{text}' is not a time of day", 'write it as "09:30", up to "24:00"')


def read_weekday(value: object) -> Weekday:
    """The day of the week, whole or by three letters; E112 if it is none."""
    word = str(value).strip().lower()
    for short, whole in zip(WEEKDAYS, _DAY_NAMES, strict=True):
        if word in (short, whole):
            return short
    meant = near(word, (*_DAY_NAMES, *WEEKDAYS))
    hint = f"did you mean '{meant}'?" if meant else f"allowed: {', '.join(WEEKDAYS)}"
    raise refusal("E112", f"{described(value)} is not a day of the week", hint)


def _hands_over(value: object) -> HandsOver:
    text = _text(value, "a time", '"monday 09:30"')
    found = _HANDS_OVER.match(text)
    if found is None:
        hint = 'write "monday 09:30" for weeks, "09:30" for days and hours, "1 09:00" for months'
        raise refusal("E112", f"'{text}' does not say when turns change", hint)
    day = int(found[2]) if found[2] else None
    if day is not None and not 1 <= day <= _LAST_DAY:
        raise refusal("E112", f"'{day}' is not a day of the month", "write 1 to 31")
    return HandsOver(read_time(found[3]), read_weekday(found[1]) if found[1] else None, day)


def _local_moment(value: object) -> datetime:
    text = _text(value, "a local date and time", '"2026-12-24T18:00"')
    hint = 'write "2026-12-24T18:00", local time of the schedule'
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refusal("E112", f"'{text}' is not a date and time", hint) from None
    if moment.tzinfo is not None:
        raise refusal("E112", f"'{text}' has an offset", f"{hint}; its tz says the zone")
    return moment


def _user(value: object) -> str:
    return read_id(value.removeprefix("user:") if isinstance(value, str) else value)


def _method(value: object) -> Method:
    try:
        return Method(str(value))
    except ValueError:
        meant = near(str(value), Method)
        hint = f"did you mean '{meant}'? " if meant else ""
        allowed = f"{hint}allowed: {', '.join(Method)}"
        raise refusal(
            "E112", f"{described(value)} is not a way to reach a person", allowed
        ) from None


def _window(value: object) -> Any:
    if not isinstance(value, list | tuple) or len(value) != len(("from", "to")):
        hint = 'write two times: ["18:00", "06:00"]'
        raise refusal("E112", f"{described(value)} is not a window of time", hint)
    return value


Mail = Annotated[str, BeforeValidator(_mail)]
Mails = Annotated[tuple[Mail, ...], BeforeValidator(one_or_more)]
WebUrl = Annotated[str, BeforeValidator(_web)]
CalendarUrl = Annotated[str, BeforeValidator(_calendar)]
Refresh = Annotated[timedelta, BeforeValidator(_refresh)]
PushUrl = Annotated[str, BeforeValidator(_push)]
SmsAddress = Annotated[str, _number("sms", "twilio://sid:token@from/to")]
PhoneAddress = Annotated[str, _number("phone", "voipms://password:mail/from/to")]
SlackAddress = Annotated[str, BeforeValidator(_slack)]
EveryTurn = Annotated[Every, BeforeValidator(_every)]
HandOverTime = Annotated[HandsOver, BeforeValidator(_hands_over)]
LocalTime = Annotated[time, BeforeValidator(read_time)]
Window = Annotated[tuple[LocalTime, LocalTime], BeforeValidator(_window)]
Days = Annotated[
    tuple[Annotated[Weekday, BeforeValidator(read_weekday)], ...], BeforeValidator(one_or_more)
]
LocalMoment = Annotated[datetime, BeforeValidator(_local_moment)]
UserId = Annotated[str, BeforeValidator(_user)]
UserIds = Annotated[tuple[UserId, ...], BeforeValidator(one_or_more)]
Via = Annotated[Method, BeforeValidator(_method)]
