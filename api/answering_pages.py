"""Answers to pages that come back through a service: whose they are, and what they mean.

Decides who speaks (the person of the roster behind a number or a Slack id), and which
incidents a bare `ack` and `ack all` mean.
"""

from api import acknowledge_all
from api.acknowledge_all import WAITING, acknowledge_each
from api.acknowledging import Said, acknowledge
from api.find import is_over
from api.services import Services
from domain.incident.view import IncidentView
from domain.roster import Method, Roster, User

ALL = "all"
"""What is answered where every page of the person is meant."""

_LOOKED_THROUGH = 500


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
    done = await acknowledge_each(parts, person, await waiting_for(parts, person), key)
    return Said(done.sentence, is_done=any(one.is_done for one in done.items))


async def waiting_for(parts: Services, person: str) -> list[IncidentView]:
    """What `all` means: the incidents that page this person and wait for somebody."""
    found = await acknowledge_all.paging(parts, person)
    return [view for view in found if view.phase in WAITING]


async def paging(parts: Services, person: str) -> list[IncidentView]:
    """What a bare `ack` may mean, the worst first, drills after everything real.

    Where nothing waits for somebody: those that paged them and in which they hold nothing.
    """
    page = await parts.writer.read(lambda ledger: ledger.incidents("open", _LOOKED_THROUGH))
    theirs = [
        view
        for view in page.items
        if not is_over(view)
        and not view.alone
        and any(paged.person == person for paged in view.paged)
    ]
    waiting = [view for view in theirs if view.phase in WAITING]
    found = waiting or [view for view in theirs if not _holds(view, person)]
    return sorted(found, key=lambda view: (view.drill, view.severity.rank, view.opened_at))


def reference_of(code: str) -> str:
    """`INC-M4T9WC` of `m4t9wc` or of `inc-m4t9wc`."""
    return f"INC-{code.upper().removeprefix('INC-')}"


def _holds(view: IncidentView, person: str) -> bool:
    return any(holder.person == person for holders in view.roles.values() for holder in holders)
