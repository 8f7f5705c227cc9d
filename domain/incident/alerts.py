"""Alert messages: episodes, duplicates, late ones, and what a new one does.

Decides what each message means for this incident. Order of arrival is the order of
history; a message older than what is known never reopens anything.
"""

from datetime import timedelta

from domain.alert import Alert, AlertStatus, moment_of, severity_from_labels
from domain.incident.ladder import news_for_last_resort
from domain.incident.messages import firing_text
from domain.incident.resolution import may_reopen, reopen
from domain.incident.state import AlertState, Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.severity import Severity

TRACKED = 1_000
"""Distinct alerts kept with their labels; further ones are kept by key alone."""

KNOWN = 10_000
"""Distinct alerts kept at all; beyond that they are only counted."""

NEWS_EVERY = timedelta(minutes=1)
"""How long role holders are left in peace between two notices of new alerts."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a sender's start may lie and still be believed."""


def take_in(turn: Turn, alerts: tuple[Alert, ...]) -> list[AlertState]:
    """Bring every message into the state; the alerts that begin a new episode."""
    fresh: list[AlertState] = []
    resolved = 0
    for alert in alerts:
        known = turn.state.alerts.get(alert.key)
        if known is None:
            begun = _take_unknown(turn, alert)
        else:
            begun = _take_known(turn, alert, known)
            now_over = not turn.state.alerts[alert.key].is_firing
            resolved += int(known.is_firing and now_over)
        if begun is not None:
            fresh.append(begun)
    if resolved:
        total = len(turn.state.alerts)
        over = total - len(turn.state.firing)
        turn.note("alert.resolved", f"{over} of {total} alerts resolved.")
    return fresh


def _take_unknown(turn: Turn, alert: Alert) -> AlertState | None:
    if not alert.is_firing:
        turn.note("alert.unknown_resolve", f"A resolve for an unknown alert: {alert.key}.")
        return None
    if len(turn.state.alerts) >= KNOWN:
        turn.state.untracked += 1
        return None
    state = _state_of(turn, alert, len(turn.state.alerts) < TRACKED)
    turn.state.alerts[alert.key] = state
    return state


def _state_of(turn: Turn, alert: Alert, whole: bool) -> AlertState:  # noqa: FBT001
    return AlertState(
        source=alert.source,
        fingerprint=alert.fingerprint,
        status=alert.status,
        starts_at=alert.starts_at,
        labels=alert.labels if whole else {},
        summary=alert.summary if whole else "",
        severity=severity_of(turn, alert),
        first_at=turn.now,
        last_at=turn.now,
    )


def severity_of(turn: Turn, alert: Alert) -> Severity | None:
    """What the alert's own labels say, by the playbook's table."""
    return severity_from_labels(alert.labels, turn.plan.severity.table)


def _take_known(turn: Turn, alert: Alert, known: AlertState) -> AlertState | None:
    if alert.status is AlertStatus.RESOLVED:
        _take_resolve(turn, alert, known)
        return None
    if known.is_firing:
        _take_repeat(turn, alert, known)
        return None
    if _begins_after(turn, alert.starts_at, known.starts_at) is False:
        turn.state.duplicates += 1
        return None
    begun = known.model_copy(
        update={
            "status": AlertStatus.FIRING,
            "starts_at": alert.starts_at,
            "labels": alert.labels if known.labels else known.labels,
            "summary": alert.summary or known.summary,
            "severity": severity_of(turn, alert) or known.severity,
            "last_at": turn.now,
            "count": known.count + 1,
            "episodes": known.episodes + 1,
        }
    )
    turn.state.alerts[alert.key] = begun
    return begun


def _take_resolve(turn: Turn, alert: Alert, known: AlertState) -> None:
    if not known.is_firing or _begins_after(turn, known.starts_at, alert.starts_at):
        turn.state.duplicates += 1
        return
    over = known.model_copy(update={"status": AlertStatus.RESOLVED, "last_at": turn.now})
    turn.state.alerts[alert.key] = over


def _take_repeat(turn: Turn, alert: Alert, known: AlertState) -> None:
    turn.state.duplicates += 1
    late = _begins_after(turn, known.starts_at, alert.starts_at) is True
    turn.state.alerts[alert.key] = known.model_copy(
        update={
            "last_at": turn.now,
            "count": known.count + 1,
            "starts_at": known.starts_at if late else (alert.starts_at or known.starts_at),
            "labels": known.labels if late or not known.labels else alert.labels,
            "severity": known.severity if late else (severity_of(turn, alert) or known.severity),
        }
    )


def _begins_after(turn: Turn, raw: str | None, than: str | None) -> bool | None:
    """Whether the episode `raw` begins after the episode `than`; None if nobody can tell.

    A start that lies in the future tells nothing: the sender's clock was wrong, and an
    honest later message must not be taken for a late one.
    """
    if raw is not None and raw == than:
        return False
    moment, other = moment_of(raw), moment_of(than)
    if moment is None or other is None or max(moment, other) > turn.now + CLOCK_SKEW:
        return None
    return moment > other


def on_new(turn: Turn, fresh: list[AlertState]) -> None:
    """New episodes in an incident that runs already."""
    match turn.state.phase:
        case Phase.RESOLVED | Phase.CANCELLED:
            _after_the_end(turn, fresh)
        case Phase.ACKNOWLEDGED | Phase.MITIGATED:
            _while_somebody_is_on_it(turn)
        case Phase.TRIGGERED:
            turn.note("alert.firing", f"New: {firing_text(fresh)}.")
            if turn.state.exhausted:
                news_for_last_resort(turn)
        case _:
            turn.note("alert.firing", f"New: {firing_text(fresh)}.")


def _after_the_end(turn: Turn, fresh: list[AlertState]) -> None:
    if may_reopen(turn):
        reopen(turn, firing_text(fresh))


def _while_somebody_is_on_it(turn: Turn) -> None:
    turn.note("alert.firing", f"New alert: {firing_text(list(turn.state.firing))}.")
    if turn.state.phase is Phase.MITIGATED:
        turn.state.phase = Phase.ACKNOWLEDGED
        turn.note("unmitigated", "It fires again: no longer mitigated.")
    tell_news(turn)


def tell_news(turn: Turn) -> None:
    """One quiet notice on what fires; in a storm of alerts at most one a minute."""
    if turn.state.phase is not Phase.ACKNOWLEDGED or not turn.state.firing:
        return
    last = turn.state.news_at
    if last is not None and turn.now < last + NEWS_EVERY:
        turn.set_deadline("news", last + NEWS_EVERY, "More alerts have come: tell who is on it")
        return
    turn.state.news_at = turn.now
    text = firing_text(list(turn.state.firing))
    raised = turn.state.asks.get("raise")
    asked_now = raised.of if raised is not None and raised.asked_at == turn.now else ()
    for holder in turn.state.holder_ids():
        if holder in asked_now:
            continue
        told = Told(person=holder, name=turn.state.name_of(holder))
        turn.tell(told, turn.message(f"{text}: {turn.state.title}"), why="new alerts")
