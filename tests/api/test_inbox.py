"""The inbox groups alerts by incident, loses none and keeps one signal in flight."""

import asyncio

import pytest

from api.gateway_errors import EngineUnavailable, NotFound
from api.inbox import Delivered, Delivery, Inbox, Opening
from api.limits import BATCH_ALERTS
from api.turns import Turns
from domain.alert import Alert, AlertStatus
from domain.incident.input import AlertBatch


class Engine:
    """The edge of the world: takes batches, and answers when the test lets it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, AlertBatch]] = []
        self.in_flight: dict[str, int] = {}
        self.most_in_flight = 0
        self.gate = asyncio.Event()
        self.arrived = asyncio.Condition()
        self.failures: list[Exception] = []

    async def send(
        self, workflow_id: str, batch: AlertBatch, _opening: Opening | None
    ) -> Delivered:
        """Hold the batch until the gate opens."""
        self.in_flight[workflow_id] = self.in_flight.get(workflow_id, 0) + 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight[workflow_id])
        self.sent.append((workflow_id, batch))
        async with self.arrived:
            self.arrived.notify_all()
        try:
            await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            return Delivered()
        finally:
            self.in_flight[workflow_id] -= 1

    async def until_sent(self, count: int) -> None:
        """Return once this many batches have arrived."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.sent) >= count)

    @property
    def fingerprints(self) -> list[str]:
        """Of all alerts that arrived, in order."""
        return [alert.fingerprint for _, batch in self.sent for alert in batch.alerts]


@pytest.fixture
async def engine() -> Engine:
    return Engine()


def an_alert(number: int, **fields: object) -> Alert:
    given = {"source": "test", "fingerprint": f"f{number}", "status": AlertStatus.FIRING}
    return Alert.model_validate(given | fields)


def a_delivery(*numbers: int, to: str = "inc", rank: int = 3) -> Delivery:
    return Delivery(workflow_id=to, alerts=tuple(map(an_alert, numbers)), rank=rank)


async def test_the_first_goes_at_once_and_the_rest_gather_in_order(engine: Engine):
    inbox = Inbox(engine.send)
    first = asyncio.create_task(inbox.deliver(a_delivery(0)))
    await engine.until_sent(1)

    rest = [asyncio.create_task(inbox.deliver(a_delivery(n))) for n in range(1, 101)]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, *rest)

    assert [len(batch.alerts) for _, batch in engine.sent] == [1, 100]
    assert engine.fingerprints == [f"f{n}" for n in range(101)]
    assert engine.most_in_flight == 1
    assert inbox.open_lines == 0


async def test_nobody_is_answered_before_their_alert_is_durable(engine: Engine):
    inbox = Inbox(engine.send)

    waiting = asyncio.create_task(inbox.deliver(a_delivery(1)))
    await engine.until_sent(1)

    assert not waiting.done()
    engine.gate.set()
    await waiting


async def test_incidents_do_not_wait_for_each_other(engine: Engine):
    inbox = Inbox(engine.send)

    tasks = [asyncio.create_task(inbox.deliver(a_delivery(1, to=f"i{n}"))) for n in range(5)]
    await engine.until_sent(5)

    engine.gate.set()
    await asyncio.gather(*tasks)
    assert engine.most_in_flight == 1


async def test_a_failed_try_is_repeated_under_the_same_batch_id(engine: Engine):
    engine.gate.set()
    engine.failures = [EngineUnavailable()]

    await Inbox(engine.send).deliver(a_delivery(1))

    (_, first), (_, second) = engine.sent
    assert first == second


async def test_an_unreachable_engine_is_told_to_everyone_who_waits_and_then_forgotten(
    engine: Engine,
):
    inbox = Inbox(engine.send, tries=1)
    engine.failures = [EngineUnavailable()]
    tasks = [asyncio.create_task(inbox.deliver(a_delivery(n))) for n in range(3)]
    await engine.until_sent(1)
    engine.gate.set()

    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(isinstance(result, EngineUnavailable) for result in results)
    assert inbox.open_lines == 0
    assert await inbox.deliver(a_delivery(9)) == Delivered()


async def test_a_missing_incident_fails_its_batch_and_not_what_came_after(engine: Engine):
    inbox = Inbox(engine.send)
    engine.failures = [NotFound()]
    first = asyncio.create_task(inbox.deliver(a_delivery(1)))
    await engine.until_sent(1)
    second = asyncio.create_task(inbox.deliver(a_delivery(2)))
    await asyncio.sleep(0)
    engine.gate.set()

    with pytest.raises(NotFound):
        await first
    assert await second == Delivered()


async def test_a_sender_that_disconnects_loses_and_doubles_nothing(engine: Engine):
    inbox = Inbox(engine.send)
    tasks = [asyncio.create_task(inbox.deliver(a_delivery(n))) for n in range(6)]
    await engine.until_sent(1)

    tasks[0].cancel()
    tasks[3].cancel()
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    await inbox.close()

    assert sorted(engine.fingerprints) == [f"f{n}" for n in range(6)]


async def test_a_delivery_too_large_for_one_signal_goes_in_parts_in_order(engine: Engine):
    engine.gate.set()
    many = a_delivery(*range(BATCH_ALERTS * 2 + 1))

    await Inbox(engine.send).deliver(many)

    assert [len(batch.alerts) for _, batch in engine.sent] == [BATCH_ALERTS, BATCH_ALERTS, 1]
    assert engine.fingerprints == [alert.fingerprint for alert in many.alerts]


async def test_batches_of_the_largest_alerts_stay_under_a_megabyte(engine: Engine):
    engine.gate.set()
    alerts = tuple(
        an_alert(n, fingerprint="k" * 250 + str(n), labels={"text": "ü" * 2000}, summary="x" * 5000)
        for n in range(1000)
    )

    await Inbox(engine.send).deliver(Delivery(workflow_id="inc", alerts=alerts))

    assert sum(len(batch.alerts) for _, batch in engine.sent) == 1000
    assert max(len(batch.model_dump_json().encode()) for _, batch in engine.sent) < 1_000_000


async def test_the_worst_severity_takes_the_next_turn():
    turns = Turns(1)
    order: list[int] = []

    async def take(rank: int) -> None:
        async with turns.turn(rank):
            order.append(rank)

    async with turns.turn(3):
        tasks = [asyncio.create_task(take(rank)) for rank in (4, 2, 5, 1, 3)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)

    assert order == [1, 2, 3, 4, 5]


async def test_a_cancelled_wait_for_a_turn_keeps_the_turn_in_play():
    turns = Turns(1)

    async def take() -> None:
        async with turns.turn(1):
            pass

    async with turns.turn(1):
        cancelled = asyncio.create_task(take())
        await asyncio.sleep(0)
    cancelled.cancel()  # in the same instant in which it was granted
    await asyncio.gather(cancelled, return_exceptions=True)

    await asyncio.wait_for(take(), timeout=5)
