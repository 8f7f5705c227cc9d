"""An incident followed live, as server-sent events.

Decides what is sent and when the stream ends. It reads the record twice a second and
never touches the running incident: a hundred watchers cost it nothing.

Events: `snapshot` (the incident), `timeline` (one entry; its `id` is the entry's seq, so
that `Last-Event-ID` resumes without a gap), `incident` (the incident after a change),
`closed` (nothing more will come).
"""

# ruff: noqa: FAST003  # a dependency reads the path

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from api.documents import document_of
from api.find import IncidentId, find_seen, is_over
from api.security import Reader
from api.services import Parts, Services
from domain.incident.view import IncidentView

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])

POLL_S = 0.5
HEARTBEAT_S = 15.0
ENTRIES_AT_ONCE = 200

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/{id}/events",
    operation_id="follow_incident",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        204: {"description": "The incident is closed and everything was sent before."},
    },
)
async def follow_incident(
    request: Request,
    parts: Parts,
    caller: Reader,
    incident: IncidentId,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """The incident now, then everything that happens to it."""
    del caller
    view = (await find_seen(parts, incident)).view
    known = await parts.writer.read(lambda ledger: ledger.incident(view.reference))
    after = int(last) if last and last.isdecimal() else None
    if after is not None and known and is_over(known) and after >= known.seq:
        return Response(status_code=204)
    stream = _Stream(request, parts, known or view, after)
    return StreamingResponse(stream.run(), media_type="text/event-stream", headers=_HEADERS)


class _Stream:
    """One watcher's stream over one incident."""

    def __init__(
        self, request: Request, parts: Services, view: IncidentView, after: int | None
    ) -> None:
        self._request = request
        self._parts = parts
        self._view = view
        self._is_resumed = after is not None
        self._after = view.seq if after is None else after
        self._sent_at = time.monotonic()

    async def run(self) -> AsyncIterator[str]:
        """The stream's text; it ends when the incident closes, or either side goes."""
        yield self._event("snapshot", self._document(), None if self._is_resumed else self._after)
        while not self._parts.stopping and not await self._request.is_disconnected():
            async for text in self._news():
                self._sent_at = time.monotonic()
                yield text
            if is_over(self._view) and self._after >= self._view.seq:
                yield self._event("closed", {"reference": self._view.reference}, None)
                return
            if time.monotonic() - self._sent_at >= HEARTBEAT_S:
                self._sent_at = time.monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(POLL_S)

    async def _news(self) -> AsyncIterator[str]:
        reference, after = self._view.reference, self._after
        # The incident first: whatever it already speaks of is then among the entries.
        view = await self._parts.writer.read(lambda ledger: ledger.incident(reference))
        entries = await self._parts.writer.read(
            lambda ledger: ledger.timeline(reference, after, ENTRIES_AT_ONCE)
        )
        for entry in entries:
            self._after = entry.seq
            yield self._event("timeline", entry.model_dump(mode="json"), entry.seq)
        if view is not None and (view.seq, view.updated_at) != (
            self._view.seq,
            self._view.updated_at,
        ):
            self._view = view
            yield self._event("incident", self._document(), None)

    def _document(self) -> dict[str, object]:
        return document_of(self._parts.settings, self._view, is_fresh=False).model_dump(mode="json")

    @staticmethod
    def _event(name: str, data: dict[str, object], seq: int | None) -> str:
        head = f"id: {seq}\n" if seq is not None else ""
        return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
