"""Notices that a page woke somebody at night, and offers relief after the second.

Decides what counts: a page for high urgency by a method that wakes, delivered in the
person's own night. The counting is a workflow's, one for each person and night.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.cover_link import CoverLink, cover_link
from activities.on_call import RosterNow
from activities.quiet import QuietWords
from domain.incident.effects import Outcome, SendPage, SendResult
from domain.relief import (
    WAKE_UPS,
    Night,
    ReliefAsked,
    ReliefStart,
    Woken,
    night_of,
    reliefs,
    said_of_relief,
)
from domain.roster import WAKING, User
from settings import Settings

WORKFLOWS_QUEUE = "watchbill-incidents"
"""Where workflows run, as `workflows.options` names it."""

TOLD_IN = timedelta(seconds=2)
"""The engine has so long; the page is out, and its answer must not wait longer."""

_NIGHTS_KEPT = 1_000


def offers_relief(settings: Settings) -> bool:
    """Whether wake-ups count: not where a setting says no, nor where time may be virtual."""
    return settings.relief_offers and not settings.test_clock


def wall_clock() -> datetime:
    """The aware moment now."""
    return datetime.now(UTC)


class NightWatch:
    """Tells the night's workflow of wake-ups: of as many as it needs, then no more."""

    def __init__(self, roster: RosterNow, now: Callable[[], datetime] = wall_clock) -> None:
        self._roster = roster
        self._now = now
        self._told: dict[str, set[str]] = {}

    async def after_page(self, page: SendPage, result: SendResult) -> None:
        """Call it once a page was sent. It never fails: a page is worth more than relief."""
        user = self._roster().users.get(page.person)
        wakes = page.urgency == "high" and page.method in WAKING
        if user is None or not wakes or result.outcome is not Outcome.DELIVERED:
            return
        night = night_of(self._now(), user.tz)
        if night is None:
            return
        workflow_id = f"relief-{user.id}-{night.began_on.isoformat()}"
        told = self._told_of(workflow_id)
        reference = page.message.reference
        if reference in told or len(told) >= WAKE_UPS:
            return
        if await _tell(workflow_id, user, night, reference):
            told.add(reference)

    def _told_of(self, workflow_id: str) -> set[str]:
        if workflow_id not in self._told and len(self._told) >= _NIGHTS_KEPT:
            self._told.clear()  # telling a night again does no harm
        return self._told.setdefault(workflow_id, set())


class ReliefActivities:
    """Offers relief. Idempotent by person and night."""

    def __init__(self, words: QuietWords) -> None:
        self._words = words

    @activity.defn
    async def offer_relief(self, asked: ReliefAsked) -> str:
        """What came of it, in a sentence; quiet where nobody could take over."""
        offers = reliefs(self._words.roster(), asked.person, asked.at)
        if not offers:
            return "nobody else could take over"
        about = CoverLink(
            kind="relief", person=asked.person, about=max(each.until for each in offers).isoformat()
        )
        link = cover_link(self._words.tools.settings, about)
        said = said_of_relief(offers, self._words.zone_of(asked.person))
        key = f"relief-{asked.person}:{asked.at:%Y-%m-%dT%H:%M:%SZ}"
        result = await self._words.tell(asked.person, key, said, link)
        names = ", ".join(f"{each.to_name} for {each.schedule}" for each in offers)
        return f"offered {names} ({result.outcome.value})"


async def _tell(workflow_id: str, user: User, night: Night, reference: str) -> bool:
    """Whether the engine knows of it; once a night's workflow has ended it needs no more."""
    start = ReliefStart(person=user.id, person_name=user.name, night_ends=night.ends_at)
    try:
        await activity.client().start_workflow(
            "Relief",
            start,
            id=workflow_id,
            task_queue=WORKFLOWS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"Was {user.name} woken twice tonight?",
            start_signal="woken",
            start_signal_args=[Woken(reference=reference)],
            rpc_timeout=TOLD_IN,
        )
    except WorkflowAlreadyStartedError:
        return True
    except (RPCError, RuntimeError) as error:  # the engine is away, or was never reached
        activity.logger.warning("a wake-up at night was not counted: %s", error)
        return False
    return True
