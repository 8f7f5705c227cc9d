"""Imported calendars, read over real HTTP: a good copy is kept, and nothing else replaces it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, DefaultPayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.calendar import LIMIT_BYTES, CalendarActivities, CalendarRead, ReadCalendar
from catalog.effective import EffectiveRoster
from domain.on_call import who_is_on_call
from domain.roster import CalendarImport, Roster, Schedule
from ledger import Ledger, Writer
from tests.activities.builders import a_user
from tests.receivers import Reply, WebhookReceiver, free_port

TOKEN = "token-nobody-may-see"


def a_calendar(*titles: str) -> bytes:
    """Each title has an event from yesterday until in five days."""
    start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=5)
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
        for number, title in enumerate(titles)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()


class Imports:
    """A schedule that imports from the receiver, and what is known of it."""

    def __init__(self, hooks: WebhookReceiver, writer: Writer, http: httpx.AsyncClient) -> None:
        self.hooks = hooks
        self.writer = writer
        self.point_at(f"{hooks.url}/primary.ics?token={TOKEN}")
        self.activities = CalendarActivities(lambda: self.roster, writer, http)
        self.effective = EffectiveRoster(writer)

    def point_at(self, address: str) -> None:
        """Import from there from now on."""
        imports = CalendarImport(ical=address)
        schedule = Schedule(id="primary", tz="Europe/Berlin", imports=imports)
        users = {name: a_user(name) for name in ("ann", "bo")}
        self.roster = Roster(users=users, schedules={"primary": schedule})

    def serve(self, body: bytes, status: int = 200, **more: bool) -> None:
        """What the address answers from now on."""
        path = f"/primary.ics?token={TOKEN}"
        self.hooks.replies[path] = Reply(status=status, body=body, **more)

    async def read(self, schedule: str = "primary") -> CalendarRead:
        """Run the activity once."""
        asked = ReadCalendar(schedule=schedule)
        read: CalendarRead = await ActivityEnvironment().run(self.activities.read_calendar, asked)
        return read

    async def fail(self) -> str:
        """Run the activity, which fails; what it says."""
        with pytest.raises(ApplicationError) as failed:
            await self.read()
        self.failure = Failure()
        DefaultFailureConverter().to_failure(failed.value, DefaultPayloadConverter(), self.failure)
        return str(failed.value)

    async def on_call(self) -> tuple[tuple[str, ...], str]:
        """Who serves now by what the ledger has, and why."""
        await self.effective.refresh()
        schedule = self.effective.over(self.roster).schedules["primary"]
        found = who_is_on_call(schedule, datetime.now(UTC))
        return found.users, found.reason

    def error(self) -> str:
        """What the last try came to, as the ledger has it."""
        return self.writer.ledger.calendar_states()[0].error


@pytest.fixture
async def imports(
    hooks: WebhookReceiver, http: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[Imports]:
    """An import with a ledger of its own."""
    ledger = Ledger.from_url(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger.migrate()
    writer = Writer(ledger)
    yield Imports(hooks, writer, http)
    await writer.close()
    ledger.close()


async def test_calendar_says_who_is_on_call(imports: Imports):
    """Its events stand where a rotation would, and the reason says that it is the calendar."""
    imports.serve(a_calendar("On call: Ann", "Team lunch"))

    read = await imports.read()

    assert read.refresh == timedelta(minutes=15)
    assert read.sentence == (
        "1 shift of people in the roster. Left out, since they name nobody of it: 'Team lunch'."
    )
    users, reason = await imports.on_call()
    assert users == ("ann",)
    assert reason.startswith("calendar of primary until ")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"<html>Sign in</html>", 200, "not an iCalendar text"),
        (a_calendar("ann")[:-20], 200, "not an iCalendar text"),
        (b"", 200, "not an iCalendar text"),
        (b"oops", 503, "answered 503"),
        (b"gone", 404, "answered 404"),
        (b"x" * (LIMIT_BYTES + 1), 200, "longer than 2 MiB"),
        (a_calendar(), 200, "names anybody of the roster"),
        (a_calendar("Zoe"), 200, "names anybody of the roster, only 'Zoe'"),
    ],
    ids=["html", "cut", "empty", "503", "404", "long", "no_events", "strangers"],
)
async def test_garbled_calendar_leaves_the_last_good_copy_in_service(
    imports: Imports, body: bytes, status: int, says: str
):
    """Never nobody: who was on call stays on call, and the failure is on record."""
    imports.serve(a_calendar("ann"))
    await imports.read()
    imports.serve(body, status)

    told = await imports.fail()

    assert says in told
    assert (await imports.on_call())[0] == ("ann",)
    assert says in imports.error()


async def test_unreachable_calendar_leaves_the_last_good_copy_and_good_news_mend_it(
    imports: Imports,
):
    imports.serve(a_calendar("ann"))
    await imports.read()
    imports.serve(b"", drop=True)
    await imports.fail()
    assert (await imports.on_call())[0] == ("ann",)

    imports.serve(a_calendar("bo"))
    await imports.read()

    assert (await imports.on_call())[0] == ("bo",)
    assert imports.error() == ""


async def test_calendar_that_could_never_be_read_is_nobody_with_a_loud_reason(imports: Imports):
    imports.point_at(f"http://127.0.0.1:{free_port()}/x.ics?token={TOKEN}")

    await imports.fail()

    users, reason = await imports.on_call()
    assert users == ()
    assert reason == (
        "nobody is on call in primary: its calendar has not been read, or names nobody any more"
    )


async def test_token_in_the_address_is_nowhere_in_what_is_said(imports: Imports):
    """Neither in the failure, which stands in a history, nor in the ledger, nor in the input."""
    imports.serve(b"no", 500)
    told = await imports.fail()
    imports.point_at(f"http://user:{TOKEN}@[broken/{TOKEN}")
    history = str(imports.failure)
    worse = await imports.fail()
    history += str(imports.failure)

    assert told.startswith("calendar: The calendar of primary cannot be used: 127.0.0.1:")
    assert TOKEN not in told + worse + history + imports.error()
    assert "answered 500" in history
    assert TOKEN not in ReadCalendar(schedule="primary").model_dump_json()


async def test_redirected_calendar_is_followed(imports: Imports):
    """Calendar services move their files about."""
    path = f"/primary.ics?token={TOKEN}"
    moved = Reply(status=302, headers=(("Location", f"{imports.hooks.url}/moved.ics"),))
    imports.hooks.replies |= {path: moved, "/moved.ics": Reply(body=a_calendar("bo"))}

    await imports.read()

    assert (await imports.on_call())[0] == ("bo",)


async def test_schedule_that_imports_nothing_any_more_says_so(imports: Imports):
    assert (await imports.read("gone")).refresh is None
