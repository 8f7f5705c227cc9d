"""The reducer: `(plan, state, event, now)` to the next state and what to do about it.

Decides only which rule takes which event, and what is looked at after every event. It
is pure: the same arguments give the same result, and the state given is not changed.
"""

from datetime import datetime
from typing import assert_never

from domain.alert import Alert
from domain.clock_text import duration_text
from domain.incident.acknowledge import ask_still_on_it, on_silence, watch_silence
from domain.incident.alerts import on_new, take_in, tell_news
from domain.incident.called import end_if_done, open_called, parent_said
from domain.incident.calls import forget_finished, on_call_deadline, on_result
from domain.incident.command_part import CommandPart
from domain.incident.effects import Outcome
from domain.incident.events import (
    AlertsArrived,
    Called,
    ChildFinished,
    ChildOpened,
    DeadlineReached,
    Declared,
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
from domain.incident.fact_asks import on_unanswered, watch_asked
from domain.incident.facts import facts_of_alerts, on_measured, watch_measuring
from domain.incident.gathered import mark_bundled
from domain.incident.handoff import expire
from domain.incident.handoff import on_people as on_offer_people
from domain.incident.ladder import (
    after_result,
    on_level_deadline,
    page_last_resort,
)
from domain.incident.lifting import look_again, take_new, window_changed
from domain.incident.obey import obey
from domain.incident.on_shift import remember
from domain.incident.opening import (
    end_if_gone,
    look_at_guard,
    on_flap_guard,
    open_by_hand,
    open_with_alerts,
)
from domain.incident.page_text import message_for
from domain.incident.paging_by_hand import on_asked_people
from domain.incident.reassessing import on_lower_due, on_unconfirmed, reassess, watch_word
from domain.incident.refusals import refusal
from domain.incident.reinforcement import on_command_people, on_criterion_people, on_help_people
from domain.incident.resolution import (
    after_alerts,
    close,
    mitigate,
    on_hold_over,
    watch,
)
from domain.incident.roles import staff, users_gone
from domain.incident.severity_rules import meet_criterion, watch_criteria
from domain.incident.shift_change import on_shift_over, on_shift_people
from domain.incident.shifts import on_next_people, on_shift_deadline, watch_shifts
from domain.incident.snooze import on_snooze_over, snoozer_gone, watch_snooze
from domain.incident.state import IncidentState
from domain.incident.step_deadlines import on_step_deadline
from domain.incident.step_kinds import playbook
from domain.incident.step_kinds.call import on_result as on_call_result
from domain.incident.step_kinds.playbook import tell_children
from domain.incident.step_telling import tell_waiting
from domain.incident.stopping import takers_gone
from domain.incident.suppression import remember_windows
from domain.incident.suspension import (
    on_hours,
    on_hours_known,
    on_last_resort_people,
    on_level_people,
)
from domain.incident.tasks import on_task_due, owners_gone
from domain.incident.tree import calling
from domain.incident.turn import Turn, Turned
from domain.incident.view import Phase
from domain.incident.walking import walk
from domain.plan import Plan

LATE_AFTER_S = 5.0
"""Lateness below this is not worth an entry."""

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
            _on_deadline(turn, event)
        case OnCallLookedUp():
            _on_looked_up(turn, event)
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


def _on_deadline(turn: Turn, event: DeadlineReached) -> None:
    deadline = turn.state.deadlines.pop(event.name, None)
    if deadline is None:
        return
    turn.cause = event.name
    if event.late_s > LATE_AFTER_S:
        late = duration_text(turn.now - deadline.at)
        turn.note(
            "late", f"{deadline.summary}: acted {late} late.", {"late_s": f"{event.late_s:.1f}"}
        )
    topic, _, rest = event.name.partition("/")
    _on_topic(turn, topic, rest)


def _on_topic(turn: Turn, topic: str, rest: str) -> None:  # noqa: C901, PLR0912
    match topic:
        case "level":
            on_level_deadline(turn, rest)
        case "call":
            call = turn.state.calls.get(rest)
            if call is not None:
                on_call_deadline(turn, rest, message_for(turn, call))
        case "hours":
            on_hours(turn, rest)
        case "shift":
            on_shift_over(turn, rest)
        case "again":
            page_last_resort(turn)
        case "news":
            tell_news(turn)
        case "offer":
            expire(turn, rest)
        case "ask":
            if rest == "resolve":
                on_hold_over(turn)
            elif rest in ("lower", "raise_to"):
                on_unconfirmed(turn, rest)
            else:
                on_silence(turn, rest)
        case "shift_warn" | "shift_end" | "shift_again":
            on_shift_deadline(turn, topic, rest)
        case "ack_expires":
            ask_still_on_it(turn)
        case "criterion":
            meet_criterion(turn, int(rest))
        case "resolve_hold":
            on_hold_over(turn)
        case "mitigated":
            mitigate(turn, "by its condition")
        case "flap_guard":
            on_flap_guard(turn)
        case "maintenance":
            look_again(turn)
        case "close" | "absorb":
            close(turn)
        case "step" | "wait" | "hold":
            on_step_deadline(turn, topic, rest)
        case "fact":
            on_unanswered(turn, rest)
        case "lower":
            on_lower_due(turn)
        case "snooze":
            on_snooze_over(turn)
        case "task":
            on_task_due(turn, rest)


def _on_looked_up(turn: Turn, event: OnCallLookedUp) -> None:  # noqa: C901
    purpose = turn.state.lookups.pop(event.id, None)
    phase = turn.state.phase
    if purpose is None or not (phase.is_open or phase is Phase.SUPPRESSED):
        return
    topic, _, rest = purpose.partition(":")
    found = event.answer.found
    remember(turn, purpose, found)
    match topic:
        case "end_of_shift":
            on_next_people(turn, rest, found)
        case "ladder":
            on_level_people(turn, rest, event.answer)
        case "exhausted":
            on_last_resort_people(turn, event.answer)
        case "hours":
            on_hours_known(turn, rest, event.answer)
        case "shift":
            on_shift_people(turn, rest, event.answer)
        case "criterion":
            on_criterion_people(turn, rest, event.answer)
        case "offer":
            on_offer_people(turn, rest, found)
        case "help":
            on_help_people(turn, rest, found)
        case "asked":
            on_asked_people(turn, rest, found)
        case "take_command":
            on_command_people(turn, found)


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
