"""Claims a person before a page goes out: is somebody else paging them in this minute?

Decides nothing about which page waits. A claim is the start of the person's workflow, one
request; its id makes sure that across all workers one page finds nobody before it. A
worker that pages alone (`activities.company`) sends while it claims. A claim that fails or
takes long holds up no page: paging beats bundling. What finds the person claimed is handed
over, in a storm many at once with one batch on its way.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.bundle import (
    LINGER,
    WORKFLOW,
    Asked,
    Claim,
    PageUndelivered,
    PersonPagesInput,
    least_gap,
    pages_id,
)
from domain.incident.effects import Outcome, SendPage, SendResult
from domain.incident.input import ClockSettings

log = structlog.get_logger(__name__)

CLAIM_TIMEOUT_S = 2.5
"""What a page may wait for the answer: a claim takes about 10 ms, beside forty incidents that
open on a small machine more than a second. Without an answer in time everybody is woken twice."""

HAND_OVER_TIMEOUT_S = 4.0
"""The person has been paged already: a gathered page has time. With the claim and a request of
eight seconds it stays within the page's own time-out."""

BATCH = 100
"""Pages in one signal; each is about 2 KB."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

_PEOPLE = 2_000


class _Person:
    """What one worker knows of a person, by the clock of the pages: claims, and what waits."""

    def __init__(self) -> None:
        self.claimed_until = LONG_AGO
        self.gathering_until = LONG_AGO
        self.claiming = asyncio.Lock()
        self.claim: asyncio.Task[None] | None = None
        self.waiting: list[tuple[Asked, asyncio.Future[None]]] = []
        self.sending: asyncio.Task[None] | None = None


def _look_at(taken: asyncio.Future[None]) -> None:
    """Nobody waits for it: what went wrong is only said."""
    if not taken.cancelled() and (error := taken.exception()) is not None:
        log.warning("a person's pages were not told of a page", reason=repr(error))


class Claims:
    """One worker's way to the workflows of people. `window` zero bundles nothing."""

    def __init__(
        self,
        window: timedelta,
        continue_as_new_after: int | None = None,
        is_alone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._window = window
        self._continue_as_new_after = continue_as_new_after
        self._is_alone = is_alone
        self._people: dict[str, _Person] = {}

    async def join(self, page: SendPage, claim: Claim | None) -> SendResult | None:
        """What becomes of a page that gathers with others; None if it must be sent now."""
        if claim is None or page.alone or not self._window:
            return None
        asked = Asked(
            page=page, incident=activity.info().workflow_id, at=claim.now or datetime.now(UTC)
        )
        try:
            if await self._is_claimed_now(asked, claim):
                return None
            async with asyncio.timeout(HAND_OVER_TIMEOUT_S):
                await self._hand_over(asked, claim)
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("page not gathered", key=page.id, reason=repr(error))
            return None
        until = asked.at + least_gap(page.method, self._window)
        detail = f"it goes out by {until:%H:%M:%S} UTC"
        return SendResult(outcome=Outcome.GATHERED, detail=detail, until=until)

    async def undelivered(self, page: SendPage, claim: Claim | None, outcome: Outcome) -> None:
        """Tell the person's pages that nothing was sent, so that nothing waits behind it."""
        if claim is None or page.alone or not self._window:
            return
        news = PageUndelivered(id=page.id, outcome=outcome)
        try:
            async with asyncio.timeout(CLAIM_TIMEOUT_S):
                await self._signal(page, claim, "undelivered", news)
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("pages not told of a failure", key=page.id, reason=repr(error))

    def _person(self, page: SendPage, claim: Claim) -> _Person:
        now = claim.now or datetime.now(UTC)
        if len(self._people) > _PEOPLE:
            self._people = {
                name: one
                for name, one in self._people.items()
                if max(one.claimed_until, one.gathering_until) > now or one.waiting or one.sending
            }
        shared = claim.clock.shared if claim.clock else None
        return self._people.setdefault(pages_id(page.person, shared), _Person())

    async def _is_claimed_now(self, asked: Asked, claim: Claim) -> bool:
        """Whether this page is the first. In a storm one page asks, for all of this worker.

        Without an answer in time it counts as the first and goes out. The others gather
        all the same: a busy engine is no reason for forty messages.
        """
        person = self._person(asked.page, claim)
        async with person.claiming:
            if person.claimed_until > asked.at:
                return False
            if self._is_alone() and person.gathering_until <= asked.at:
                person.claimed_until = asked.at + self._window
                person.claim = asyncio.create_task(self._claim_beside(asked, claim))
                return True
            try:
                async with asyncio.timeout(CLAIM_TIMEOUT_S):
                    is_first = await self._is_first(asked, claim)
            except (TimeoutError, RPCError, RuntimeError) as error:
                log.warning("page sent unclaimed", key=asked.page.id, reason=repr(error))
                self._tell_sent(asked, claim)
                is_first = True
            person.claimed_until = asked.at + self._window
            return is_first

    async def _claim_beside(self, asked: Asked, claim: Claim) -> None:
        """Claim while the page goes out: other workers may come, and this one may die."""
        try:
            async with asyncio.timeout(HAND_OVER_TIMEOUT_S):
                is_known = await self._is_first(asked, claim)
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("page sent unclaimed", key=asked.page.id, reason=repr(error))
            is_known = False
        if not is_known:
            self._tell_sent(asked, claim)

    def _tell_sent(self, asked: Asked, claim: Claim) -> None:
        """Let the person's workflow know of a page that it did not see leave."""
        sent = asked.model_copy(update={"sent": True})
        self._queue(sent, claim).add_done_callback(_look_at)

    async def _hand_over(self, asked: Asked, claim: Claim) -> None:
        """Let the person's workflow have the page."""
        person = self._person(asked.page, claim)
        person.gathering_until = asked.at + self._window * LINGER
        if person.claim is not None:
            await person.claim  # else the workflow takes this page for the first
        await self._queue(asked, claim)

    def _queue(self, asked: Asked, claim: Claim) -> asyncio.Future[None]:
        """Done when the person's workflow has it; gathers while a batch is on its way."""
        person = self._person(asked.page, claim)
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        person.waiting.append((asked, taken))
        if person.sending is None:
            person.sending = asyncio.create_task(self._send_batches(person, claim))
        return taken

    async def _send_batches(self, person: _Person, claim: Claim) -> None:
        try:
            while person.waiting:
                batch, person.waiting = person.waiting[:BATCH], person.waiting[BATCH:]
                await self._send_batch(batch, claim)
        finally:
            person.sending = None

    async def _send_batch(
        self, batch: list[tuple[Asked, asyncio.Future[None]]], claim: Claim
    ) -> None:
        wanted = [(asked, taken) for asked, taken in batch if not taken.done()]
        if not wanted:
            return
        try:
            async with asyncio.timeout(HAND_OVER_TIMEOUT_S):
                pages = [asked for asked, _ in wanted]
                await self._signal(pages[0].page, claim, "pages", pages)
        except (TimeoutError, RPCError, RuntimeError) as error:
            for _, taken in wanted:
                if not taken.done():
                    taken.set_exception(error)
            return
        for _, taken in wanted:
            if not taken.done():
                taken.set_result(None)

    async def _is_first(self, asked: Asked, claim: Claim) -> bool:
        """Whether nobody was paging this person. One that is sent alone needs no task yet."""
        start = self._input(asked.page, claim).model_copy(update={"first": asked})
        try:
            await activity.client().start_workflow(
                WORKFLOW,
                start,
                id=pages_id(asked.page.person, start.clock.shared),
                task_queue=claim.queue,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                start_delay=None if claim.clock else self._window,
                static_summary=f"Pages for {asked.page.person_name}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _signal(
        self, page: SendPage, claim: Claim, name: str, body: list[Asked] | PageUndelivered
    ) -> None:
        """Signal with start: it wakes a run that is still delayed, and no end can lose it."""
        start = self._input(page, claim)
        await activity.client().start_workflow(
            WORKFLOW,
            start,
            id=pages_id(page.person, start.clock.shared),
            task_queue=claim.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=name,
            start_signal_args=[body],
            static_summary=f"Pages for {page.person_name}",
        )

    def _input(self, page: SendPage, claim: Claim) -> PersonPagesInput:
        clock = claim.clock or ClockSettings()
        if claim.clock is not None:
            clock = clock.model_copy(update={"start": claim.now})
        return PersonPagesInput(
            person=page.person,
            name=page.person_name,
            window=self._window,
            clock=clock,
            continue_as_new_after=self._continue_as_new_after,
        )
