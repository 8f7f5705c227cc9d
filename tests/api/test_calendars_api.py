"""Calendars to subscribe to, over HTTP, and how imported ones show in health."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from typing import Any

import httpx
import icalendar
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.calendar_events import People, in_words_of, read_events, span_around
from domain.on_call import who_is_on_call
from domain.roster import CalendarImport, Layer, Roster, Rotation, Schedule
from tests.api.conftest import Api, a_plan, a_roster

Start = Callable[..., Api]

HOUR = timedelta(hours=1)


def a_schedule(**changes: Any) -> Schedule:
    """Ann and Bo by the week, both at night on weekends."""
    fields: dict[str, Any] = {
        "id": "primary",
        "tz": "Europe/London",
        "rotate": Rotation(users=("ann", "bo"), unit="week", weekday="mon", first=date(2026, 1, 5)),
        "layers": (Layer(users=("ann", "bo"), days=("sat", "sun"), between=(time(18), time(6))),),
    }
    return Schedule.model_validate(fields | changes)


def with_schedules(*schedules: Schedule) -> Roster:
    """The test's people with these schedules."""
    return a_roster().model_copy(update={"schedules": {each.id: each for each in schedules}})


@pytest.fixture
def served(start_api: Start) -> Api:
    """An API with the one schedule."""
    return start_api(a_plan(), roster=with_schedules(a_schedule()))


def address(api: Api, path: str) -> str:
    """The address that the API mints, at the port this test's copy listens on."""
    with api.client() as client:
        url: str = client.get(path).json()["url"]
    return url.replace(api.settings.public_address, api.address)


def test_feed_needs_no_key_but_its_own_token(served: Api):
    """A calendar program can only be given an address."""
    mine = address(served, "/v1/schedules/primary/feed")

    answer = httpx.get(mine)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert httpx.get(mine.partition("?")[0]).status_code == 422
    assert httpx.get(f"{mine}x").status_code == 403
    theirs = mine.replace("/schedules/primary.ics", "/users/ann.ics")
    refused = httpx.get(theirs)
    assert (refused.status_code, "watchbill oncall feed ann" in refused.json()["detail"]) == (
        403,
        True,
    )


def test_address_of_a_feed_is_for_people_with_a_key(served: Api):
    assert httpx.get(f"{served.address}/v1/schedules/primary/feed").status_code == 401
    with served.client() as client:
        gone = client.get("/v1/schedules/primry/feed")
    assert (gone.status_code, "did you mean primary?" in gone.json()["detail"]) == (404, True)


def test_feed_imported_again_gives_the_same_people_at_all_hours(served: Api):
    """Round trip: what we write, we read, over 14 days back and 90 ahead."""
    text = httpx.get(address(served, "/v1/schedules/primary/feed")).text
    now = datetime.now(UTC)
    events = read_events(text, *span_around(now))
    said = in_words_of(People(a_roster().users), events, "UTC")
    again = Schedule(id="again", tz="UTC", imported=said.imported)

    begins = now.replace(minute=30) - timedelta(days=7)
    moments = [begins + hours * HOUR for hours in range(24 * 96)]

    assert said.strangers == ()
    assert all(
        set(who_is_on_call(again, at).users) == set(who_is_on_call(a_schedule(), at).users)
        for at in moments
    )


def test_events_keep_their_ids_and_say_utc(served: Api):
    """A program that asks again updates what it has, also where a shift began long ago."""
    alone = a_schedule(id="alone", rotate=a_schedule().rotate, layers=())
    served.catalog.snapshot = served.catalog.snapshot.model_copy(
        update={"roster": with_schedules(alone, a_schedule())}
    )
    mine = address(served, "/v1/schedules/primary/feed")

    one, two = (icalendar.Calendar.from_ical(httpx.get(mine).text) for _ in range(2))

    ids = [str(event["UID"]) for event in one.walk("VEVENT")]
    assert ids == [str(event["UID"]) for event in two.walk("VEVENT")]
    assert len(set(ids)) == len(ids)
    assert all(event["DTSTART"].to_ical().endswith(b"Z") for event in one.walk("VEVENT"))
    assert (str(one["X-WR-CALNAME"]), one["REFRESH-INTERVAL"].dt) == (
        "On call: primary",
        timedelta(minutes=15),
    )
    assert {str(event["SUMMARY"]) for event in one.walk("VEVENT")} == {
        "On call: Ann Berg",
        "On call: Bo Li",
        "On call: Ann Berg, Bo Li",
    }


def test_personal_feed_has_the_persons_shifts_of_every_schedule(start_api: Start):
    other = a_schedule(id="other", layers=(Layer(users=("ann",), days=("wed",)),))
    others = a_schedule(id="others", rotate=None, layers=(Layer(users=("bo",)),))
    api = start_api(a_plan(), roster=with_schedules(a_schedule(), other, others))

    text = httpx.get(address(api, "/v1/users/ann/feed")).text

    events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert {str(event["SUMMARY"]) for event in events} == {"On call: primary", "On call: other"}
    assert {str(event["X-WATCHBILL-USERS"]) for event in events} == {"ann"}


def an_import(file: str = "primary") -> Roster:
    """The schedule reads a calendar."""
    imports = CalendarImport(ical=f"https://c.example/{file}.ics")
    return with_schedules(Schedule(id="primary", tz="UTC", imports=imports))


def seen(api: Api) -> tuple[list[str], float]:
    """What health says of calendars, and the age in the metrics."""
    checks = httpx.get(f"{api.address}/readyz").json()["checks"]
    metrics = httpx.get(f"{api.address}/metrics").text
    ages = {
        sample.labels["schedule"]: sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == "watchbill_calendar_age_seconds"
    }
    return [one["detail"] for one in checks if one["name"] == "calendar of primary"], ages[
        "primary"
    ]


def test_calendar_that_cannot_be_read_is_loud_in_health_and_metrics(start_api: Start):
    """Never read, read, failed with a copy: each says what holds meanwhile."""
    api = start_api(a_plan(), roster=an_import())
    never, no_age = seen(api)
    api.ledger.keep_calendar("primary", "hash", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    well, age = seen(api)
    api.ledger.calendar_failed("primary", "hash", "c.example: it answered 500")
    failed, still = seen(api)

    assert never == ["its calendar has not been read yet: nobody is on call by it"]
    assert no_age == -1
    assert well == []
    assert 0 <= age < still + 1 < 60
    assert failed[0].startswith("its calendar cannot be read: c.example: it answered 500; the copy")
    assert failed[0].endswith("UTC stays in service")


def test_import_is_read_from_the_start_and_at_once_when_its_address_is_edited(start_api: Start):
    """Nothing is asked again for one that stays as it is; one that goes looks and ends itself."""
    api = start_api(a_plan(), roster=an_import())
    until(lambda: api.gateway.calendars == [("primary", False)])

    api.catalog.snapshot = api.catalog.snapshot.model_copy(update={"roster": an_import("other")})

    until(lambda: api.gateway.calendars == [("primary", False), ("primary", True)])
    api.catalog.snapshot = api.catalog.snapshot.model_copy(update={"roster": a_roster()})
    until(lambda: api.gateway.calendars[2:] == [("primary", True)])


def until(holds: Callable[[], bool]) -> None:
    """Wait for what a task beside the requests will do."""
    patience = time_left()
    while not holds():
        assert next(patience), "it did not happen"


def time_left() -> Iterator[bool]:
    """True about every 20 ms for ten seconds, then False."""
    for _ in range(500):
        sleep(0.02)
        yield True
    yield False
