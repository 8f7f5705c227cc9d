"""What happened in a rehearsal: every page, notice, call and entry with its moment.

Decides what is kept. What it means (a test's expectation, a score) is its readers'.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.incident.effects import LookUpOnCall, SendAnnouncement, SendNotice, SendPage
from domain.incident.people import LookUpAnswer
from domain.incident.step_effects import CallResult, MakeCall
from domain.incident.view import Phase, TimelineEntry
from domain.severity import Severity


class Paged(NamedTuple):
    """One page; `at` is aware UTC."""

    at: datetime
    page: SendPage


class Noticed(NamedTuple):
    """One quiet notice to a person."""

    at: datetime
    notice: SendNotice


class Announced(NamedTuple):
    """One line to destinations."""

    at: datetime
    announcement: SendAnnouncement


class CallMade(NamedTuple):
    """A machine's step that began; `result` is None while it runs."""

    at: datetime
    call: MakeCall
    result: CallResult | None


class LookUpMade(NamedTuple):
    """Who stood behind which references at that moment."""

    at: datetime
    asked: LookUpOnCall
    answer: LookUpAnswer


class Change(NamedTuple):
    """Severity and phase from this moment on."""

    at: datetime
    severity: Severity
    phase: Phase


class Answered(NamedTuple):
    """A command, who gave it, and what the person was told."""

    at: datetime
    actor: str
    kind: str
    sentence: str
    refused: bool


@dataclass(slots=True)
class Record:
    """Everything in order of time."""

    pages: list[Paged] = field(default_factory=list)
    notices: list[Noticed] = field(default_factory=list)
    announcements: list[Announced] = field(default_factory=list)
    calls: list[CallMade] = field(default_factory=list)
    look_ups: list[LookUpMade] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    entries: list[TimelineEntry] = field(default_factory=list)
