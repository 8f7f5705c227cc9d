"""Sends one command to its incident and says what became of it.

Decides statuses: 200 with the sentence, 202 while no worker answers, 404, 409 where the
incident refuses, 422 where the command could never fit. Every command is audited with its outcome.
"""

from typing import TypedDict

from fastapi.responses import JSONResponse

from api.documents import CommandAnswer, PendingAnswer, document_of
from api.find import IncidentId, find_running
from api.gateway_errors import NotFound, Pending, Refused
from api.idempotency import IdempotencyKey, request_id_of
from api.metrics import COMMANDS
from api.problems import Problem
from api.security import Caller
from api.services import Parts, Services
from domain.incident.commands import Answer, Command
from ledger import AuditEntry


class By(TypedDict):
    """The fields that every command carries."""

    actor: str
    actor_name: str
    request_id: str


class Sending:
    """One request's way to one incident."""

    def __init__(self, parts: Services, incident: str, key: str | None) -> None:
        self._parts = parts
        self._incident = incident
        self._key = key
        self._request_id = ""

    def by(self, caller: Caller) -> By:
        """Who acts, and the request id under which a repeat is recognised."""
        self._request_id = self._request_id or request_id_of(caller.actor, self._key)
        return By(actor=caller.actor, actor_name=caller.name, request_id=self._request_id)

    async def __call__(self, caller: Caller, command: Command) -> CommandAnswer | JSONResponse:
        """The answer to the command. Raises Problem 404 or 409, and EngineUnavailable."""
        owner = await find_running(self._parts, self._incident)
        try:
            answer = await self._parts.gateway.send_command(owner.workflow_id, command)
        except Pending:
            await self._note(caller, command, owner.reference, "pending")
            return self._pending(command)
        except Refused as error:
            await self._note(caller, command, owner.reference, "refused", str(error))
            raise Problem(422 if error.is_input else 409, str(error)) from error
        except NotFound as error:
            detail = f"{owner.reference} is not running any more."
            await self._note(caller, command, owner.reference, "refused", detail)
            raise Problem(409, detail) from error
        if answer.refused:
            await self._note(caller, command, owner.reference, "refused", answer.sentence)
            raise Problem(409, answer.sentence)
        await self._note(caller, command, owner.reference, "done")
        return self._answer(answer, owner.reference)

    def _answer(self, answer: Answer, reference: str) -> CommandAnswer:
        seen = answer.incident
        return CommandAnswer(
            sentence=answer.sentence,
            reference=seen.reference if seen else reference,
            offer=answer.offer,
            incident=document_of(self._parts.settings, seen) if seen else None,
        )

    def _pending(self, command: Command) -> JSONResponse:
        answer = PendingAnswer(
            sentence="No worker answered in time; it is kept and will be applied once.",
            request_id=command.request_id,
        )
        return JSONResponse(answer.model_dump(), status_code=202)

    async def _note(
        self, caller: Caller, command: Command, target: str, outcome: str, detail: str = ""
    ) -> None:
        COMMANDS.labels(command=command.kind, outcome=outcome).inc()
        entry = AuditEntry(
            actor=caller.actor,
            action=command.kind,
            target=target,
            outcome=outcome,
            detail=detail,
            request_id=command.request_id,
        )
        await self._parts.writer.write(lambda ledger: ledger.audit(entry))


def sending(parts: Parts, incident: IncidentId, key: IdempotencyKey = None) -> Sending:
    """The way to the incident that the path names."""
    return Sending(parts, incident, key)
