"""Asking somebody to cover a stretch of a schedule: who may answer, and until when.

Decides what each answer does to an override. The workflow around it waits and tells
people; how they read it is `domain.cover_text`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, assert_never

from pydantic import BaseModel, ConfigDict

SOON = timedelta(minutes=30)
"""An override that begins sooner than this can still be accepted after its start."""

LONGEST_WAIT = timedelta(hours=12)
"""How long an override that has begun waits for an answer at most."""


class CoverPart(BaseModel):
    """A frozen part of a cover."""

    model_config = ConfigDict(frozen=True)


class OverrideStatus(StrEnum):
    """Where an override stands; only an accepted one changes who is on call."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OPEN = (OverrideStatus.PROPOSED, OverrideStatus.ACCEPTED)
"""It holds, or still may."""


class CoverStart(CoverPart):
    """One override as its workflow starts with it. `status` is proposed or accepted.

    `requested_by` is an actor such as `user:ann`; `when` is its time as people read it.
    """

    override: str
    schedule: str
    person: str
    person_name: str
    requested_by: str
    requested_by_name: str
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime
    when: str
    reason: str = ""
    status: OverrideStatus

    @property
    def asker(self) -> str | None:
        """The person who asked, or None if it was no person."""
        kind, _, name = self.requested_by.partition(":")
        return name if kind == "user" else None


class CoverCommand(CoverPart):
    """What somebody says to it."""

    kind: Literal["accept", "decline", "withdraw"]
    actor: str
    actor_name: str
    request_id: str
    reason: str = ""
    is_admin: bool = False


class CoverReply(CoverPart):
    """What became of a command, as a sentence, and where the override stands now."""

    sentence: str
    status: OverrideStatus


class Decision(CoverPart):
    """The status a command leads to, or a refusal. An unchanged status changes nothing."""

    status: OverrideStatus
    sentence: str
    refused: bool = False


About = Literal["asked", "reminded", "accepted", "relieved", "declined", "expired", "withdrawn"]


class CoverWord(CoverPart):
    """Something to tell one person about a cover; `key` is the same on every retry."""

    key: str
    to: str
    about: About
    start: CoverStart
    by_name: str = ""
    reason: str = ""


class CoverSettled(CoverPart):
    """A status for the ledger to keep, if the override still stands in one of `only`."""

    override: str
    status: OverrideStatus
    only: tuple[OverrideStatus, ...]


def answer_until(now: datetime, starts_at: datetime, ends_at: datetime) -> datetime:
    """Until when an answer is waited for: the start, if that is not too soon.

    What has begun, or begins soon, can be accepted until half of it is over.
    """
    if starts_at - now >= SOON:
        return starts_at
    return min(starts_at + (ends_at - starts_at) / 2, now + LONGEST_WAIT)


def decide(start: CoverStart, status: OverrideStatus, command: CoverCommand) -> Decision:
    """What this command does to an override in this status."""
    refused = _not_theirs(start, command)
    if refused is not None:
        return Decision(status=status, sentence=refused, refused=True)
    what = f"{start.schedule} {start.when}"
    match command.kind:
        case "accept":
            if status in OPEN:
                sentence = f"{start.person_name} covers {what}."
                return Decision(status=OverrideStatus.ACCEPTED, sentence=sentence)
        case "decline":
            if status is OverrideStatus.PROPOSED:
                sentence = f"Declined: {start.person_name} does not cover {what}."
                return Decision(status=OverrideStatus.DECLINED, sentence=sentence)
            if status is OverrideStatus.ACCEPTED:
                sentence = "It is accepted already: withdraw it instead."
                return Decision(status=status, sentence=sentence, refused=True)
        case "withdraw":
            if status in OPEN:
                sentence = f"Withdrawn: {start.person_name} does not cover {what}."
                return Decision(status=OverrideStatus.WITHDRAWN, sentence=sentence)
        case _:
            assert_never(command.kind)
    return Decision(status=status, sentence=over_text(start.override, status), refused=True)


def over_text(override: str, status: OverrideStatus) -> str:
    """Why nothing can be done to an override any more."""
    if status in OPEN:
        return f"Override {override} is over."
    return f"Override {override} was {status.value}: ask anew if it is still needed."


def _not_theirs(start: CoverStart, command: CoverCommand) -> str | None:
    """Why this is not for the actor to say, or None if it is."""
    covering = f"user:{start.person}"
    if command.actor == covering:
        return None
    if command.kind != "withdraw":
        return f"Only {start.person_name} can {command.kind} this: they were asked to cover."
    if command.actor == start.requested_by or command.is_admin:
        return None
    return f"Only {start.requested_by_name}, {start.person_name} or an admin can withdraw this."
