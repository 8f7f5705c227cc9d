"""The stories whose histories are kept: every way an incident's commands can go.

A story is played on the stage with the shipped playbooks and roster, or with a small
roster of its own. Stepped clocks start no timers, so some stories run on real ones.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from domain.incident.input import RosterChanged
from domain.plan import Exhausted
from tests.histories.step_stories import (
    calls_another,
    facts_measured,
    is_called,
    steps_walked,
)
from tests.incident.plans import a_plan, an_escalation, counts, minutes
from tests.night import Night
from tests.receivers import Reply
from tests.stage import Stage, Story, an_alert
from tests.stories import datacenter

Play = Callable[[Stage], Awaitable[Story]]

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SUMMARY = {"state_now": "it burns"}


async def nobody_answers(stage: Stage) -> Story:
    """Real timers: every level and round, the last resort twice, then its answer."""
    escalation = an_escalation(
        ack_within=minutes(5),
        repeat=counts(1).SEV1,
        exhausted=Exhausted(page=("user:manager",), again_every=minutes(5)),
        ack_expires=minutes(None),
    )
    story = stage.story(a_plan(escalation=escalation), speed=300.0)
    await story.fire(an_alert("db1", severity="sev1"))
    await stage.hooks.expect(3, path="/manager")
    await story.say("manager", "acknowledge")
    await story.say("manager", "resolve")
    return story


async def nobody_answers_still(stage: Stage) -> Story:
    """Acknowledged, then silence: "still on it?", the level again, a raise, a false alarm."""
    story = stage.story(a_plan(escalation=an_escalation(ack_expires=minutes(30))), START)
    await story.fire(an_alert("db1", severity="warning"))
    await story.say("first", "acknowledge")
    await story.until("03:50")
    await story.say("first", "severity", severity="SEV1", reason="users are hit")
    await story.until("04:10")
    await story.say("second", "acknowledge")
    await story.say("second", "severity", severity="SEV3", reason="one user")
    await story.say("second", "cancel", reason="a test")
    return story


async def reopened_absorbed_and_succeeded(stage: Stage) -> Story:
    """Reopened in its window; resolved by hand while it fires; then a fresh incident."""
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("db1", severity="sev1", starts_at="2026-11-25T03:00:00Z"))
    await story.say("first", "acknowledge")
    await story.fire(an_alert("db1", status="resolved", starts_at="2026-11-25T03:00:00Z"))
    await story.until("03:05")
    await story.say("first", "confirm")
    await story.until("03:10")
    await story.fire(an_alert("db1", severity="sev1", starts_at="2026-11-25T03:10:00Z"))
    await story.say("first", "acknowledge")
    await story.say("first", "resolve", text="noise")
    await story.until("05:00")
    await story.fire(an_alert("db1", severity="sev1", starts_at="2026-11-25T03:10:00Z"))
    await story.fire(an_alert("db2", severity="sev1", starts_at="2026-11-25T05:00:00Z"))
    await succeeded(story)
    await story.settle()
    await story.say("first", "acknowledge")
    return story


async def succeeded(story: Story) -> None:
    """Return once another incident has taken over."""
    while (await story.view()).reference == story.reference:
        pass


async def handoffs_declined_and_expired(stage: Stage) -> Story:
    """One offer is declined, one expires, one is accepted by the role's name; one left."""
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("db1", severity="sev1"))
    await story.say("first", "acknowledge")
    offer = await story.say(
        "first", "offer_handoff", role="incident_commander", to="user:ann", summary=SUMMARY
    )
    await story.say("ann", "decline_handoff", offer=offer.offer, reason="at dinner")
    await story.say(
        "first", "offer_handoff", role="incident_commander", to="user:bo", summary=SUMMARY
    )
    await story.until("03:20")
    await story.say("first", "assign", role="operations_lead", to="user:ann")
    await story.say("ann", "accept_role", role="operations_lead")
    await story.say("ann", "release_role", role="operations_lead", reason="asleep")
    return story


async def holder_gone(stage: Stage) -> Story:
    """The one who leads leaves the roster: the vacancy pages by itself."""
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("db1", severity="sev1"))
    await story.say("second", "acknowledge")
    await story.workflow.signal("roster_changed", RosterChanged(gone=("second",)))
    await story.settle()
    await story.say("first", "acknowledge")
    return story


async def provider_down(stage: Stage) -> Story:
    """The pager answers 500: retried, escalated past, delivered on its return."""
    for person in ("first", "second", "manager"):
        stage.hooks.replies[f"/{person}"] = Reply(status=500)
    story = stage.story(a_plan(escalation=an_escalation(repeat=1)), START)
    await story.fire(an_alert("db1", severity="sev1"))
    await story.until("03:06")
    stage.hooks.replies.clear()
    await story.until("03:07")
    await story.say("first", "acknowledge")
    return story


async def many_runs(stage: Stage) -> Story:
    """A new run every 30 events, with an offer, a deadline and repeats on the way."""
    story = stage.story(a_plan(), START)
    story.continue_as_new_after = 30
    await story.fire(an_alert("db1", severity="sev1"))
    await story.say("first", "acknowledge")
    offer = await story.say(
        "first", "offer_handoff", role="incident_commander", to="user:ann", summary=SUMMARY
    )
    for number in range(4):
        await story.say("first", "note", text=f"note {number}")
        await story.fire(an_alert("db1", severity="sev1"))
    await story.until("03:05")
    await story.say("ann", "accept_handoff", offer=offer.offer)
    return story


async def closed_by_itself(stage: Stage) -> Story:
    """Real timers at a severity that pages nobody: recovered, held, resolved, closed."""
    story = stage.story(a_plan(), speed=3600.0)
    await story.fire(an_alert("db1", severity="info"))
    await story.fire(an_alert("db1", status="resolved"))
    await story.result()
    return story


async def gathered_with_others(stage: Stage) -> Story:
    """Its page joins another incident's, fails once in the bundle, and it leaves with its ack."""
    night = Night(stage, START)
    first, other = night.story(a_plan()), night.story(a_plan())
    await first.fire(an_alert("db1", severity="sev1"))
    stage.hooks.replies["/first"] = Reply(status=500)
    await other.fire(an_alert("db2", severity="sev1"))
    await night.until("03:01")
    stage.hooks.replies.clear()
    await night.until("03:02")
    await other.say("first", "acknowledge")
    return other


SHIPPED: dict[str, Play] = {"datacenter": datacenter.play}
"""Stories of the shipped playbooks."""

OWN: dict[str, Play] = {
    play.__name__: play
    for play in (
        nobody_answers,
        nobody_answers_still,
        reopened_absorbed_and_succeeded,
        handoffs_declined_and_expired,
        holder_gone,
        provider_down,
        many_runs,
        closed_by_itself,
        gathered_with_others,
        steps_walked,
        facts_measured,
        calls_another,
        is_called,
    )
}
"""Stories on the small roster of `tests.workflows`."""
