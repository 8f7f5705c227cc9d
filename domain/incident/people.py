"""People as the reducer sees them: a name and the ways to wake them, no addresses.

What an on-call look-up answers. Addresses stay in the roster and are read by the
sending activity, so that no phone number or token reaches a workflow history.
"""

from pydantic import BaseModel, ConfigDict

from domain.roster import NotifyRule


class Person(BaseModel):
    """One person to page, with their own rules for the urgency, in order."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    rules: tuple[NotifyRule, ...] = ()


class LookedUp(BaseModel):
    """Who stands behind one reference at a moment; `note` says why if nobody does."""

    model_config = ConfigDict(frozen=True)

    ref: str
    people: tuple[Person, ...] = ()
    note: str | None = None


class LookUpAnswer(BaseModel):
    """The answer to one look-up, in the order asked."""

    model_config = ConfigDict(frozen=True)

    found: tuple[LookedUp, ...]
