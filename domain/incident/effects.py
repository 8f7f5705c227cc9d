"""What the reducer wants done to the world, as values; each is run as one activity.

Decides the payload of every effect. Running them is `activities`, with which timeouts
is `workflows.options`. Every effect has an `id`, unique in its incident, which is also
the activity id and the idempotency key downstream.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.incident.effect_part import EffectPart
from domain.incident.step_effects import MakeCall, MeasureFacts, OpenChild, TellChild, TellParent
from domain.roster import Method
from domain.severity import Severity


class Message(EffectPart):
    """What a person reads. `ask` is what they are asked to do, None for a mere notice.

    Links are added by the sending activity, which knows the public address and signs
    one for the person. `drill` messages are marked as such. `playbook`, `runbook`
    (`file.md#heading`) and `tried` are a page's; `offer` is the offer that it carries.
    """

    reference: str
    severity: Severity
    title: str
    headline: str
    lines: tuple[str, ...] = ()
    ask: str | None = None
    bridge: str | None = None
    drill: bool = False
    at: datetime
    playbook: str = ""
    runbook: str | None = None
    tried: tuple[str, ...] = ()
    offer: str | None = None


Loudness = Literal["high", "low"]
"""Whether a page wakes (`high`) or waits to be seen (`low`)."""


class LookUpOnCall(EffectPart):
    """Ask who stands behind these references at `at` (aware UTC).

    `hours_of` is the team whose hours are asked for as well; in `timezone` it works where
    the roster says no hours.
    """

    kind: Literal["look_up"] = "look_up"
    id: str
    summary: str
    refs: tuple[str, ...]
    at: datetime
    hours_of: str | None = None
    timezone: str = "UTC"


class SendPage(EffectPart):
    """Page one person by one method, under a key that every retry repeats.

    `id` is that key: `reference/cycle/level/round/person/method`. `alone` pages never
    gather with the person's others: offers, drills, and what gathered and got no answer.
    """

    kind: Literal["page"] = "page"
    id: str
    summary: str
    person: str
    person_name: str
    method: Method
    level: str
    attempt: int = 1
    urgency: Loudness = "high"
    alone: bool = False
    message: Message


class LeaveBundle(EffectPart):
    """Take a call back from the person's gathered pages; `call` is its part of the keys."""

    kind: Literal["leave_bundle"] = "leave_bundle"
    id: str
    summary: str
    person: str
    call: str


class SendNotice(EffectPart):
    """Tell one person quietly, by their least intrusive method. Wakes nobody.

    A `nudge` asks for an answer whose absence pages again: it may make a short sound.
    """

    kind: Literal["notice"] = "notice"
    id: str
    summary: str
    person: str
    person_name: str
    message: Message
    nudge: bool = False


class SendAnnouncement(EffectPart):
    """Tell destinations (or users and teams) a text."""

    kind: Literal["announce"] = "announce"
    id: str
    summary: str
    to: tuple[str, ...]
    message: Message


Effect = Annotated[
    LookUpOnCall
    | SendPage
    | LeaveBundle
    | SendNotice
    | SendAnnouncement
    | MakeCall
    | MeasureFacts
    | OpenChild
    | TellChild
    | TellParent,
    Field(discriminator="kind"),
]


class Outcome(StrEnum):
    """What became of a message: delivered, failed for good, or worth retrying.

    `gathered` is no end: it waits for the person's other pages, and one of the three follows.
    """

    DELIVERED = "delivered"
    FAILED = "failed"
    RETRY = "retry"
    GATHERED = "gathered"


class SendResult(EffectPart):
    """The provider's answer, in one line a human understands (at most 500 characters).

    `repeated` is True when the provider said it had seen this key before, `bundled` when
    other incidents were in the same message. What gathered leaves by `until`.
    """

    outcome: Outcome
    detail: str = ""
    repeated: bool = False
    bundled: bool = False
    until: datetime | None = None
