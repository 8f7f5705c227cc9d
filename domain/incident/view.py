"""An incident as others see it: the API's document, the ledger's row, the UI's source.

Decides the shape; it is derived from the state and never read back into it.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.severity import Severity
from domain.values import Value, ValueType


class Phase(StrEnum):
    """Where an incident stands."""

    PENDING = "pending"
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self in OPEN_PHASES


OPEN_PHASES = (Phase.PENDING, Phase.TRIGGERED, Phase.ACKNOWLEDGED, Phase.MITIGATED)


class ViewPart(BaseModel):
    """A frozen part of the view."""

    model_config = ConfigDict(frozen=True)


class RoleView(ViewPart):
    """Who holds a role. `acting` until somebody accepts command for good.

    `on_paper` has fallen silent, let go or left, and is named until somebody else answers.
    """

    person: str
    name: str
    since: datetime
    acting: bool = False
    on_paper: bool = False


class AlertCounts(ViewPart):
    """Distinct alerts, and messages that repeated one of them."""

    firing: int = 0
    total: int = 0
    duplicates: int = 0


class AlertView(ViewPart):
    """One alert of the incident (the ledger keeps its full text)."""

    source: str
    fingerprint: str
    status: str
    starts_at: str | None = None
    summary: str = ""
    labels: dict[str, str] = {}
    count: int = 1


class OfferView(ViewPart):
    """An open offer of a role; `automatic` was made at the end of a shift."""

    id: str
    role: str
    offered_by: str
    to: str
    summary: dict[str, str] = {}
    automatic: bool = False
    expires_at: datetime


class AskView(ViewPart):
    """A question that waits for an answer of these people."""

    question: str
    of: tuple[str, ...]
    asked_at: datetime
    until: datetime | None = None
    about: str = ""


class PagedView(ViewPart):
    """One person being paged: by what, for what, and what became of it.

    `is_live` while their answer is still wanted.
    """

    person: str
    name: str
    level: str
    method: str
    state: str
    at: datetime
    is_live: bool = False


class ItemView(ViewPart):
    """One checklist line; `done_by` is None while it is open."""

    id: str
    text: str
    required: bool = True
    done_by: str | None = None
    done_at: datetime | None = None


class OptionView(ViewPart):
    """One way to decide; `suggested` by what was known when it was put."""

    id: str
    label: str
    suggested: bool = False
    time: str = ""
    risk: str = ""
    reversible: bool | None = None


class VoteView(ViewPart):
    """What one person said to an approval."""

    person: str
    name: str
    approves: bool
    at: datetime
    because: str = ""


class StepView(ViewPart):
    """One step and where it stands: pending, running, done, skipped, failed or cancelled.

    `id` is its address, `label` names the values of its loops too. `needs` are the commands
    that it waits for (`done`, `choose`, `approve`, `reject`, `answer`, `retry`, `skip`,
    `take_over`), `owner` whose it is. `steps` stand inside it, each with its `branch` of a
    `parallel` or round of a `for_each`, from 1. `asked_by` wants the approval; `may_be_own`
    lets them give it too. `answer_type` and `one_of` are what a question takes. `about` is
    what the step does or waits for, in the author's words.
    """

    id: str
    kind: str
    state: str
    label: str = ""
    owner: str | None = None
    deadline: datetime | None = None
    text: str = ""
    detail: str = ""
    output: str = ""
    question: str = ""
    needs: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tries: int = 0
    timed_out: bool = False
    results: dict[str, Value] = {}
    by: str | None = None
    by_name: str = ""
    because: str = ""
    taken_over: bool = False
    choice: str | None = None
    options: tuple[OptionView, ...] = ()
    votes: tuple[VoteView, ...] = ()
    votes_needed: int = 0
    child: str | None = None
    items: tuple[ItemView, ...] = ()
    steps: tuple["StepView", ...] = ()
    branch: int = 0
    asked_by: str | None = None
    may_be_own: bool = False
    answer_type: ValueType | None = None
    one_of: tuple[Value, ...] = ()
    about: str = ""


class FactView(ViewPart):
    """One declared fact: what is known of it, since when, and from where.

    `source` is first, measured, alert, answer, default or set; `stale` is too old to count.
    """

    name: str
    type: str
    value: Value | None = None
    at: datetime | None = None
    source: str | None = None
    by_name: str = ""
    stale: bool = False
    why: str = ""
    one_of: tuple[Value, ...] = ()


class RoleAskView(ViewPart):
    """A role that these people are asked to take, and that nobody has taken yet."""

    role: str
    of: tuple[str, ...]


class SnoozeView(ViewPart):
    """Who is on it until when."""

    by: str
    by_name: str
    until: datetime
    reason: str = ""


class TaskView(ViewPart):
    """One task beside the playbook: open, done or dropped."""

    id: str
    text: str
    owner: str
    owner_name: str
    by: str
    due: datetime | None = None
    state: str = "open"
    ended_by: str | None = None
    ended_at: datetime | None = None


class DeadlineView(ViewPart):
    """What happens next by itself, and when."""

    name: str
    summary: str
    at: datetime


class TimelineEntry(ViewPart):
    """One thing that happened. `seq` counts from 1 in its incident.

    `kind` is a short constant (`paged`, `acknowledged`, `severity`, `note.decision` …),
    `cause` what brought it about (a command's request id, an alert key, a deadline),
    `text` the sentence people read.
    """

    seq: int
    at: datetime
    actor: str
    kind: str
    text: str
    cause: str = ""
    data: dict[str, str] = {}


class IncidentView(ViewPart):
    """One incident, whole. `id` is the workflow id. Times are aware UTC.

    `alone` is a drill whose people are simulated: it concerns nobody.
    """

    id: str
    reference: str
    playbook: str
    playbook_version: int
    plan_sha256: str
    title: str
    severity: Severity
    phase: Phase
    service: str | None = None
    owner: str
    drill: bool = False
    alone: bool = False
    exhausted: bool = False
    reopened: int = 0
    bridge: str | None = None
    dedup_key: str = ""
    labels: dict[str, str] = {}
    roles: dict[str, tuple[RoleView, ...]] = {}
    alerts: AlertCounts = AlertCounts()
    alert_list: tuple[AlertView, ...] = ()
    offers: tuple[OfferView, ...] = ()
    asks: tuple[AskView, ...] = ()
    role_asks: tuple[RoleAskView, ...] = ()
    paged: tuple[PagedView, ...] = ()
    steps: tuple[StepView, ...] = ()
    facts: tuple[FactView, ...] = ()
    parent: str | None = None
    tasks: tuple[TaskView, ...] = ()
    snoozed: SnoozeView | None = None
    impact: str = ""
    eta: str = ""
    eta_at: datetime | None = None
    began_at: datetime | None = None
    deadlines: tuple[DeadlineView, ...] = ()
    latest: tuple[TimelineEntry, ...] = ()
    handoff_require: tuple[str, ...] = ()
    handoff_suggestion: dict[str, str] = {}
    opened_at: datetime
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    recovered_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime
    seq: int = 0
