"""Quiet notices and announcements, retried by the engine until they are through.

A result that is worth retrying is raised, so that the retry policy counts it; the last
attempt returns it as failed. What an attempt has delivered is kept in its heartbeat, so
that a retry does not mail the same list again.
"""

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.channels.answers import delivered, failed
from activities.channels.email import send_email
from activities.channels.outgoing import Kind, Outgoing
from activities.channels.routing import deliver
from activities.channels.tools import ChannelTools
from activities.links import link_for
from activities.on_call import RosterNow
from activities.recipients import NoWay, Way, ways_to
from domain.incident.effects import Message, Outcome, SendAnnouncement, SendNotice, SendResult
from domain.roster import Method


class NoticeActivities:
    """Tells people quietly. Idempotent downstream by key, one for each way."""

    def __init__(self, tools: ChannelTools, roster: RosterNow) -> None:
        self._tools = tools
        self._roster = roster

    @activity.defn
    async def send_notice(self, notice: SendNotice) -> SendResult:
        """Tell one person by their least intrusive method."""
        way = ways_to(self._roster(), f"user:{notice.person}", self._tools.settings)[0]
        if isinstance(way, NoWay):
            return failed(f"{notice.person_name}: {way.reason}")
        result = await self._send("notice", notice.id, way, notice.message, nudge=notice.nudge)
        return raise_for_retry(result)

    @activity.defn
    async def send_announcement(self, announcement: SendAnnouncement) -> SendResult:
        """Tell every destination by each of its ways; one failing way holds up no other."""
        results: dict[str, SendResult] = {}
        done = _delivered_before()
        for ref in announcement.to:
            for way in ways_to(self._roster(), ref, self._tools.settings):
                if isinstance(way, NoWay):
                    results[way.ref] = failed(way.reason)
                    continue
                name = f"{way.ref}/{way.method.value}"
                if name in done:
                    results[name] = delivered("delivered by an earlier attempt")
                    continue
                key = f"{announcement.id}/{name}"
                results[name] = await self._send("announcement", key, way, announcement.message)
                if results[name].outcome is Outcome.DELIVERED:
                    done.append(name)
                    activity.heartbeat(*done)
        return raise_for_retry(_together(results))

    async def _send(
        self, kind: Kind, key: str, way: Way, message: Message, *, nudge: bool = False
    ) -> SendResult:
        person = way.person
        outgoing = Outgoing(
            kind=kind,
            key=key,
            person=person.id if person else None,
            person_name=person.name if person else None,
            method=way.method.value,
            message=message,
            nudge=nudge,
            attempt=activity.info().attempt,
            link=link_for(self._tools.settings, message.reference, person.id) if person else None,
        )
        if way.method is Method.EMAIL and len(way.addresses) > 1:
            return await send_email(self._tools, way.addresses, outgoing)
        return await deliver(self._tools, way.method, way.addresses[0], outgoing)


def _delivered_before() -> list[str]:
    return [str(name) for name in activity.info().heartbeat_details]


def _together(results: dict[str, SendResult]) -> SendResult:
    """Retry if any way may still work; failed only if nothing was delivered at all."""
    outcomes = [result.outcome for result in results.values()]
    bad = [f"{name}: {r.detail}" for name, r in results.items() if r.outcome != Outcome.DELIVERED]
    count = f"{outcomes.count(Outcome.DELIVERED)} of {len(outcomes)} delivered"
    detail = "; ".join([count, *bad])[:500]
    if Outcome.RETRY in outcomes:
        return SendResult(outcome=Outcome.RETRY, detail=detail)
    if Outcome.DELIVERED in outcomes:
        repeated = any(result.repeated for result in results.values())
        return SendResult(outcome=Outcome.DELIVERED, detail=detail, repeated=repeated)
    return SendResult(outcome=Outcome.FAILED, detail=detail)


def raise_for_retry(result: SendResult) -> SendResult:
    """The result, unless another attempt is due: then ApplicationError, for the policy."""
    if result.outcome is not Outcome.RETRY:
        return result
    info = activity.info()
    policy = info.retry_policy
    attempts = policy.maximum_attempts if policy else 0  # an eager first attempt is told none
    if attempts and info.attempt >= attempts:
        return failed(f"gave up after {info.attempt} attempts: {result.detail}")
    activity.logger.warning("will be sent again: %s", result.detail)
    # Benign: a provider's bad minute is no failure of ours, and needs no traceback.
    raise ApplicationError(
        result.detail, type="SendAgain", category=ApplicationErrorCategory.BENIGN
    )
