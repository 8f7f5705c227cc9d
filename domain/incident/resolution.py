"""Mitigated, resolved, absorbed, reopened, closed.

Decides when it is over and by whose word, and how long a finished incident still owns
its alerts.
"""

from datetime import timedelta

from domain.clock_text import duration_text, local_time
from domain.incident.acknowledge import ask, put_on_paper, tell_paged
from domain.incident.announcing import announce
from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.handoff import withdraw_all
from domain.incident.ladder import ESCALATION, climb, page_again, pause, stop_all
from domain.incident.roles import staff
from domain.incident.severity_rules import watch_criteria
from domain.incident.state import Told
from domain.incident.steps.stopping import resume
from domain.incident.steps.stopping import stop_all as stop_steps
from domain.incident.tasks import rearm as rearm_tasks
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, OPERATIONS

ABSORB_FOR = timedelta(hours=24)
"""How long alerts that still fire after the end are absorbed silently."""


def watch(turn: Turn) -> None:
    """Follow the conditions of `mitigated` and `resolve` after anything has changed."""
    if not turn.state.phase.is_open or turn.state.phase is Phase.PENDING:
        return
    _watch_mitigated(turn)
    _watch_resolve(turn)


def _watch_mitigated(turn: Turn) -> None:
    plan = turn.plan.mitigated
    if plan is None or turn.state.phase is not Phase.ACKNOWLEDGED or not turn.state.alerts:
        turn.clear_deadline("mitigated")
        turn.state.mitigated_since = None
        return
    verdict = verdict_on(turn, plan.when)
    if verdict.holds is None:
        note_unknown(turn, "mitigated", plan.when, verdict)
    if not verdict.holds:
        turn.clear_deadline("mitigated")
        turn.state.mitigated_since = None
    elif turn.state.mitigated_since is None:
        turn.state.mitigated_since = turn.now
        if plan.hold:
            text = f"Mitigated if this holds for {duration_text(plan.hold)}"
            turn.set_deadline("mitigated", turn.after(plan.hold), text)
        else:
            mitigate(turn, "by its condition")


def mitigate(turn: Turn, how: str) -> None:
    """The harm is stopped: time criteria and "still on it?" stop too."""
    turn.state.phase = Phase.MITIGATED
    turn.state.mitigated_at = turn.now
    turn.clear_deadlines("mitigated", "ack_expires", "ask/still_on_it")
    turn.state.asks.pop("still_on_it", None)
    turn.note("mitigated", f"Mitigated {how}.")
    announce(turn, "mitigated", f"mitigated {how}.")
    watch_criteria(turn)


def _watch_resolve(turn: Turn) -> None:
    plan = turn.plan.resolve
    if not turn.state.alerts:
        return
    verdict = verdict_on(turn, plan.when)
    if verdict.holds is None:
        note_unknown(turn, "resolve", plan.when, verdict)
    if not verdict.holds:
        _not_over(turn)
        return
    if turn.state.resolve_since is None:
        turn.state.resolve_since = turn.state.recovered_at = turn.now
        turn.note("recovering", f"Nothing stands against resolving: {plan.when}.")
    if not {"resolve_hold", "ask/resolve"} & turn.state.deadlines.keys():
        text = f"Resolved if this holds for {duration_text(plan.hold)}"
        turn.set_deadline("resolve_hold", turn.after(plan.hold), text)
    _pause_if_unanswered(turn)


def _not_over(turn: Turn) -> None:
    was = turn.state.resolve_since
    turn.state.resolve_since = turn.state.recovered_at = None
    turn.clear_deadlines("resolve_hold", "ask/resolve")
    turn.state.asks.pop("resolve", None)
    ladder = turn.state.ladders.get(ESCALATION)
    if was is not None and ladder is not None and ladder.stage == "paused":
        page_again(turn, "It fires again.")


def _pause_if_unanswered(turn: Turn) -> None:
    ladder = turn.state.ladders.get(ESCALATION)
    unanswered = turn.state.phase is Phase.TRIGGERED and not turn.state.firing
    if not unanswered or ladder is None or ladder.stage in ("paused", "idle", "over"):
        return
    pause(turn)
    hold = duration_text(turn.plan.resolve.hold)
    turn.note("recovered", f"Nothing fires any more: paging pauses, resolves in {hold}.")
    tell_paged(turn, "Recovered by itself, nothing is asked of you:")


def on_hold_over(turn: Turn) -> None:
    """The resolve condition has held: resolve, or ask (again) who must confirm."""
    if turn.state.resolve_since is None:
        return
    role = turn.plan.resolve.confirm.at(turn.state.severity)
    unanswered = turn.state.phase is Phase.TRIGGERED
    if unanswered or role == "nobody":
        finish(turn, Phase.RESOLVED, "nothing fires any more")
        return
    ask_to_resolve(turn)


def ask_to_resolve(turn: Turn) -> None:
    """Ask the confirming role, and quietly again after `confirm_within`."""
    role = turn.plan.resolve.confirm.at(turn.state.severity).removeprefix("role:")
    people = _who_confirms(turn, role)
    again = "resolve" in turn.state.asks
    text = "Reminded: is it over?" if again else "Is it over? Asked to confirm."
    turn.note("asked.resolve", text)
    within = turn.plan.resolve.confirm_within
    of = tuple(told.person for told in people)
    ask(turn, "resolve", of, within, "Remind: confirm that it is resolved")
    for told in people:
        message = turn.message(f"Is it over? {turn.state.title}", ask="Confirm resolved")
        turn.tell(told, message, why="confirm that it is resolved")


def _who_confirms(turn: Turn, role: str) -> list[Told]:
    for name in (role, COMMANDER, OPERATIONS):
        found = [held for held in turn.state.holders(name) if not held.on_paper]
        if found:
            return [Told(person=held.person, name=held.name) for held in found]
    return [
        Told(person=person, name=turn.state.name_of(person)) for person in turn.state.holder_ids()
    ]


def finish(turn: Turn, phase: Phase, how: str) -> None:
    """Resolve or cancel: everything stops, the alerts stay owned for a while."""
    was_triggered = turn.state.phase is Phase.TRIGGERED
    stop_all(turn)
    withdraw_all(turn, phase.value)
    stop_steps(turn)
    turn.state.asks = {}
    turn.clear_deadlines()
    turn.state.phase = phase
    turn.state.exhausted = False
    turn.state.resolved_at = turn.now
    turn.state.resolve_since = None
    turn.note(phase.value, f"{phase.value.capitalize()}: {how}.")
    if phase is Phase.RESOLVED and turn.state.triggered_at is not None:
        announce(turn, "resolved", f"resolved: {how}.")
    if was_triggered:
        tell_paged(turn, f"{phase.value.capitalize()}: {how}.")
    turn.state.told = {}
    _await_close(turn)


def _await_close(turn: Turn) -> None:
    ended = turn.state.resolved_at or turn.now
    reopen_until = ended + turn.plan.dedup.reopen_within
    if turn.state.firing:
        turn.state.absorb_until = max(ended + ABSORB_FOR, reopen_until)
        turn.clear_deadline("close")
        text = "Alerts that still fire are absorbed until they end"
        turn.set_deadline("absorb", turn.state.absorb_until, text)
        return
    turn.clear_deadline("absorb")
    if reopen_until <= turn.now:
        close(turn)
        return
    until = local_time(reopen_until, turn.plan.timezone)
    turn.set_deadline("close", reopen_until, f"Closes at {until} unless it fires again")


def after_alerts(turn: Turn) -> None:
    """A finished incident closes once its alerts have ended and its window is past."""
    if turn.state.phase in (Phase.RESOLVED, Phase.CANCELLED) and not turn.state.finished:
        _await_close(turn)


def close(turn: Turn) -> None:
    """Nothing more can happen to this incident."""
    if turn.state.phase is not Phase.CANCELLED:
        turn.state.phase = Phase.CLOSED
    turn.state.closed_at = turn.now
    turn.state.finished = True
    turn.clear_deadlines()
    turn.note("closed", "Closed.")


def may_reopen(turn: Turn) -> bool:
    """Whether a new episode still belongs to this incident."""
    ended = turn.state.resolved_at
    return ended is not None and turn.now < ended + turn.plan.dedup.reopen_within


def reopen(turn: Turn, why: str) -> None:
    """It was not over: page from level 1 again."""
    turn.clear_deadlines()
    turn.state.phase = Phase.TRIGGERED
    turn.state.reopened += 1
    turn.state.resolved_at = turn.state.recovered_at = None
    turn.state.absorb_until = None
    turn.state.acked_by = {}
    turn.state.last_action_at = None
    turn.state.ladders = {}
    turn.state.quietly_told = ()
    put_on_paper(turn)
    turn.note("reopened", f"Reopened: {why}.")
    if not turn.pages_nobody:
        climb(turn)
        staff(turn)
    resume(turn)
    rearm_tasks(turn)
    watch_criteria(turn)
