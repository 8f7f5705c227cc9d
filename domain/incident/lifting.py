"""The end of a suppression: quietly, or as an incident that pages.

Decides that what is gone before its maintenance ends never pages, that what still fires
then, or is not covered, is real at once, and that a person may take it up before.
"""

from domain.alert import Alert
from domain.incident.messages import firing_text
from domain.incident.opening import end_unseen, hold_or_trigger, trigger
from domain.incident.resolution import after_alerts, may_reopen, reopen
from domain.incident.state import AlertState
from domain.incident.suppression import (
    MAINTENANCE,
    are_covered,
    hold_on,
    still_firing,
    suppress,
)
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.maintenance import Window


def take_new(turn: Turn, fresh: list[AlertState], alerts: tuple[Alert, ...]) -> bool:
    """Whether maintenance decides what becomes of these new episodes.

    It does in a suppressed incident, and where a covered one would reopen what is over.
    """
    if turn.state.phase is Phase.SUPPRESSED:
        _join(turn, fresh, alerts)
        return True
    is_over = turn.state.phase in (Phase.RESOLVED, Phase.CANCELLED)
    if is_over and may_reopen(turn) and are_covered(turn, alerts):
        turn.note("alert.firing", f"New: {firing_text(fresh)}.")
        suppress(turn, fresh)
        return True
    return False


def _join(turn: Turn, fresh: list[AlertState], alerts: tuple[Alert, ...]) -> None:
    turn.note("alert.firing", f"New: {firing_text(fresh)}.")
    if are_covered(turn, alerts):
        turn.state.held = (*turn.state.held, *(alert.key for alert in fresh))
    else:
        lift(turn, "What is new is not covered by the maintenance")


def look_again(turn: Turn) -> None:
    """A suppressed incident after alerts, a moved window, or the end of one."""
    if turn.state.phase is not Phase.SUPPRESSED:
        return
    if not still_firing(turn):
        _end_quietly(turn)
    elif not hold_on(turn):
        lift(turn, "The maintenance is over and it still fires")


def window_changed(turn: Turn, window: Window) -> None:
    """A window was renewed, ended early, or added while this incident is suppressed."""
    if turn.state.phase is not Phase.SUPPRESSED:
        return
    turn.state.windows[window.id] = window
    look_again(turn)


def lift(turn: Turn, why: str) -> None:
    """It is real: page as at opening, a flap guard that has not run out first."""
    was_over = _leave(turn, why)
    if was_over:
        reopen(turn, why.lower())
    else:
        hold_or_trigger(turn)


def take_up(turn: Turn, name: str) -> None:
    """A person does not wait for the end of the maintenance."""
    was_over = _leave(turn, f"{name} takes it up during the maintenance")
    if was_over:
        reopen(turn, f"by {name}")
    else:
        trigger(turn)


def _leave(turn: Turn, why: str) -> bool:
    """No longer suppressed; whether the incident was over before it was."""
    was_over = turn.state.suppressed_from is not None
    turn.clear_deadline(MAINTENANCE)
    turn.state.phase = turn.state.suppressed_from or Phase.PENDING
    turn.state.suppressed_from = None
    turn.state.held = ()
    turn.note("unsuppressed", f"{why}.")
    return was_over


def _end_quietly(turn: Turn) -> None:
    if turn.state.suppressed_from is None:
        end_unseen(turn, "it was over before the maintenance was")
        return
    _leave(turn, "It was over again before the maintenance was, nobody was paged")
    after_alerts(turn)
