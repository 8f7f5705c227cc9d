"""The worker: settings to a Temporal client to one worker for each task queue.

Wiring only. What runs is `workflows` and `activities`; queues and timeouts are
`workflows.options`.
"""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.channels.tools import new_http_client
from activities.company import Company
from activities.registry import ActivitySet, Surroundings, all_activities
from catalog import Catalog
from catalog.effective import EffectiveRoster
from domain.plan import Plan
from ledger.store import Ledger
from ledger.writer import Writer
from settings import Settings
from workflows.namespace import mend_for, missing_search_attributes
from workflows.options import (
    AUTOMATION_BEAT,
    AUTOMATION_QUEUE,
    FACTS_BEAT,
    FACTS_QUEUE,
    INCIDENTS_QUEUE,
    NOTICES_QUEUE,
    PAGING_QUEUE,
)
from workflows.registry import ALL_WORKFLOWS
from workflows.sandbox import workflow_runner

log = structlog.stdlib.get_logger("watchbill.worker")

STICKY_TIMEOUT = timedelta(seconds=1)
"""After a worker has died its incidents answer again this soon (10 s as shipped)."""

GRACE = timedelta(seconds=10)
"""A page under way may finish; longer than one request to a provider."""

MEASURED_AT_ONCE = 5_000
"""Open incidents with measured facts that one process reads for; they mostly wait."""

CALLS_GRACE = timedelta(seconds=5)
"""A machine's call may end; a command that does not has as long again to stop when asked to.
Both together stay below the time after which `watchbill up` kills us."""

RECONNECT_S = 0.5


class WorkerError(Exception):
    """The worker cannot run; the text says how to mend it."""


def main(settings: Settings) -> int:
    """Run until SIGINT or SIGTERM (0), or until it cannot go on (1)."""
    try:
        return asyncio.run(_run(settings))
    except WorkerError as error:
        reason = str(error)
    log.error("worker cannot run", reason=reason)
    return 1


def connection(settings: Settings) -> ClientConnectConfig:
    """Where Temporal is: its own variables and profiles, else the embedded engine.

    An unknown key in a profile is an error, so that a typo is not ignored.
    """
    try:
        config = ClientConfig.load_client_connect_config(config_file_strict=True)
    except RuntimeError as error:
        raise WorkerError(f"Temporal's own configuration cannot be read: {error}") from error
    config.setdefault("target_host", f"127.0.0.1:{settings.temporal_port}")
    config.setdefault("namespace", settings.temporal_namespace)
    return config


def build_workers(client: Client, settings: Settings, activities: ActivitySet) -> list[Worker]:
    """The workers of one process, one for each queue that it serves, not yet running."""
    each: dict[str, dict[str, Any]] = {
        INCIDENTS_QUEUE: {
            "workflows": list(ALL_WORKFLOWS),
            "activities": activities.incidents,
            "workflow_runner": workflow_runner(sandboxed=settings.sandboxed),
            "sticky_queue_schedule_to_start_timeout": STICKY_TIMEOUT,
        },
        PAGING_QUEUE: {"activities": activities.paging},
        NOTICES_QUEUE: {"activities": activities.notices},
        AUTOMATION_QUEUE: {
            "activities": activities.automation,
            "graceful_shutdown_timeout": CALLS_GRACE,
            "max_concurrent_activities": settings.automation_slots,
            "max_heartbeat_throttle_interval": AUTOMATION_BEAT,
        },
        FACTS_QUEUE: {
            "activities": activities.facts,
            "max_concurrent_activities": MEASURED_AT_ONCE,
            "max_heartbeat_throttle_interval": FACTS_BEAT,
        },
    }
    return [
        Worker(client, task_queue=queue, **{"graceful_shutdown_timeout": GRACE} | options)
        for queue, options in each.items()
        if queue in settings.served_queues
    ]


@asynccontextmanager
async def surroundings(
    settings: Settings, runtime: Runtime | None, company: Company
) -> AsyncIterator[Surroundings]:
    """Ledger, catalog and HTTP client for the activities, closed at the end."""
    async with AsyncExitStack() as stack:
        ledger = Ledger.from_url(settings.ledger_address)
        stack.callback(ledger.close)
        await asyncio.to_thread(ledger.migrate)
        writer = Writer(ledger)
        stack.push_async_callback(writer.close)
        catalog = Catalog(settings.playbooks, settings.data_dir / "catalog")
        await asyncio.to_thread(catalog.load)
        effective = EffectiveRoster(writer)
        await effective.refresh()
        await stack.enter_async_context(_beside(catalog=catalog.watch(), roster=effective.follow()))

        def plan_named(name: str) -> Plan | None:
            return catalog.snapshot.plans.get(name)

        yield Surroundings(
            settings=settings,
            roster=lambda: effective.over(catalog.snapshot.roster),
            refresh_roster=effective.refresh,
            plan_named=plan_named,
            plans=lambda: catalog.snapshot.plans,
            writer=writer,
            http=await stack.enter_async_context(new_http_client()),
            meter=runtime.metric_meter if runtime else MetricMeter.noop,
            pages_alone=company.is_alone,
            ops_now=lambda: catalog.snapshot.ops,
            drills=lambda: catalog.snapshot.drills,
        )


async def connect(settings: Settings, runtime: Runtime | None = None) -> Client:
    """A client, once the engine answers; one log line says that it is waited for."""
    config = connection(settings)
    waiting = False
    while True:
        try:
            return await Client.connect(
                **config,
                data_converter=pydantic_data_converter,
                runtime=runtime,
                identity=own_identity(),
            )
        except RuntimeError as error:
            if not waiting:
                waiting = True
                log.warning(
                    "engine unreachable, retrying",
                    address=config["target_host"],
                    reason=str(error).splitlines()[0],
                )
            await asyncio.sleep(RECONNECT_S)


def own_identity() -> str:
    """What the engine calls this process; two of them in containers may share id and host."""
    return f"{os.getpid()}@{socket.gethostname()}-{secrets.token_hex(3)}"


async def require_search_attributes(client: Client) -> None:
    """Raise WorkerError with the mend if the namespace lacks one of ours."""
    try:
        missing = await missing_search_attributes(client.service_client, client.namespace)
    except RPCError as error:
        log.warning("search attributes could not be checked", reason=str(error))
        return
    if missing:
        raise WorkerError(
            f"namespace {client.namespace} lacks search attributes; create them: "
            f"{mend_for(missing, client.namespace)}"
        )


@asynccontextmanager
async def _beside(**watches: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Watch what changes around us for as long as this lasts."""
    watching = [asyncio.create_task(watch, name=name) for name, watch in watches.items()]
    for task in watching:
        task.add_done_callback(_say_if_failed)
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


def _say_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("no longer watched", task=task.get_name(), reason=repr(error))


async def _run(settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runtime = _metrics_runtime(settings)
    connecting = asyncio.create_task(connect(settings, runtime))
    if await _first(connecting, stop):
        return 0
    client = connecting.result()
    await require_search_attributes(client)
    company = Company(PAGING_QUEUE, client.identity)
    watch = company.watch(client.service_client, client.namespace)
    async with surroundings(settings, runtime, company) as outside, _beside(company=watch):
        workers = build_workers(client, settings, all_activities(outside))
        return await _run_workers(workers, settings, stop)


async def _run_workers(workers: list[Worker], settings: Settings, stop: asyncio.Event) -> int:
    """Run all until asked to stop, then let each finish what it is doing."""
    runs = [asyncio.create_task(worker.run()) for worker in workers]
    ended = asyncio.ensure_future(asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED))
    with _ready_file(settings):
        queues = [worker.task_queue for worker in workers]
        log.info("worker ready", queues=queues, sandboxed=settings.sandboxed)
        asked = await _first(ended, stop)
    await asyncio.gather(*(worker.shutdown() for worker in workers), return_exceptions=True)
    outcomes = await asyncio.gather(*runs, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for failure in failures:
        log.error("worker ended by itself", reason=repr(failure))
    log.info("worker stopped")
    return 0 if asked and not failures else 1


async def _first(task: asyncio.Future[Any], stop: asyncio.Event) -> bool:
    """Wait for the task or the wish to stop; True, and the task cancelled, if to stop."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not stop.is_set():
        return False
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return True


@contextmanager
def _ready_file(settings: Settings) -> Iterator[None]:
    """Our process id in `run/worker.ready` for as long as we poll."""
    ready = settings.data_dir / "run" / "worker.ready"
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        ready.unlink(missing_ok=True)


def _metrics_runtime(settings: Settings) -> Runtime | None:
    """A runtime with a Prometheus endpoint, if a port is set; None takes the SDK's own."""
    if settings.worker_metrics_port is None:
        return None
    address = f"{settings.bind}:{settings.worker_metrics_port}"
    metrics = PrometheusConfig(
        bind_address=address, counters_total_suffix=True, durations_as_seconds=True
    )
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=metrics))
    except RuntimeError as error:
        raise WorkerError(
            f"metrics cannot be served on {address} ({error}); set WATCHBILL_WORKER_METRICS_PORT"
        ) from error
