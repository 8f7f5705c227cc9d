"""People as the reducer sees them: a name and the ways to wake them, no addresses.

What an on-call look-up answers. Addresses stay in the roster and are read by the
sending activity, so that no phone number or token reaches a workflow history.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.roster import NotifyRule


class Person(BaseModel):
    """One person to page: `rules` for high urgency and `low` for low, each in order."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    rules: tuple[NotifyRule, ...] = ()
    low: tuple[NotifyRule, ...] = ()


class LookedUp(BaseModel):
    """Who stands behind one reference at a moment; `note` says why if nobody does.

    For a schedule, `until` (aware UTC) is when other people serve, and `next` are they.
    """

    model_config = ConfigDict(frozen=True)

    ref: str
    people: tuple[Person, ...] = ()
    note: str | None = None
    until: datetime | None = None
    next: tuple[Person, ...] = ()


class HoursNow(BaseModel):
    """Whether a team is at work, and the moment (aware UTC) at which that changes."""

    model_config = ConfigDict(frozen=True)

    open: bool
    changes_at: datetime | None = None


class LookUpAnswer(BaseModel):
    """The answer to one look-up, in the order asked; `hours` where they were asked for."""

    model_config = ConfigDict(frozen=True)

    found: tuple[LookedUp, ...]
    hours: HoursNow | None = None
