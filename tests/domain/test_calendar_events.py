"""Calendars become events of people in the roster, and what is none is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar_events import (
    Named,
    NotACalendar,
    People,
    in_words_of,
    read_events,
    span_around,
)
from domain.roster import Method, User

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def a_user(name: str, shown: str, mail: str | None = None) -> User:
    contact = {Method.EMAIL: mail} if mail else {}
    return User(id=name, name=shown, contact=contact, high=())


USERS = {
    "ann": a_user("ann", "Ann Berg", "ann@example.org"),
    "bo": a_user("bo", "Bo Ek", "Bo.Ek@example.org"),
    "cleo": a_user("cleo", "Sam Doe"),
    "dev": a_user("dev", "Sam Doe"),
}


def an_event(*lines: str, start: str = "20261123T080000Z", end: str = "20261124T080000Z") -> str:
    """An event over a day, with these further lines."""
    day = ";VALUE=DATE" if len(start) == 8 else ""
    head = (f"UID:{'-'.join(lines).encode().hex()}", f"DTSTART{day}:{start}", f"DTEND{day}:{end}")
    return "\r\n".join(("BEGIN:VEVENT", *head, *lines, "END:VEVENT"))


def a_calendar(*events: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""))


def named(*events: str, tz: str = "UTC") -> Named:
    found = read_events(a_calendar(*events), *span_around(NOW))
    return in_words_of(People(USERS), found, tz)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "users"),
    [
        ("SUMMARY:ann", ("ann",)),
        ("SUMMARY:ANN BERG", ("ann",)),
        ("SUMMARY:On call: Ann Berg", ("ann",)),
        ("SUMMARY:On-call - Ann Berg - Payments Primary", ("ann",)),
        ("SUMMARY:Bo Ek (primary)", ("bo",)),
        ("SUMMARY:Ann Berg and Bo Ek", ("ann", "bo")),
        ("SUMMARY:bo\\, ann", ("bo", "ann")),
        ("SUMMARY:Night\r\nATTENDEE;CN=A:mailto:Ann@Example.org", ("ann",)),
        (
            "SUMMARY:Night\r\nATTENDEE:mailto:ann@example.org\r\nATTENDEE:bo.ek@example.org",
            ("ann", "bo"),
        ),
        ("SUMMARY:Sam Doe\r\nX-WATCHBILL-USERS:dev", ("dev",)),
    ],
)
def test_event_names_people_by_id_name_or_invitation(line: str, users: tuple[str, ...]):
    said = named(an_event(line))

    assert [each.users for each in said.imported] == [users]
    assert said.strangers == ()


@pytest.mark.parametrize(
    "line",
    [
        "SUMMARY:Lunch",
        "SUMMARY:Sam Doe",
        "SUMMARY:Shift\r\nATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.org",
        "SUMMARY:Shift\r\nATTENDEE:mailto:zoe@example.org",
    ],
)
def test_event_that_names_nobody_or_two_of_one_name_is_left_out_and_others_stay(line: str):
    said = named(an_event(line), an_event("SUMMARY:bo"))

    assert [each.users for each in said.imported] == [("bo",)]
    assert len(said.strangers) == 1


def test_all_day_event_is_the_local_days_of_the_schedule():
    """Over the clock change in New Zealand the day is an hour shorter or longer."""
    said = named(an_event("SUMMARY:ann", start="20261123", end="20261125"), tz="Pacific/Auckland")

    assert (said.imported[0].start, said.imported[0].end) == (
        utc("2026-11-22T11:00"),
        utc("2026-11-24T11:00"),
    )


def test_time_without_a_zone_is_the_schedules_own():
    said = named(
        an_event("SUMMARY:ann", start="20261123T090000", end="20261123T170000"), tz="Europe/Berlin"
    )

    assert said.imported[0].start == utc("2026-11-23T08:00")


def test_days_written_one_by_one_are_one_shift():
    """So that the next change is the next person, not the next midnight."""
    daily = an_event("SUMMARY:ann", "RRULE:FREQ=DAILY;COUNT=5", start="20261123", end="20261124")
    other = an_event("SUMMARY:bo", start="20261126", end="20261127")

    said = named(daily, other)

    assert [(each.users, each.start.day, each.end.day) for each in said.imported] == [
        (("ann",), 23, 28),
        (("bo",), 26, 27),
    ]


def test_recurring_event_is_written_out_with_its_exceptions():
    daily = an_event(
        "SUMMARY:ann", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20261125T080000Z", end="20261123T200000Z"
    )

    said = named(daily)

    assert [each.start.day for each in said.imported] == [23, 24, 26, 27]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=5", "FREQ=DAILY;BYSECOND=1,2,3"]
)
def test_event_that_repeats_too_often_is_left_out_at_once(rule: str):
    """A million events would hold up everything that reads the roster."""
    said = named(an_event("SUMMARY:ann", f"RRULE:{rule}"), an_event("SUMMARY:bo"))

    assert [each.users for each in said.imported] == [("bo",)]


def test_cancelled_and_unreadable_events_are_left_out():
    broken = an_event("SUMMARY:ann").replace("DTSTART:20261123T080000Z", "DTSTART:tomorrow")

    said = named(an_event("SUMMARY:ann", "STATUS:CANCELLED"), broken, an_event("SUMMARY:bo"))

    assert [each.users for each in said.imported] == [("bo",)]


def test_only_a_week_back_and_ninety_days_ahead_are_read():
    long = an_event("SUMMARY:ann", "RRULE:FREQ=WEEKLY", start="20250106T080000Z")
    long = long.replace("20261124T080000Z", "20250107T080000Z")

    found = named(long).imported

    assert len(found) == 14
    assert found[0].end > NOW - timedelta(days=7)
    assert found[-1].start < NOW + timedelta(days=91)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><title>Sign in</title></html>",
        a_calendar(an_event("SUMMARY:ann"))[:-20],
        "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        "\ufffd\ufffd\x01",
    ],
)
def test_what_is_no_calendar_is_refused_without_a_word_of_it(text: str):
    """A sign-in page or half a file is not an empty calendar; and it may hold secrets."""
    with pytest.raises(NotACalendar) as refused:
        read_events(text, *span_around(NOW))

    assert str(refused.value) == "it is not an iCalendar text"


def test_calendar_without_events_is_one():
    assert read_events(a_calendar(), *span_around(NOW)) == ()
