"""One night of one person: offers relief once, after the second incident that woke them.

Decides nothing else. What counts as waking is `activities.relief`, who could take over
is `domain.relief`.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.relief import WAKE_UPS, ReliefAsked, ReliefStart, Woken
from workflows.options import NOTICE_RETRY, NOTICE_TIMEOUT, NOTICES_QUEUE

with workflow.unsafe.imports_passed_through():
    from activities.relief import ReliefActivities


@workflow.defn(name="Relief")
class ReliefWorkflow:
    """Counts the incidents of a night."""

    @workflow.init
    def __init__(self, start: ReliefStart) -> None:
        self._start = start
        self._woken: dict[str, None] = {}

    @workflow.run
    async def run(self, start: ReliefStart) -> str:
        """What came of the night."""
        name = start.person_name
        left = max(start.night_ends - workflow.now(), timedelta(0))
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: len(self._woken) >= WAKE_UPS,
                timeout=left,
                timeout_summary=f"{name} was woken; relief is offered if it happens again",
            )
        if len(self._woken) < WAKE_UPS:
            return f"{name} was woken once."
        return f"{name} was woken by {' and '.join(self._woken)}: {await self._offer()}."

    @workflow.signal
    def woken(self, by: Woken) -> None:
        """A page of this incident woke them."""
        self._woken[by.reference] = None

    async def _offer(self) -> str:
        try:
            return await workflow.execute_activity_method(
                ReliefActivities.offer_relief,
                ReliefAsked(person=self._start.person, at=workflow.now()),
                task_queue=NOTICES_QUEUE,
                start_to_close_timeout=NOTICE_TIMEOUT,
                retry_policy=NOTICE_RETRY,
                summary=f"Offer {self._start.person_name} relief for the rest of the shift",
            )
        except ActivityError:
            return "relief could not be offered"
