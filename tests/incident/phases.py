"""An incident in each phase, and every event that can meet it there.

The rows of the table in docs/states.md, by name; `test_states` holds the two together.
"""

from collections.abc import Callable
from datetime import timedelta

from domain.incident.effects import Outcome, SendResult
from domain.incident.events import (
    DeadlineReached,
    MessageFinished,
    OnCallLookedUp,
    PageFinished,
    PageJoined,
    WindowChanged,
)
from domain.incident.hand_state import Task
from domain.incident.people import LookUpAnswer
from domain.incident.turn import Turned
from domain.incident.view import Phase
from domain.plan import AlertTrigger, EscalationCriterion, Mitigated, RolePlan
from domain.plan_steps import ChecklistItem, ChecklistStep
from domain.severity import Severity
from tests.incident.phases_of_steps import STEP_EVENTS
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.world import World, a_person, a_window, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo", ("push", 0), ("sms", 1))],
    "user:manager": [a_person("mo")],
}
PLAN = a_plan(
    triggers=(AlertTrigger(match={"guard": ("yes",)}, hold=timedelta(minutes=3)),),
    escalation=an_escalation(
        repeat=0,
        criteria=(EscalationCriterion(after=minutes(60), page=("user:manager",)),),
    ),
    roles=DEFAULT_ROLES | {"scribe": RolePlan()},
    steps=(
        ChecklistStep(id="look", items=(ChecklistItem(id="one", text="One"),), deadline=minutes(9)),
    ),
    mitigated=Mitigated(when="alerts.firing == 0", hold=timedelta(minutes=2)),
)
PHASES = (
    Phase.PENDING,
    Phase.SUPPRESSED,
    Phase.TRIGGERED,
    Phase.ACKNOWLEDGED,
    Phase.MITIGATED,
    Phase.RESOLVED,
    Phase.CANCELLED,
    Phase.CLOSED,
)


def a_world_in(phase: Phase) -> World:
    """One SEV1 alert fires; Ann is on it where somebody is; a finished one absorbs."""
    world = World(PLAN, dict(ON_CALL))
    guard = {"guard": "yes"} if phase is Phase.PENDING else {}
    windows = (a_window(60),) if phase is Phase.SUPPRESSED else ()
    world.fire(an_alert(severity="sev1", **guard), maintenance=windows)
    if phase in (Phase.PENDING, Phase.SUPPRESSED, Phase.TRIGGERED):
        return world
    world.say("ann", "acknowledge")
    if phase is Phase.MITIGATED:
        world.say("ann", "mitigate")
    if phase is Phase.CANCELLED:
        world.say("ann", "cancel")
    if phase in (Phase.RESOLVED, Phase.CLOSED):
        world.say("ann", "resolve")
    if phase is Phase.CLOSED:
        world.until(60 * 24)
    return world


def all_over(world: World) -> None:
    """Every alert resolves."""
    world.fire(an_alert(status="resolved"))


Act = Callable[[World], Turned | None]


def reached(name: str, *prepare: Callable[[World], object]) -> Act:
    """The deadline comes, after these preparations; None where there is no such deadline."""

    def act(world: World) -> Turned | None:
        for step in prepare:
            step(world)
        found = [known for known in world.state.deadlines if known.startswith(name)]
        if not found:
            return None
        world.now = world.state.deadlines[found[0]].at
        return world.take(DeadlineReached(name=found[0]))

    return act


def said(who: str, what: str, **body: object) -> Act:
    """The command."""
    return lambda world: world.say(who, what, **body)


def after_the_window(world: World) -> Turned:
    """A new alert, half an hour and more after the end."""
    world.now += timedelta(minutes=31)
    return world.fire(an_alert("a2", severity="sev1"))


def help_is_called(world: World) -> None:
    """Somebody wants more people, where that pages anybody."""
    if world.phase.is_open and world.phase is not Phase.PENDING:
        world.say("zoe", "escalate")


def end_maintenance(world: World) -> Turned:
    """Somebody ends the maintenance at once."""
    return world.take(WindowChanged(window=a_window(0)))


def page_finished(world: World) -> Turned:
    """The provider's answer to the latest page, if there was one."""
    world.outcome = lambda _page: None
    help_is_called(world)
    key = world.keys[-1] if world.keys else "none"
    result = SendResult(outcome=Outcome.FAILED, detail="no such number")
    return world.take(PageFinished(id=key, result=result))


def page_gathered(world: World) -> Turned:
    """A page of somebody called for help waits for their other pages."""
    world.outcome = lambda _page: None
    help_is_called(world)
    key = world.keys[-1] if world.keys else "none"
    return world.take(PageFinished(id=key, result=SendResult(outcome=Outcome.GATHERED)))


def page_joined(world: World) -> Turned:
    """Other incidents' pages have gathered behind the first page of this one."""
    return world.take(PageJoined(id=world.keys[0] if world.keys else "none"))


def message_failed(world: World) -> Turned:
    """A notice could not be sent."""
    result = SendResult(outcome=Outcome.FAILED, detail="mailbox full")
    return world.take(MessageFinished(id="x", summary="Tell Ann", result=result))


def answered(world: World) -> Turned:
    """A look-up's answer that nobody waits for."""
    return world.take(OnCallLookedUp(id="x", answer=LookUpAnswer(found=())))


def offer(world: World) -> None:
    """Ann offers operations to Bo."""
    said_so = {"state_now": "as it is"}
    world.say("ann", "offer_handoff", role="operations_lead", to="user:bo", summary=said_so)


def answer_offer(what: str) -> Act:
    """Bo answers Ann's offer."""

    def act(world: World) -> Turned:
        offer(world)
        return world.say("bo", what, offer=next(iter(world.state.offers), "offer-1"))

    return act


def ask_silence(world: World) -> None:
    """The acknowledgement has run out."""
    reached("ack_expires")(world)


def raise_it(world: World) -> None:
    """Somebody else lowers and raises the severity."""
    world.say("zoe", "severity", severity="SEV2", reason="contained")
    world.say("zoe", "severity", severity="SEV1", reason="it spreads")


def by_source(world: World) -> None:
    """It is a source that has acknowledged, and nobody has followed it."""
    phase = world.phase
    world.say("ann", "unacknowledge")
    if phase in (Phase.ACKNOWLEDGED, Phase.MITIGATED):
        world.say("source:tool", "acknowledge")
    if phase is Phase.MITIGATED:
        reached("mitigated", all_over)(world)


def propose(world: World) -> None:
    """The proposal to resolve is out."""
    reached("resolve_hold", all_over)(world)


def say_it_is_over(world: World) -> Turned:
    """Ann says yes to the proposal."""
    propose(world)
    return world.say("ann", "confirm")


def exhaust(world: World) -> None:
    """Two levels pass in silence."""
    for _ in range(2):
        reached("level/escalation")(world)


def quiet(world: World) -> None:
    """The severity is one whose end nobody confirms."""
    world.say("ann", "severity", severity=Severity.SEV4, reason="it was small")


def more_news(world: World) -> None:
    """Two more alerts, one right after the other, to somebody who is on it."""
    if world.phase is Phase.ACKNOWLEDGED:
        world.fire(an_alert("a2", severity="sev1"))
        world.fire(an_alert("a3", severity="sev1"))


def a_long_shift(world: World) -> None:
    """The playbook lets nobody hold a role for more than four hours."""
    longest = world.plan.handoff.model_copy(update={"max_shift": minutes(240)})
    world.plan = world.plan.model_copy(update={"handoff": longest})
    world.gone("nobody")


def the_next_declines(world: World) -> None:
    """The shift has ended, and Bo, who serves now, does not want the role."""
    a_long_shift(world)
    world.on_call["schedule:first"] = [a_person("bo")]
    reached("shift_end")(world)
    world.say("bo", "decline_role", role="operations_lead")


def decline_offered(world: World) -> Turned:
    """Bo declines, by its name, the role he was offered."""
    offer(world)
    return world.say("bo", "decline_role", role="operations_lead")


def silent(who: str, what: str, **body: object) -> Act:
    """The command, a quarter of an hour after anybody did anything."""

    def act(world: World) -> Turned:
        if world.phase.is_open and world.phase is not Phase.PENDING:
            world.now += timedelta(minutes=15)
        return world.say(who, what, **body)

    return act


def with_task(*whats: str) -> Act:
    """What Bo does with a task that Ann set while it could be set."""

    def act(world: World) -> Turned:
        task = Task(
            id="task-1",
            text="check replicas",
            owner="bo",
            owner_name="Bo",
            by="ann",
            by_name="Ann",
            made_at=world.now,
            due=world.now + timedelta(minutes=30),
        )
        world.state = world.state.model_copy(update={"tasks": {task.id: task}})
        return [world.say("bo", what, task=task.id) for what in whats][-1]

    return act


def snoozed(world: World) -> None:
    """Bo snoozes it for an hour."""
    world.say("bo", "snooze", lasting="PT1H")


def tasked(world: World) -> None:
    """Ann sets Bo a task."""
    world.say("ann", "task_add", text="check replicas", owner="user:bo", due_in="PT30M")


EVENTS: dict[str, Act] = {
    "`alerts`: a new one fires": lambda world: world.fire(an_alert("a2", severity="sev1")),
    "`alerts`: a repeat": lambda world: world.fire(an_alert(severity="sev1")),
    "`alerts`: all resolved": lambda world: world.fire(an_alert(status="resolved")),
    "`alerts`: a new one after `reopen_within`": after_the_window,
    "`alerts`: a new one under maintenance": lambda world: world.fire(
        an_alert("a2", severity="sev1"), maintenance=(a_window(60),)
    ),
    "`maintenance_changed`: it ends early": end_maintenance,
    "`looked_up`, awaited by nobody": answered,
    "`page_finished`, failed": page_finished,
    "`page_finished`, gathered": page_gathered,
    "`page_joined`": page_joined,
    "`message_finished`, failed": message_failed,
    "`users_gone`: who holds operations": lambda world: world.gone("ann"),
    "`flap_guard`": reached("flap_guard"),
    "`maintenance`": reached("maintenance"),
    "`level/escalation`": reached("level/escalation"),
    "`call/…`": reached("call/", help_is_called),
    "`again/exhausted`": reached("again/exhausted", exhaust),
    "`criterion/…`": reached("criterion/"),
    "`ack_expires`": reached("ack_expires"),
    "`ask/still_on_it`": reached("ask/still_on_it", ask_silence),
    "`ask/raise`": reached("ask/raise", raise_it),
    "`ask/take_command`": reached("ask/take_command", by_source),
    "`news`": reached("news", more_news),
    "`mitigated`": reached("mitigated", all_over),
    "`resolve_hold`, to be confirmed": reached("resolve_hold", all_over),
    "`resolve_hold`, by nobody's word": reached("resolve_hold", quiet, all_over),
    "`ask/resolve`": reached("ask/resolve", propose),
    "`offer/…`": reached("offer/", offer),
    "`shift_warn/…`": reached("shift_warn", a_long_shift),
    "`shift_end/…`": reached("shift_end", a_long_shift),
    "`shift_again/…`": reached("shift_again", the_next_declines),
    "`step/…`": reached("step/"),
    "`snooze`": reached("snooze", snoozed),
    "`task/…`": reached("task/", tasked),
    "`close`": reached("close", all_over),
    "`absorb`": reached("absorb"),
    "acknowledge": said("bo", "acknowledge"),
    "acknowledge, by a source": said("source:tool", "acknowledge"),
    "unacknowledge": said("ann", "unacknowledge"),
    "confirm, asked to resolve": say_it_is_over,
    "confirm, asked nothing": said("ann", "confirm"),
    "escalate": said("ann", "escalate"),
    "severity": said("ann", "severity", severity="SEV2", reason="contained"),
    "assign": said("ann", "assign", role="scribe", to="user:bo"),
    "accept_role": said("bo", "accept_role", role="scribe"),
    "decline_role": decline_offered,
    "release_role, operations": said("ann", "release_role", role="operations_lead"),
    "offer_handoff": said(
        "ann",
        "offer_handoff",
        role="operations_lead",
        to="user:bo",
        summary={"state_now": "as it is"},
    ),
    "accept_handoff": answer_offer("accept_handoff"),
    "decline_handoff": answer_offer("decline_handoff"),
    "step_done": said("ann", "step_done", step="look"),
    "step_undo": said("ann", "step_undo", step="look"),
    "note": said("ann", "note", text="hm"),
    "mitigate": said("ann", "mitigate"),
    "resolve": said("ann", "resolve"),
    "reopen": said("ann", "reopen"),
    "cancel": said("ann", "cancel"),
    "page": said("bo", "page", to=("user:mo",), because="we need the manager"),
    "take_role, operations": silent("bo", "take_role", role="operations_lead"),
    "take_role, held by somebody active": said("bo", "take_role", role="operations_lead"),
    "join": said("bo", "join"),
    "leave": said("ann", "leave"),
    "snooze": said("bo", "snooze", lasting="PT1H"),
    "confirm, still on it, unasked": said("ann", "confirm", question="still_on_it"),
    "set": said("bo", "set", impact="half of Europe cannot pay"),
    "task_add": said("bo", "task_add", text="check replicas", due_in="PT30M"),
    "task_done": with_task("task_done"),
    "task_undo": with_task("task_done", "task_undo"),
    "task_drop": with_task("task_drop"),
    **STEP_EVENTS,
}


def cell(event: str, phase: Phase) -> str:
    """What the reducer does: a new phase, `same`, `refused`, or `–` where nothing can."""
    world = a_world_in(phase)
    assert world.phase is phase
    known = len(world.entries)
    turned = EVENTS[event](world)
    if turned is None:
        return "–"
    if turned.refused:
        return "refused"
    if world.phase is not phase:
        return world.phase.value
    return "same" if turned.sentence or turned.effects or len(world.entries) > known else "–"
