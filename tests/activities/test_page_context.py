"""What a page knows from the record, and that it never waits for it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from activities.page_context import LINE_LIMIT, PageContext, line_of
from ledger import Ledger, Writer
from ledger.records import PastIncident
from settings import Settings
from tests.activities.builders import a_message

OPENED = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)


def past(reference: str = "INC-K2F7QX", fixed_by: str = "Rolled back.") -> PastIncident:
    """An incident that took 42 minutes."""
    return PastIncident(
        reference=reference,
        severity="SEV2",
        opened_at=OPENED,
        resolved_at=OPENED + timedelta(minutes=42),
        fixed_by=fixed_by,
    )


class Record(Ledger):
    """A real ledger whose look-up into the past is counted, and does what the test says."""

    asked = 0
    found: tuple[PastIncident, ...] = ()
    error: Exception | None = None
    hold = threading.Event()

    def past(self, playbook: str, limit: int = 3) -> tuple[PastIncident, ...]:
        """What the test put there, once it lets go."""
        self.asked += 1
        assert self.hold.wait(20)
        if self.error:
            raise self.error
        return self.found[:limit]


@pytest.fixture
async def record(settings: Settings) -> AsyncIterator[Record]:
    """A ledger that answers at once."""
    ledger = Record.from_url(settings.ledger_address)
    assert isinstance(ledger, Record)
    ledger.hold = threading.Event()
    ledger.hold.set()
    yield ledger
    ledger.hold.set()
    ledger.close()


@pytest.fixture
async def context(record: Record) -> AsyncIterator[PageContext]:
    """The record as pages see it."""
    writer = Writer(record)
    yield PageContext(writer)
    record.hold.set()
    await writer.close()


MESSAGE = a_message().model_copy(update={"playbook": "payments"})


async def test_a_page_tells_of_three_earlier_incidents_and_never_of_its_own(
    context: PageContext, record: Record
):
    record.found = tuple(past(f"INC-{number}") for number in (MESSAGE.reference[4:], 1, 2, 3))

    lines = await context.earlier(MESSAGE)

    assert lines[0] == "INC-1 (SEV2, 3 Nov 2026, 42 min): Rolled back."
    assert [line.split()[0] for line in lines] == ["INC-1", "INC-2", "INC-3"]


async def test_a_storm_asks_once_for_each_playbook(context: PageContext, record: Record):
    await asyncio.gather(*(context.earlier(MESSAGE) for _ in range(200)))

    assert record.asked == 1


async def test_a_page_does_not_wait_for_a_slow_record_and_the_next_one_knows(
    context: PageContext, record: Record
):
    record.found = (past(),)
    record.hold.clear()
    started = time.monotonic()

    first = await context.earlier(MESSAGE)
    waited = time.monotonic() - started
    record.hold.set()
    await asyncio.gather(*context.under_way())
    second = await context.earlier(MESSAGE)

    assert first == ()
    assert waited < 2
    assert len(second) == 1


async def test_a_record_that_fails_holds_no_page_up(context: PageContext, record: Record):
    record.error = OSError("the disk is gone")

    assert await context.earlier(MESSAGE) == ()


async def test_a_notice_asks_for_nothing(context: PageContext, record: Record):
    assert await context.earlier(a_message()) == ()
    assert record.asked == 0


def test_a_line_is_short_and_mentions_nobody():
    assert len(line_of(past(fixed_by="x" * 900))) == LINE_LIMIT
    assert "@\u200bchannel" in line_of(past(fixed_by="@channel\nlook"))
    assert line_of(past(fixed_by="")).endswith("nobody said what fixed it")
