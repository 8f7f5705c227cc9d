"""The beginning: from the first message to the first page.

Decides title, labels and first severity, and whether maintenance or a flap guard holds the
page back.
"""

from datetime import datetime, timedelta

from domain.alert import Alert
from domain.clock_text import duration_text
from domain.heartbeat import SOURCE
from domain.incident.alerts import take_in
from domain.incident.announcing import announce
from domain.incident.conditions import values_of
from domain.incident.facts import begin_facts
from domain.incident.handoff import withdraw_all
from domain.incident.input import Declaration, IncidentInput
from domain.incident.ladder import climb, stop_all
from domain.incident.messages import firing_text
from domain.incident.roles import staff
from domain.incident.severity_rules import begin
from domain.incident.state import IncidentState
from domain.incident.suppression import Labelled, are_covered, suppress
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import Plan
from domain.templates import neutralised, render

TITLE_LIMIT = 200


def blank(workflow_id: str, start: IncidentInput, now: datetime) -> IncidentState:
    """An incident to which nothing has happened yet."""
    return IncidentState(
        id=workflow_id,
        reference=start.reference,
        dedup_key=start.dedup_key,
        drill=start.drill,
        alone=start.drill and start.simulate and not start.people_are_real,
        opened_at=now,
        service=start.plan.service,
    )


def open_with_alerts(turn: Turn, alerts: tuple[Alert, ...]) -> None:
    """The first batch: take the common labels, set title and severity, page or hold."""
    state = turn.state
    firing = [alert for alert in alerts if alert.is_firing]
    state.labels = common_labels(firing or list(alerts))
    state.service = state.service or state.labels.get("service")
    fresh = take_in(turn, alerts)
    if not fresh:
        end_unseen(turn, "nothing fires")
        return
    begin_facts(turn, firing)
    state.title = _title(turn, firing[0])
    begin(turn)
    turn.note("opened", f"Opened: {state.title} ({firing_text(fresh)}).")
    if state.firing and are_covered(turn, firing):
        suppress(turn, fresh)
        return
    hold_or_trigger(turn)


def hold_or_trigger(turn: Turn) -> None:
    """Page, unless the flap guard of what fires has still to run out."""
    guards = [alert.first_at + guard_of(turn.plan, alert) for alert in turn.state.firing]
    until = min(guards, default=turn.now)
    if until > turn.now:
        text = f"Flap guard: pages if it still fires in {duration_text(until - turn.now)}"
        turn.set_deadline("flap_guard", until, text)
        return
    trigger(turn)


def _title(turn: Turn, first: Alert) -> str:
    text = first.summary or first.labels.get("alertname") or first.fingerprint
    if turn.plan.title is not None:
        text = render(turn.plan.title, values_of(turn)).text
    return " ".join(neutralised(text).split())[:TITLE_LIMIT] or turn.plan.name


def common_labels(alerts: list[Alert]) -> dict[str, str]:
    """The labels that all of them share with the same value."""
    if not alerts:
        return {}
    return {
        name: value
        for name, value in alerts[0].labels.items()
        if all(alert.labels.get(name) == value for alert in alerts)
    }


def guard_of(plan: Plan, alert: Labelled) -> timedelta:
    """The shortest hold of the triggers whose labels match; none means no guard.

    A silent heartbeat has waited long enough already.
    """
    if alert.source == SOURCE:
        return timedelta(0)
    holds = [
        trigger.hold
        for trigger in plan.triggers
        if all(alert.labels.get(name) in values for name, values in trigger.match.items())
    ]
    return min(holds, default=timedelta(0))


def open_by_hand(turn: Turn, declaration: Declaration) -> None:
    """A person says there is an incident."""
    state = turn.state
    turn.actor = declaration.actor
    state.labels = declaration.labels
    state.service = state.service or state.labels.get("service")
    state.title = " ".join(neutralised(declaration.title).split())[:TITLE_LIMIT] or turn.plan.name
    begin_facts(turn)
    begin(turn, said=declaration.severity, by=declaration.actor_name)
    turn.note("opened", f"Declared by {declaration.actor_name}: {state.title}.")
    if declaration.text:
        turn.note("note", declaration.text)
    trigger(turn)


def trigger(turn: Turn) -> None:
    """It is real: announce it, page, staff the roles."""
    turn.clear_deadline("flap_guard")
    turn.state.phase = Phase.TRIGGERED
    turn.state.triggered_at = turn.now
    turn.note("triggered", f"Triggered at {turn.state.severity}.")
    announce(turn, "opened", f"opened at {turn.state.severity}.")
    if turn.pages_nobody:
        turn.note("quiet", f"{turn.state.severity} pages nobody.")
        return
    climb(turn)
    staff(turn)


def on_flap_guard(turn: Turn) -> None:
    """The hold is over: what still fires is real."""
    if turn.state.phase is not Phase.PENDING:
        return
    if turn.state.firing:
        trigger(turn)
    else:
        end_unseen(turn, "it went away before its hold was over")


def look_at_guard(turn: Turn, alerts: tuple[Alert, ...]) -> None:
    """A new alert with a shorter guard, or none, does not wait for the longer one."""
    known = turn.state.deadlines.get("flap_guard")
    holds = [guard_of(turn.plan, alert) for alert in alerts if alert.is_firing]
    if turn.state.phase is not Phase.PENDING or known is None or not holds:
        return
    at = turn.after(min(holds))
    if at <= turn.now:
        trigger(turn)
    elif at < known.at:
        turn.set_deadline("flap_guard", at, known.summary)


def end_if_gone(turn: Turn) -> None:
    """A pending incident whose alerts have all gone ends without a page."""
    if turn.state.phase is Phase.PENDING and not turn.state.firing:
        end_unseen(turn, "it went away before its hold was over")


def end_unseen(turn: Turn, why: str) -> None:
    """It never was an incident: closed, and nobody was paged."""
    stop_all(turn)
    withdraw_all(turn, "closed")
    turn.clear_deadlines()
    turn.state.title = turn.state.title or turn.plan.name
    turn.state.phase = Phase.CLOSED
    turn.state.closed_at = turn.now
    turn.state.finished = True
    turn.note("closed", f"Closed, nobody was paged: {why}.")
