"""A test page: every way to one person tried once, side by side, and reported.

Decides nothing about text or methods (`domain.trial`); the pages go out by the same
activity and queue as real ones, behind them.
"""

import asyncio

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError

from domain.incident.effects import Outcome
from domain.roster import Method
from domain.trial import Trial, TrialLine, TrialReport, trial_page
from workflows.options import (
    PAGE_ONCE,
    PAGE_TIMEOUT,
    PAGING_QUEUE,
    TRIAL_PRIORITY,
    TRIAL_WAIT,
)

with workflow.unsafe.imports_passed_through():
    from activities.page import PageActivities


@workflow.defn(name="TrialPage")
class TrialPageWorkflow:
    """One test page to one person; ends with what became of each method."""

    @workflow.init
    def __init__(self, trial: Trial) -> None:
        """Nothing has been sent yet."""
        self._trial = trial
        self._lines = {method: TrialLine(method=method) for method in trial.methods}

    @workflow.run
    async def run(self, trial: Trial) -> TrialReport:
        """Page by every method at once, and report."""
        self._show()
        await asyncio.gather(*(self._send(method) for method in trial.methods))
        return TrialReport(person=trial.person, lines=tuple(self._lines.values()))

    async def _send(self, method: Method) -> None:
        page = trial_page(self._trial, method, workflow.now())
        try:
            result = await workflow.execute_activity_method(
                PageActivities.send_page,
                args=[page, None],
                activity_id=page.id,
                task_queue=PAGING_QUEUE,
                schedule_to_start_timeout=TRIAL_WAIT,
                start_to_close_timeout=PAGE_TIMEOUT,
                retry_policy=PAGE_ONCE,
                priority=Priority(priority_key=TRIAL_PRIORITY),
                summary=page.summary,
            )
        except ActivityError as error:
            detail = f"no answer in time ({error.cause or error})"
            line = TrialLine(method=method, outcome=Outcome.RETRY, detail=detail)
        else:
            line = TrialLine(method=method, outcome=result.outcome, detail=result.detail)
        self._lines[method] = line
        self._show()

    def _show(self) -> None:
        rows = [f"- **{line.method}**: {_plain(line.said)}" for line in self._lines.values()]
        head = f"# Test page to {_plain(self._trial.person_name)}"
        workflow.set_current_details("\n\n".join((head, "\n".join(rows))))


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("*", "\\*").replace("`", "\\`").replace("[", "\\[")
