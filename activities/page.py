"""Pages: one request to one person by one method, and what became of it."""

import time
from datetime import timedelta

from temporalio import activity

from activities.bundle import Claims
from activities.channels.answers import failed
from activities.channels.outgoing import Outgoing
from activities.channels.routing import deliver
from activities.channels.tools import ChannelTools
from activities.links import link_for, link_for_all
from activities.metrics import PageMetrics
from activities.on_call import RosterNow
from activities.page_context import PageContext
from activities.relief import NightWatch
from domain.bundle import Claim, SendBundle
from domain.incident.effects import Outcome, SendPage, SendResult
from domain.trial import is_trial


class PageActivities:
    """Sends pages. Idempotent downstream by the page key, which travels with the request."""

    def __init__(
        self,
        tools: ChannelTools,
        roster: RosterNow,
        metrics: PageMetrics,
        claims: Claims | None = None,
        context: PageContext | None = None,
        night: NightWatch | None = None,
    ) -> None:
        self._context = context
        self._night = night
        self._claims = claims or Claims(timedelta(0))
        self._tools = tools
        self._roster = roster
        self._metrics = metrics

    @activity.defn
    async def send_page(self, page: SendPage, claim: Claim | None = None) -> SendResult:
        """Send once and return; the reducer decides on retries and on the next method.

        With a claim, a page to somebody who is being paged already gathers instead.
        """
        joined = await self._claims.join(page, claim)
        if joined is not None:
            return joined
        result = await self._send_and_count(page, self._link(page))
        if result.outcome is not Outcome.DELIVERED:
            await self._claims.undelivered(page, claim, result.outcome)
        return result

    @activity.defn
    async def send_bundle(self, bundle: SendBundle) -> SendResult:
        """Send what gathered, as one page whose link acknowledges all of it."""
        page = bundle.page
        if bundle.since is None:
            return await self._send_and_count(page, self._link(page))
        link = link_for_all(self._tools.settings, page.person, bundle.since)
        return await self._send_and_count(page, link)

    def _link(self, page: SendPage) -> str:
        return link_for(self._tools.settings, page.message.reference, page.person)

    async def _send_and_count(self, page: SendPage, link: str) -> SendResult:
        started = time.monotonic()
        result = await self._send(page, link)
        if page.message.drill:
            return result
        self._metrics.count(page, result, time.monotonic() - started)
        if self._night is not None and not is_trial(page.message.reference):
            await self._night.after_page(page, result)
        return result

    async def _send(self, page: SendPage, link: str) -> SendResult:
        user = self._roster().users.get(page.person)
        if user is None:
            return failed(f"{page.person_name} is no longer in the roster")
        address = user.contact.get(page.method)
        if not address:
            return failed(f"{page.person_name} has no {page.method.value} contact in the roster")
        outgoing = Outgoing(
            kind="page",
            key=page.id,
            person=page.person,
            person_name=page.person_name,
            method=page.method.value,
            level=page.level,
            attempt=page.attempt,
            urgency=page.urgency,
            message=page.message,
            earlier=await self._context.earlier(page.message) if self._context else (),
            link=link,
        )
        return await deliver(self._tools, page.method, address, outgoing)
