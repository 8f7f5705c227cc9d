"""The small page behind a signed link: what is on fire, and one button to take it.

Decides which buttons a person sees. Opening a page never acts; a button does, as the
person the link was signed for. The link lives as long as its incident.
"""

# ruff: noqa: FAST003  # a dependency reads the path

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from activities.links import link_for, read_link
from api.documents import CommandAnswer
from api.find import find_seen, is_over
from api.gateway_errors import GatewayError
from api.link_buttons import buttons_for, offers_to
from api.page_rendering import page, zone_named
from api.problems import Problem
from api.security import Caller, Scope, shown_name
from api.sending import Sending
from api.services import Parts, Services
from api.step_page import step_values
from domain.incident import commands
from domain.incident.commands import Command
from domain.incident.commands_by_hand import Snooze
from domain.incident.state import Question
from domain.incident.steps.outline import every_step
from domain.incident.view import IncidentView, Phase
from domain.plan import COMMANDER, OPERATIONS
from domain.trial import is_trial

router = APIRouter(prefix="/i", tags=["links"], include_in_schema=False)

OK = 200

SNOOZE = timedelta(hours=1)

LATEST = 8
"""Timeline entries that a phone shows without scrolling far."""


class LinkRefused(Exception):  # noqa: N818  # a page, not an error of ours
    """A page that says why a link does nothing, and what to do instead."""

    def __init__(self, status: int, title: str, text: str, mend: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.title = title
        self.text = text
        self.mend = mend


class Opened:
    """A link that was read: whose it is, and the incident it is for."""

    def __init__(self, parts: Services, token: str, person: str, view: IncidentView) -> None:
        self.parts = parts
        self.token = token
        self.person = person
        self.view = view

    @property
    def caller(self) -> Caller:
        """The person the link was signed for."""
        actor = f"user:{self.person}"
        return Caller(
            actor=actor,
            name=shown_name(self.parts.snapshot.roster, actor),
            scopes=frozenset({Scope.RESPOND}),
            key="link",
        )


def answer_links_with_pages(app: FastAPI) -> None:
    """A refused link is a page for a person, not a problem document."""

    async def refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
        assert isinstance(error, LinkRefused)  # noqa: S101  # registered for this type only
        return page(
            "refused.html",
            error.status,
            title=error.title,
            text=error.text,
            mend=error.mend,
            is_bad=error.status != OK,
        )

    app.add_exception_handler(LinkRefused, refused)


async def opened(parts: Parts, token: str) -> Opened:
    """The link of this token; LinkRefused if it is not ours, or its incident is over."""
    read = read_link(parts.settings, token)
    if read is None:
        raise LinkRefused(
            403,
            "This link is not valid",
            "It was cut off or altered on its way to you, so it does nothing.",
            "Open the link from the page you were sent, or use `watchbill list`.",
        )
    reference, person = read
    if is_trial(reference):
        raise LinkRefused(
            OK,
            "Your test page arrived",
            "It was a test: nothing is wrong, and nothing is asked of you.",
            "A page's link opens here, so this works as well.",
        )
    roster = parts.snapshot.roster
    if roster.users and person not in roster.users:
        raise LinkRefused(
            403,
            "This link is no longer yours",
            f"{person!r} is not in the roster any more, so it does nothing.",
        )
    try:
        view = (await find_seen(parts, reference)).view
    except Problem as error:
        raise LinkRefused(
            404,
            f"{reference} is not known here",
            "It may have been opened by another installation of Watchbill.",
        ) from error
    if view.reference != reference:
        raise LinkRefused(410, f"{reference} is over", f"{view.reference} followed it.")
    return Opened(parts, token, person, view)


Link = Annotated[Opened, Depends(opened)]


@router.get("/{token}")
async def open_link(link: Link) -> HTMLResponse:
    """What is on fire; opening it changes nothing."""
    if is_over(link.view):
        said = f"{link.view.reference} is closed: nothing is left to do here."
        return await show(link, 410, said, is_bad=True)
    return await show(link)


@router.post("/{token}/acknowledge")
async def acknowledge(link: Link) -> HTMLResponse:
    """Acknowledge as the person the link was signed for."""
    sending = Sending(link.parts, link.view.reference, None)
    return await act(link, sending, commands.Acknowledge(**sending.by(link.caller)))


@router.post("/{token}/confirm")
async def confirm(link: Link, question: Question | None = None) -> HTMLResponse:
    """Yes to what the person was asked: the question named, else the latest."""
    sending = Sending(link.parts, link.view.reference, None)
    command = commands.Confirm(**sending.by(link.caller), question=question)
    return await act(link, sending, command)


@router.post("/{token}/still-on-it")
async def still_on_it(link: Link) -> HTMLResponse:
    """The person is still on it, asked or not."""
    sending = Sending(link.parts, link.view.reference, None)
    command = commands.Confirm(**sending.by(link.caller), question="still_on_it")
    return await act(link, sending, command)


@router.post("/{token}/snooze")
async def snooze(link: Link) -> HTMLResponse:
    """On it for an hour; then the same level is paged again."""
    sending = Sending(link.parts, link.view.reference, None)
    user = link.parts.snapshot.roster.users.get(link.person)
    zone = user.tz if user else ""
    command = Snooze(**sending.by(link.caller), zone=zone, lasting=SNOOZE)
    return await act(link, sending, command)


@router.post("/{token}/roles/{role}/accept")
async def accept_role(link: Link, role: str) -> HTMLResponse:
    """Take a role that the person is asked to take."""
    sending = Sending(link.parts, link.view.reference, None)
    return await act(link, sending, commands.AcceptRole(**sending.by(link.caller), role=role))


@router.post("/{token}/roles/{role}/decline")
async def decline_role(link: Link, role: str) -> HTMLResponse:
    """Refuse a role that the person is asked to take."""
    sending = Sending(link.parts, link.view.reference, None)
    return await act(link, sending, commands.DeclineRole(**sending.by(link.caller), role=role))


@router.post("/{token}/offers/{offer}/accept")
async def accept_offer(link: Link, offer: str) -> HTMLResponse:
    """Take a role that was offered."""
    sending = Sending(link.parts, link.view.reference, None)
    command = commands.AcceptHandoff(**sending.by(link.caller), offer=offer)
    return await act(link, sending, command)


@router.post("/{token}/offers/{offer}/decline")
async def decline_offer(link: Link, offer: str) -> HTMLResponse:
    """Refuse a role that was offered."""
    sending = Sending(link.parts, link.view.reference, None)
    command = commands.DeclineHandoff(**sending.by(link.caller), offer=offer)
    return await act(link, sending, command)


async def act(link: Opened, sending: Sending, command: Command) -> HTMLResponse:
    """Carry the command out, and the page with what became of it."""
    try:
        answer = await sending(link.caller, command)
    except Problem as error:
        status = 410 if is_over(link.view) else error.document.status
        return await show(link, status, error.document.detail, is_bad=True)
    except GatewayError as error:
        said = f"{error} Nothing was done: try again, or call the person who leads."
        return await show(link, 503, said, is_bad=True)
    if not isinstance(answer, CommandAnswer):
        said = "It is kept, and will be done as soon as a worker answers."
        return await show(link, 202, said)
    if answer.incident is not None:
        link.view = answer.incident
    return await show(link, said=answer.sentence)


async def show(
    link: Opened, status: int = 200, said: str = "", *, is_bad: bool = False
) -> HTMLResponse:
    """The incident's page, with this sentence on top."""
    view = link.view
    entries = view.latest
    if not entries:
        after = max(0, view.seq - LATEST)
        entries = await link.parts.writer.read(
            lambda ledger: ledger.timeline(view.reference, after, LATEST)
        )
    user = link.parts.snapshot.roster.users.get(link.person)
    zone = zone_named(user.tz if user else None)
    return page(
        "incident.html",
        status,
        zone=zone,
        view=view,
        said=said,
        is_bad=is_bad,
        offers=offers_to(view, link.person),
        actions=[] if is_over(view) else buttons_for(view, link.person, f"/i/{link.token}"),
        leads=_holders(view, COMMANDER),
        works=_holders(view, OPERATIONS),
        is_waiting=view.phase is Phase.TRIGGERED,
        bridge=view.bridge if view.bridge and view.bridge.startswith("https://") else None,
        latest=sorted(entries, key=lambda entry: -entry.seq)[:LATEST],
        person_name=link.caller.name,
        zone_name=str(zone),
        tasks=[task for task in view.tasks if task.state == "open"],
        here=f"/i/{link.token}",
        related=_related(link),
        **step_values(view, link.person, f"/i/{link.token}", is_over=is_over(view)),
    )


def _related(link: Opened) -> dict[str, str]:
    """The same person's pages of the incidents that steps opened, and of the one that called."""
    view, settings = link.view, link.parts.settings
    found = [one.child for one in every_step(view.steps)] + [view.parent]
    return {one: urlsplit(link_for(settings, one, link.person)).path for one in found if one}


def _holders(view: IncidentView, role: str) -> str:
    return ", ".join(
        f"{holder.name} (acting)" if holder.acting else holder.name
        for holder in view.roles.get(role, ())
    )
