"""The API over real HTTP, with a real ledger; only the engine's edge may be a stand-in."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.gateway_errors import NotFound, Refused
from catalog import Snapshot
from domain.cover import CoverCommand, CoverReply, CoverStart, OverrideStatus, decide
from domain.drill_run import DrillSchedule, DrillStart, ScheduleSeen, drill_id
from domain.incident.commands import Answer, Command
from domain.incident.input import Declaration
from domain.incident.view import IncidentView
from domain.maintenance import Window
from domain.matching import workflow_id
from domain.plan import (
    Duration,
    Escalation,
    Exhausted,
    HandoffPlan,
    Plan,
    ResolvePlan,
    sealed,
)
from domain.roster import Method, Roster, Schedule, Team, User
from domain.severity import PerSeverity
from domain.trial import Trial, TrialReport
from ledger import Ledger
from settings import Settings

OPENED = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
WORKFLOW = "payments-api-prod-7f3k2qxa"
REFERENCE = "INC-M4T9WC"


def a_plan(name: str = "payments_api", **fields: Any) -> Plan:
    """A sealed plan."""
    never = PerSeverity[Duration].same(None)
    given: dict[str, Any] = {
        "name": name,
        "owner": "team:payments",
        "escalation": Escalation(
            levels=(("user:ann",),),
            ack_within=PerSeverity[Duration].same(timedelta(minutes=5)),
            repeat=PerSeverity[int].same(1),
            exhausted=Exhausted(again_every=never),
            ack_expires=never,
        ),
        "roles": {},
        "handoff": HandoffPlan(max_shift=never),
        "resolve": ResolvePlan(confirm=PerSeverity[str].same("nobody")),
    }
    return sealed(Plan(**(given | fields)))


def a_user(name: str, shown: str, tz: str = "UTC") -> User:
    """A person who is reached by webhook."""
    contact = {Method.WEBHOOK: "http://127.0.0.1:9/"}
    return User(id=name, name=shown, tz=tz, contact=contact, high=())


def a_roster() -> Roster:
    """Ann and Bo, their team and their schedule."""
    return Roster(
        users={"ann": a_user("ann", "Ann Berg", "Europe/Berlin"), "bo": a_user("bo", "Bo Li")},
        teams={"payments": Team(id="payments", members=("ann",))},
        schedules={"dba": Schedule(id="dba", tz="UTC")},
    )


def a_view(**fields: Any) -> IncidentView:
    """An incident as its workflow answers."""
    given: dict[str, Any] = {
        "id": WORKFLOW,
        "reference": REFERENCE,
        "playbook": "payments_api",
        "playbook_version": 1,
        "plan_sha256": "0" * 64,
        "title": "Payments are failing",
        "severity": "SEV2",
        "phase": "triggered",
        "owner": "team:payments",
        "handoff_require": ("state_now",),
        "handoff_suggestion": {"state_now": "SEV2, triggered since 03:00 UTC."},
        "opened_at": OPENED,
        "updated_at": OPENED,
        "seq": 1,
    }
    return IncidentView.model_validate(given | fields)


class StandInGateway:
    """The engine's edge: answers what the test says and keeps what it was sent."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, Command]] = []
        self.declared: list[tuple[Plan, Declaration, dict[str, object]]] = []
        self.told: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.calendars: list[tuple[str, bool]] = []
        self.windows: list[tuple[Window, tuple[str, ...]]] = []
        self.views: dict[str, IncidentView] = {}
        self.plans: dict[str, Plan] = {}
        self.trials: dict[str, Trial] = {}
        self.covers: dict[str, CoverStart] = {}
        self.settle: Callable[[str, OverrideStatus], None] = lambda _id, _status: None
        self.followed: list[str] = []
        self.gone: list[str] = []
        self.drills_started: list[DrillStart] = []
        self.drills_kept: dict[str, DrillSchedule] = {}
        self.report: TrialReport | None = None
        self.error: Exception | None = None
        self.answer = Answer(sentence="Done.")
        self.reachable = True
        self.polling = {"watchbill-incidents": 1}

    async def send_command(self, workflow_id: str, command: Command) -> Answer:
        """Keep the command; fail or answer as told."""
        if self.error:
            raise self.error
        self.commands.append((workflow_id, command))
        return self.answer.model_copy(update={"incident": self.views.get(workflow_id)})

    async def declare(
        self, plan: Plan, declaration: Declaration, reference: str, **how: object
    ) -> tuple[str, str]:
        """Keep the declaration; fail as told."""
        if self.error:
            raise self.error
        self.declared.append((plan, declaration, how))
        return workflow_id(plan.name, reference), reference

    async def view(self, workflow_id: str) -> IncidentView | None:
        """What the test put there."""
        return self.views.get(workflow_id)

    async def plan(self, workflow_id: str) -> Plan | None:
        """What the test put there."""
        return self.plans.get(workflow_id)

    async def is_reachable(self) -> bool:
        """What the test says."""
        return self.reachable

    async def pollers(self) -> dict[str, int]:
        """What the test says."""
        return self.polling

    async def start_cover(self, start: CoverStart) -> None:
        """Keep what was asked for; fail as told."""
        if self.error:
            raise self.error
        self.covers[start.override] = start

    async def answer_cover(self, override: str, command: CoverCommand) -> CoverReply:
        """Fail as told, else decide as the workflow would and settle it in the ledger."""
        if self.error:
            raise self.error
        start = self.covers[override]
        decision = decide(start, start.status, command)
        if decision.refused:
            raise Refused(decision.sentence)
        self.covers[override] = start.model_copy(update={"status": decision.status})
        self.settle(override, decision.status)
        return CoverReply(sentence=decision.sentence, status=decision.status)

    async def follow_shifts(self, schedule: str, *, look_now: bool) -> None:
        """Keep whose shifts are to be looked at."""
        if look_now:
            self.followed.append(schedule)

    async def shifts_gone(self, schedule: str) -> None:
        """Keep which schedule went."""
        self.gone.append(schedule)

    async def start_drill(self, start: DrillStart) -> str:
        """Keep what to run."""
        if self.error:
            raise self.error
        self.drills_started.append(start)
        return drill_id(start.playbook, start.reference or "")

    async def keep_drill(self, wanted: DrillSchedule) -> None:
        """Keep what runs by itself."""
        if self.error:
            raise self.error
        self.drills_kept[wanted.playbook] = wanted

    async def drop_drill(self, playbook: str) -> None:
        """Forget what ran by itself."""
        self.drills_kept.pop(playbook, None)

    async def drill_schedules(self) -> tuple[ScheduleSeen, ...]:
        """What runs by itself, whoever said so."""
        if self.error:
            raise self.error
        return tuple(ScheduleSeen(playbook=name) for name in self.drills_kept)

    async def start_trial(self, workflow_id: str, trial: Trial) -> None:
        """Keep whom to page."""
        if self.error:
            raise self.error
        self.trials[workflow_id] = trial

    async def trial_report(self, workflow_id: str) -> TrialReport | None:
        """What the test put there."""
        if workflow_id not in self.trials:
            raise NotFound(workflow_id)
        return self.report

    async def roster_changed(self, gone: Sequence[str], workflow_ids: Sequence[str]) -> None:
        """Keep who was told what."""
        self.told.append((tuple(gone), tuple(workflow_ids)))

    async def maintenance_changed(self, window: Window, workflow_ids: Sequence[str]) -> None:
        """Keep what was told of a window; fail as told."""
        if self.error:
            raise self.error
        self.windows.append((window, tuple(workflow_ids)))

    async def read_calendar(self, schedule: str, imports: object, *, look_now: bool) -> None:
        """Keep which calendar was to be read."""
        self.calendars.append((schedule, look_now))


class StillCatalog:
    """A catalog that changes only when the test says so."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def load(self) -> Snapshot:
        """What is there."""
        return self.snapshot

    async def watch(self, stop: object = None) -> None:
        """Nothing: no folder is behind it."""


class Api:
    """A running API and what stands around it."""

    def __init__(self, app: FastAPI, address: str, key: str) -> None:
        self.app = app
        self.address = address
        self.key = key
        self.settings: Settings = app.state.settings
        self.ledger: Ledger = app.state.ledger
        self.gateway: StandInGateway = app.state.gateway
        self.catalog: StillCatalog = app.state.services.catalog

    def client(self, actor: str | None = "ann", key: str | None = None) -> httpx.Client:
        """A client with the development key as this person, or with another key."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        if actor and key is None:
            headers["X-Watchbill-Actor"] = actor
        return httpx.Client(base_url=self.address, headers=headers, timeout=20)

    def record(self, view: IncidentView, *entries: dict[str, Any]) -> None:
        """Put the incident and entries into the ledger, as the worker does."""
        self.ledger.record(view.model_dump(mode="json"), entries)


def an_entry(seq: int, text: str = "Paged Ann Berg.") -> dict[str, Any]:
    """A timeline entry as the worker records it."""
    return {
        "seq": seq,
        "at": OPENED.isoformat(),
        "actor": "system",
        "kind": "paged",
        "text": text,
    }


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The app served on a loopback port of its own; its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2)
    )
    started = threading.Event()
    startup = server.startup

    async def tell(sockets: Any = None) -> None:
        await startup(sockets=sockets)
        started.set()

    server.startup = tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert started.wait(20), "the API did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        app.state.services.stopping = True
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def start_api(tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Starts an API; `plans`, `fallback` and settings as given."""
    stack = []

    def start(
        *plans: Plan, fallback: Plan | None = None, roster: Roster | None = None, **fields: Any
    ) -> Api:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        (data / "dev-api-key").write_text("dev-key-of-this-test\n")
        settings = Settings(data_dir=data, playbooks=tmp_path / "playbooks", **fields)
        app = create_app(settings, StandInGateway())
        snapshot = Snapshot(
            plans={plan.name: plan for plan in plans},
            plan_paths={plan.name: f"{plan.name}.yaml" for plan in plans},
            roster=roster or a_roster(),
            fallback=fallback.name if fallback else None,
            loaded_at=OPENED,
        )
        app.state.services.catalog = StillCatalog(snapshot)
        server = running(app)
        address = server.__enter__()
        stack.append(server)
        return Api(app, address, "dev-key-of-this-test")

    yield start
    for server in reversed(stack):
        server.__exit__(None, None, None)


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    """An API with one playbook, which is also the fallback."""
    return start_api(a_plan(), fallback=a_plan())
