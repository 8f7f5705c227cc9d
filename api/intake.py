"""Alerts from any sender, taken in whole: limited, routed, recorded, counted.

Decides what a request's answer says. It goes on to the end once it has begun, also
where the sender hangs up: half a request is no state to be in.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, TypeVar, cast
from uuid import uuid4

import structlog
from fastapi import Request
from pydantic import BaseModel

from api.gateway_errors import NotFound, Pending, Refused
from api.inbox import Delivered, Inbox, Opening
from api.limits import kept
from api.metrics import ALERTS
from api.owners import Owners
from api.routed import Routed
from api.routing import Playbooks, Router
from api.services import Services, services
from api.sources.parsed import Parsed
from domain.incident.commands import Acknowledge, Answer, Command
from domain.incident.input import AlertBatch, IncidentInput
from domain.maintenance import Window
from domain.plan import Plan
from domain.routing_index import RoutingIndex
from ledger import AlertRecord

log = structlog.get_logger(__name__)

T = TypeVar("T")


class AlertGateway(Protocol):
    """What intake asks of the engine; raises `api.gateway_errors`."""

    async def send_alerts(
        self, workflow_id: str, batch: AlertBatch, start: IncidentInput | None = None
    ) -> bool:
        """Whether the incident was opened by it."""

    def input_for(
        self, plan: Plan, reference: str, dedup_key: str, **fields: object
    ) -> IncidentInput:
        """A start input."""

    async def send_command(self, workflow_id: str, command: Command) -> Answer:
        """Carry out a command, or refuse it."""

    async def maintenance_changed(self, window: Window, workflow_ids: Sequence[str]) -> None:
        """Tell these incidents of a window as it is now."""


class AlertAnswer(BaseModel):
    """What became of one alert: opened, added, suppressed, orphan or unmatched."""

    fingerprint: str
    status: str
    outcome: str
    incident: str | None = None
    reference: str | None = None
    playbook: str | None = None
    notes: list[str] = []


class AlertsAnswer(BaseModel):
    """What became of a request. `dropped` were over our limit, `truncated` over the sender's."""

    accepted: int
    dropped: int = 0
    truncated: int = 0
    notes: list[str] = []
    alerts: list[AlertAnswer]


class Intake:
    """One process's way in for alerts."""

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._gateway = cast("AlertGateway", parts.gateway)
        self._index = RoutingIndex({})
        self._owners = Owners(parts.writer)
        self._inbox = Inbox(self._send)
        self._router = Router(self._playbooks, self._owners, self._inbox, windows=parts.windows)
        self._running: set[asyncio.Task[Any]] = set()

    async def take(self, parsed: Parsed) -> AlertsAnswer:
        """What became of each alert, once all of it is durable; raises EngineUnavailable."""
        return await self._to_the_end(self._take(parsed))

    async def acknowledge(self, source: str, fingerprint: str, actor: str, name: str) -> str:
        """A sentence on what a source's acknowledgement of its own alert came to."""
        return await self._to_the_end(self._acknowledge(source, fingerprint, actor, name))

    async def close(self) -> None:
        """Return once everything that was begun has ended."""
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._inbox.close()

    async def _take(self, parsed: Parsed) -> AlertsAnswer:
        alerts, dropped = kept(parsed.alerts)
        notes = list(parsed.notes)
        if dropped:
            firing = sum(alert.is_firing for alert in dropped)
            notes.append(
                f"{len(dropped)} of {len(parsed.alerts)} alerts were over the limit of "
                f"{len(alerts)} and left out, {firing} of them firing: the worst were kept"
            )
            log.warning("alerts_dropped", count=len(dropped), firing=firing)
            for source, count in Counter(alert.source for alert in dropped).items():
                ALERTS.labels(source=source, outcome="dropped").inc(count)
        routed = await self._router.route(alerts, tuple(notes))
        await self._parts.windows.tell_of_changes(self._gateway, routed)
        for (source, outcome), count in Counter(
            (one.alert.source, one.outcome) for one in routed
        ).items():
            ALERTS.labels(source=source, outcome=outcome).inc(count)
        return AlertsAnswer(
            accepted=len(routed),
            dropped=len(dropped),
            truncated=parsed.truncated,
            notes=notes,
            alerts=[_answer(one) for one in routed],
        )

    async def _acknowledge(self, source: str, fingerprint: str, actor: str, name: str) -> str:
        key = (source, fingerprint)
        owners = await self._parts.writer.read(lambda ledger: ledger.owners([key]))
        workflow_id = owners[key].workflow_id if key in owners else None
        command = Acknowledge(actor=actor, actor_name=name, request_id=uuid4().hex)
        outcome, sentence = await self._tell(workflow_id, command)
        record = AlertRecord(
            source=source,
            fingerprint=fingerprint,
            status="acknowledged",
            outcome=outcome,
            workflow_id=workflow_id,
            note=f"{actor}: {sentence}",
        )
        await self._parts.writer.write(lambda ledger: ledger.remember([record]))
        ALERTS.labels(source=source, outcome=outcome).inc()
        return sentence

    async def _tell(self, workflow_id: str | None, command: Command) -> tuple[str, str]:
        """The outcome in a word and in a sentence; raises EngineUnavailable."""
        nobody = ("orphan", "No open incident has this alert.")
        if workflow_id is None:
            return nobody
        try:
            answer = await self._gateway.send_command(workflow_id, command)
        except NotFound:
            return nobody
        except Pending as error:
            return "pending", str(error)
        except Refused as error:
            return "refused", str(error)
        return "refused" if answer.refused else "acknowledged", answer.sentence

    async def _send(
        self, workflow_id: str, batch: AlertBatch, opening: Opening | None
    ) -> Delivered:
        if opening is None:
            await self._gateway.send_alerts(workflow_id, batch)
            return Delivered()
        reference = await self._parts.writer.read(lambda ledger: ledger.new_reference())
        start = self._gateway.input_for(opening.plan, reference, opening.dedup_key)
        opened = await self._gateway.send_alerts(workflow_id, batch, start)
        if not opened:
            return Delivered()
        log.info("incident_opened", reference=reference, workflow_id=workflow_id)
        return Delivered(opened=True, reference=reference)

    def _playbooks(self) -> Playbooks:
        snapshot = self._parts.catalog.snapshot
        index = self._index
        if index.plans is not snapshot.plans or index.fallback != snapshot.fallback:
            index = self._index = RoutingIndex(snapshot.plans, snapshot.fallback)
        return Playbooks(index=index)

    async def _to_the_end(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


async def intake(request: Request) -> Intake:  # a plain function would take a thread
    """The intake of the app that serves this request; made with its first alert."""
    state = request.app.state
    if not hasattr(state, "intake"):
        state.intake = Intake(services(request))
    found: Intake = state.intake
    return found


def _answer(routed: Routed) -> AlertAnswer:
    return AlertAnswer(
        fingerprint=routed.alert.fingerprint,
        status=routed.alert.status.value,
        outcome=routed.outcome,
        incident=routed.incident,
        reference=routed.reference,
        playbook=routed.playbook,
        notes=list(routed.notes),
    )
