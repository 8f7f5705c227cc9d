"""The state of one incident: one serialisable value, changed only by `reduce`.

Decides what is remembered. Everything is absolute (moments, not remaining times), so
that it survives continue-as-new. Nested values are frozen; a turn works on a copy of
the outer value and its containers (`turn.Turn`), so a caller's state never changes.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.alert import AlertStatus
from domain.incident.effects import Loudness, Outcome
from domain.incident.hand_state import FactsSaid, Snoozed, Task
from domain.incident.input import ParentLink
from domain.incident.people import Person
from domain.incident.step_effects import Watched
from domain.incident.step_state import FactState, StepState
from domain.incident.view import Phase, TimelineEntry
from domain.maintenance import Window
from domain.roster import Method, NotifyRule
from domain.severity import Severity
from domain.values import Value


class StatePart(BaseModel):
    """A frozen part of the state."""

    model_config = ConfigDict(frozen=True)


class AlertState(StatePart):
    """One alert of this incident in its latest episode."""

    source: str
    fingerprint: str
    status: AlertStatus
    starts_at: str | None = None
    labels: dict[str, str] = {}
    summary: str = ""
    severity: Severity | None = None
    first_at: datetime
    last_at: datetime
    count: int = 1
    episodes: int = 1

    @property
    def key(self) -> str:
        """`source/fingerprint`, as in `domain.alert`."""
        return f"{self.source}/{self.fingerprint}"

    @property
    def is_firing(self) -> bool:
        """Whether its latest episode still runs."""
        return self.status is AlertStatus.FIRING


class AttemptState(StrEnum):
    """Where one method of one call stands."""

    SENDING = "sending"
    GATHERED = "gathered"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETRYING = "retrying"


class Attempt(StatePart):
    """One method tried on one person. `key` is the page key, the same on every try.

    `alone` once it has gathered with other pages and nobody said what became of it.
    """

    key: str
    method: Method
    state: AttemptState = AttemptState.SENDING
    tries: int = 1
    at: datetime
    retry_at: datetime | None = None
    detail: str = ""
    alone: bool = False


class Call(StatePart):
    """One person being paged, by their own rules, until every reason for it is gone.

    `reasons` are a ladder's id, `offer:<id>` or `help:<why>`; `level` is the part
    of the page key that says which rung called first. A loud call sends nothing at or
    after `loud_until`; `asked` says that a person wanted it, whatever the hours.
    """

    id: str
    person: Person
    cycle: int
    round: int
    level: str
    reasons: tuple[str, ...]
    started_at: datetime
    attempts: tuple[Attempt, ...] = ()
    urgency: Loudness = "high"
    loud_until: datetime | None = None
    asked: bool = False
    bundled: bool = False
    """Whether its pages go together with those of other incidents."""

    @property
    def rules(self) -> tuple[NotifyRule, ...]:
        """The person's methods for this urgency, in order."""
        return self.person.low if self.urgency == "low" else self.person.rules

    def is_silenced(self, now: datetime) -> bool:
        """Whether it was loud and may not be any more."""
        return self.urgency == "high" and self.loud_until is not None and now >= self.loud_until

    @property
    def is_over(self) -> bool:
        """Whether nobody needs this person's answer any more."""
        return not self.reasons

    @property
    def is_delivered(self) -> bool:
        """Whether any method got through."""
        return any(attempt.state is AttemptState.DELIVERED for attempt in self.attempts)

    @property
    def is_unreachable(self) -> bool:
        """Whether every method they have has failed for good."""
        return len(self.attempts) >= len(self.rules) and all(
            attempt.state is AttemptState.FAILED for attempt in self.attempts
        )


Stage = Literal["looking_up", "waiting", "suspended", "paused", "idle", "exhausted", "over"]


class Ladder(StatePart):
    """One ladder of levels: the playbook's escalation, or a role's own small one.

    `cycle` is the paging cycle it climbs in. `round` counts rounds that delivered
    something; `asked` are the people a role's
    ladder has asked. `anyone` says whether this round met a reachable person yet.
    `suspended` waits for the owner team's hours; `loud` climbs whatever the hours, because
    a person asked. `watched` is when other people serve in the schedules paged so far.
    """

    id: str
    role: str | None = None
    levels: tuple[tuple[str, ...], ...]
    cycle: int = 0
    level: int = 0
    round: int = 0
    stage: Stage = "idle"
    since: datetime | None = None
    anyone: bool = False
    asked: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    """Ids of the calls that this level waits for."""
    loud: bool = False
    watched: dict[str, datetime] = {}


class Holding(StatePart):
    """Who holds a role since when.

    `acting` commands until somebody accepts. `on_paper` has let go, or left the roster,
    and is named only until the page that followed is answered. `following` is the role
    whose holder this is (`fill: role:…`).

    `via` is the schedule that found them, `until` when it next changes people.
    `warned_for` is the end they were told of, `over_at` the moment at which an end was
    acted on, `off_shift` whether others served by then, `asked_at` when others were
    last looked for in vain.
    """

    person: str
    name: str
    since: datetime
    acting: bool = False
    on_paper: bool = False
    following: str | None = None
    via: str | None = None
    until: datetime | None = None
    warned_for: datetime | None = None
    over_at: datetime | None = None
    off_shift: bool = False
    asked_at: datetime | None = None


class OnShift(StatePart):
    """The schedule by which somebody was found, until when, and what they were wanted for."""

    schedule: str
    until: datetime | None = None
    purpose: str


OfferStatus = Literal["looking_up", "open", "accepted", "declined", "expired", "withdrawn"]


class Offer(StatePart):
    """A role offered (`handoff`) or asked for (`assign`); the holder keeps it till accepted.

    `automatic` was made at the end of a shift, `because` of it; a `quiet` one wakes nobody.
    `until` is when the schedule `to` next changes people.
    """

    id: str
    kind: Literal["handoff", "assign"]
    role: str
    by: str
    by_name: str
    to: str
    person: Person | None = None
    summary: dict[str, str] = {}
    automatic: bool = False
    quiet: bool = False
    because: str = ""
    until: datetime | None = None
    made_at: datetime
    expires_at: datetime
    status: OfferStatus = "looking_up"
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.status in ("looking_up", "open")


Question = Literal["raise", "still_on_it", "resolve", "take_command", "lower", "raise_to"]


class Ask(StatePart):
    """A question to these people; what follows silence stands in the deadline `ask/…`.

    `about` is what a yes says, where the question alone does not say it.
    """

    question: Question
    of: tuple[str, ...]
    asked_at: datetime
    until: datetime | None = None
    about: str = ""


class Deadline(StatePart):
    """A named moment at which something happens by itself; `summary` is for humans."""

    at: datetime
    summary: str


class Told(StatePart):
    """Someone who was paged in this cycle and hears how it ended."""

    person: str
    name: str


class PagedState(StatePart):
    """One page for the view: the latest are kept."""

    key: str
    person: str
    name: str
    level: str
    method: Method
    outcome: Outcome | None = None
    at: datetime


class IncidentState(BaseModel):
    """Everything one incident remembers. Changed only inside a turn."""

    model_config = ConfigDict(extra="ignore")

    id: str
    reference: str
    dedup_key: str
    drill: bool = False
    alone: bool = False
    """Whether it is a drill whose people are simulated."""
    title: str = ""
    phase: Phase = Phase.PENDING
    severity: Severity = Severity.SEV3
    computed_severity: Severity | None = None
    service: str | None = None
    labels: dict[str, str] = {}
    opened_at: datetime
    triggered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    absorb_until: datetime | None = None
    windows: dict[str, Window] = {}
    held: tuple[str, ...] = ()
    suppressed_from: Phase | None = None
    exhausted: bool = False
    reopened: int = 0
    finished: bool = False

    alerts: dict[str, AlertState] = {}
    duplicates: int = 0
    untracked: int = 0
    news_at: datetime | None = None

    cycle: int = 0
    ladders: dict[str, Ladder] = {}
    calls: dict[str, Call] = {}
    paged: tuple[PagedState, ...] = ()
    told: dict[str, Told] = {}
    last_resort_at: datetime | None = None
    quietly_told: tuple[str, ...] = ()
    """Ladders whose people know of it, so that no quiet page is sent (again)."""
    lookups: dict[str, str] = {}

    acked_by: dict[str, datetime] = {}
    last_action_at: datetime | None = None
    roles: dict[str, tuple[Holding, ...]] = {}
    on_shift: dict[str, tuple[OnShift, ...]] = {}
    let_go: dict[str, str] = {}
    offers: dict[str, Offer] = {}
    asks: dict[str, Ask] = {}
    criteria_met: tuple[int, ...] = ()
    resolve_since: datetime | None = None
    recovered_at: datetime | None = None
    mitigated_since: datetime | None = None
    unevaluated: tuple[str, ...] = ()
    steps: dict[str, StepState] = {}
    known_facts: dict[str, FactState] = {}
    params: dict[str, Value] = {}
    measuring: str | None = None
    """The effect that measures facts, while one is wanted."""
    watched: dict[str, Watched] = {}
    unmeasured_since: datetime | None = None
    lower_since: datetime | None = None
    """Since when the rules give a better severity than the incident has."""
    lower_to: Severity | None = None
    """The worst that they gave in that time."""
    kept_at: Severity | None = None
    """What the rules gave when a person last set the severity."""
    raise_to: Severity | None = None
    """A worse severity that waits for somebody's word."""
    parent: ParentLink | None = None

    acts: dict[str, datetime] = {}
    snooze: Snoozed | None = None
    facts: FactsSaid = FactsSaid()
    tasks: dict[str, Task] = {}

    deadlines: dict[str, Deadline] = {}
    latest: tuple[TimelineEntry, ...] = ()
    done: tuple[TimelineEntry, ...] = ()
    seq: int = 0
    serial: int = 0
    batches: tuple[str, ...] = ()

    def holders(self, role: str) -> tuple[Holding, ...]:
        """Who holds the role, on paper or not."""
        return self.roles.get(role, ())

    def holder_ids(self) -> tuple[str, ...]:
        """Everybody who really holds a role, once each, in order of the roles."""
        seen = dict.fromkeys(
            holding.person
            for holdings in self.roles.values()
            for holding in holdings
            if not holding.on_paper
        )
        return tuple(seen)

    def name_of(self, person: str) -> str:
        """How people call this person, as far as this incident has met them."""
        for holdings in self.roles.values():
            for holding in holdings:
                if holding.person == person:
                    return holding.name
        for call in self.calls.values():
            if call.person.id == person:
                return call.person.name
        return self.told[person].name if person in self.told else person

    @property
    def firing(self) -> tuple[AlertState, ...]:
        """The alerts that fire now."""
        return tuple(alert for alert in self.alerts.values() if alert.is_firing)
