"""A stage for stories: a real engine, real workers, real receivers, a stepped clock.

A story fires alerts, lets people speak, lets time pass to the next deadline and the
next, and sees at which virtual moment what reached whom.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import uuid4

import httpx
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities import bundle as bundling
from activities.channels.tools import new_http_client
from activities.registry import Surroundings, all_activities
from compiler.compile import Compiled, compile_folder
from domain.alert import Alert, AlertStatus
from domain.drill import DrillPlan
from domain.incident.commands import Answer
from domain.incident.input import (
    Advance,
    AlertBatch,
    ClockSettings,
    Declaration,
    IncidentInput,
)
from domain.incident.view import IncidentView, TimelineEntry
from domain.ops import NO_OPS, Ops
from domain.plan import Plan
from domain.roster import Method, Roster, User
from ledger.store import Ledger
from ledger.writer import Writer
from settings import Settings
from tests.receivers import MailReceiver, Received, WebhookReceiver
from worker import build_workers
from workflows.options import INCIDENTS_QUEUE

ROOT = Path(__file__).parent.parent
T = TypeVar("T")

CLAIM_PATIENCE_S = 6.0
"""What a claim may take on a stage: a machine that stands still for some seconds must not
count as a busy engine, for which nobody's page waits. Within the page's own time-out."""


def shipped(folder: Path = ROOT / "playbooks") -> Compiled:
    """The playbooks in the folder, compiled."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.suffix in (".yaml", ".md")
    }
    return compile_folder(files)


BY_NUMBER = {Method.SMS, Method.PHONE}
"""Methods of stories whose contacts are taken to a JSON receiver instead of a number."""


def written(folder: Mapping[str, str]) -> Compiled:
    """The playbooks that a story writes itself, by path; none of them with an error."""
    compiled = compile_folder(folder)
    assert not compiled.has_errors, [str(one) for one in compiled.diagnostics]
    return compiled


def reachable(roster: Roster, hooks: WebhookReceiver) -> Roster:
    """The same roster with every contact but e-mail pointed at the receiver."""
    users = {name: _reachable(user, hooks) for name, user in roster.users.items()}
    return roster.model_copy(update={"users": users})


def _reachable(user: User, hooks: WebhookReceiver) -> User:
    contact = dict(user.contact)
    if Method.PUSH in contact:
        contact[Method.PUSH] = f"{hooks.ntfy}/{user.id}"
    if Method.WEBHOOK in contact:
        contact[Method.WEBHOOK] = f"{hooks.url}/hook/{user.id}"
    for method in BY_NUMBER & contact.keys():
        contact[method] = f"json://{hooks.url.partition('://')[2]}/{method.value}/{user.id}"
    return user.model_copy(update={"contact": contact})


def _how(one: Received) -> str:
    if "webhook-id" in one.headers:
        return "webhook"
    return "notice" if one.headers.get("priority") in ("2", "3") else "push"


def _first_line(one: Received) -> str:
    """A push's first line; a webhook's headline."""
    if "webhook-id" in one.headers:
        return str(one.json()["headline"])
    return one.body.decode().partition("\n")[0]


@dataclass(frozen=True)
class Reached:
    """Something that reached a receiver: when (virtual), whom, how, and its first line."""

    at: str
    whom: str
    how: str
    text: str


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """A command was refused; the text is what the person read."""


async def unless_over(asking: Awaitable[T]) -> T | None:
    """The answer, or None where the workflow is over, or ends in the same moment."""
    try:
        return await asking
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    except WorkflowUpdateFailedError as error:
        if "CompletedWorkflow" not in str(error.cause):
            raise
    return None


class Story:
    """One incident on the stage."""

    def __init__(self, stage: "Stage", plan: Plan, clock: ClockSettings) -> None:
        """Not started: the first `fire` opens it."""
        self.stage = stage
        stage.stories.append(self)
        self.plan = plan
        self.clock = clock
        self.now = clock.start or datetime.now().astimezone()
        self.handle: WorkflowHandle[Any, Any] | None = None
        self.reached: list[Reached] = []
        self.continue_as_new_after: int | None = None
        self.simulate = False
        self.workflow_id = f"{plan.name.replace('_', '-')}-{uuid4().hex[:8]}"
        self.reference = f"INC-{uuid4().hex[:6].upper()}"

    async def start(
        self, batch: AlertBatch | None = None, declaration: Declaration | None = None
    ) -> None:
        """Open the incident as the gateway does: signal-with-start."""
        start = IncidentInput(
            plan=self.plan,
            reference=self.reference,
            dedup_key="story",
            clock=self.clock,
            continue_as_new_after=self.continue_as_new_after,
            simulate=self.simulate,
            declaration=declaration,
        )
        self.handle = await self.stage.client.start_workflow(
            self.plan.name,
            start,
            id=self.workflow_id,
            task_queue=INCIDENTS_QUEUE,
            start_signal="alerts" if batch else None,
            start_signal_args=[batch] if batch else [],
            static_summary="story",
        )

    @property
    def workflow(self) -> WorkflowHandle[Any, Any]:
        """The running workflow (its newest run)."""
        assert self.handle is not None
        return self.stage.client.get_workflow_handle(self.workflow_id)

    async def fire(self, *alerts: Alert) -> None:
        """Send alerts as one batch, and let what follows at once be done."""
        batch = AlertBatch(batch_id=uuid4().hex, alerts=alerts)
        if self.handle is None:
            await self.start(batch)
        else:
            await self.workflow.signal("alerts", batch)
        await self.settle()

    async def declare(self, declaration: Declaration) -> None:
        """A person opens it by hand, without an alert."""
        await self.start(declaration=declaration)
        await self.settle()

    async def say(self, who: str, what: str, **body: Any) -> Answer:
        """A person's command, by update; Refused with the sentence if it is refused."""
        answer = await self.say_only(who, what, **body)
        await self.settle()
        return answer

    async def say_only(self, who: str, what: str, **body: Any) -> Answer:
        """The command alone, without waiting for what follows from it."""
        kind, _, name = who.rpartition(":")
        command = {
            "actor": f"{kind or 'user'}:{name}",
            "actor_name": self.stage.name_of(name),
            "request_id": uuid4().hex,
            **body,
        }
        try:
            return await self.workflow.execute_update(what, command, result_type=Answer)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            raise Refused(cause.message if isinstance(cause, ApplicationError) else "") from error

    async def settle(self) -> None:
        """Wait until everything that happens now is done, and note what arrived."""
        if self.clock.stepped:
            await unless_over(self._advance(self.now))
        self._collect()

    async def until(self, clock_time: str, day: int = 0) -> None:
        """Let virtual time pass to `HH:MM[:SS]` (`day` days after the start), step by step."""
        start = self.clock.start or self.now
        at = time.fromisoformat(clock_time)
        target = datetime.combine(start.date() + timedelta(days=day), at, start.tzinfo)
        while True:
            due = [one.at for one in (await self.view()).deadlines if one.at <= target]
            if not due:
                break
            self.now = max(self.now, min(due).astimezone(start.tzinfo))
            await self.settle()
        self.now = target
        await self.settle()

    async def _advance(self, moment: datetime) -> None:
        await self.workflow.execute_update("advance", Advance(to=moment), result_type=str)

    def _collect(self) -> None:
        for whom, how, text in self.stage.arrived():
            self.reached.append(Reached(at=f"{self.now:%a %H:%M}", whom=whom, how=how, text=text))

    async def view(self) -> IncidentView:
        """The incident as it is."""
        return await self.workflow.query("view", result_type=IncidentView)

    async def timeline(self) -> list[TimelineEntry]:
        """The timeline as the ledger has it."""
        reference = (await self.view()).reference
        return await self.stage.writer.read(
            lambda ledger: list(ledger.timeline(reference, 0, 1000))
        )

    def pages(self) -> list[tuple[str, str, str]]:
        """(when, whom, how) of everything that reached a person or a mailbox, sorted."""
        return sorted((one.at, one.whom, one.how) for one in self.reached)

    async def result(self) -> str:
        """The closed workflow's last sentence."""
        return str(await self.workflow.result())


class Stage:
    """Engine, workers, ledger and receivers, shared by the stories of a test."""

    def __init__(
        self, client: Client, roster: Roster, hooks: WebhookReceiver, mailbox: MailReceiver
    ) -> None:
        """See `open_stage`."""
        self.client = client
        self.roster = roster
        self.hooks = hooks
        self.mailbox = mailbox
        self.plans: dict[str, Plan] = {}
        self.drills: dict[str, DrillPlan] = {}
        self.stories: list[Story] = []
        self.ops: Ops = NO_OPS
        self.settings: Settings
        self.writer: Writer
        self.http: httpx.AsyncClient
        self._seen_hooks = 0
        self._seen_mails = 0
        self.elsewhere: Callable[[], list[tuple[str, str, str]]] = list
        """What has arrived at a story's own servers since the last look."""

    async def end_stories(self) -> None:
        """What still runs would page people of later tests: they share engine and names."""
        for story in self.stories:
            if story.handle is not None:
                with suppress(RPCError):
                    await story.workflow.terminate()

    def name_of(self, user: str) -> str:
        """The person's name in the roster."""
        return self.roster.users[user].name if user in self.roster.users else user

    def arrived(self) -> list[tuple[str, str, str]]:
        """What has arrived since the last look: whom, how, first line."""
        hooks = self.hooks.received()[self._seen_hooks :]
        mails = self.mailbox.mails()[self._seen_mails :]
        self._seen_hooks += len(hooks)
        self._seen_mails += len(mails)
        pushed = [_pushed(one) for one in hooks]
        mailed = [(mail.recipients[0], "mail", str(mail.message["Subject"])) for mail in mails]
        return pushed + mailed + self.elsewhere()

    def story(self, plan: Plan, start: datetime | None = None, *, speed: float = 1.0) -> Story:
        """A new story; stepped from `start`, or with real timers if there is none."""
        clock = ClockSettings(stepped=start is not None, start=start, speed=speed)
        return Story(self, plan, clock)


def _pushed(one: Received) -> tuple[str, str, str]:
    """Whom a request is for, how it reached them, and its first line."""
    way, _, whom = one.path.strip("/").rpartition("/")
    if way in BY_NUMBER:
        return whom, way, str(one.json()["message"]).partition("\n")[0]
    return whom, _how(one), _first_line(one)


@asynccontextmanager
async def open_stage(
    client: Client,
    roster: Roster,
    receivers: tuple[WebhookReceiver, MailReceiver],
    folder: Path,
    *,
    pages_alone: bool = False,
    **changes: Any,
) -> AsyncIterator[Stage]:
    """Start the workers of one process around these receivers.

    The tests of a session share an engine and the names of people, so pages gather, and
    wake-ups at night count, only where a test asks for it.
    """
    hooks, mailbox = receivers
    given = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port}
    given |= {"bundle_window_s": 0, "relief_offers": False, "http_allow": "127.0.0.1"}
    settings = Settings(data_dir=folder, **(given | changes))
    stage = Stage(client, reachable(roster, hooks), hooks, mailbox)
    stage.settings = settings
    async with AsyncExitStack() as stack:
        for limit in ("CLAIM_TIMEOUT_S", "HAND_OVER_TIMEOUT_S"):
            stack.enter_context(patch.object(bundling, limit, CLAIM_PATIENCE_S))
        ledger = Ledger.from_url(settings.ledger_address)
        stack.callback(ledger.close)
        ledger.migrate()
        stage.writer = Writer(ledger)
        stack.push_async_callback(stage.writer.close)
        stage.http = await stack.enter_async_context(new_http_client())
        surroundings = Surroundings(
            settings=settings,
            roster=lambda: stage.roster,
            plan_named=stage.plans.get,
            plans=lambda: stage.plans,
            writer=stage.writer,
            http=stage.http,
            pages_alone=lambda: pages_alone,
            ops_now=lambda: stage.ops,
            drills=lambda: stage.drills,
        )
        for worker in build_workers(client, settings, all_activities(surroundings)):
            await stack.enter_async_context(worker)
        try:
            yield stage
        finally:
            await stage.end_stories()


def an_alert(
    name: str, *, status: str = "firing", starts_at: str | None = None, **labels: str
) -> Alert:
    """One alert message of Alertmanager."""
    return Alert(
        source="alertmanager",
        fingerprint=name,
        status=AlertStatus(status),
        starts_at=starts_at,
        labels=labels,
        summary=f"{name} is down",
    )
