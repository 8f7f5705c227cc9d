"""Who and what answers in a rehearsal: people on call, machines, providers, playbooks called.

Decides what an answer is where nobody said one: the roster's people are on call, every
page is delivered, every machine succeeds, a called playbook is rehearsed as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.incident.effects import Outcome, SendPage
from domain.incident.people import LookedUp
from domain.incident.step_effects import CallResult, ChildResult, MakeCall, OpenChild
from domain.on_call import person_of, stand_behind
from domain.rehearsal.machines import SIMULATED
from domain.roster import Roster


def succeed(call: MakeCall) -> CallResult | None:
    """A machine that does what it is asked for, and says nothing."""
    del call
    return SIMULATED


def deliver(page: SendPage) -> Outcome | None:
    """A provider that delivers."""
    del page
    return Outcome.DELIVERED


def rehearse(child: OpenChild) -> ChildResult | None:
    """A called playbook is rehearsed itself."""
    del child
    return None


@dataclass(slots=True)
class _Asked:
    """What one roster answered; a folder's tests ask the same again and again."""

    roster: Roster
    answers: dict[tuple[str, datetime], LookedUp] = field(default_factory=dict)


_LATEST = _Asked(Roster())
_MOST_KEPT = 20_000


def _written_in(roster: Roster, ref: str, at: datetime) -> LookedUp:
    """What the roster says; the same roster is asked the same thing once."""
    if _LATEST.roster is not roster or len(_LATEST.answers) > _MOST_KEPT:
        _LATEST.roster, _LATEST.answers = roster, {}
    found = _LATEST.answers.get((ref, at))
    if found is None:
        found = _LATEST.answers[ref, at] = stand_behind(roster, ref, at)
    return found


@dataclass(frozen=True, slots=True)
class Cast:
    """`serving` says who stands behind a reference (user ids), whatever the roster says.

    `machine` answers None for a step that runs on until `Rehearsal.finish`, `provider` None
    for a page whose answer never comes, `child` None for a playbook that is rehearsed.
    """

    roster: Roster
    serving: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    machine: Callable[[MakeCall], CallResult | None] = succeed
    provider: Callable[[SendPage], Outcome | None] = deliver
    child: Callable[[OpenChild], ChildResult | None] = rehearse

    def behind(self, ref: str, at: datetime) -> LookedUp:
        """Who stands behind this reference at this moment (aware)."""
        users = self.serving.get(ref)
        if users is None:
            return _written_in(self.roster, ref, at)
        known = [self.roster.users[user] for user in users if user in self.roster.users]
        return LookedUp(ref=ref, people=tuple(person_of(user) for user in known))
