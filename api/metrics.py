"""What the API counts, for Prometheus.

Decides names and labels. `alerts` are counted where they are routed, commands where
they are sent; gauges of the moment are set when they are scraped.
"""

import time

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.calendar_watch import calendar_reports
from api.services import Parts

router = APIRouter(tags=["health"])

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series per counter that nobody asks for

REQUESTS = Histogram(
    "watchbill_http_request_seconds",
    "How long requests took, by route and status.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ALERTS = Counter(
    "watchbill_alerts_total", "Alerts received, by source and outcome.", ("source", "outcome")
)
COMMANDS = Counter(
    "watchbill_commands_total", "Commands, by kind and outcome.", ("command", "outcome")
)
OPEN = Gauge("watchbill_incidents_open", "Open incidents, drills left out.", ("phase",))
BROKEN = Gauge("watchbill_catalog_broken_files", "Files whose last edit does not compile.")
PLAYBOOKS = Gauge("watchbill_catalog_playbooks", "Playbooks in service.")
CALENDAR_AGE = Gauge(
    "watchbill_calendar_age_seconds",
    "Age of the last good copy of an imported calendar; -1 if there never was one.",
    ("schedule",),
)


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(parts: Parts) -> Response:
    """Everything counted, in Prometheus's text format."""
    for phase, count in (await parts.writer.read(lambda ledger: ledger.phases())).items():
        OPEN.labels(phase=phase).set(count)
    BROKEN.set(len(parts.snapshot.broken))
    PLAYBOOKS.set(len(parts.snapshot.plans))
    CALENDAR_AGE.clear()
    for each in await calendar_reports(parts):
        age = -1.0 if each.age is None else each.age.total_seconds()
        CALENDAR_AGE.labels(schedule=each.schedule).set(age)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Timing:
    """Measures every request, by its route and not its path, so that labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how long its answer took to begin."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "unmatched")
                labels = (scope["method"], route, str(message["status"]))
                REQUESTS.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, timed)
