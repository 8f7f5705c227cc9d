"""The small pages about a person's time: answer a request for cover, ask for relief.

Decides which buttons a person sees. Opening a page never acts; a button does, as the
person the link was signed for.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from activities.cover_link import CoverLink, read_cover_link
from api.covering import answer_cover, start_of
from api.gateway_errors import EngineUnavailable, Pending
from api.link_buttons import Button
from api.links import LinkRefused
from api.overrides import add_wanted, new_override_id
from api.page_rendering import page
from api.problems import Problem
from api.security import Caller, Scope, shown_name
from api.services import Parts, Services
from domain.cover import OverrideStatus, over_text
from domain.cover_text import day_and_time, span_text
from domain.relief import reliefs
from ledger.override_book import OverrideRecord

router = APIRouter(prefix="/c", tags=["links"], include_in_schema=False)

STATES = {
    OverrideStatus.PROPOSED: "waits for your answer",
    OverrideStatus.ACCEPTED: "accepted",
    OverrideStatus.DECLINED: "declined",
    OverrideStatus.EXPIRED: "expired: nobody answered in time",
    OverrideStatus.WITHDRAWN: "withdrawn",
}


class Opened:
    """A link that was read: whose it is, and what it is about."""

    def __init__(self, parts: Services, token: str, link: CoverLink) -> None:
        self.parts = parts
        self.here = f"/c/{token}"
        self.link = link
        user = parts.snapshot.roster.users.get(link.person)
        self.zone = user.tz if user else "UTC"

    @property
    def caller(self) -> Caller:
        """The person the link was signed for."""
        actor = f"user:{self.link.person}"
        name = shown_name(self.parts.snapshot.roster, actor)
        return Caller(actor=actor, name=name, scopes=frozenset({Scope.RESPOND}), key="link")


async def opened(parts: Parts, token: str) -> Opened:
    """The link of this token; LinkRefused if it is not ours, or its person is gone."""
    link = read_cover_link(parts.settings, token)
    if link is None:
        raise LinkRefused(
            403,
            "This link is not valid",
            "It was cut off or altered on its way to you, so it does nothing.",
            "Open the link from the message you were sent, or use `watchbill override list`.",
        )
    if link.person not in parts.snapshot.roster.users:
        raise LinkRefused(
            403,
            "This link is no longer yours",
            f"{link.person!r} is not in the roster any more, so it does nothing.",
        )
    return Opened(parts, token, link)


Link = Annotated[Opened, Depends(opened)]


@router.get("/{token}")
async def open_cover_link(link: Link) -> HTMLResponse:
    """What is asked; opening it changes nothing."""
    if link.link.kind == "relief":
        return _show_relief(link)
    return await _show_cover(link)


@router.post("/{token}/accept")
async def accept_cover(link: Link) -> HTMLResponse:
    """Cover it."""
    return await _answer(link, "accept")


@router.post("/{token}/decline")
async def decline_cover(link: Link) -> HTMLResponse:
    """Do not cover it."""
    return await _answer(link, "decline")


@router.post("/{token}/ask/{schedule}")
async def ask_for_relief(link: Link, schedule: str) -> HTMLResponse:
    """Ask the next in a schedule to take over for the rest of the shift."""
    now = datetime.now(UTC)
    offers = reliefs(link.parts.snapshot.roster, link.link.person, now)
    found = [each for each in offers if each.schedule == schedule]
    if link.link.kind != "relief" or _is_past(link) or not found:
        return _show_relief(link, 410, f"You do not serve in {schedule} now.")
    row = OverrideRecord(
        id=new_override_id(),
        schedule=schedule,
        person=found[0].to,
        starts_at=now,
        ends_at=found[0].until,
        status=OverrideStatus.PROPOSED,
        reason="woken twice in one night",
        requested_by=link.caller.actor,
        requested_at=now,
    )
    try:
        added = await add_wanted(link.parts, link.caller, row)
    except Problem as error:
        return _show_relief(link, error.document.status, error.document.detail)
    except EngineUnavailable as error:
        return _show_relief(link, 503, f"{error} Nobody was asked: try again.")
    return _show_relief(link, 200, added.sentence, is_asked=True)


async def _answer(link: Opened, kind: str) -> HTMLResponse:
    override = link.link.about if link.link.kind == "cover" else ""
    try:
        reply = await answer_cover(
            link.parts, link.caller, override, kind=kind, request_id=uuid.uuid4().hex
        )
    except Problem as error:
        return await _show_cover(link, 410, error.document.detail)
    except Pending:
        said = "It is kept, and will be done as soon as a worker answers."
        return await _show_cover(link, 202, said)
    except EngineUnavailable as error:
        return await _show_cover(link, 503, f"{error} Nothing was done: try again.")
    return await _show_cover(link, 200, reply.sentence)


async def _show_cover(link: Opened, status: int = 200, said: str = "") -> HTMLResponse:
    row = await link.parts.writer.read(lambda ledger: ledger.override(link.link.about))
    if row is None:
        raise LinkRefused(404, "Nothing is asked of you here", "This request is not known here.")
    start = start_of(link.parts.snapshot.roster, row)
    waits = row.status is OverrideStatus.PROPOSED
    if not waits and row.status is not OverrideStatus.ACCEPTED and status == 200:  # noqa: PLR2004
        status = 410 if not said else status
        said = said or over_text(row.id, row.status)
    buttons = (
        Button(address=f"{link.here}/accept", text=f"Accept: I cover {row.schedule}"),
        Button(address=f"{link.here}/decline", text="Decline", is_quiet=True),
    )
    facts = {
        "Asked by": start.requested_by_name,
        "When": span_text(row.starts_at, row.ends_at, link.zone),
        "Because": row.reason,
        "Answer until": day_and_time(start.answer_by, link.zone) if waits else "",
        "It is": STATES[row.status],
    }
    return _page(link, status, said, f"Cover {row.schedule}?", facts, buttons if waits else ())


def _show_relief(
    link: Opened, status: int = 200, said: str = "", *, is_asked: bool = False
) -> HTMLResponse:
    now = datetime.now(UTC)
    over = link.link.kind != "relief" or _is_past(link)
    offers = () if over else reliefs(link.parts.snapshot.roster, link.link.person, now)
    buttons = tuple(
        Button(
            address=f"{link.here}/ask/{each.schedule}",
            text=f"Ask {each.to_name} to cover {each.schedule} "
            f"until {day_and_time(each.until, link.zone)}",
        )
        for each in offers
    )
    if not offers and status == 200 and not said:  # noqa: PLR2004
        status, said = 410, "You are not on call any more: there is nothing to be relieved of."
    facts = {"Until then": "you serve on until they accept"} if offers else {}
    shown = () if is_asked else buttons
    return _page(link, status, said, "You were woken twice tonight", facts, shown)


def _page(
    link: Opened,
    status: int,
    said: str,
    title: str,
    facts: dict[str, str],
    buttons: tuple[Button, ...],
) -> HTMLResponse:
    return page(
        "cover.html",
        status,
        said=said,
        is_bad=status >= 400,  # noqa: PLR2004  # where HTTP's refusals begin
        title=title,
        facts={name: text for name, text in facts.items() if text},
        actions=buttons,
        person_name=link.caller.name,
        zone_name=link.zone,
    )


def _is_past(link: Opened) -> bool:
    """Whether the shift that the relief was for has ended."""
    return datetime.now(UTC) >= datetime.fromisoformat(link.link.about)
