"""The fairness report over HTTP: what happened, from the ledger."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.roster import CalendarImport, Roster, Rotation, Schedule
from ledger.override_book import OverrideRecord, OverrideStatus
from tests.api.conftest import OPENED, REFERENCE, Api, a_plan, a_roster, a_view

Start = Callable[..., Api]

SPAN = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-16T00:00:00Z"}


def with_schedules(*schedules: Schedule) -> Roster:
    """The test's people with these schedules."""
    return a_roster().model_copy(update={"schedules": {each.id: each for each in schedules}})


def weekly() -> Schedule:
    """Ann and Bo by the week."""
    rotation = Rotation(users=("ann", "bo"), unit="week", weekday="mon", first=date(2026, 1, 5))
    return Schedule(id="primary", tz="UTC", rotate=rotation)


def asked(api: Api, **query: str) -> dict[str, Any]:
    """The report of two weeks in March."""
    with api.client() as client:
        answer = client.get("/v1/fairness", params=SPAN | query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def a_delivery(seq: int, at: str, key: str) -> dict[str, Any]:
    """A page that reached somebody, as the worker records it."""
    return {
        "seq": seq,
        "at": at,
        "actor": "system",
        "kind": "page.delivered",
        "text": "Page was delivered.",
        "data": {"key": key, "tries": "1"},
    }


def test_report_counts_hours_accepted_overrides_and_delivered_pages(start_api: Start):
    """Drills wake nobody, so they count for nothing."""
    api = start_api(a_plan(), roster=with_schedules(weekly()))
    api.ledger.propose(
        OverrideRecord(
            id="1",
            schedule="primary",
            person="bo",
            starts_at=OPENED.replace(day=4, hour=0),
            ends_at=OPENED.replace(day=5, hour=0),
            status=OverrideStatus.ACCEPTED,
            requested_by="user:ann",
            requested_at=OPENED,
            answered_at=OPENED,
        )
    )
    key = "level-1/1/bo"
    api.record(
        a_view(),
        a_delivery(1, "2026-03-04T03:00:05Z", f"{REFERENCE}/1/{key}/push"),
        a_delivery(2, "2026-03-04T03:01:05Z", f"{REFERENCE}/1/{key}/sms"),
        a_delivery(3, "2026-02-04T03:00:05Z", f"{REFERENCE}/1/{key}/push"),
    )
    drill = a_view(reference="INC-DR1LL2", id="drill", drill=True)
    api.record(drill, a_delivery(1, "2026-03-05T03:00:00Z", f"INC-DR1LL2/1/{key}/push"))

    report = asked(api)

    bo, ann = report["people"]
    assert (bo["id"], bo["hours"], bo["pages"], bo["wake_ups"]) == ("bo", 168 + 24, 1, 1)
    assert (ann["id"], ann["hours"], ann["pages"]) == ("ann", 168 - 24, 0)
    assert bo["above"] == ["pages", "wake_ups"]
    assert report["mean"]["hours"] == 168


def test_imported_calendar_counts_by_its_copy(start_api: Start):
    imports = CalendarImport(ical="https://c.example/x.ics")
    schedule = Schedule(id="primary", tz="UTC", imports=imports)
    api = start_api(a_plan(), roster=with_schedules(schedule))
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Ann Berg\r\n"
        "DTSTART:20260303T000000Z\r\nDTEND:20260304T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    api.ledger.keep_calendar("primary", "hash", text)

    assert [(one["id"], one["hours"]) for one in asked(api)["people"]] == [("ann", 24)]


def test_wrong_span_or_schedule_is_refused_naming_it(start_api: Start):
    api = start_api(a_plan(), roster=with_schedules(weekly()))

    with api.client() as client:
        turned = client.get("/v1/fairness", params={"from": SPAN["to"], "to": SPAN["from"]})
        unknown = client.get("/v1/fairness", params={"schedule": "primry"})

    assert (turned.status_code, turned.json()["errors"][0]["field"]) == (422, "query.from")
    assert (unknown.status_code, "did you mean primary?" in unknown.text) == (422, True)
