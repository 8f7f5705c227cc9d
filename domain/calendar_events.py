"""Reads an iCalendar text: its events over a span of time, and whom of a roster they name.

Decides what counts as a calendar, how an all-day event becomes moments, and how a title
or an invitation names a person. Where the text is from and how long a copy stays is
`catalog.calendars`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from domain.roster import Imported, Method, User
from domain.rotation import moment_at

USERS_FIELD = "X-WATCHBILL-USERS"
"""Our own feeds say ids with it, so that two people of one name stay two."""

EVENTS_AT_MOST = 20_000
"""Of one calendar over the span that is read; the rest is left out."""

_TOO_OFTEN = ("SECONDLY", "MINUTELY")
_ON_CALL = re.compile(r"on[ -]?call\s*[:\N{EN DASH}-]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;&+/]|\band\b)\s*", re.IGNORECASE)
_AFTER = re.compile(r"\s+[\N{EN DASH}(-]")


class NotACalendar(ValueError):  # noqa: N818  # an outcome, named as people read it
    """The text is no iCalendar; why, in one line without any of the text."""


class CalendarEvent(NamedTuple):
    """One event as written: a date alone is a local day, a naive time a local time."""

    start: datetime | date
    end: datetime | date
    title: str
    mails: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


class Named(NamedTuple):
    """What a calendar says in a roster's words, and the titles that name nobody of it."""

    imported: tuple[Imported, ...]
    strangers: tuple[str, ...]


def read_events(text: str, start: datetime, end: datetime) -> tuple[CalendarEvent, ...]:
    """Every event that meets the span, recurring ones written out, in order.

    An event that cannot be read, is cancelled, or repeats more often than every hour is
    left out. Raises NotACalendar.
    """
    calendar = _parsed(text)
    calendar.subcomponents = [each for each in calendar.subcomponents if _is_sane(each)]
    try:
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        found = [_event(each) for each in query.between(start, end)[:EVENTS_AT_MOST]]
    except Exception as error:  # whatever a library stumbles on in a foreign text
        raise NotACalendar(f"its events cannot be read ({type(error).__name__})") from error
    return tuple(sorted((each for each in found if each), key=_order))


def _parsed(text: str) -> Any:
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except Exception as error:  # whatever a library stumbles on in a foreign text
        raise NotACalendar("it is not an iCalendar text") from error
    if calendar.name != "VCALENDAR":
        raise NotACalendar("it is not an iCalendar text")
    return calendar


def _is_sane(component: Any) -> bool:
    rules = component.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        often = str(rule.get("FREQ", [""])[0]).upper() in _TOO_OFTEN
        if often or "BYSECOND" in rule or len(rule.get("BYMINUTE", ())) > 1:
            return False
    return str(component.get("STATUS", "")).upper() != "CANCELLED"


def _event(event: Any) -> CalendarEvent | None:
    start, end = event.start, event.end
    if not isinstance(start, date) or not isinstance(end, date) or type(start) is not type(end):
        return None
    title = " ".join(str(event.get("SUMMARY", "")).split())
    users = tuple(each for each in str(event.get(USERS_FIELD, "")).split(",") if each)
    return CalendarEvent(start, end, title, tuple(_mails(event)), users)


def _mails(event: Any) -> Iterator[str]:
    """The addresses of who was invited and has not declined."""
    invited = event.get("ATTENDEE", [])
    for each in invited if isinstance(invited, list) else [invited]:
        declined = str(each.params.get("PARTSTAT", "")).upper() == "DECLINED"
        if not declined:
            yield str(each).lower().removeprefix("mailto:").strip()


def _order(event: CalendarEvent) -> tuple[str, str, str]:
    return str(event.start), str(event.end), event.title


class People:
    """The people of a roster by the words that calendars use for them."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self._ids = users
        self._by_mail = _only(
            (user.contact[Method.EMAIL].lower(), user.id)
            for user in users.values()
            if Method.EMAIL in user.contact
        )
        by_name = _only((user.name.casefold(), user.id) for user in users.values())
        self._by_word = by_name | {each: each for each in users}

    def named_by(self, event: CalendarEvent) -> tuple[str, ...]:
        """The ids of everybody whom the event names: by id, by invitation, else by title."""
        found = [each for each in event.users if each in self._ids]
        found = found or [self._by_mail[each] for each in event.mails if each in self._by_mail]
        return tuple(dict.fromkeys(found or self._in_title(event.title)))

    def _in_title(self, title: str) -> list[str]:
        bare = _ON_CALL.sub("", title, count=1) if _ON_CALL.match(title) else title
        for words in ([bare], [_AFTER.split(bare)[0]], _BETWEEN.split(bare)):
            found = [self._by_word[each] for each in map(_folded, words) if each in self._by_word]
            if found:
                return found
        return []


def _folded(words: str) -> str:
    return words.strip().casefold()


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The id of each word that means one person; what two share means neither."""
    found: dict[str, str] = {}
    shared = set()
    for word, user in pairs:
        if word in found:
            shared.add(word)
        found[word] = user
    return {word: user for word, user in found.items() if word not in shared}


def in_words_of(people: People, events: Iterable[CalendarEvent], tz: str) -> Named:
    """The events that name somebody, as moments; local times and days are those of `tz`.

    Events of the same people that touch are one: days written one by one are one shift.
    """
    zone = ZoneInfo(tz)
    imported = []
    strangers: dict[str, None] = {}
    for event in events:
        users = people.named_by(event)
        start, end = _moment(event.start, zone), _moment(event.end, zone)
        if not users:
            strangers[event.title or "an event without a title"] = None
        elif start < end:
            imported.append(Imported(users=users, start=start, end=end))
    return Named(_joined(imported), tuple(strangers))


def _joined(events: Iterable[Imported]) -> tuple[Imported, ...]:
    """The same, with what touches and names the same people as one, in order of start."""
    joined: list[Imported] = []
    for event in sorted(events, key=lambda each: (each.users, each.start)):
        last = joined[-1] if joined else None
        if last and last.users == event.users and event.start <= last.end:
            joined[-1] = last.model_copy(update={"end": max(last.end, event.end)})
        else:
            joined.append(event)
    return tuple(sorted(joined, key=lambda each: (each.start, each.users)))


def _moment(written: datetime | date, zone: ZoneInfo) -> datetime:
    if not isinstance(written, datetime):
        return moment_at(datetime.combine(written, time(0)), zone)
    return moment_at(written, zone) if written.tzinfo is None else written.astimezone(UTC)


def span_around(now: datetime) -> tuple[datetime, datetime]:
    """What is read of a calendar: a week back and 90 days ahead.

    With a day to spare, so that a copy read hours ago shows no gap at its end.
    """
    return now - timedelta(days=7), now + timedelta(days=91)
