"""A test page: one page by each of a person's ways, marked as a test.

Decides its text and what is reported of it. It belongs to no incident; its reference
begins with `TEST-`, so that nothing takes it for one.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.incident.effects import Message, Outcome, SendPage
from domain.roster import Method, User
from domain.severity import Severity

PREFIX = "TEST-"


class TrialPart(BaseModel):
    """A frozen part of a test page."""

    model_config = ConfigDict(frozen=True)


class Trial(TrialPart):
    """Whom to page by which methods, at whose wish."""

    reference: str
    person: str
    person_name: str
    methods: tuple[Method, ...]
    asked_by: str


class TrialLine(TrialPart):
    """What became of the page by one method; nothing yet while `outcome` is None."""

    method: Method
    outcome: Outcome | None = None
    detail: str = ""

    @property
    def said(self) -> str:
        """What became of it, in words."""
        if self.outcome is None:
            return "on its way"
        if self.outcome is Outcome.DELIVERED:
            return "delivered"
        return f"not delivered: {self.detail or 'nobody knows why'}"


class TrialReport(TrialPart):
    """How the test went, method by method; `note` where it was not carried out."""

    person: str
    lines: tuple[TrialLine, ...]
    note: str = ""

    @property
    def sentence(self) -> str:
        """The result in one line."""
        if self.note:
            return self.note
        reached = sum(line.outcome is Outcome.DELIVERED for line in self.lines)
        return f"{reached} of {len(self.lines)} ways to {self.person} work."


def ways_of(user: User) -> tuple[Method, ...]:
    """Every way that the roster has an address for, in the order of the person's rules."""
    ruled = [rule.via for rule in (*user.high, *user.low)]
    every = dict.fromkeys((*ruled, *user.contact))
    return tuple(method for method in every if method in user.contact)


def is_trial(reference: str) -> bool:
    """Whether the reference is a test page's, not an incident's."""
    return reference.startswith(PREFIX)


def trial_page(trial: Trial, method: Method, at: datetime) -> SendPage:
    """The page to this person by this method; its key is the same on every try."""
    return SendPage(
        id=f"{trial.reference}/1/test/0/{trial.person}/{method}",
        summary=f"Test page to {trial.person_name} by {method}",
        person=trial.person,
        person_name=trial.person_name,
        method=method,
        level="test",
        message=Message(
            reference=trial.reference,
            severity=Severity.SEV5,
            title="TEST: a Watchbill page would reach you like this",
            headline="This is a test page. Nothing is wrong, and nothing is asked of you.",
            lines=(f"Sent by {method} at the wish of {trial.asked_by}.",),
            at=at,
        ),
    )
