"""One request to cover a stretch of a schedule, from the asking to its end.

Decides nothing but the order: ask, remind half way, take the first answer or let it
expire, tell everyone concerned, and wait for the end of the cover or its withdrawal.
What an answer means is `domain.cover`.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from domain.cover import (
    About,
    CoverCommand,
    CoverReply,
    CoverSettled,
    CoverStart,
    CoverWord,
    Decision,
    OverrideStatus,
    decide,
    over_text,
)
from domain.cover_text import outcome_text
from workflows.options import (
    INCIDENTS_QUEUE,
    LOOK_UP_RETRY,
    LOOK_UP_TIMEOUT,
    NOTICE_RETRY,
    NOTICE_TIMEOUT,
    NOTICES_QUEUE,
    RECORD_RETRY,
    RECORD_TIMEOUT,
)
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.cover import CoverActivities


@workflow.defn(name="Cover")
class CoverWorkflow:
    """A proposal until it is answered, an accepted override until it ends."""

    @workflow.init
    def __init__(self, start: CoverStart) -> None:
        self._start = start
        self._status = start.status
        self._waiting: list[CoverCommand] = []
        self._replies: dict[str, CoverReply | Decision] = {}
        self._tasks = Tasks()
        self._telling: set[asyncio.Task[None]] = set()
        self._is_over = False
        self._last: CoverCommand | None = None

    @workflow.run
    async def run(self, start: CoverStart) -> str:
        """The last sentence, once nothing can be said to it any more."""
        if self._status is OverrideStatus.PROPOSED:
            await self._ask()
        if self._status is OverrideStatus.ACCEPTED:
            await self._stand()
        self._end()
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() and not self._telling
        )
        return outcome_text(start, self._status.value)

    @workflow.update
    async def answer(self, command: CoverCommand) -> CoverReply:
        """Accept, decline or withdraw. A repeat under the same request id is answered again."""
        self._take(command)
        await workflow.wait_condition(lambda: command.request_id in self._replies)
        reply = self._replies[command.request_id]
        if isinstance(reply, Decision):
            raise ApplicationError(reply.sentence, type="refused", non_retryable=True)
        return reply

    @answer.validator
    def _refuse(self, command: CoverCommand) -> None:
        if command.request_id in self._replies:
            return
        decision = decide(self._start, self._status, command)
        if decision.refused or self._is_over:
            said = over_text(self._start.override, self._status)
            sentence = said if self._is_over else decision.sentence
            raise ApplicationError(sentence, type="refused", non_retryable=True)

    @workflow.signal
    def answer_later(self, command: CoverCommand) -> None:
        """The same command, sent while no worker answered."""
        self._take(command)

    @workflow.query
    def status(self) -> OverrideStatus:
        """Where it stands."""
        return self._status

    def _take(self, command: CoverCommand) -> None:
        known = [each.request_id for each in self._waiting]
        if command.request_id not in self._replies and command.request_id not in known:
            self._waiting.append(command)

    async def _ask(self) -> None:
        """Ask and remind, each only while an answer would still count."""
        start = self._start
        begun = workflow.now()
        half = begun + (start.answer_by - begun) / 2
        what = f"{start.schedule} {start.when}"
        stages: tuple[tuple[About, datetime, str], ...] = (
            ("asked", half, f"{start.person_name} is asked to cover {what}"),
            ("reminded", start.answer_by, f"{start.person_name} was reminded: cover {what}?"),
        )
        for about, until, summary in stages:
            if workflow.now() < start.answer_by:
                self._tell(start.person, about)
            if await self._heard_by(until, summary):
                return
        await self._settle(OverrideStatus.EXPIRED, None)

    async def _stand(self) -> None:
        start = self._start
        relieved = await workflow.execute_activity_method(
            CoverActivities.relieved_by,
            start,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=LOOK_UP_TIMEOUT,
            retry_policy=LOOK_UP_RETRY,
            summary=f"Who is relieved in {start.schedule} {start.when}?",
        )
        if start.asker and start.asker != start.person:
            self._tell(start.asker, "accepted")
        for person in relieved:
            if person != start.asker:
                self._tell(person, "relieved")
        summary = f"{start.person_name} covers {start.schedule} {start.when}"
        if await self._heard_by(start.ends_at, summary):
            for person in relieved:
                if person != start.asker:
                    self._tell(person, "withdrawn", self._last)

    async def _heard_by(self, until: datetime, summary: str) -> bool:
        """Whether a command changed the status before this moment; others are answered."""
        before = self._status
        workflow.set_current_details(f"**{before.value}**\n\n{summary}")
        while self._status is before:
            left = max(until - workflow.now(), timedelta(0))
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._waiting or self._tasks.error),
                    timeout=left,
                    timeout_summary=summary,
                )
            if self._tasks.error:
                raise self._tasks.error
            if not self._waiting:
                return False
            await self._obey(self._waiting[0])
            del self._waiting[0]
        return True

    async def _obey(self, command: CoverCommand) -> None:
        decision = decide(self._start, self._status, command)
        if decision.refused:
            self._replies[command.request_id] = decision
            return
        if decision.status is not self._status:
            await self._settle(decision.status, command)
        if decision.status is not self._status:  # the ledger knew of an end that we did not
            sentence = over_text(self._start.override, self._status)
            refused = Decision(status=self._status, sentence=sentence, refused=True)
            self._replies[command.request_id] = refused
            return
        self._replies[command.request_id] = CoverReply(
            sentence=decision.sentence, status=self._status
        )

    async def _settle(self, status: OverrideStatus, command: CoverCommand | None) -> None:
        said = command.actor_name if command else "Nobody answered"
        settled = CoverSettled(override=self._start.override, status=status, only=(self._status,))
        self._status = await workflow.execute_activity_method(
            CoverActivities.settle_cover,
            settled,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=f"{said}: {status.value}",
        )
        self._last = command
        if status is not OverrideStatus.ACCEPTED:
            self._tell_both(status, command)

    def _end(self) -> None:
        """Nothing is waited for any more: what still came in is refused."""
        self._is_over = True
        sentence = over_text(self._start.override, self._status)
        for command in self._waiting:
            refused = Decision(status=self._status, sentence=sentence, refused=True)
            self._replies.setdefault(command.request_id, refused)
        workflow.set_current_details(outcome_text(self._start, self._status.value))

    def _tell_both(self, status: OverrideStatus, command: CoverCommand | None) -> None:
        """Who asked and who was asked, but not whoever said it."""
        about: dict[OverrideStatus, About] = {
            OverrideStatus.DECLINED: "declined",
            OverrideStatus.EXPIRED: "expired",
            OverrideStatus.WITHDRAWN: "withdrawn",
        }
        for person in dict.fromkeys((self._start.asker, self._start.person)):
            if person and (command is None or command.actor != f"user:{person}"):
                self._tell(person, about[status], command)

    def _tell(self, person: str, about: About, command: CoverCommand | None = None) -> None:
        start = self._start
        word = CoverWord(
            key=f"{start.override}:{about}/{person}",
            to=person,
            about=about,
            start=start,
            by_name=command.actor_name if command else "",
            reason=command.reason if command else "",
        )
        task = self._tasks.start(self._send(word))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _send(self, word: CoverWord) -> None:
        with suppress(ActivityError):  # the UI shows it; a cover does not hang on a notice
            await workflow.execute_activity_method(
                CoverActivities.tell_of_cover,
                word,
                task_queue=NOTICES_QUEUE,
                start_to_close_timeout=NOTICE_TIMEOUT,
                retry_policy=NOTICE_RETRY,
                summary=f"Tell {word.to} quietly: {word.about}",
            )
