"""The reducer: `(plan, state, event, now)` to the next state and what to do about it.

Decides only which rule takes which event, and what is looked at after every event. It
is pure: the same arguments give the same result, and the state given is not changed.
"""

from datetime import datetime
from typing import assert_never

from domain.alert import Alert
from domain.incident.acknowledge import watch_silence
from domain.incident.alerts import on_new, take_in
from domain.incident.called import end_if_done, open_called, parent_said
from domain.incident.calls import forget_finished, on_result
from domain.incident.command_part import CommandPart
from domain.incident.drilled import on_scored
from domain.incident.due import on_deadline
from domain.incident.effects import Outcome
from domain.incident.events import (
    AlertsArrived,
    Called,
    ChildFinished,
    ChildOpened,
    DeadlineReached,
    Declared,
    DrillScored,
    Event,
    FactsMeasured,
    HappeningEvent,
    MessageFinished,
    OnCallLookedUp,
    PageFinished,
    PageJoined,
    ParentSaid,
    StepFinished,
    UsersGone,
    WindowChanged,
)
from domain.incident.fact_asks import watch_asked
from domain.incident.facts import facts_of_alerts, on_measured, watch_measuring
from domain.incident.gathered import mark_bundled
from domain.incident.ladder import (
    after_result,
)
from domain.incident.lifting import look_again, take_new, window_changed
from domain.incident.looked_up import on_looked_up
from domain.incident.obey import obey
from domain.incident.opening import (
    end_if_gone,
    look_at_guard,
    open_by_hand,
    open_with_alerts,
)
from domain.incident.page_text import message_for
from domain.incident.reassessing import reassess, watch_word
from domain.incident.refusals import refusal
from domain.incident.resolution import (
    after_alerts,
    close,
    watch,
)
from domain.incident.roles import staff, users_gone
from domain.incident.severity_rules import watch_criteria
from domain.incident.shifts import watch_shifts
from domain.incident.snooze import snoozer_gone, watch_snooze
from domain.incident.state import IncidentState
from domain.incident.steps.kinds import playbook
from domain.incident.steps.kinds.call import on_result as on_call_result
from domain.incident.steps.kinds.playbook import tell_children
from domain.incident.steps.stopping import takers_gone
from domain.incident.steps.telling import tell_waiting
from domain.incident.steps.tree import calling
from domain.incident.steps.walking import walk
from domain.incident.suppression import remember_windows
from domain.incident.tasks import owners_gone
from domain.incident.turn import Turn, Turned
from domain.incident.view import Phase
from domain.plan import Plan

BATCHES_KEPT = 300


def reduce(plan: Plan, state: IncidentState, event: Event, now: datetime) -> Turned:
    """The incident after this event, at this aware moment."""
    turn = Turn(plan, state, now)
    if state.finished:
        _refuse_after_the_end(turn, event)
        return turn.finish()
    if isinstance(event, CommandPart):
        obey(turn, event)
    else:
        _happen(turn, event)
    turn.actor, turn.cause = "system", ""
    _settle(turn)
    watch_asked(turn)
    watch_measuring(turn)
    return turn.finish()


def _refuse_after_the_end(turn: Turn, event: Event) -> None:
    """Nothing changes any more; a command that came too late is told so."""
    if isinstance(event, DrillScored):
        on_scored(turn, event)
    if not isinstance(event, CommandPart):
        return
    why_not = refusal(turn, event)
    if why_not is not None:
        turn.refuse(why_not.text)


def _happen(turn: Turn, event: HappeningEvent) -> None:  # noqa: C901, PLR0912
    match event:
        case Declared():
            open_by_hand(turn, event.declaration)
        case AlertsArrived():
            _on_alerts(turn, event)
        case DeadlineReached():
            on_deadline(turn, event)
        case OnCallLookedUp():
            on_looked_up(turn, event)
        case PageFinished():
            _on_page(turn, event)
        case PageJoined():
            mark_bundled(turn, event.id)
        case MessageFinished():
            if event.result.outcome is not Outcome.DELIVERED:
                turn.note("message.failed", f"{event.summary}: {event.result.detail}")
        case UsersGone():
            users_gone(turn, event.users)
            owners_gone(turn, event.users)
            takers_gone(turn, event.users)
            snoozer_gone(turn, event.users)
        case WindowChanged():
            window_changed(turn, event.window)
        case StepFinished():
            node = calling(turn.plan, turn.state, event.id)
            if node is not None:
                on_call_result(turn, node, event.result)
        case Called():
            open_called(turn, event.called)
        case ChildOpened():
            playbook.on_opened(turn, event.id)
        case ChildFinished():
            playbook.on_finished(turn, event.id, event.result)
        case ParentSaid():
            parent_said(turn, event.news)
        case FactsMeasured():
            on_measured(turn, event)
            reassess(turn)
        case DrillScored():
            on_scored(turn, event)
        case _:
            assert_never(event)


def _on_alerts(turn: Turn, event: AlertsArrived) -> None:
    if event.batch_id in turn.state.batches:
        return
    turn.state.batches = (*turn.state.batches, event.batch_id)[-BATCHES_KEPT:]
    turn.actor, turn.cause = _sources(event.alerts), event.batch_id
    remember_windows(turn, event.maintenance)
    for note in event.notes:
        turn.note("routing", note)
    if not turn.state.title:
        open_with_alerts(turn, event.alerts)
        return
    fresh = take_in(turn, event.alerts)
    facts_of_alerts(turn, event.alerts)
    if turn.state.phase.is_open or turn.state.phase is Phase.SUPPRESSED:
        reassess(turn)
    keys = {alert.key for alert in fresh}
    new = tuple(alert for alert in event.alerts if alert.key in keys)
    if fresh and not take_new(turn, fresh, new):
        on_new(turn, fresh)
        look_at_guard(turn, new)
        _leave_to_successor(turn, new)
    end_if_gone(turn)
    look_again(turn)
    after_alerts(turn)


def _sources(alerts: tuple[Alert, ...]) -> str:
    names = sorted({alert.source for alert in alerts})
    return f"source:{','.join(names)}"


def _leave_to_successor(turn: Turn, new: tuple[Alert, ...]) -> None:
    """A new episode after the window belongs to a fresh incident."""
    if turn.state.phase not in (Phase.RESOLVED, Phase.CANCELLED):
        return
    turn.successor = new
    turn.note("succeeded", "A new episode after the end: a fresh incident takes over.")
    close(turn)


def _on_page(turn: Turn, event: PageFinished) -> None:
    call = next(
        (
            call
            for call in turn.state.calls.values()
            if any(attempt.key == event.id for attempt in call.attempts)
        ),
        None,
    )
    if call is None:
        return
    after = on_result(turn, event.id, event.result, message_for(turn, call))
    if after is not None:
        after_result(turn, turn.state.calls[after.id])


def _settle(turn: Turn) -> None:
    """What follows from every event: roles, criteria, the end, steps, silence."""
    watch_word(turn)
    watch_snooze(turn)
    if turn.state.finished:
        return
    if turn.state.phase.is_open and turn.state.phase is not Phase.PENDING:
        watch(turn)
    if turn.state.phase.is_open and turn.state.phase is not Phase.PENDING:
        staff(turn)
        if turn.state.parent is None:
            watch_criteria(turn)
        walk(turn)
        tell_waiting(turn)
        tell_children(turn)
    end_if_done(turn)
    if turn.state.phase.is_open and turn.state.phase is not Phase.PENDING:
        if turn.state.last_action_at is None and turn.state.acked_by:
            turn.state.last_action_at = turn.now
        if turn.state.parent is None:
            watch_silence(turn)
            watch_shifts(turn)
    forget_finished(turn)
