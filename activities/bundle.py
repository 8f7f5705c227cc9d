"""Claims a person before a page goes out: is somebody else paging them in this minute?

Decides nothing about which page waits. A claim is the start of the person's workflow, one
request; its id makes sure that across all workers one page finds nobody before it. A
claim that fails or takes long holds up no page: paging beats bundling.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.bundle import (
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

CLAIM_TIMEOUT_S = 1.0
"""What a page may wait for the answer; a claim takes about 10 ms."""


class Claims:
    """One worker's way to the workflows of people. `window` zero bundles nothing."""

    def __init__(self, window: timedelta) -> None:
        self._window = window

    async def join(self, page: SendPage, claim: Claim | None) -> SendResult | None:
        """What becomes of a page that gathers with others; None if it must be sent now."""
        if claim is None or page.alone or not self._window:
            return None
        asked = Asked(
            page=page, incident=activity.info().workflow_id, at=claim.now or datetime.now(UTC)
        )
        try:
            async with asyncio.timeout(CLAIM_TIMEOUT_S):
                if await self._is_first(asked, claim):
                    return None
                await self._signal(asked.page, claim, "page", asked)
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
        self, page: SendPage, claim: Claim, name: str, body: Asked | PageUndelivered
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
            person=page.person, name=page.person_name, window=self._window, clock=clock
        )
