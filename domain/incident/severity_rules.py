"""Severity: computed from rules and labels, set by people, and what a change does.

Decides that an acknowledgement stands when it rises while new roles are paged at once.
Whether it rises or falls by itself is `reassessing`.
"""

from typing import NamedTuple

from domain.alert import severity_from_labels
from domain.clock_text import duration_text
from domain.incident.acknowledge import ask, watch_silence
from domain.incident.announcing import announce
from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.ladder import (
    ESCALATION,
    climb,
    page_last_resort,
    replan,
    stop_all,
    watch_last_resort,
)
from domain.incident.messages import named
from domain.incident.quiet import asks_for_hours
from domain.incident.roles import release_unneeded, staff, unstaffed
from domain.incident.snooze import wake
from domain.incident.state import Told
from domain.incident.steps.stopping import rearm
from domain.incident.suspension import grow_louder, grow_quieter, was_called_quietly
from domain.incident.turn import Turn
from domain.incident.view import OPEN_PHASES, Phase
from domain.plan import OPERATIONS, EscalationCriterion
from domain.severity import Severity, worst


class Computed(NamedTuple):
    """What rules and labels give, and why; not `certain` while a rule cannot be evaluated."""

    severity: Severity
    why: str
    certain: bool = True


def computed(turn: Turn) -> Computed:
    """The severity that rules and labels give now, and the reason for it.

    The first rule that holds wins. Before one that cannot be evaluated nothing waits: it is
    at least as bad as the house table, the default and the next rule that holds say.
    """
    plan = turn.plan.severity
    from_labels = _from_alerts(turn)
    for index, rule in enumerate(plan.rules):
        verdict = verdict_on(turn, rule.when)
        if verdict.holds:
            return Computed(rule.set, rule.criteria or rule.when)
        if verdict.holds is None:
            note_unknown(turn, f"severity {rule.set}", rule.when, verdict)
            return _while_open(turn, index, from_labels)
    if plan.default is not None:
        return Computed(plan.default, "the playbook's default")
    return Computed(from_labels or Severity.SEV3, "the alert's severity label")


def _while_open(turn: Turn, index: int, from_labels: Severity | None) -> Computed:
    """What it is at least while this rule cannot be evaluated."""
    plan = turn.plan.severity
    known = [one for one in (from_labels, plan.default) if one is not None]
    least = worst(known) or Severity.SEV3
    later = plan.rules[index + 1 :]
    holds = next((rule for rule in later if verdict_on(turn, rule.when).holds), None)
    if holds is None or not holds.set.is_worse_than(least):
        return Computed(least, "a rule cannot be evaluated yet", certain=False)
    why = f"{holds.criteria or holds.when}; whether it is {plan.rules[index].set} is open"
    return Computed(holds.set, why, certain=False)


def _from_alerts(turn: Turn) -> Severity | None:
    alerts = turn.state.firing or tuple(turn.state.alerts.values())
    known = [alert.severity for alert in alerts if alert.severity is not None]
    named = severity_from_labels(turn.state.labels, turn.plan.severity.table)
    return worst(known) or named


def begin(turn: Turn, *, said: Severity | None = None, by: str = "") -> None:
    """Set the first severity: what a person said, else what rules and labels give."""
    severity, why, _ = computed(turn)
    turn.state.computed_severity = severity
    if said is not None:
        turn.state.kept_at = severity
        severity, why = said, f"said so by {by}"
    turn.state.severity = severity
    turn.note("severity", f"{severity}: {why}.", {"severity": severity})


def change(turn: Turn, severity: Severity, why: str, by: str | None = None) -> None:
    """Go to another severity, and let everything that depends on it follow."""
    before = turn.state.severity
    if severity is before:
        return
    turn.state.severity = severity
    data = {"from": before.value, "to": severity.value}
    turn.note("severity", f"{before} → {severity}: {why}", data)
    if turn.state.phase not in OPEN_PHASES:
        return
    if turn.state.phase is not Phase.PENDING:
        announce(turn, "severity", f"{before} → {severity}: {why}")
    if severity.is_worse_than(before):
        _raised(turn, before, by)
    else:
        _lowered(turn, before)
    rearm(turn)
    watch_silence(turn)


def _raised(turn: Turn, before: Severity, by: str | None) -> None:
    turn.state.cycle += 1
    wake(turn, f"raised to {turn.state.severity}")
    if turn.state.phase is Phase.TRIGGERED:
        ladder = turn.state.ladders.get(ESCALATION)
        was_quiet = before in turn.plan.pages_nobody_at or was_called_quietly(turn, before)
        if (ladder is None or was_quiet) and not turn.pages_nobody:
            climb(turn)
        elif turn.state.exhausted:
            page_last_resort(turn)
        else:
            replan(turn)
    elif turn.state.phase in (Phase.ACKNOWLEDGED, Phase.MITIGATED):
        if turn.state.holders(OPERATIONS):
            _ask_to_confirm(turn, by)
        else:
            _ask_for_somebody(turn)
    grow_louder(turn, before)
    staff(turn)


def _ask_to_confirm(turn: Turn, by: str | None) -> None:
    holders = [held for held in turn.state.holders(OPERATIONS) if not held.on_paper]
    asked = [held for held in holders if held.person != by]
    within = turn.plan.escalation.ack_within.at(turn.state.severity)
    if not asked or turn.pages_nobody:
        return
    if within is not None:
        summary = f"Confirm at {turn.state.severity} within {duration_text(within)}"
        ask(turn, "raise", tuple(held.person for held in asked), within, summary)
    for held in asked:
        text = f"Raised to {turn.state.severity}: are you on it? {turn.state.title}"
        told = Told(person=held.person, name=held.name)
        message = turn.message(text, ask="Confirm")
        turn.tell(told, message, why="confirm after the raise", nudge=True)


def _ask_for_somebody(turn: Turn) -> None:
    """A source acknowledged, or everybody left while nobody was to be woken."""
    known = turn.state.asks.get("take_command")
    if known is None:
        unstaffed(turn, f"Raised to {turn.state.severity} and nobody is on it.")
        return
    within = turn.plan.escalation.ack_within.at(turn.state.severity)
    if within is not None and known.until is not None and turn.after(within) < known.until:
        ask(turn, "take_command", (), within, "Nobody took command: page again")


def _lowered(turn: Turn, before: Severity) -> None:
    release_unneeded(turn)
    if turn.pages_nobody and turn.state.phase is Phase.TRIGGERED:
        stop_all(turn)
        turn.state.ladders = {}
        turn.state.exhausted = False
    else:
        grow_quieter(turn, before)
        replan(turn)
        _slow_down_last_resort(turn)
    turn.state.asks.pop("raise", None)
    turn.clear_deadline("ask/raise")


def _slow_down_last_resort(turn: Turn) -> None:
    if not turn.state.exhausted:
        return
    if turn.plan.escalation.exhausted.again_every.at(turn.state.severity) is None:
        turn.clear_deadline("again/exhausted")
        watch_last_resort(turn)


def watch_criteria(turn: Turn) -> None:
    """Keep the deadlines of the time criteria; fire the conditions that hold."""
    state = turn.state
    for index, criterion in enumerate(turn.plan.escalation.criteria):
        name = f"criterion/{index}"
        stops = criterion.after is not None or criterion.unless == "mitigated"
        off = stops and state.phase is Phase.MITIGATED
        if index in state.criteria_met or state.triggered_at is None or off:
            turn.clear_deadline(name)
            continue
        if criterion.after is not None:
            after = criterion.after.at(state.severity)
            if after is None:
                turn.clear_deadline(name)
            else:
                turn.set_deadline(name, state.triggered_at + after, _criterion_text(criterion))
        if criterion.when is not None:
            verdict = verdict_on(turn, criterion.when)
            if verdict.holds is None:
                note_unknown(turn, f"criterion {index + 1}", criterion.when, verdict)
            elif verdict.holds:
                meet_criterion(turn, index)


def _criterion_text(criterion: EscalationCriterion) -> str:
    who = f"page {named(criterion.page)}" if criterion.page else "raise"
    return f"If it is still open: {who} ({criterion.because or 'escalation criterion'})"


def meet_criterion(turn: Turn, index: int) -> None:
    """More people come in: raise and page as the criterion says, once."""
    if index in turn.state.criteria_met:
        return
    criterion = turn.plan.escalation.criteria[index]
    turn.state.criteria_met = (*turn.state.criteria_met, index)
    turn.clear_deadline(f"criterion/{index}")
    turn.note("criterion", f"Escalation criterion met: {criterion.because or criterion.when}.")
    raise_to = criterion.raise_to
    if raise_to is not None and raise_to.is_worse_than(turn.state.severity):
        change(turn, raise_to, criterion.because or "escalation criterion")
    if criterion.page and not turn.pages_nobody:
        turn.state.cycle += 1
        refs = named(criterion.page)
        turn.look_up(
            f"criterion:{criterion.because}",
            criterion.page,
            f"Who is on call: {refs} (criterion)",
            hours=asks_for_hours(turn),
        )
