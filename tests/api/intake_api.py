"""The intake's part of the API over a real ledger and a real engine, for its tests."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from temporalio.client import Client

from api import alerts, alerts_opsgenie, alerts_sns, alerts_webhooks
from api.gateway import Gateway
from api.problems import answer_in_problems
from api.services import Services
from catalog import Snapshot
from domain.plan import AlertTrigger, Plan
from ledger import Ledger, Writer
from settings import Settings
from tests.api.intake_setup import a_plan

KEY = "dev-key-of-this-test"


class StillCatalog:
    """A catalog that never changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


class Api:
    """The intake's part of the API over a real ledger and a real engine."""

    def __init__(self, ledger: Ledger, settings: Settings, client: Client | None) -> None:
        self.ledger = ledger
        self.writer = Writer(ledger)
        self.catalog = StillCatalog(a_snapshot())
        self.app = FastAPI()
        for door in (alerts, alerts_opsgenie, alerts_sns, alerts_webhooks):
            self.app.include_router(door.router)
        answer_in_problems(self.app)
        self.app.state.known_keys = {}
        self.app.state.services = Services(
            settings=settings,
            ledger=ledger,
            writer=self.writer,
            catalog=self.catalog,  # type: ignore[arg-type]  # only its snapshot is read
            gateway=Gateway(settings, client),
        )

    @property
    def opened(self) -> set[str]:
        """The workflows that run because of this test."""
        taken = getattr(self.app.state, "intake", None)
        known = taken._owners._known.values() if taken else ()
        return {owning.workflow_id for owning in known}

    def http(self, key: str | None = KEY) -> httpx.AsyncClient:
        """A client with this key."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://api.test",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=60,
        )

    async def post(
        self,
        path: str,
        body: Any,
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to one request."""
        async with self.http(key) as http:
            if isinstance(body, bytes):
                return await http.post(path, content=body, headers=headers)
            return await http.post(path, json=body, headers=headers)


def a_snapshot(*plans: Plan, **fields: Any) -> Snapshot:
    """These playbooks in service; the payment one and a fallback where none is given."""
    everything = plans or (
        a_plan(triggers=(AlertTrigger(match={"service": ("payments-api",)}),)),
        a_plan("unmatched_alerts", triggers=()),
    )
    by_name = {plan.name: plan for plan in everything}
    fallback = "unmatched_alerts" if "unmatched_alerts" in by_name else None
    return Snapshot(plans=by_name, fallback=fallback, loaded_at=datetime.now(UTC), **fields)


@contextlib.asynccontextmanager
async def an_api(data_dir: Path, client: Client, **settings: Any) -> AsyncIterator[Api]:
    """An intake with a ledger of its own; what it opened is ended with it."""
    (data_dir / "dev-api-key").write_text(KEY)
    ledger = Ledger.from_url(f"sqlite:///{data_dir / 'ledger.db'}")
    ledger.migrate()
    api = Api(ledger, Settings(data_dir=data_dir, **settings), client)
    try:
        yield api
    finally:
        await api.writer.close()
        ledger.close()
        for workflow_id in api.opened:
            await client.get_workflow_handle(workflow_id).terminate()
