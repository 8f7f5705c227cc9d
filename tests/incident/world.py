"""A world for the reducer: a fake clock, people who answer, pages that are counted.

Runs the same reducer as production; every effect is done at once, in order.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from domain.alert import Alert, AlertStatus
from domain.incident import commands
from domain.incident.commands import Command
from domain.incident.effects import (
    Effect,
    LookUpOnCall,
    Outcome,
    SendAnnouncement,
    SendNotice,
    SendPage,
    SendResult,
)
from domain.incident.events import (
    AlertsArrived,
    DeadlineReached,
    Declared,
    Event,
    MessageFinished,
    OnCallLookedUp,
    PageFinished,
    StepFinished,
    UsersGone,
)
from domain.incident.input import Declaration, IncidentInput
from domain.incident.opening import blank
from domain.incident.people import HoursNow, LookedUp, LookUpAnswer, Person
from domain.incident.reduce import reduce
from domain.incident.state import IncidentState
from domain.incident.step_effects import CallResult, MakeCall
from domain.incident.turn import Turned
from domain.incident.view import Phase, TimelineEntry
from domain.maintenance import Window
from domain.plan import Plan
from domain.roster import Method, NotifyRule

COMMAND: TypeAdapter[Command] = TypeAdapter(commands.Command)
START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def a_person(
    name: str, *rules: tuple[str, int], low: tuple[tuple[str, int], ...] = (("email", 0),)
) -> Person:
    """A person with rules as (method, minutes after); `low` are those that wake nobody."""
    return Person(
        id=name,
        name=name.capitalize(),
        rules=_rules(rules or (("push", 0),)),
        low=_rules(low),
    )


def _rules(given: tuple[tuple[str, int], ...]) -> tuple[NotifyRule, ...]:
    return tuple(
        NotifyRule(via=Method(via), after=timedelta(minutes=after)) for via, after in given
    )


def a_window(minutes: float, **covers: Any) -> Window:
    """Maintenance until so many minutes from the start; of all alerts here unless said."""
    given: dict[str, Any] = {
        "id": "mw-1",
        "matchers": {} if "service" in covers else {"alertname": ("Down",)},
        "starts_at": START,
        "ends_at": START + timedelta(minutes=minutes),
        "reason": "db upgrade",
        "by": "Ann",
    }
    return Window.model_validate(given | covers)


def an_alert(
    name: str = "a1", *, status: str = "firing", starts_at: str | None = None, **labels: str
) -> Alert:
    """One alert message."""
    return Alert(
        source="alertmanager",
        fingerprint=name,
        status=AlertStatus(status),
        starts_at=starts_at,
        labels={"alertname": "Down", **labels},
        summary=f"{name} is down",
    )


Shifts = list[tuple[datetime, list[Person]]]
"""Who serves from which moment on, in order; before the first nobody does."""


class World:
    """One incident with everything around it. Times are given in minutes from the start."""

    def __init__(
        self, plan: Plan, on_call: dict[str, list[Person]], *, start: datetime = START
    ) -> None:
        """`on_call` says who stands behind each reference; others are empty.

        `shifts` says it for a schedule whose people change. `hours` answers when the
        owner team is at work; as made it always is.
        """
        self.plan = plan
        self.on_call = on_call
        self.shifts: dict[str, Shifts] = {}
        self.hours: Callable[[str, datetime], HoursNow] = lambda _team, _at: HoursNow(open=True)
        self.start = start
        self.now = start
        given = IncidentInput(plan=plan, reference="INC-AAAAAA", dedup_key="k")
        self.state: IncidentState = blank("k-aaaaaaaa", given, start)
        self.sent: list[tuple[float, SendPage]] = []
        self.pages: list[tuple[float, str, str]] = []
        self.keys: list[str] = []
        self.notices: list[tuple[float, str, str]] = []
        self.announced: list[tuple[float, str]] = []
        self.entries: list[TimelineEntry] = []
        self.events: list[tuple[Event, datetime]] = []
        self.outcome: Callable[[SendPage], Outcome | None] = lambda _page: Outcome.DELIVERED
        self.answers: Callable[[MakeCall], CallResult | None] = lambda _call: None
        """How a machine's step goes; None lets it run until `finish`."""
        self.calls: list[tuple[float, MakeCall]] = []
        self.stopped: list[str] = []
        """Steps whose running calls were taken back."""
        self.running: dict[str, MakeCall] = {}
        self.successor: tuple[Alert, ...] = ()
        self.hold_lookups = False
        self._held: list[LookUpOnCall] = []
        self._serial = 0

    # -- what happens -----------------------------------------------------------------

    def take(self, event: Event) -> Turned:
        """One event now, and everything it brings about at once."""
        self.events.append((event, self.now))
        turned = reduce(self.plan, self.state, event, self.now)
        self.state = turned.state
        self.entries.extend(turned.entries)
        self.successor += turned.successor
        for effect in turned.effects:
            if effect.id not in turned.withdraw:
                self._perform(effect)
        for key in turned.withdraw:
            taken_back = self.running.pop(key, None)
            if taken_back is not None:
                self.stopped.append(taken_back.step)
        return turned

    def _perform(self, effect: Effect) -> None:
        match effect:
            case LookUpOnCall() if self.hold_lookups:
                self._held.append(effect)
            case LookUpOnCall():
                self.take(OnCallLookedUp(id=effect.id, answer=self._answer(effect)))
            case SendPage():
                self.sent.append((self.minute, effect))
                self.pages.append((self.minute, effect.person, effect.method.value))
                self.keys.append(effect.id)
                outcome = self.outcome(effect)
                if outcome is not None:
                    self.take(PageFinished(id=effect.id, result=SendResult(outcome=outcome)))
            case SendNotice():
                self.notices.append((self.minute, effect.person, effect.message.headline))
                done = SendResult(outcome=Outcome.DELIVERED)
                self.take(MessageFinished(id=effect.id, summary=effect.summary, result=done))
            case SendAnnouncement():
                self.announced.append((self.minute, effect.message.headline))
            case MakeCall():
                self.calls.append((self.minute, effect))
                self.running[effect.id] = effect
                answer = self.answers(effect)
                if answer is not None:
                    self.finish(effect.step, answer)

    def finish(self, step: str, result: CallResult) -> Turned:
        """The machine's step with this address, which runs, ends like this."""
        call = next(one for one in self.running.values() if one.step == step)
        del self.running[call.id]
        return self.take(StepFinished(id=call.id, result=result))

    def release(self) -> None:
        """Answer the look-ups that were held back, in order, and hold none any more."""
        self.hold_lookups = False
        while self._held:
            self._perform(self._held.pop(0))

    def _answer(self, asked: LookUpOnCall) -> LookUpAnswer:
        found = tuple(self._looked_up(ref) for ref in asked.refs)
        hours = self.hours(asked.hours_of, self.now) if asked.hours_of else None
        return LookUpAnswer(found=found, hours=hours)

    def _looked_up(self, ref: str) -> LookedUp:
        if ref not in self.shifts:
            return LookedUp(ref=ref, people=tuple(self._behind(ref)))
        serving: list[Person] = []
        for begins, people in self.shifts[ref]:
            if begins > self.now:
                return LookedUp(ref=ref, people=tuple(serving), until=begins, next=tuple(people))
            serving = people
        return LookedUp(ref=ref, people=tuple(serving))

    def _behind(self, ref: str) -> list[Person]:
        if ref in self.on_call:
            return self.on_call[ref]
        listed = [*self.on_call.values()]
        listed += [people for shifts in self.shifts.values() for _, people in shifts]
        everybody = {one.id: one for people in listed for one in people}
        person = everybody.get(ref.removeprefix("user:"))
        return [person] if person else []

    def fire(
        self, *alerts: Alert, batch: str | None = None, maintenance: tuple[Window, ...] = ()
    ) -> Turned:
        """A batch of alerts, with the maintenance windows that hold now."""
        self._serial += 1
        name = batch or f"b{self._serial}"
        return self.take(AlertsArrived(batch_id=name, alerts=alerts, maintenance=maintenance))

    def declare(self, title: str = "Something is odd", **extra: Any) -> Turned:
        """An incident by hand."""
        said = Declaration(title=title, actor="user:ann", actor_name="Ann", **extra)
        return self.take(Declared(declaration=said))

    def gone(self, *users: str) -> Turned:
        """Users leave the roster."""
        return self.take(UsersGone(users=users))

    def say(self, who: str, what: str, **body: Any) -> Turned:
        """A person (or `source:x`) gives a command by its name."""
        self._serial += 1
        actor = who if ":" in who else f"user:{who}"
        body = {"actor": actor, "actor_name": who.capitalize(), **body}
        body.setdefault("request_id", f"r{self._serial}")
        return self.take(a_command(what, **body))

    def at(self, moment: datetime) -> None:
        """Let time pass until an aware moment."""
        self.until((moment - self.start) / timedelta(minutes=1))

    def until(self, minute: float) -> None:
        """Let time pass; every deadline on the way fires in order."""
        end = self.start + timedelta(minutes=minute)
        for _ in range(10_000):
            due = min(((one.at, name) for name, one in self.state.deadlines.items()), default=None)
            if due is None or due[0] > end or self.state.finished:
                break
            self.now = max(self.now, due[0])
            self.take(DeadlineReached(name=due[1]))
        self.now = max(self.now, end)

    # -- what can be seen -------------------------------------------------------------

    @property
    def minute(self) -> float:
        """Minutes since the start."""
        return round((self.now - self.start).total_seconds() / 60, 2)

    @property
    def phase(self) -> Phase:
        """The phase now."""
        return self.state.phase

    def holder(self, role: str) -> str:
        """Who holds a role, with how: `ann`, `ann (acting)`, `ann (on paper)` or empty."""
        return ", ".join(
            held.person
            + (" (acting)" if held.acting else "")
            + (" (on paper)" if held.on_paper else "")
            for held in self.state.holders(role)
        )

    def pages_of(self, person: str) -> list[float]:
        """The minutes at which the person was paged."""
        return [minute for minute, who, _ in self.pages if who == person]

    def sounds(self) -> list[tuple[float, str, str, str]]:
        """Every page as (minute, person, method, `high` or `low`)."""
        return [
            (minute, page.person, page.method.value, page.urgency) for minute, page in self.sent
        ]

    def kinds(self) -> list[str]:
        """The kinds of all timeline entries."""
        return [entry.kind for entry in self.entries]


def a_command(what: str, **body: Any) -> Command:
    """A command by its name."""
    return COMMAND.validate_python({"kind": what, **body})
