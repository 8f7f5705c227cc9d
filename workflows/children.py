"""Called playbooks: starting a child workflow, and what parent and child tell each other.

Decides that a child outlives the run that started it: its caller may continue as new, which
would end it otherwise. So the caller ends it by a signal, and it tells the caller by one.
"""

import asyncio
from contextlib import suppress
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception

from domain.incident.events import ChildFinished, ChildOpened
from domain.incident.input import Called, IncidentInput, ParentLink
from domain.incident.step_effects import OpenChild, TellChild, TellParent

PARENT_SAID = "parent_said"
CHILD_FINISHED = "child_finished"


async def open_child(child: OpenChild, given: IncidentInput, now: datetime) -> ChildOpened:
    """Start the called playbook; one that runs already under this id is the same."""
    plan = given.plan.subplans[child.plan]
    link = ParentLink(
        workflow_id=workflow.info().workflow_id,
        reference=given.reference,
        step=child.step,
        call=child.id,
    )
    called = Called(
        link=link, title=child.title, params=child.params, labels=child.labels, news=child.news
    )
    start = IncidentInput(
        plan=plan,
        reference=child.reference,
        dedup_key=child.reference,
        clock=given.clock.begun_at(now),
        simulate=given.simulate,
        drill=given.drill,
        people_are_real=given.people_are_real,
        script=given.script.model_copy(update={"conductor": None}) if given.script else None,
        called=called,
        continue_as_new_after=given.continue_as_new_after,
    )
    with suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            plan.name,
            start,
            id=child.workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=child.title,
        )
    return ChildOpened(id=child.id)


async def tell_child(told: TellChild) -> None:
    """What has changed; a child that has ended needs to know nothing."""
    await _signal(told.workflow_id, PARENT_SAID, told.news)


async def tell_parent(told: TellParent) -> None:
    """How it went; a caller that has ended needs to know nothing."""
    await _signal(told.workflow_id, CHILD_FINISHED, ChildFinished(id=told.call, result=told.result))


async def _signal(workflow_id: str, name: str, body: object) -> None:
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal(name, body)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
