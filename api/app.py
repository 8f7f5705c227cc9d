"""The HTTP application and the process that serves it.

Decides what is wired to what, what runs beside the requests, and where we may listen.
It starts while the engine is down: alerts are then answered 503 with Retry-After.
"""

import asyncio
import contextlib
import ipaddress
import signal
import sys
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import (
    acknowledge_all,
    alerts,
    alerts_opsgenie,
    alerts_sns,
    alerts_webhooks,
    calendar_watch,
    calendars,
    callbacks_slack,
    callbacks_twilio,
    commands,
    commands_by_hand,
    cover_links,
    drill_watch,
    drills,
    events,
    facts,
    fairness,
    graph,
    graph_links,
    health,
    heartbeats,
    incidents,
    links,
    maintenance,
    me,
    metrics,
    openapi,
    overrides,
    playbooks,
    schedules,
    shift_watch,
    step_links,
    steps,
    trial_page,
    watching,
)
from api.gateway import Gateway
from api.links import answer_links_with_pages
from api.problems import BodyLimit, answer_in_problems
from api.services import IncidentGateway, Services
from catalog import Catalog
from ledger import Ledger, Writer
from settings import Settings

log = structlog.get_logger(__name__)

GRACE_S = 5
"""How long requests may finish after the process was asked to end."""


def create_app(settings: Settings, gateway: IncidentGateway | None = None) -> FastAPI:
    """The application; `gateway` stands in for the engine in tests."""
    app = FastAPI(
        title="Watchbill",
        version=_version(),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    ledger = Ledger.from_url(settings.ledger_address)
    parts = Services(
        settings=settings,
        ledger=ledger,
        writer=Writer(ledger),
        catalog=Catalog(settings.playbooks, settings.data_dir / "catalog"),
        gateway=gateway or Gateway(settings),
    )
    app.state.services = parts
    app.state.known_keys = {}
    for name in ("settings", "ledger", "writer", "catalog", "gateway"):
        setattr(app.state, name, getattr(parts, name))
    _route(app)
    answer_in_problems(app)
    answer_links_with_pages(app)
    openapi.describe(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(metrics.Timing)
    return app


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; exits with status 2 where we must not listen."""
    refusal = refusal_to_listen(settings)
    if refusal:
        sys.stderr.write(f"watchbill: {refusal}\n")
        raise SystemExit(2)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.bind,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    _Server(config, app).run()


def refusal_to_listen(settings: Settings) -> str | None:
    """Why we must not listen where the settings say, with the mend; None if we may.

    The development key can act as anybody, so with no other key we stay on loopback.
    """
    if _is_loopback(settings.bind):
        return None
    ledger = Ledger.from_url(settings.ledger_address)
    try:
        ledger.migrate()
        known = ledger.keys()
        if any(key.revoked_at is None for key in known):
            return None
    finally:
        ledger.close()
    return (
        f"refusing to listen on {settings.bind}: the development key is the only one. "
        "Make a key with `watchbill keys add NAME --scope respond --person ID`, "
        "or leave WATCHBILL_BIND at 127.0.0.1."
    )


class _Server(uvicorn.Server):
    """Ends open event streams when it is asked to end; they would hold it up."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._parts: Services = app.state.services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Say to everything that the process is stopping; the second Ctrl-C does not wait.

        The signal is not raised again afterwards, so that the process ends with status 0.
        """
        del frame
        self._parts.stopping = True
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Services = app.state.services
    await asyncio.to_thread(parts.ledger.migrate)
    await asyncio.to_thread(parts.catalog.load)
    await parts.effective.refresh()
    known = set(parts.snapshot.roster.users)
    beside = [
        asyncio.create_task(parts.catalog.watch(), name="catalog-watch"),
        asyncio.create_task(parts.effective.follow(), name="effective-roster"),
        asyncio.create_task(calendar_watch.follow_calendars(parts), name="calendar-watch"),
        asyncio.create_task(watching.follow_roster(parts, known), name="roster-watch"),
        asyncio.create_task(shift_watch.follow_schedules(parts), name="shift-watch"),
        asyncio.create_task(drill_watch.follow_drills(parts), name="drill-watch"),
    ]
    for task in beside:
        task.add_done_callback(_say_if_failed)
    try:
        yield
    finally:
        parts.stopping = True
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        if hasattr(app.state, "intake"):
            await app.state.intake.close()
        await parts.writer.close()
        parts.ledger.close()


def _route(app: FastAPI) -> None:
    for outer in (
        health,
        metrics,
        openapi,
        links,
        step_links,
        cover_links,
        graph_links,
        callbacks_twilio,
        callbacks_slack,
    ):
        app.include_router(outer.router)
    doors = (alerts, alerts_webhooks, alerts_opsgenie, alerts_sns, heartbeats)
    app.include_router(acknowledge_all.link_router)
    people = (
        acknowledge_all,
        calendars,
        commands,
        commands_by_hand,
        steps,
        facts,
        me,
        trial_page,
        maintenance,
        schedules,
        overrides,
        drills,
    )
    for inner in (*doors, incidents, events, *people, fairness, playbooks, graph):
        app.include_router(inner.router, responses=openapi.PROBLEMS)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _is_loopback(bind: str) -> bool:
    if bind == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return False


def _say_if_failed(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("background_task_failed", task=task.get_name(), exc_info=task.exception())


def _version() -> str:
    try:
        return version("watchbill")
    except PackageNotFoundError:
        return "0"
