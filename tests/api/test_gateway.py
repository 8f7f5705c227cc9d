"""The gateway keeps its promises against a real engine."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.gateway import Gateway
from api.gateway_commands import Commands
from api.gateway_errors import EngineUnavailable, NotFound, Pending, Refused
from domain.alert import Alert
from domain.incident.commands import Acknowledge, Note
from domain.incident.input import Declaration
from domain.plan import AlertTrigger, SeverityPlan, SeverityRule
from domain.severity import Severity
from settings import Settings
from tests.api.intake_setup import (
    a_batch,
    a_plan,
    a_recorder,
    an_alert,
    an_engine,
    seen,
    told,
)
from workflows.options import INCIDENTS_QUEUE

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
async def own_engine() -> AsyncIterator[WorkflowEnvironment]:
    async with an_engine() as environment:
        yield environment


@pytest.fixture
async def recorder(own_engine: WorkflowEnvironment) -> AsyncIterator[Client]:
    """The engine's client while a worker records what incidents are sent."""
    async with a_recorder(own_engine.client):
        yield own_engine.client


def a_gateway(client: Client, **fields: object) -> Gateway:
    return Gateway(Settings.model_validate(fields), client)


def an_id() -> str:
    return f"inc-{uuid4().hex}"


def an_ack() -> Acknowledge:
    return Acknowledge(actor="user:ann", actor_name="Ann Berg", request_id=uuid4().hex)


async def open_incident(gateway: Gateway, workflow_id: str, *alerts: Alert) -> bool:
    start = gateway.input_for(a_plan(), "INC-AAAAAA", "payments")
    return await gateway.send_alerts(workflow_id, a_batch(*alerts), start)


async def test_the_first_alert_opens_and_the_next_is_added(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()

    opened = await open_incident(gateway, workflow_id, an_alert("f1"))
    again = await open_incident(gateway, workflow_id, an_alert("f2"))
    await gateway.send_alerts(workflow_id, a_batch(an_alert("f3")))

    assert (opened, again) == (True, False)
    assert await seen(recorder, workflow_id) == ["f1", "f2", "f3"]


async def test_a_repeated_batch_counts_once(recorder: Client):
    gateway, workflow_id, batch = a_gateway(recorder), an_id(), a_batch()
    start = gateway.input_for(a_plan(), "INC-AAAAAA", "payments")

    await gateway.send_alerts(workflow_id, batch, start)
    await gateway.send_alerts(workflow_id, batch, start)
    await gateway.send_alerts(workflow_id, batch)

    assert await seen(recorder, workflow_id) == ["f1"]


async def test_without_a_running_incident_a_plain_signal_finds_nothing(recorder: Client):
    with pytest.raises(NotFound):
        await a_gateway(recorder).send_alerts(an_id(), a_batch())


async def test_a_closed_incident_is_not_found_and_its_id_opens_again(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    await open_incident(gateway, workflow_id)
    handle = recorder.get_workflow_handle(workflow_id)
    await handle.signal("finish")
    await handle.result()

    with pytest.raises(NotFound):
        await gateway.send_alerts(workflow_id, a_batch())
    assert await open_incident(gateway, workflow_id)


async def test_the_ui_sees_title_type_and_attributes_from_the_start(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    rule = SeverityRule(set=Severity.SEV1, when="labels.env == 'prod'")
    plan = a_plan(title="5xx in {{ labels.env }}", severity=SeverityPlan(rules=(rule,)))
    start = gateway.input_for(plan, "INC-BBBBBB", "payments")

    await gateway.send_alerts(workflow_id, a_batch(an_alert(env="prod", service="pay")), start)

    told_to_ui = await recorder.get_workflow_handle(workflow_id).describe()
    attributes = {pair.key.name: pair.value for pair in told_to_ui.typed_search_attributes}
    assert told_to_ui.workflow_type == "payment_api"
    assert told_to_ui.task_queue == INCIDENTS_QUEUE
    assert told_to_ui.raw_description.workflow_execution_info.priority.priority_key == 1
    assert await told_to_ui.static_summary() == "5xx in prod"
    assert attributes == {
        "IncidentSeverity": "SEV1",
        "IncidentPhase": "triggered",
        "IncidentReference": "INC-BBBBBB",
        "IncidentTitle": "5xx in prod",
        "IncidentDrill": "false",
        "IncidentTeam": "payments",
        "IncidentService": "pay",
    }


async def test_behind_a_flap_guard_the_ui_sees_an_incident_pending_from_the_start(
    recorder: Client,
):
    gateway, workflow_id = a_gateway(recorder), an_id()
    trigger = AlertTrigger(match={"alertname": ("payment_api",)}, hold=timedelta(minutes=1))
    start = gateway.input_for(a_plan(triggers=(trigger,)), "INC-GGGGGG", "payments")

    await gateway.send_alerts(workflow_id, a_batch(an_alert()), start)

    told_to_ui = await recorder.get_workflow_handle(workflow_id).describe()
    attributes = {pair.key.name: pair.value for pair in told_to_ui.typed_search_attributes}
    assert attributes["IncidentPhase"] == "pending"


async def test_a_title_of_any_length_and_shape_opens_the_incident(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    alert = an_alert().model_copy(update={"summary": "ü\n" * 5000})

    assert await open_incident(gateway, workflow_id, alert)


async def test_a_declaration_repeated_under_its_reference_is_one_incident(recorder: Client):
    gateway = a_gateway(recorder)
    declaration = Declaration(title="Smoke in hall 2", actor="user:ann")

    first = await gateway.declare(a_plan(), declaration, "INC-CCCCCC", drill=True)
    again = await gateway.declare(a_plan(), declaration, "INC-CCCCCC", drill=True)

    seen_there = await gateway.view(first[0])
    assert first == again
    assert seen_there is not None
    assert seen_there.reference == "INC-CCCCCC"


async def test_the_plan_that_an_incident_runs_on_is_read_without_a_worker(
    own_engine: WorkflowEnvironment,
):
    """The engine keeps what the workflow was started with; a picture needs nothing else."""
    gateway = a_gateway(own_engine.client)
    reference = an_id()
    declaration = Declaration(title="Payments fail", actor="user:ann")
    plan = a_plan()
    workflow_id, _ = await gateway.declare(plan, declaration, reference)

    kept = await gateway.plan(workflow_id)
    unknown = await gateway.plan(an_id())

    assert kept == plan
    assert unknown is None


async def test_the_test_clock_reaches_incidents_opened_from_alerts(recorder: Client):
    fast = a_gateway(recorder, test_clock=True, test_speed=60, continue_as_new_after=60)
    refused = a_gateway(recorder, test_speed=60)

    assert fast.input_for(a_plan(), "r", "k").clock.speed == 60
    assert fast.input_for(a_plan(), "r", "k").continue_as_new_after == 60
    assert refused.input_for(a_plan(), "r", "k").clock.speed == 1


async def test_a_command_is_answered_by_the_incident(recorder: Client):
    gateway, workflow_id, command = a_gateway(recorder), an_id(), an_ack()
    await open_incident(gateway, workflow_id)

    answer = await gateway.send_command(workflow_id, command)
    again = await gateway.send_command(workflow_id, command)

    assert answer.sentence == again.sentence == "Acknowledged by Ann Berg."
    assert await told(recorder, workflow_id) == [command.request_id]


async def test_a_refusal_brings_the_incidents_own_sentence(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    await open_incident(gateway, workflow_id)

    note = Note(actor="user:ann", actor_name="Ann Berg", request_id="n1", text="x")
    with pytest.raises(Refused, match=r"No notes, Ann Berg\."):
        await gateway.send_command(workflow_id, note)


async def test_a_command_to_no_incident_is_not_found(recorder: Client):
    with pytest.raises(NotFound):
        await a_gateway(recorder).send_command(an_id(), an_ack())


async def test_twenty_commands_at_once_are_all_answered(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    await open_incident(gateway, workflow_id)

    commands = [an_ack() for _ in range(20)]
    await asyncio.gather(*(gateway.send_command(workflow_id, command) for command in commands))

    expected = {command.request_id for command in commands}
    assert set(await told(recorder, workflow_id)) == expected


async def test_without_a_worker_a_command_is_pending_and_applied_once(
    own_engine: WorkflowEnvironment,
):
    client, workflow_id, command = own_engine.client, an_id(), an_ack()
    gateway = a_gateway(client)
    gateway._commands = Commands(timeout=timedelta(milliseconds=300))
    await open_incident(gateway, workflow_id)

    with pytest.raises(Pending):
        await gateway.send_command(workflow_id, command)

    async with a_recorder(client):
        assert await told(client, workflow_id) == [command.request_id]


async def test_a_cancelled_command_is_cancelled_and_not_pending(
    own_engine: WorkflowEnvironment,
):
    gateway, workflow_id = a_gateway(own_engine.client), an_id()
    await open_incident(gateway, workflow_id)
    task = asyncio.create_task(gateway.send_command(workflow_id, an_ack()))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await own_engine.client.get_workflow_handle(workflow_id).terminate()


async def test_news_of_the_roster_reach_open_incidents_and_pass_closed_ones(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    await open_incident(gateway, workflow_id)

    await gateway.roster_changed(("bo",), [an_id(), workflow_id])

    assert await told(recorder, workflow_id) == ["bo"]


async def test_health_counts_the_workers_of_each_queue(recorder: Client):
    gateway, workflow_id = a_gateway(recorder), an_id()
    await open_incident(gateway, workflow_id)
    await seen(recorder, workflow_id)

    assert await gateway.is_reachable()
    assert (await gateway.pollers())[INCIDENTS_QUEUE] >= 1


async def test_the_view_of_nobody_is_none(recorder: Client):
    assert await a_gateway(recorder).view(an_id()) is None


async def test_an_engine_that_is_down_is_said_so_at_every_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The client connects lazily, so that the API starts without its engine."""
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gateway = Gateway(Settings(temporal_port=free.getsockname()[1]))

    with pytest.raises(EngineUnavailable) as caught:
        await gateway.send_alerts("inc", a_batch())
    with pytest.raises(EngineUnavailable):
        await open_incident(gateway, "inc")
    with pytest.raises(EngineUnavailable):
        await gateway.send_command("inc", an_ack())
    with pytest.raises(EngineUnavailable):
        await gateway.pollers()
    assert caught.value.retry_after_s > 0
    assert not await gateway.is_reachable()
    assert await gateway.view("inc") is None


async def test_an_engine_that_accepts_and_never_answers_is_unavailable_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A call's own time-out does not cover the first connection of a lazy client."""
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    for module, name in (
        ("gateway", "SEND_TIMEOUT"),
        ("gateway", "LOOK_TIMEOUT"),
        ("gateway_commands", "SIGNAL_TIMEOUT"),
    ):
        monkeypatch.setattr(f"api.{module}.{name}", timedelta(milliseconds=200))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        gateway = Gateway(Settings(temporal_port=silent.getsockname()[1]))
        gateway._commands = Commands(timeout=timedelta(milliseconds=200))

        async with asyncio.timeout(10):
            with pytest.raises(EngineUnavailable):
                await gateway.send_alerts("inc", a_batch())
            with pytest.raises(EngineUnavailable):
                await open_incident(gateway, "inc")
            with pytest.raises(EngineUnavailable):
                await gateway.send_command("inc", an_ack())
            assert not await gateway.is_reachable()
            assert await gateway.view("inc") is None


async def test_a_missing_namespace_is_no_missing_incident(recorder: Client):
    """A resolve must not end as an orphan because the namespace is misspelt."""
    config = recorder.config()
    config["namespace"] = "misspelt"
    gateway = a_gateway(Client(**config))

    with pytest.raises(EngineUnavailable):
        await gateway.send_alerts("inc", a_batch())


async def test_temporals_own_variables_name_the_engine(
    recorder: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    monkeypatch.setenv("TEMPORAL_ADDRESS", recorder.service_client.config.target_host)

    gateway = Gateway(Settings(temporal_port=1))

    assert await gateway.is_reachable()
