"""Maintenance holds an incident back: recorded, nobody paged, until it ends.

Decides which alerts are held, until when, and that the last window of each counts. What
ends a suppression is `lifting`.
"""

from collections.abc import Iterable
from typing import Protocol

from domain.clock_text import local_time
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.maintenance import Window, covering

MAINTENANCE = "maintenance"
"""The deadline at which a held alert is no longer covered."""


class Labelled(Protocol):
    """An alert, or what an incident remembers of one."""

    @property
    def labels(self) -> dict[str, str]:
        """What windows are matched to."""

    @property
    def key(self) -> str:
        """Which alert it is."""

    @property
    def source(self) -> str:
        """Which kind of sender it is from."""


def remember_windows(turn: Turn, windows: Iterable[Window]) -> None:
    """Windows that came with alerts: a later end than the known one counts.

    An earlier end may be old news of another process; only `maintenance_changed` says it.
    """
    for window in windows:
        turn.state.windows = {one.id: one for one in _lasting(turn)}
        known = turn.state.windows.get(window.id)
        if known is None or window.ends_at > known.ends_at:
            turn.state.windows[window.id] = window


def are_covered(turn: Turn, alerts: Iterable[Labelled]) -> bool:
    """Whether windows that still last cover all of these alerts, and there are any."""
    covers = [_cover(turn, alert) for alert in alerts]
    return bool(covers) and None not in covers


def suppress(turn: Turn, alerts: Iterable[Labelled]) -> None:
    """Hold these alerts back; what was over stays so if they go away in time."""
    ended = turn.state.phase in (Phase.RESOLVED, Phase.CANCELLED)
    turn.state.suppressed_from = turn.state.phase if ended else None
    turn.state.phase = Phase.SUPPRESSED
    turn.state.held = tuple(alert.key for alert in alerts)
    turn.clear_deadlines("close", "absorb")
    window = _first_to_end(turn)
    if window is None:
        return
    until = local_time(window.ends_at, turn.plan.timezone)
    turn.note(
        "suppressed",
        f"Suppressed until {until}, nobody is paged: maintenance by {window.by}, {window.reason}.",
        {"window": window.id, "until": window.ends_at.isoformat()},
    )
    _await_end(turn, window)


def hold_on(turn: Turn) -> bool:
    """Whether all that is held is still covered; the deadline then stands where it ends."""
    window = _first_to_end(turn)
    if window is None:
        return False
    known = turn.state.deadlines.get(MAINTENANCE)
    if known is not None and known.at != window.ends_at:
        until = local_time(window.ends_at, turn.plan.timezone)
        turn.note("suppressed", f"The maintenance now lasts until {until}.", {"window": window.id})
    _await_end(turn, window)
    return True


def still_firing(turn: Turn) -> list[Labelled]:
    """The held alerts that fire now."""
    held = set(turn.state.held)
    return [alert for alert in turn.state.firing if alert.key in held]


def _await_end(turn: Turn, window: Window) -> None:
    until = local_time(window.ends_at, turn.plan.timezone)
    text = f"Maintenance by {window.by} ({window.reason}): pages if it still fires at {until}"
    turn.set_deadline(MAINTENANCE, window.ends_at, text)


def _first_to_end(turn: Turn) -> Window | None:
    """The window at whose end the first held alert is uncovered; None if one is by now.

    Of a great many alerts only the first are kept with their labels: the others were
    covered when they came, and follow those.
    """
    firing = still_firing(turn)
    judged = [alert for alert in firing if alert.labels] or firing
    covers = [_cover(turn, alert) for alert in judged]
    lasting = [window for window in covers if window is not None]
    if not lasting or len(lasting) < len(covers):
        return None
    return min(lasting, key=lambda window: window.ends_at)


def _cover(turn: Turn, alert: Labelled) -> Window | None:
    return covering(_lasting(turn), alert.labels, turn.plan.service)


def _lasting(turn: Turn) -> list[Window]:
    """Those not over. Whether one has begun was judged by the clock that sent it."""
    return [window for window in turn.state.windows.values() if window.ends_at > turn.now]
