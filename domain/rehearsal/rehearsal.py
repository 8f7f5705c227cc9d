"""Plays one incident under a fake clock: the reducer of production, nothing real beside it.

Decides in which order things happen: time goes from one deadline or planned act to the next,
at the same moment deadlines first. Every effect of a turn is begun before the answer to any
of them is taken, as in production. Who answers what is `domain.rehearsal.cast`, what is
measured `sources`; what happened is in the `record`.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import assert_never

from domain.alert import Alert
from domain.hours import hours_of
from domain.incident.commands import Command
from domain.incident.effects import (
    Effect,
    LeaveBundle,
    LookUpOnCall,
    Outcome,
    SendAnnouncement,
    SendNotice,
    SendPage,
    SendResult,
)
from domain.incident.events import (
    AlertsArrived,
    Called,
    ChildFinished,
    ChildOpened,
    DeadlineReached,
    Declared,
    Event,
    MessageFinished,
    OnCallLookedUp,
    PageFinished,
    ParentSaid,
    StepFinished,
)
from domain.incident.input import Called as CalledInput
from domain.incident.input import Declaration, IncidentInput, ParentLink
from domain.incident.opening import blank
from domain.incident.people import LookUpAnswer
from domain.incident.reduce import reduce
from domain.incident.state import IncidentState
from domain.incident.step_effects import (
    CallResult,
    MakeCall,
    MeasureFacts,
    OpenChild,
    TellChild,
    TellParent,
)
from domain.incident.turn import Turned
from domain.incident.view import IncidentView
from domain.incident.views import view_of
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.record import (
    Announced,
    Answered,
    CallMade,
    Change,
    LookUpMade,
    Noticed,
    Paged,
    Record,
)
from domain.rehearsal.sources import Sources
from domain.values import Value

MOST_STEPS = 20_000
"""Deadlines and acts on the way to one moment; what needs more goes round in circles."""

_DELIVERED = SendResult(outcome=Outcome.DELIVERED)


class EndlessRehearsalError(Exception):
    """The incident does not come to rest in the time asked for."""


class Rehearsal:
    """One incident from its first message on. Moments are aware."""

    def __init__(
        self,
        plan: Plan,
        cast: Cast,
        start: datetime,
        *,
        reference: str = "INC-TEST00",
        dedup_key: str = "rehearsal",
        drill: bool = False,
    ) -> None:
        """Nothing has happened yet at `start`."""
        self.plan = plan
        self.cast = cast
        self.start = start.astimezone(UTC)
        self.now = self.start
        self.record = Record()
        self.children: dict[str, Rehearsal] = {}
        """Rehearsals of the playbooks that this one called, by workflow id."""
        self.on_effect: Callable[[Effect], None] = lambda _effect: None
        """Is told of every effect once it is done: how simulated people come to act."""
        self.on_event: Callable[[Event], None] = lambda _event: None
        """Is told of every event before it is taken, those of children too."""
        self.successor: tuple[Alert, ...] = ()
        given = IncidentInput(plan=plan, reference=reference, dedup_key=dedup_key, drill=drill)
        self.state: IncidentState = blank(f"{plan.name}-rehearsal", given, self.start)
        self._seen: tuple[IncidentState, datetime, IncidentView] | None = None
        self._parent: Rehearsal | None = None
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []
        self._running: dict[str, MakeCall] = {}
        self._sources = Sources()
        self._answers: deque[Event] = deque()
        self._is_taking = False
        self._serial = 0

    # -- what happens -----------------------------------------------------------------

    def fire(self, *alerts: Alert, notes: tuple[str, ...] = ()) -> Turned:
        """A batch of alert messages arrives now."""
        batch = f"batch-{self._next()}"
        return self.take(AlertsArrived(batch_id=batch, alerts=alerts, notes=notes))

    def declare(self, declaration: Declaration) -> Turned:
        """A person opens it by hand."""
        return self.take(Declared(declaration=declaration))

    def say(self, command: Command) -> Turned:
        """A person's command, now; what they are told is in the record."""
        turned = self.take(command)
        answered = Answered(self.now, command.actor, command.kind, turned.sentence, turned.refused)
        self.record.answers.append(answered)
        return turned

    def finish(self, step: str, result: CallResult) -> None:
        """The machine's step with this address, which runs, ends like this.

        Raises LookupError if no such step runs.
        """
        found = [one for one in self._running.values() if one.step == step]
        if not found:
            raise LookupError(f"no call of step {step} is running")
        self._call_ended(found[0], result)
        self._take_answers()

    def measure(self, readings: Mapping[str, Value | None]) -> None:
        """From now on sources say this of these facts; None says that they cannot be read."""
        self._sources.change(readings, self.now)
        self._look_at_sources()
        self._take_answers()

    def plan_act(self, at: datetime, act: Callable[[], None]) -> None:
        """Do this when that moment comes, after the deadlines of the same moment."""
        heappush(self._planned, (at.astimezone(UTC), self._next(), act))

    def after(self, delay: timedelta, act: Callable[[], None]) -> None:
        """Do this so long from now."""
        self.plan_act(self.now + delay, act)

    def until(self, moment: datetime) -> None:
        """Let time pass to this moment; what is due then has happened.

        Raises EndlessRehearsalError if it takes more than `MOST_STEPS`.
        """
        for _ in range(MOST_STEPS):
            if not self._next_step(moment):
                self._set_now(moment)
                return
        raise EndlessRehearsalError(f"{self.plan.name} does not come to rest by {moment}")

    def let_pass(self, time: timedelta) -> None:
        """Let so much time pass."""
        self.until(self.now + time)

    def next_due(self) -> datetime | None:
        """When something happens by itself next, here or in a playbook called; None if never."""
        due = [one.at for one in self.state.deadlines.values()] if not self.is_over else []
        due += [self._planned[0][0]] if self._planned else []
        due += [each for child in self.children.values() if (each := child.next_due())]
        return min(due, default=None)

    # -- what can be seen -------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether the incident has ended for good."""
        return self.state.finished

    def view(self) -> IncidentView:
        """The incident as people see it now."""
        if self._seen is None or self._seen[0] is not self.state or self._seen[1] != self.now:
            self._seen = (self.state, self.now, view_of(self.plan, self.state, self.now))
        return self._seen[2]

    @property
    def triggered_at(self) -> datetime | None:
        """When paging began."""
        return self.state.triggered_at

    # -- the mechanism ----------------------------------------------------------------

    def take(self, event: Event) -> Turned:
        """One event now, and everything it brings about at once."""
        was_taking, self._is_taking = self._is_taking, True
        try:
            turned = self._reduce(event)
        finally:
            self._is_taking = was_taking
        self._take_answers()
        return turned

    def _hear(self, event: Event) -> None:
        """Another incident says this: it is taken once what is being taken is done."""
        self._answers.append(event)
        self._take_answers()

    def _reduce(self, event: Event) -> Turned:
        """The event's turn; its effects are begun, what answers them waits."""
        self.on_event(event)
        turned = reduce(self.plan, self.state, event, self.now)
        self.state = turned.state
        self.record.entries.extend(turned.entries)
        self._note_change()
        self.successor += turned.successor
        for key in turned.withdraw:
            self._running.pop(key, None)
            self._sources.leave(key)
        for effect in turned.effects:
            if effect.id not in turned.withdraw:
                self._begin(effect)
                self.on_effect(effect)
        return turned

    def _take_answers(self) -> None:
        """Every answer that waits, in order, and what they bring about at once."""
        if self._is_taking:
            return
        self._is_taking = True
        try:
            while self._answers:
                self._reduce(self._answers.popleft())
        finally:
            self._is_taking = False

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _set_now(self, moment: datetime) -> None:
        self.now = max(self.now, moment.astimezone(UTC))
        for child in self.children.values():
            child._set_now(moment)  # noqa: SLF001 - one clock for all of them

    def _next_step(self, limit: datetime) -> bool:
        """Do the one thing that is due next; False if nothing is by `limit`."""
        due = self.next_due()
        if due is None or due > limit:
            return False
        self._set_now(due)
        for child in self.children.values():
            if child.next_due() == due:
                return child._next_step(limit)  # noqa: SLF001 - one clock for all of them
        name = self._deadline_now()
        if name is not None:
            self.take(DeadlineReached(name=name))
        else:
            heappop(self._planned)[2]()
        return True

    def _deadline_now(self) -> str | None:
        """The first deadline that is due now, by moment and name."""
        if self.is_over:
            return None
        due = min(((one.at, name) for name, one in self.state.deadlines.items()), default=None)
        return due[1] if due is not None and due[0] <= self.now else None

    def _note_change(self) -> None:
        change = Change(self.now, self.state.severity, self.state.phase)
        if not self.record.changes or self.record.changes[-1][1:] != change[1:]:
            self.record.changes.append(change)

    def _begin(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one case an effect
        match effect:
            case LookUpOnCall():
                self._look_up(effect)
            case SendPage():
                self.record.pages.append(Paged(self.now, effect))
                outcome = self.cast.provider(effect)
                if outcome is not None:
                    result = SendResult(outcome=outcome)
                    self._answers.append(PageFinished(id=effect.id, result=result))
            case SendNotice():
                self.record.notices.append(Noticed(self.now, effect))
                self._delivered(effect)
            case SendAnnouncement():
                self.record.announcements.append(Announced(self.now, effect))
                self._delivered(effect)
            case MakeCall():
                self._call(effect)
            case MeasureFacts():
                self._sources.ask(effect, self.now)
                self._look_at_sources()
            case OpenChild():
                self._open(effect)
            case TellChild():
                child = self.children.get(effect.workflow_id)
                if child is not None and not child.is_over:
                    child._hear(ParentSaid(news=effect.news))  # noqa: SLF001 - of its kind
            case TellParent():
                if self._parent is not None:
                    ended = ChildFinished(id=effect.call, result=effect.result)
                    self._parent._hear(ended)  # noqa: SLF001 - of its kind
            case LeaveBundle():
                pass
            case _:
                assert_never(effect)

    def _delivered(self, effect: SendNotice | SendAnnouncement) -> None:
        done = MessageFinished(id=effect.id, summary=effect.summary, result=_DELIVERED)
        self._answers.append(done)

    def _look_up(self, asked: LookUpOnCall) -> None:
        found = tuple(self.cast.behind(ref, asked.at) for ref in asked.refs)
        hours = None
        if asked.hours_of is not None:
            roster = self.cast.roster
            hours = hours_of(roster, asked.hours_of, timezone=asked.timezone, at=asked.at)
        answer = LookUpAnswer(found=found, hours=hours)
        self.record.look_ups.append(LookUpMade(self.now, asked, answer))
        self._answers.append(OnCallLookedUp(id=asked.id, answer=answer))

    def _call(self, call: MakeCall) -> None:
        self.record.calls.append(CallMade(self.now, call, None))
        self._running[call.id] = call
        result = self.cast.machine(call)
        if result is not None:
            self._call_ended(call, result)

    def _call_ended(self, call: MakeCall, result: CallResult) -> None:
        del self._running[call.id]
        made = self.record.calls
        for index, one in enumerate(made):
            if one.call.id == call.id:
                made[index] = one._replace(result=result)
        self._answers.append(StepFinished(id=call.id, result=result))

    def _look_at_sources(self) -> None:
        """What is to be told of the sources now, and when they are to be looked at again."""
        news = None if self.is_over else self._sources.news(self.now)
        if news is not None:
            self._answers.append(news)
            return
        due = self._sources.next_look(self.now)
        if due is not None:
            self.plan_act(due, self._look_again)

    def _look_again(self) -> None:
        self._look_at_sources()
        self._take_answers()

    def _open(self, child: OpenChild) -> None:
        result = self.cast.child(child)
        self._answers.append(ChildOpened(id=child.id))
        if result is not None:
            self._answers.append(ChildFinished(id=child.id, result=result))
            return
        plan = self.plan.subplans[child.plan]
        called = Rehearsal(plan, self.cast, self.now, reference=child.reference)
        called.on_effect, called.on_event = self.on_effect, self.on_event
        called._parent = self
        self.children[child.workflow_id] = called
        link = ParentLink(
            workflow_id="rehearsal",
            reference=self.state.reference,
            step=child.step,
            call=child.id,
        )
        begun = CalledInput(
            link=link, title=child.title, params=child.params, labels=child.labels, news=child.news
        )
        called.take(Called(called=begun))
