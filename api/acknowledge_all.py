"""Acknowledging everything that pages a person, by one tap or one request.

Decides what "everything" is: the open incidents that page the person and that nobody has
acknowledged; a link's list begins where its bundle did. Opening the page never acts. What
somebody else took in the meantime is said, and not joined.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from activities.links import link_for, read_link_for_all
from api.acknowledging import acknowledge
from api.find import find_seen
from api.idempotency import IdempotencyKey
from api.links import LinkRefused
from api.page_rendering import page, zone_named
from api.problems import Problem
from api.security import Acknowledger, shown_name
from api.services import Parts, Services
from domain.clock_text import local_time
from domain.incident.view import IncidentView, Phase
from domain.plan import OPERATIONS

router = APIRouter(prefix="/v1/me", tags=["me"])
link_router = APIRouter(prefix="/a", tags=["links"], include_in_schema=False)

OPEN_READ = 2_000
"""Open incidents that are looked through for those that page one person."""

AT_ONCE = 8
"""Commands in flight: each waits for its own incident, and they share the workers."""

WAITING = (Phase.PENDING, Phase.TRIGGERED)


class AcknowledgedOne(BaseModel):
    """What came of it in one incident. `is_done` also where somebody else was faster."""

    reference: str
    title: str
    severity: str
    sentence: str
    is_done: bool


class AcknowledgedAll(BaseModel):
    """What came of it, in each incident; the worst first."""

    sentence: str
    items: list[AcknowledgedOne]


class Row(BaseModel):
    """One incident on the page: where it stands, and its own page."""

    reference: str
    title: str
    severity: str
    address: str
    sentence: str = ""


class Everything:
    """A link to all that pages a person, read: whose it is, and what of it is open."""

    def __init__(self, parts: Services, token: str, since: datetime, person: str) -> None:
        self.parts = parts
        self.token = token
        self.since = since
        self.person = person

    async def views(self) -> list[IncidentView]:
        """The open incidents of it, as recorded; LinkRefused if there is none any more."""
        found = await paging(self.parts, self.person, self.since)
        if not found:
            raise LinkRefused(
                410,
                "Nothing of it is open any more",
                "Every incident of this page has been resolved or cancelled.",
                "`watchbill list` shows what is open now.",
            )
        return found

    @property
    def zone(self) -> str:
        """The person's zone, by its IANA name."""
        return zone_of(self.parts, self.person)


async def everything(parts: Parts, token: str) -> Everything:
    """The link of this token; LinkRefused if we did not sign it, or for nobody we know."""
    read = read_link_for_all(parts.settings, token)
    if read is None:
        raise LinkRefused(
            403,
            "This link is not valid",
            "It was cut off or altered on its way to you, so it does nothing.",
            "Open the link from the page you were sent, or use `watchbill ack --all`.",
        )
    since, person = read
    users = parts.snapshot.roster.users
    if users and person not in users:
        raise LinkRefused(
            403,
            "This link is no longer yours",
            f"{person!r} is not in the roster any more, so it does nothing.",
        )
    return Everything(parts, token, since, person)


Link = Annotated[Everything, Depends(everything)]


@link_router.get("/{token}")
async def open_all(link: Link) -> HTMLResponse:
    """All that pages the person; opening it changes nothing."""
    return _show(link, await link.views())


@link_router.post("/{token}/acknowledge")
async def tap_all(link: Link) -> HTMLResponse:
    """Acknowledge all of it, as the person the link was signed for."""
    views = await link.views()
    done = await acknowledge_each(link.parts, link.person, views, _short(link.token))
    missed = {one.reference for one in done.items if not one.is_done}
    left = [view for view in views if view.reference in missed]
    return _show(link, left, done, status=200 if not missed else 409)


@router.post("/acknowledge-all", operation_id="acknowledge_all")
async def acknowledge_all(
    parts: Parts, caller: Acknowledger, key: IdempotencyKey = None
) -> AcknowledgedAll:
    """I am on all that pages me: acknowledge each open incident that nobody is on."""
    kind, _, person = caller.actor.partition(":")
    if kind != "user":
        raise Problem(422, f"Only a person is paged; you are {caller.actor}.")
    return await acknowledge_each(parts, person, await paging(parts, person), key or "")


async def paging(parts: Services, person: str, since: datetime | None = None) -> list[IncidentView]:
    """The open incidents that have paged this person (since then), the worst first.

    Drills are left out: they are answered one by one.
    """
    found = await parts.writer.read(lambda ledger: ledger.incidents("open", OPEN_READ))
    theirs = [
        view
        for view in found.items
        if not view.drill
        and any(one.person == person and (not since or one.at >= since) for one in view.paged)
    ]
    return sorted(theirs, key=lambda view: (view.severity.rank, view.opened_at, view.reference))


async def acknowledge_each(
    parts: Services, person: str, views: Sequence[IncidentView], key: str
) -> AcknowledgedAll:
    """Acknowledge those that nobody is on, a few at a time; a repeat does it once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(view: IncidentView) -> AcknowledgedOne:
        async with room:
            return await _acknowledge_one(parts, person, view, key)

    items = await asyncio.gather(*(one(view) for view in views if view.phase in WAITING))
    return AcknowledgedAll(sentence=_summed_up(items), items=list(items))


async def _acknowledge_one(
    parts: Services, person: str, view: IncidentView, key: str
) -> AcknowledgedOne:
    fresh = (await find_seen(parts, view.reference)).view
    shown = {"reference": view.reference, "title": view.title, "severity": view.severity.value}
    if fresh.reference != view.reference or fresh.phase not in WAITING:
        return AcknowledgedOne(**shown, sentence=taken(fresh, zone_of(parts, person)), is_done=True)
    said = await acknowledge(parts, person, view.reference, _request(key, fresh, person))
    sentence = said.sentence.removeprefix(f"{view.reference}: ")
    return AcknowledgedOne(**shown, sentence=sentence, is_done=said.is_done)


def zone_of(parts: Services, person: str) -> str:
    """The person's zone, by its IANA name."""
    user = parts.snapshot.roster.users.get(person)
    return user.tz if user else "UTC"


def _request(key: str, view: IncidentView, person: str) -> str:
    """The same for a second tap, another one where the incident has paged anew since."""
    latest = max((one.at for one in view.paged if one.person == person), default=view.opened_at)
    return _short(f"{key}/{view.reference}/{latest.isoformat()}")


def _short(text: str) -> str:
    return f"all/{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _summed_up(items: Sequence[AcknowledgedOne]) -> str:
    done = sum(one.is_done for one in items)
    match len(items):
        case 0:
            return "Nothing waits for your acknowledgement."
        case 1:
            return f"{items[0].reference}: {items[0].sentence}"
        case count if done == count:
            return f"All {count} incidents are acknowledged."
        case count:
            return f"{done} of {count} incidents are acknowledged; the others are listed."


def taken(view: IncidentView, zone: str) -> str:
    """Who is on it since when, or what else became of it."""
    if view.acknowledged_at is None or not view.phase.is_open:
        return f"It is {view.phase.value}."
    names = ", ".join(one.name for one in view.roles.get(OPERATIONS, ())) or "Somebody"
    return f"{names} acknowledged at {local_time(view.acknowledged_at, zone)}."


def _show(
    link: Everything,
    views: Sequence[IncidentView],
    done: AcknowledgedAll | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    settings, zone = link.parts.settings, link.zone
    said = {one.reference: one.sentence for one in done.items} if done else {}
    waiting = [view for view in views if view.phase in WAITING]
    others = [view for view in views if view.phase not in WAITING]

    def row(view: IncidentView, sentence: str = "") -> Row:
        return Row(
            reference=view.reference,
            title=view.title,
            severity=view.severity.value,
            address=link_for(settings, view.reference, link.person),
            sentence=said.get(view.reference, sentence),
        )

    return page(
        "all.html",
        status,
        zone=zone_named(zone),
        done=done,
        waiting=[row(view) for view in waiting],
        others=[row(view, taken(view, zone)) for view in others],
        address=f"/a/{link.token}/acknowledge",
        person_name=shown_name(link.parts.snapshot.roster, f"user:{link.person}"),
        zone_name=zone,
    )
