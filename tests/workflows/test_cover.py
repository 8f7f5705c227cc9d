"""A cover on the real engine: asked, reminded, answered or not, and everyone told."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError

from api.gateway import Gateway
from api.gateway_errors import NotFound, Refused
from api.gateway_shifts import cover_id
from domain.cover import CoverCommand, CoverReply, CoverStart, OverrideStatus
from ledger.override_book import OverrideRecord
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage
from tests.waiting import until
from tests.workflows.conftest import a_roster
from tests.workflows.replaying import replayed

pytestmark = pytest.mark.engine

P, A, D, E, W = OverrideStatus


class Covering:
    """A stage on which covers are asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.gateway = Gateway(stage.settings, stage.client)
        self.asked: list[CoverStart] = []

    async def end(self) -> None:
        """Leave nothing to the next test: what still runs is ended."""
        for start in self.asked:
            with suppress(RPCError):
                await self.workflow(start).terminate()

    async def ask(self, **fields: Any) -> CoverStart:
        """`manager` asks `bo` to cover schedule `first`, which is `first`'s."""
        now = datetime.now(UTC)
        given: dict[str, Any] = {
            "override": f"ov-{uuid4().hex[:8]}",
            "schedule": "first",
            "person": "bo",
            "person_name": "Bo",
            "requested_by": "user:manager",
            "requested_by_name": "Manager",
            "starts_at": now + timedelta(hours=1),
            "ends_at": now + timedelta(hours=2),
            "answer_by": now + timedelta(minutes=30),
            "when": "some time",
            "reason": "dentist",
            "status": P,
        }
        start = CoverStart.model_validate(given | fields)
        self.asked.append(start)
        row = start.model_dump(include=set(OverrideRecord.model_fields))
        self.stage.writer.ledger.propose(
            OverrideRecord.model_validate(row | {"id": start.override, "requested_at": now})
        )
        await self.gateway.start_cover(start)
        return start

    async def say(self, start: CoverStart, kind: str, who: str, **more: Any) -> CoverReply:
        """An answer through the gateway."""
        fields = {"actor": f"user:{who}", "actor_name": who.capitalize(), "request_id": uuid4().hex}
        command = CoverCommand.model_validate({"kind": kind, **fields, **more})
        return await self.gateway.answer_cover(start.override, command)

    def workflow(self, start: CoverStart) -> WorkflowHandle[Any, Any]:
        """The cover's workflow."""
        return self.stage.client.get_workflow_handle(cover_id(start.override))

    def status(self, start: CoverStart) -> OverrideStatus | None:
        """What the ledger says."""
        row = self.stage.writer.ledger.override(start.override)
        return row.status if row else None

    def told(self) -> list[tuple[str, str]]:
        """Who was told what, by title."""
        return sorted(
            (one.path.rpartition("/")[2], one.headers["title"])
            for one in self.stage.hooks.received()
        )

    async def hears(self, *expected: tuple[str, str]) -> None:
        """Wait until exactly this was told."""
        await until(lambda: self.told() == sorted(expected), lambda: f"told {self.told()}")


@pytest.fixture
async def covering(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Covering]:
    async with open_stage(temporal_client, a_roster(), (hooks, mailbox), tmp_path) as stage:
        covering = Covering(stage)
        yield covering
        await covering.end()


async def test_who_is_asked_gets_a_link_and_their_yes_relieves_and_tells(covering: Covering):
    start = await covering.ask()
    await covering.hears(("bo", "Cover first?"))
    (asked,) = covering.stage.hooks.received()
    assert asked.headers["priority"] == "2"
    assert "/c/" in asked.headers["click"]
    assert "Because: dentist." in asked.body.decode()

    reply = await covering.say(start, "accept", "bo")

    assert (reply.sentence, reply.status) == ("Bo covers first some time.", A)
    assert covering.status(start) is A
    await covering.hears(
        ("bo", "Cover first?"),
        ("manager", "Bo covers first"),
        ("first", "You are relieved in first"),
    )


async def test_an_accepted_cover_ends_by_itself_and_is_no_longer_to_be_withdrawn(
    covering: Covering,
):
    now = datetime.now(UTC)
    start = await covering.ask(
        status=A, person="manager", starts_at=now, ends_at=now + timedelta(seconds=1)
    )

    assert await covering.workflow(start).result() == "Bo for first some time: accepted."
    with pytest.raises(NotFound):
        await covering.say(start, "withdraw", "manager")
    assert covering.told() == [("first", "You are relieved in first")]


async def test_declined_nothing_changes_and_who_asked_reads_why(covering: Covering):
    start = await covering.ask()
    await covering.say(start, "decline", "bo", reason="on a plane")

    assert await covering.workflow(start).result() == "Bo for first some time: declined."
    assert covering.status(start) is D
    await covering.hears(("bo", "Cover first?"), ("manager", "Bo does not cover first"))
    last = covering.stage.hooks.received()[-1].body.decode()
    assert "Because: on a plane." in last


async def test_unanswered_it_is_reminded_half_way_and_then_expires(covering: Covering):
    start = await covering.ask(answer_by=datetime.now(UTC) + timedelta(seconds=2))

    assert await covering.workflow(start).result() == "Bo for first some time: expired."
    assert covering.status(start) is E
    await covering.hears(
        ("bo", "Cover first?"),
        ("bo", "Still waiting for your answer: cover first?"),
        ("bo", "No longer asked: cover first"),
        ("manager", "Bo does not cover first"),
    )


async def test_asked_too_late_to_answer_nobody_is_asked(covering: Covering):
    """All workers were down over the whole time in which an answer would have counted."""
    start = await covering.ask(answer_by=datetime.now(UTC) - timedelta(seconds=1))

    assert await covering.workflow(start).result() == "Bo for first some time: expired."
    await covering.hears(
        ("bo", "No longer asked: cover first"), ("manager", "Bo does not cover first")
    )


async def test_withdrawn_after_acceptance_everyone_concerned_is_told(covering: Covering):
    start = await covering.ask()
    await covering.say(start, "accept", "bo")
    await covering.say(start, "withdraw", "manager", reason="back early")
    await covering.workflow(start).result()

    assert covering.status(start) is W
    await covering.hears(
        ("bo", "Cover first?"),
        ("bo", "Cover of first is withdrawn"),
        ("manager", "Bo covers first"),
        ("first", "You are relieved in first"),
        ("first", "Cover of first is withdrawn"),
    )
    await replayed(await covering.workflow(start).fetch_history())


async def test_only_who_was_asked_answers_and_only_who_is_concerned_withdraws(
    covering: Covering,
):
    start = await covering.ask()
    with pytest.raises(Refused, match="Only Bo can accept this"):
        await covering.say(start, "accept", "manager")
    with pytest.raises(Refused, match="Only Manager, Bo or an admin"):
        await covering.say(start, "withdraw", "ann")

    assert covering.status(start) is P
    reply = await covering.say(start, "withdraw", "ann", is_admin=True)
    assert reply.status is W


async def test_a_repeated_answer_is_answered_again_and_told_once(covering: Covering):
    start = await covering.ask()
    first = await covering.say(start, "accept", "bo", request_id="one")
    again = await covering.say(start, "accept", "bo", request_id="one")
    once_more = await covering.say(start, "accept", "bo")

    assert first == again == once_more
    await covering.hears(
        ("bo", "Cover first?"),
        ("manager", "Bo covers first"),
        ("first", "You are relieved in first"),
    )


async def test_an_answer_that_went_as_a_signal_too_counts_once(covering: Covering):
    """The signal that follows an unanswered update is the same command."""
    start = await covering.ask()
    command = CoverCommand(
        kind="accept", actor="user:bo", actor_name="Bo", request_id="one", reason=""
    )
    await covering.workflow(start).signal("answer_later", command)
    reply = await covering.gateway.answer_cover(start.override, command)

    assert reply.status is A
    assert covering.status(start) is A


async def test_the_engine_shows_what_is_waited_for(covering: Covering):
    start = await covering.ask()
    await covering.hears(("bo", "Cover first?"))
    history = await covering.workflow(start).fetch_history()
    summaries = {
        event.user_metadata.summary.data.decode().strip('"')
        for event in history.events
        if event.HasField("user_metadata")
    }

    assert "Bo is asked to cover first some time" in summaries
    assert "Tell bo quietly: asked" in summaries
    with pytest.raises(WorkflowUpdateFailedError):
        await covering.workflow(start).execute_update(
            "answer",
            {"kind": "accept", "actor": "user:x", "actor_name": "X", "request_id": "r"},
        )
