"""An alert goes to its owner, else to its playbook; a resolve never opens anything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.gateway_errors import EngineUnavailable, NotFound
from api.inbox import Delivered, Inbox, Opening
from api.owners import Owners
from api.routing import Playbooks, Router
from api.windows import Windows
from domain.alert import Alert
from domain.incident.input import AlertBatch
from domain.plan import Dedup, Plan
from domain.routing_index import RoutingIndex
from ledger import Ledger, Writer
from tests.api.intake_setup import a_plan, an_alert


class Engine:
    """The edge of the world: incidents that run, and what each was sent."""

    def __init__(self) -> None:
        self.running: dict[str, str] = {}
        self.batches: list[tuple[str, AlertBatch, bool]] = []
        self.is_down = False

    async def send(self, workflow_id: str, batch: AlertBatch, opening: Opening | None) -> Delivered:
        """Take a batch as the engine would."""
        await asyncio.sleep(0)
        if self.is_down:
            raise EngineUnavailable
        if workflow_id not in self.running and opening is None:
            raise NotFound
        opened = workflow_id not in self.running
        reference = self.running.setdefault(workflow_id, f"INC-{len(self.running):06}")
        self.batches.append((workflow_id, batch, opening is not None))
        return Delivered(opened=opened, reference=reference if opened else None)

    def sent(self, workflow_id: str) -> list[str]:
        """What reached one incident, in order: fingerprint and status."""
        return [
            f"{alert.fingerprint} {alert.status.value}"
            for target, batch, _ in self.batches
            for alert in batch.alerts
            if target == workflow_id
        ]


class World:
    """A router over a real ledger and an engine at the edge."""

    def __init__(self, ledger: Ledger) -> None:
        self.engine = Engine()
        self.ledger = ledger
        self.writer = Writer(ledger)
        self.playbooks = Playbooks(index=RoutingIndex({"payment_api": a_plan()}))
        self.router = self.new_process()

    def new_process(self) -> Router:
        """A router that remembers nothing: another API process, or a restart."""
        return Router(
            lambda: self.playbooks,
            Owners(self.writer),
            Inbox(self.engine.send, tries=1),
            windows=Windows(self.writer),
        )

    def serve(self, *plans: Plan, fallback: str | None = None) -> None:
        """Put these playbooks in service."""
        named = {plan.name: plan for plan in plans}
        self.playbooks = Playbooks(index=RoutingIndex(named, fallback))

    async def outcomes(self, *alerts: Alert, router: Router | None = None) -> list[str]:
        """What became of each."""
        return [one.outcome for one in await (router or self.router).route(alerts)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ledger = Ledger.from_url(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger.migrate()
    world = World(ledger)
    yield world
    await world.writer.close()
    ledger.close()


async def test_an_unknown_firing_alert_opens_and_its_repeat_is_added(world: World):
    first = await world.router.route([an_alert()])
    second = await world.router.route([an_alert()])

    assert [first[0].outcome, second[0].outcome] == ["opened", "added"]
    assert first[0].incident == second[0].incident
    assert first[0].playbook == "payment_api"


async def test_a_resolve_when_nothing_fires_is_recorded_as_an_orphan(world: World):
    outcomes = await world.outcomes(an_alert(resolved=True))

    assert outcomes == ["orphan"]
    assert world.engine.batches == []
    assert [record.fingerprint for record in world.ledger.orphans()] == ["f1"]


async def test_a_thousand_at_once_open_one_incident(world: World):
    routed = await asyncio.gather(*(world.outcomes(an_alert()) for _ in range(1000)))

    flat = [outcome for outcomes in routed for outcome in outcomes]
    assert flat.count("opened") == 1
    assert flat.count("added") == 999
    assert len(world.engine.running) == 1
    assert sum(len(batch.alerts) for _, batch, _ in world.engine.batches) == 1000


async def test_a_resolve_with_only_the_key_finds_its_incident_after_a_restart(world: World):
    """PagerDuty's resolve has no labels, and the playbook was edited."""
    opened = (await world.router.route([an_alert(service="pay")]))[0]
    world.serve(a_plan(dedup=Dedup(key="edited/{{ labels.service }}")))
    resolve = an_alert(resolved=True).model_copy(update={"labels": {}})

    outcomes = await world.outcomes(resolve, router=world.new_process())

    assert outcomes == ["added"]
    assert world.engine.sent(str(opened.incident)) == ["f1 firing", "f1 resolved"]


async def test_a_resolve_finds_its_incident_by_labels_if_the_index_is_lost(
    world: World, tmp_path: Path
):
    """A condition that no longer holds does not keep the resolve from its incident."""
    world.serve(a_plan(when="alert.annotations.ratio == '9'"))
    firing = an_alert().model_copy(update={"annotations": {"ratio": "9"}})
    await world.router.route([firing])
    fresh = Ledger.from_url(f"sqlite:///{tmp_path / 'fresh.db'}")
    fresh.migrate()
    writer = Writer(fresh)
    router = Router(
        lambda: world.playbooks,
        Owners(writer),
        Inbox(world.engine.send),
        windows=Windows(writer),
    )
    resolve = an_alert(resolved=True).model_copy(update={"annotations": {"ratio": "1"}})

    outcomes = await world.outcomes(resolve, router=router)

    await writer.close()
    fresh.close()
    assert outcomes == ["added"]


async def test_a_resolve_sent_right_behind_its_trigger_arrives_behind_it(world: World):
    trigger, resolve = an_alert(), an_alert(resolved=True).model_copy(update={"labels": {}})

    results = await asyncio.gather(world.outcomes(trigger), world.outcomes(resolve))

    assert results == [["opened"], ["added"]]


async def test_a_known_alert_goes_to_its_owner_though_another_playbook_matches_now(world: World):
    await world.router.route([an_alert(env="prod")])
    better = a_plan("other", triggers=a_plan().triggers, priority=9)
    world.serve(a_plan(), better)

    outcomes = await world.outcomes(an_alert(env="prod"), router=world.new_process())

    assert outcomes == ["added"]
    assert len(world.engine.running) == 1


async def test_an_alert_whose_owner_is_gone_opens_a_new_incident(world: World):
    await world.router.route([an_alert()])
    world.engine.running.clear()

    outcomes = await world.outcomes(an_alert())
    assert outcomes == ["opened"]
    assert await world.outcomes(an_alert(resolved=True)) == ["added"]


async def test_another_process_knows_better_than_our_memory(world: World):
    await world.router.route([an_alert()])
    old = next(iter(world.engine.running))
    world.engine.running.clear()
    world.serve(a_plan(dedup=Dedup(key="new")))
    await world.new_process().route([an_alert()])

    outcomes = await world.outcomes(an_alert(resolved=True))

    assert outcomes == ["added"]
    assert list(world.engine.running) != [old]


async def test_what_nothing_matches_goes_to_the_fallback(world: World):
    world.serve(a_plan(), a_plan("unmatched_alerts", triggers=()), fallback="unmatched_alerts")

    (routed,) = await world.router.route([an_alert(alertname="Strange")])

    assert (routed.outcome, routed.playbook) == ("opened", "unmatched_alerts")
    assert any("fallback" in note for note in routed.notes)


async def test_without_a_fallback_it_is_recorded_as_unmatched(world: World):
    (routed,) = await world.router.route([an_alert(alertname="Strange")])

    assert routed.outcome == "unmatched"
    assert "nobody is paged" in routed.notes
    assert world.engine.batches == []


async def test_without_any_playbook_the_sender_is_asked_to_come_again(world: World):
    world.serve()

    with pytest.raises(EngineUnavailable):
        await world.router.route([an_alert()])


async def test_alerts_without_key_labels_are_one_incident_each(world: World):
    await world.router.route([an_alert("f1"), an_alert("f2")])

    assert len(world.engine.running) == 2


async def test_one_request_goes_to_an_incident_as_one_batch_in_order(world: World):
    alerts = [an_alert(f"f{n}", service="pay") for n in range(5)]

    outcomes = await world.outcomes(*alerts)

    assert outcomes == ["opened", "added", "added", "added", "added"]
    assert len(world.engine.batches) == 1
    assert world.engine.sent(next(iter(world.engine.running))) == [f"f{n} firing" for n in range(5)]


async def test_after_an_outage_the_senders_repeat_succeeds(world: World):
    world.engine.is_down = True
    with pytest.raises(EngineUnavailable):
        await world.router.route([an_alert()])
    world.engine.is_down = False

    assert await world.outcomes(an_alert()) == ["opened"]


async def test_a_ledger_that_cannot_be_written_is_no_accepted_alert(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def broken(_rows: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(world.ledger, "remember", broken)

    with pytest.raises(EngineUnavailable):
        await world.router.route([an_alert()])


async def test_the_owner_and_the_text_are_in_the_ledger_once_answered(world: World):
    (routed,) = await world.router.route([an_alert()])

    owner = world.ledger.owners([("alertmanager", "f1")])[("alertmanager", "f1")]
    assert (owner.workflow_id, owner.reference) == (routed.incident, routed.reference)


async def test_a_storm_keeps_the_reference_of_its_incident(world: World):
    """Requests that overtake the first one's record must not blank its reference."""
    await asyncio.gather(*(world.outcomes(an_alert()) for _ in range(50)))

    owner = world.ledger.owners([("alertmanager", "f1")])[("alertmanager", "f1")]
    assert owner.reference == "INC-000000"
