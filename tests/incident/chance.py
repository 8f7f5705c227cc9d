"""An incident to which anything may happen, with every promise checked after each event.

Unlike `World`, look-ups and pages stay in flight until chance answers them, in the order
they left.
"""

from datetime import datetime, time, timedelta

from domain.alert import Alert, AlertStatus
from domain.hours import hours_now
from domain.incident.calls import next_moment
from domain.incident.commands import Assign, DeclineHandoff, OfferHandoff
from domain.incident.effects import LookUpOnCall, Outcome, SendPage, SendResult
from domain.incident.events import (
    AlertsArrived,
    DeadlineReached,
    Declared,
    Event,
    OnCallLookedUp,
    PageFinished,
    UsersGone,
)
from domain.incident.input import Declaration, IncidentInput
from domain.incident.opening import blank
from domain.incident.people import LookedUp, LookUpAnswer, Person
from domain.incident.reduce import reduce
from domain.incident.state import AttemptState, Call, IncidentState
from domain.incident.turn import Turned
from domain.incident.view import Phase
from domain.incident.views import view_of
from domain.plan import COMMANDER, OPERATIONS, Plan
from domain.roster import Hours
from domain.severity import Severity
from tests.incident.world import START, a_command, a_person

PEOPLE = {
    "ann": a_person("ann", ("push", 0), ("sms", 1), ("phone", 2)),
    "bo": a_person("bo", ("push", 0), ("push", 3), low=(("email", 0), ("slack", 10))),
    "cy": a_person("cy", low=()),
    "dee": a_person("dee", ("sms", 2), ("phone", 4)),
}
ON_CALL = {
    "schedule:first": ["ann"],
    "schedule:second": ["bo", "ann"],
    "schedule:command": ["cy"],
    "schedule:expert": ["dee", "bo"],
    "user:manager": ["dee"],
}
TURNS = {
    "schedule:first": (["ann"], ["cy"], ["bo", "ann"]),
    "schedule:command": (["cy"], [], ["bo"]),
}
"""Who takes turns of 45 minutes in a schedule, nobody among them."""

TURN = timedelta(minutes=45)
HOURS = Hours(tz="UTC", between=(time(4, 0), time(9, 30)))
"""The stories begin on a Wednesday at 03:00, an hour before the team is at work."""

BY_PEOPLE = ("escalate", "offer_handoff", "assign", "page")
"""Commands by which a person wants others to be called, whatever the hours."""

OVER = (Phase.RESOLVED, Phase.CANCELLED, Phase.CLOSED)


class Chance:
    """One incident, its clock, and what is on its way."""

    def __init__(self, plan: Plan, hours: Hours = HOURS) -> None:
        """Nothing has happened yet; the team that owns it is at work in these hours."""
        self.plan = plan
        self.hours = hours
        self.now = START
        start = IncidentInput(plan=plan, reference="INC-AAAAAA", dedup_key="k")
        self.state = blank("k-aaaaaaaa", start, START)
        self.history: list[tuple[Event, datetime]] = []
        self.lookups: list[LookUpOnCall] = []
        self.pages: list[SendPage] = []
        self.first_tries: list[str] = []
        self.acked = False
        self._serial = 0

    # -- what chance does ---------------------------------------------------------------

    def fire(self, name: str, status: str, severity: str, starts: int | None) -> None:
        """An alert message; `starts` are minutes from the start, None gives no start."""
        self._serial += 1
        at = None if starts is None else (START + timedelta(minutes=starts)).isoformat()
        alert = Alert(
            source="alertmanager",
            fingerprint=name,
            status=AlertStatus(status),
            starts_at=at,
            labels={"alertname": "Down", "dc": name, "severity": severity},
        )
        self.take(AlertsArrived(batch_id=f"b{self._serial}", alerts=(alert,)))

    def declare(self) -> None:
        """A person declares the incident."""
        said = Declaration(title="Odd", actor="user:ann", actor_name="Ann")
        self.take(Declared(declaration=said))

    def say(self, who: str, what: str, **body: object) -> None:
        """A command of a person or a source."""
        self._serial += 1
        actor = who if ":" in who else f"user:{who}"
        said = {"actor": actor, "request_id": f"r{self._serial}", **body}
        self.take(a_command(what, **said))

    def gone(self, *users: str) -> None:
        """Users leave the roster."""
        self.take(UsersGone(users=users))

    def look_up(self, *, empty: bool) -> None:
        """The oldest look-up is answered."""
        if not self.lookups:
            return
        effect = self.lookups.pop(0)
        found = tuple(
            LookedUp(ref=ref) if empty else self._looked_up(ref, effect.at) for ref in effect.refs
        )
        hours = hours_now(self.hours, effect.at) if effect.hours_of else None
        self.take(OnCallLookedUp(id=effect.id, answer=LookUpAnswer(found=found, hours=hours)))

    def _looked_up(self, ref: str, at: datetime) -> LookedUp:
        if ref not in TURNS:
            return LookedUp(ref=ref, people=_people(ON_CALL.get(ref, [ref.removeprefix("user:")])))
        turns, number = TURNS[ref], (at - START) // TURN
        return LookedUp(
            ref=ref,
            people=_people(turns[number % len(turns)]),
            until=START + TURN * (number + 1),
            next=_people(turns[(number + 1) % len(turns)]),
        )

    def deliver(self, outcome: Outcome) -> None:
        """The oldest page in flight gets an answer."""
        if self.pages:
            page = self.pages.pop(0)
            self.take(PageFinished(id=page.id, result=SendResult(outcome=outcome)))

    def settle(self) -> None:
        """Everything on its way arrives."""
        while self.lookups or self.pages:
            self.look_up(empty=False)
            self.deliver(Outcome.DELIVERED)

    def wait(self, minutes: int) -> None:
        """Time passes; deadlines fire in order, and what they send may stay on its way."""
        end = self.now + timedelta(minutes=minutes)
        for _ in range(200):
            due = min(((one.at, name) for name, one in self.state.deadlines.items()), default=None)
            if due is None or due[0] > end:
                break
            self.now = max(self.now, due[0])
            self.take(DeadlineReached(name=due[1]))
        self.now = max(self.now, end)

    # -- what must hold -----------------------------------------------------------------

    def take(self, event: Event) -> Turned:
        """One event; every promise is checked after it."""
        before, frozen = self.state, self.state.model_dump_json()
        self.history.append((event, self.now))

        turned = reduce(self.plan, before, event, self.now)

        assert before.model_dump_json() == frozen, "the given state was changed"
        self.state = turned.state
        self._send(turned)
        self._nobody_is_paged_after_the_end(turned)
        self._somebody_owes_the_next_move()
        self._an_offered_role_keeps_its_holder(before, event)
        self._command_is_never_empty()
        self._nothing_is_forgotten()
        assert [one.seq for one in turned.entries] == list(
            range(before.seq + 1, turned.state.seq + 1)
        )
        view_of(self.plan, self.state, self.now)
        return turned

    def _send(self, turned: Turned) -> None:
        for effect in turned.effects:
            if isinstance(effect, LookUpOnCall):
                self.lookups.append(effect)
            if isinstance(effect, SendPage):
                self.pages.append(effect)
                self._nobody_is_woken_out_of_hours(effect)
                if effect.attempt == 1:
                    assert effect.id not in self.first_tries, f"{effect.id} is used twice"
                    self.first_tries.append(effect.id)
        self.pages = [page for page in self.pages if page.id not in turned.withdraw]

    def _nobody_is_woken_out_of_hours(self, page: SendPage) -> None:
        """Unless the severity is urgent at every hour, or a person asked for it."""
        urgency = self.plan.urgency.at(self.state.severity)
        at_work = urgency == "high_in_hours" and hours_now(self.hours, self.now).open
        if page.urgency == "low" or urgency == "high" or at_work:
            return
        call = next(
            call
            for call in self.state.calls.values()
            if page.id in [attempt.key for attempt in call.attempts]
        )
        said = {getattr(event, "kind", "") for event, _ in self.history}
        assert call.asked, f"{page.id} wakes {page.person}"
        assert said & set(BY_PEOPLE), f"nobody asked for {page.id}"

    def _nobody_is_paged_after_the_end(self, turned: Turned) -> None:
        if self.state.phase not in OVER:
            return
        assert not [one for one in turned.effects if isinstance(one, SendPage)]
        assert all(call.is_over for call in self.state.calls.values())
        assert not [name for name in self.state.deadlines if name.startswith(PAGING)]
        assert not [offer for offer in self.state.offers.values() if offer.is_open]

    def _somebody_owes_the_next_move(self) -> None:
        state = self.state
        if not state.phase.is_open or state.severity is Severity.SEV5 or not self.history:
            return
        asked = {effect.id for effect in self.lookups} & state.lookups.keys()
        waits = any(name.startswith(MOVES) for name in state.deadlines)
        works = any(not held.on_paper for held in state.holders(OPERATIONS))
        if state.phase in (Phase.ACKNOWLEDGED, Phase.MITIGATED):
            assert works or "ask/take_command" in state.deadlines, "nobody owes the next move"
            return
        assert waits or asked or self._somebody_is_being_paged(), "nothing will ever happen"

    def _somebody_is_being_paged(self) -> bool:
        reached = (AttemptState.DELIVERED, AttemptState.SENDING)
        return any(
            attempt.state in reached
            for call in self.state.calls.values()
            if not call.is_over
            for attempt in call.attempts
        )

    def _an_offered_role_keeps_its_holder(self, before: IncidentState, event: Event) -> None:
        match event:
            case OfferHandoff(role=role):
                role = event.role
            case Assign(role=role) if event.to != event.actor:
                role = event.role
            case DeclineHandoff() if event.offer in before.offers:
                role = before.offers[event.offer].role
            case DeadlineReached() if event.name.startswith("offer/"):
                role = before.offers[event.name.removeprefix("offer/")].role
            case _:
                return
        assert self.state.holders(role) == before.holders(role)

    def _command_is_never_empty(self) -> None:
        self.acked = self.acked or bool(self.state.acked_by)
        if self.acked and self.state.phase.is_open:
            assert self.state.holders(COMMANDER), "command is empty"

    def _nothing_is_forgotten(self) -> None:
        known = self.state.deadlines
        for call in self.state.calls.values():
            more = len(call.attempts) < len(call.rules) and not self._is_hushed(call)
            assert call.is_over or not more or f"call/{call.id}" in known, "a method is forgotten"
        for ladder in self.state.ladders.values():
            waits = ladder.stage == "suspended"
            assert not waits or f"hours/{ladder.id}" in known, "a ladder waits for ever"
        for offer in self.state.offers.values():
            assert not offer.is_open or f"offer/{offer.id}" in known, "an offer never ends"
        for question, asked in self.state.asks.items():
            assert asked.until is None or f"ask/{question}" in known, "a question never ends"
        snoozed = self.state.snooze is not None
        assert snoozed == ("snooze" in known), "a snooze and its end belong together"

    def _is_hushed(self, call: Call) -> bool:
        """Whether its next method would be too late, or too loud now."""
        due = next_moment(call)
        return due is not None and call.is_silenced(max(due, self.now))

    def at_the_end(self) -> None:
        """What is checked once, over the whole history."""
        text = self.state.model_dump_json()
        assert IncidentState.model_validate_json(text) == self.state
        start = IncidentInput(plan=self.plan, reference="INC-AAAAAA", dedup_key="k")
        again = blank("k-aaaaaaaa", start, START)
        for event, at in self.history:
            again = reduce(self.plan, again, event, at).state
        assert again == self.state
        assert again.model_dump_json() == text
        self._one_page_per_method_and_round()

    def _one_page_per_method_and_round(self) -> None:
        seen: set[tuple[str, ...]] = set()
        for key in self.first_tries:
            _, cycle, level, round_, person, method = key.split("/")
            if level.startswith("offer-"):
                continue
            one = (cycle, round_, person, method)
            assert one not in seen, f"{person} is paged twice by {method} in {cycle}/{round_}"
            seen.add(one)


def _people(names: list[str]) -> tuple[Person, ...]:
    return tuple(PEOPLE[name] for name in names if name in PEOPLE)


PAGING = (
    "level/",
    "hours/",
    "shift/",
    "call/",
    "again/",
    "ask/",
    "ack_expires",
    "criterion/",
    "offer/",
    "step/",
    "wait/",
    "hold/",
    "task/",
    "snooze",
    "news",
)
MOVES = ("level/", "hours/", "call/", "again/", "flap_guard", "resolve_hold")
