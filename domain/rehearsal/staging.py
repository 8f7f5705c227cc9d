"""Plays a test of a playbook: who takes the alert, and what happens then over time.

Decides how a test's words become messages to the incident: alerts with their episodes,
commands with their speakers, answers of machines. What of it is as expected is
`domain.rehearsal.expectations`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from domain.alert import Alert, AlertStatus, trimmed
from domain.incident.commands import command_named
from domain.incident.events import Called as CalledEvent
from domain.incident.input import Declaration
from domain.matching import Routing, match_alert
from domain.plan import Plan
from domain.rehearsal.case import Ends, Fires, Line, Place, Says, SourcesSay, TestCase
from domain.rehearsal.cast import Cast
from domain.rehearsal.given import an_alert, call_of, child_answers, machine_answers, start_of
from domain.rehearsal.rehearsal import EndlessRehearsalError, Rehearsal
from domain.roster import Roster

MOST_EVENTS = 5_000
"""Events of one test, those of called playbooks included."""

_OFFER_COMMANDS = ("accept_handoff", "decline_handoff")

Route = Callable[[Alert], Routing]
"""Which playbook takes an alert."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What a playbook is tested among: the other playbooks, and the people.

    `give_up` says when a test has taken too long; the rules themselves have no clock.
    """

    plans: Mapping[str, Plan]
    roster: Roster
    fallback: str | None = None
    route: Route | None = None
    give_up: Callable[[], bool] = lambda: False

    def taken_by(self, alert: Alert) -> Routing:
        """Where the alert goes; not every verdict is there."""
        if self.route is not None:
            return self.route(alert)
        return match_alert(alert, self.plans, self.fallback)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not as the test says; `reason` is what helps most."""

    place: Place
    message: str
    reason: str = ""


@dataclass(slots=True)
class Stage:
    """One test on its way. `failures` are those of the story itself.

    `alerts` are the latest messages by fingerprint, `fired` every batch that arrived.
    """

    case: TestCase
    plan: Plan
    folder: Folder
    rehearsal: Rehearsal
    routing: Routing | None = None
    dedup_key: str = ""
    workflow_id: str = ""
    alerts: dict[str, Alert] = field(default_factory=dict)
    fired: list[tuple[Alert, ...]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    _events: int = 0
    _serial: int = 0

    # -- the beginning ----------------------------------------------------------------

    def open(self) -> None:
        """The incident begins, and goes on to the moment at which it is real."""
        routing = self.routing
        self.rehearsal.on_event = lambda _event: self._count()
        given = self.case.given
        self.rehearsal.measure(given.facts)
        for line in self.case.story:
            if line.from_alert:
                self.rehearsal.after(line.after, self._act(line))
        if given.declared is not None:
            self.rehearsal.declare(self._declaration())
        elif given.params is not None:
            self.rehearsal.take(CalledEvent(called=call_of(self.plan, given)))
        elif routing is not None:
            self.dedup_key, self.workflow_id = routing.dedup_key, routing.workflow_id
            self._fire(given.labels, given.annotations, routing.notes)
        self._wait_for_trigger()
        for line in self.case.story:
            if not line.from_alert:
                self.rehearsal.plan_act(self.began_at + line.after, self._act(line))

    @property
    def began_at(self) -> datetime:
        """The moment from which times count."""
        return self.rehearsal.triggered_at or self.rehearsal.start

    def until(self, after: timedelta) -> None:
        """Let time pass to so long after it was triggered."""
        self.rehearsal.until(self.began_at + after)

    def _wait_for_trigger(self) -> None:
        rehearsal = self.rehearsal
        while rehearsal.triggered_at is None and not rehearsal.is_over:
            due = rehearsal.next_due()
            if due is None:
                return
            rehearsal.until(due)

    def _count(self) -> None:
        self._events += 1
        if self._events > MOST_EVENTS:
            raise EndlessRehearsalError(f"more than {MOST_EVENTS} events happen in it")
        if self.folder.give_up():
            raise EndlessRehearsalError("it takes too long to play")

    def _declaration(self) -> Declaration:
        given = self.case.given
        declared = given.declared
        assert declared is not None  # noqa: S101 - asked by `open`
        ref = declared.by or next(iter(self.plan.manual.allow or ()), self.plan.owner)
        who = self._who(ref) or "somebody"
        return Declaration(
            title=declared.title,
            actor=f"user:{who}",
            actor_name=self._name(who),
            severity=declared.severity,
            labels=given.labels,
        )

    # -- the story --------------------------------------------------------------------

    def _act(self, line: Line) -> Callable[[], None]:
        return lambda: self._happen(line)

    def _happen(self, line: Line) -> None:
        match line.what:
            case Says() as said:
                self._say(line.place, said)
            case SourcesSay(facts=facts):
                self.rehearsal.measure(facts)
            case Fires() as fired:
                self._fire_another(line.place, fired)
            case Ends(labels=labels):
                self._end(line.place, labels)
            case _:
                assert_never(line.what)

    def _say(self, place: Place, said: Says) -> None:
        who = self._who(said.by)
        if who is None:
            verb = "holds" if said.by.startswith("role:") else "serves as"
            message = f"nobody can {_readable(said.command)}: nobody {verb} {said.by} then"
            self.failures.append(Failure(place, message, self.said_last()))
            return
        arguments = dict(said.arguments)
        if said.command in _OFFER_COMMANDS and "offer" not in arguments:
            offers = [one.id for one in self.rehearsal.view().offers]
            arguments["offer"] = offers[-1] if offers else "none"
        self._serial += 1
        given = {"actor": f"user:{who}", "actor_name": self._name(who)}
        given["request_id"] = f"line-{self._serial}"
        try:
            turned = self.rehearsal.say(command_named(said.command, {**arguments, **given}))
        except ValueError as error:
            self.failures.append(Failure(place, str(error)))
            return
        if turned.refused and not said.refused:
            message = f"{self._name(who)}'s {_readable(said.command)} was refused"
            self.failures.append(Failure(place, message, turned.sentence))
        elif said.refused and not turned.refused:
            message = f"expected {_readable(said.command)} to be refused, but it was carried out"
            self.failures.append(Failure(place, message, turned.sentence))

    def _fire(
        self, labels: Mapping[str, str], annotations: Mapping[str, str], notes: tuple[str, ...] = ()
    ) -> None:
        alert = self._alert(labels, annotations)
        known = self.alerts.get(alert.fingerprint)
        if known is not None and known.is_firing:
            alert = alert.model_copy(update={"starts_at": known.starts_at})
        self._arrive(alert, notes=notes)

    def _arrive(self, *alerts: Alert, notes: tuple[str, ...] = ()) -> None:
        self.alerts |= {alert.fingerprint: alert for alert in alerts}
        self.fired.append(alerts)
        self.rehearsal.fire(*map(trimmed, alerts), notes=notes)

    def _alert(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> Alert:
        at = self.rehearsal.now
        return an_alert(self.case.given, at, labels=labels, annotations=annotations)

    def _fire_another(self, place: Place, fired: Fires) -> None:
        given = self.case.given
        labels = given.labels | fired.labels
        annotations = given.annotations | fired.annotations
        alert = self._alert(labels, annotations)
        routing = self.folder.taken_by(alert)
        if routing.workflow_id == self.workflow_id or alert.fingerprint in self.alerts:
            self._fire(labels, annotations, routing.notes)
            return
        message = "this alert would not join the incident"
        if routing.playbook is None:
            reason = "no playbook takes it"
        elif routing.playbook != self.plan.name:
            reason = f"the playbook {routing.playbook} takes it"
        else:
            reason = f"its key is {routing.dedup_key}, the incident's is {self.dedup_key}"
        self.failures.append(Failure(place, message, reason))

    def _end(self, place: Place, labels: Mapping[str, str]) -> None:
        ending = [
            alert
            for alert in self.alerts.values()
            if alert.is_firing and labels.items() <= alert.labels.items()
        ]
        if not ending:
            self.failures.append(Failure(place, "no alert with these labels fires then"))
            return
        at = self.rehearsal.now.isoformat()
        update = {"status": AlertStatus.RESOLVED, "ends_at": at}
        ended = [alert.model_copy(update=update) for alert in ending]
        self._arrive(*ended)

    # -- people -----------------------------------------------------------------------

    def _who(self, ref: str) -> str | None:
        """The user behind a speaker's reference now: who serves, or holds the role."""
        kind, _, name = ref.partition(":")
        if kind == "role":
            holders = self.rehearsal.state.holders(name)
            return next((one.person for one in holders), None)
        people = self.rehearsal.cast.behind(ref, self.rehearsal.now).people
        return next((one.id for one in people), None)

    def _name(self, user: str) -> str:
        known = self.folder.roster.users.get(user)
        return known.name if known is not None else user

    def said_last(self) -> str:
        """The last thing that the timeline says."""
        entries = self.rehearsal.record.entries
        return f"the last that happened: {entries[-1].text}" if entries else ""


def stage_for(
    case: TestCase, plan: Plan, folder: Folder, *, routing: Routing | None = None
) -> Stage:
    """The test before anything has happened."""
    answers = case.given.steps
    start = start_of(case, plan, folder.roster)
    cast = Cast(
        roster=folder.roster,
        serving=case.given.on_call,
        machine=machine_answers(answers),
        child=child_answers(answers),
    )
    return Stage(case, plan, folder, Rehearsal(plan, cast, start), routing)


def went_on(stage: Stage, time: timedelta) -> Stage:
    """The same test played anew and for longer, as far as it can be."""
    later = stage_for(stage.case, stage.plan, stage.folder, routing=stage.routing)
    with suppress(EndlessRehearsalError):
        later.open()
        later.until(time)
    return later


def _readable(command: str) -> str:
    return command.replace("_", " ")
