"""Answers to pages that come back through a service: whose they are, and what they do.

Decides who speaks (the person of the roster behind a number or a Slack id), which
incidents `ack` and `ack all` mean, and the sentence that is answered. What an
acknowledgement does is the incident's.
"""

import asyncio
from dataclasses import dataclass

from api.documents import CommandAnswer
from api.find import is_over
from api.gateway_errors import GatewayError
from api.problems import Problem
from api.security import Caller, Scope, shown_name
from api.sending import Sending
from api.services import Services
from domain.incident import commands
from domain.incident.view import IncidentView, Phase
from domain.roster import Method, Roster, User

ALL = "all"
"""What is answered where every page of the person is meant."""

_LOOKED_THROUGH = 500
_AT_ONCE = 8
_WAITING = (Phase.PENDING, Phase.TRIGGERED)


@dataclass(frozen=True)
class Said:
    """One sentence for the person, and whether what they wanted is done."""

    sentence: str
    is_done: bool


def people_with_number(roster: Roster, number: str) -> list[User]:
    """Everybody who is reached by this number."""
    return [
        user
        for user in roster.users.values()
        if number and number in (user.contact.get(Method.SMS), user.contact.get(Method.PHONE))
    ]


def person_in_slack(roster: Roster, member: str, name: str) -> User | None:
    """Who has this member id as their Slack contact, or else this name."""
    for address in (member, f"@{name}" if name else ""):
        for user in roster.users.values():
            if address and user.contact.get(Method.SLACK) == address:
                return user
    return None


async def answer(parts: Services, person: str, answered: str, key: str) -> Said:
    """Acknowledge as this person: one incident by its code, or `all` that page them."""
    if answered.lower() != ALL:
        return await acknowledge(parts, person, reference_of(answered), key)
    waiting = await paging(parts, person)
    if not waiting:
        return Said("Nothing pages you now.", is_done=False)
    return await _acknowledge_all(parts, person, waiting, key)


async def acknowledge(parts: Services, person: str, reference: str, key: str) -> Said:
    """What the incident says; a repeat under the same key gets the first answer again."""
    caller = _caller(parts, person, key)
    sending = Sending(parts, reference, key)
    try:
        done = await sending(caller, commands.Acknowledge(**sending.by(caller)))
    except Problem as error:
        if error.document.status == 404:  # noqa: PLR2004  # not found
            return Said(f"No incident {reference} is known.", is_done=False)
        return Said(error.document.detail, is_done=False)
    except GatewayError as error:
        return Said(f"{error} Nothing was done: try again, or use the link.", is_done=False)
    if not isinstance(done, CommandAnswer):
        return Said("It is kept, and done as soon as a worker answers.", is_done=True)
    return Said(f"{done.reference}: {done.sentence}", is_done=True)


async def paging(parts: Services, person: str) -> list[IncidentView]:
    """The incidents that page this person and that nobody has acknowledged, the worst first.

    Where there are none: those that paged them and in which they hold nothing yet.
    """
    page = await parts.writer.read(lambda ledger: ledger.incidents("open", _LOOKED_THROUGH))
    theirs = [
        view
        for view in page.items
        if not is_over(view) and any(paged.person == person for paged in view.paged)
    ]
    waiting = [view for view in theirs if view.phase in _WAITING]
    found = waiting or [view for view in theirs if not _holds(view, person)]
    return sorted(found, key=lambda view: (view.severity.rank, view.opened_at))


def reference_of(code: str) -> str:
    """`INC-M4T9WC` of `m4t9wc` or of `inc-m4t9wc`."""
    return f"INC-{code.upper().removeprefix('INC-')}"


async def _acknowledge_all(
    parts: Services, person: str, waiting: list[IncidentView], key: str
) -> Said:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(view: IncidentView) -> Said:
        async with room:
            return await acknowledge(parts, person, view.reference, key)

    said = await asyncio.gather(*(one(view) for view in waiting))
    if len(said) == 1:
        return said[0]
    done = sum(each.is_done for each in said)
    missed = [view.reference for view, each in zip(waiting, said, strict=True) if not each.is_done]
    if missed:
        left = ", ".join(missed)
        return Said(f"Acknowledged {done} of {len(said)}; not {left}.", is_done=done > 0)
    return Said(f"Acknowledged all {done} incidents.", is_done=True)


def _holds(view: IncidentView, person: str) -> bool:
    return any(holder.person == person for holders in view.roles.values() for holder in holders)


def _caller(parts: Services, person: str, key: str) -> Caller:
    actor = f"user:{person}"
    return Caller(
        actor=actor,
        name=shown_name(parts.snapshot.roster, actor),
        scopes=frozenset({Scope.RESPOND}),
        key=key.partition("/")[0],
    )
