"""The workflow of one drill: open its incident, wait for its end, judge it, say so.

Decides no rule: what happens in the incident is `domain.rehearsal`, the score is
`domain.rehearsal.score`. The incident is a child that nothing here ends but its time.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, WorkflowAlreadyStartedError

from domain.drill_run import (
    DRILL_SCORED,
    DrillOver,
    DrillStart,
    DrillTarget,
    DrillWord,
    ScoreAsked,
    TargetAsked,
)
from domain.incident.events import DrillScored
from domain.rehearsal.score_card import SCORE, ScoreCard
from workflows.face import attributes_of, details_of, face_of, priority_of
from workflows.options import (
    CALLED_OFF_WITHIN,
    INCIDENTS_QUEUE,
    LOOK_UP_RETRY,
    LOOK_UP_TIMEOUT,
    NOTICE_RETRY,
    NOTICE_TIMEOUT,
    NOTICES_QUEUE,
    RECORD_RETRY,
    RECORD_TIMEOUT,
)

with workflow.unsafe.imports_passed_through():
    from activities.drill import DrillActivities


@workflow.defn(name="Drill")
class DrillWorkflow:
    """One drill, from its alert to its score card, which is the result."""

    @workflow.init
    def __init__(self, start: DrillStart) -> None:
        self._start = start
        self._over: DrillOver | None = None

    @workflow.run
    async def run(self, start: DrillStart) -> str:
        """The score card's text."""
        target = await self._target()
        if target is None:
            return f"No playbook {start.playbook} is in service: no drill."
        await self._open(target)
        try:
            over = await self._end_of(target)
        except asyncio.CancelledError:
            await self._cancel(target)
            raise
        if over is None:
            return f"{target.start.reference} has not ended: no score."
        card = await self._score(target, over)
        await self._tell_incident(target, card)
        if start.scheduled:
            await self._tell_owner(target, card)
        workflow.set_current_details(f"```\n{card.text()}\n```")
        return card.text()

    @workflow.signal(name="drill_over")
    def on_over(self, over: DrillOver) -> None:
        """The incident is over; a repeat says the same."""
        self._over = self._over or over

    async def _target(self) -> DrillTarget | None:
        asked = TargetAsked(
            start=self._start,
            conductor=workflow.info().workflow_id,
            at=workflow.now().isoformat(),
        )
        return await workflow.execute_activity_method(
            DrillActivities.prepare_drill,
            asked,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=LOOK_UP_TIMEOUT,
            retry_policy=LOOK_UP_RETRY,
            summary=f"The newest plan of {self._start.playbook}, and a fresh reference",
        )

    async def _open(self, target: DrillTarget) -> None:
        """Start the incident; one that runs already under this id is this drill's own."""
        start = target.start
        alert = start.first.alerts[0] if start.first else None
        face = face_of(start, alert)
        workflow.set_current_details(
            f"# Drill of {start.plan.name}\n\nIts incident is **{start.reference}**, workflow "
            f"`{target.workflow_id}`, at {start.clock.speed:g} times real speed."
        )
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                start.plan.name,
                start,
                id=target.workflow_id,
                task_queue=INCIDENTS_QUEUE,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                search_attributes=attributes_of(start, face),
                static_summary=f"Drill: {face.title}",
                static_details=details_of(start),
                priority=priority_of(face),
            )

    async def _end_of(self, target: DrillTarget) -> DrillOver | None:
        """Until the incident says that it is over; it is cancelled if it never does."""
        reference = target.start.reference
        if not await self._is_over_in(target.patience, f"{reference} must be over by now"):
            await self._cancel(target)
            await self._is_over_in(CALLED_OFF_WITHIN, f"{reference} is called off")
        return self._over

    async def _is_over_in(self, patience: timedelta, summary: str) -> bool:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._over is not None, timeout=patience, timeout_summary=summary
            )
        return self._over is not None

    async def _cancel(self, target: DrillTarget) -> None:
        with suppress(FailureError):  # it has ended
            await workflow.get_external_workflow_handle(target.workflow_id).cancel()

    async def _score(self, target: DrillTarget, over: DrillOver) -> ScoreCard:
        asked = ScoreAsked(
            plan=target.start.plan,
            reference=over.reference,
            seq=over.seq,
            speed=target.start.clock.speed,
        )
        return await workflow.execute_activity_method(
            DrillActivities.score_drill,
            asked,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=f"The score of {over.reference}",
        )

    async def _tell_incident(self, target: DrillTarget, card: ScoreCard) -> None:
        """The score stands on its timeline; an incident that has ended meanwhile keeps none."""
        scored = DrillScored(
            entry=SCORE, sentence=card.sentence, data={"card": card.model_dump_json()}
        )
        incident = workflow.get_external_workflow_handle(target.workflow_id)
        with suppress(FailureError):
            await incident.signal(DRILL_SCORED, scored)

    async def _tell_owner(self, target: DrillTarget, card: ScoreCard) -> None:
        word = DrillWord(owner=target.owner, scheduled=self._start.scheduled, card=card)
        with suppress(ActivityError):  # the UI shows it; the score stands all the same
            await workflow.execute_activity_method(
                DrillActivities.tell_of_drill,
                word,
                task_queue=NOTICES_QUEUE,
                start_to_close_timeout=NOTICE_TIMEOUT,
                retry_policy=NOTICE_RETRY,
                summary=f"Tell {target.owner} how the drill went",
            )
