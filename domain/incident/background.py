"""What a page adds to the situation: what was tried so far, and which runbook helps.

Decides it from the incident alone, in a few short lines, since every page is kept in the
history. Earlier incidents of the playbook are the sending activity's to know.
"""

from datetime import datetime

from domain.clock_text import local_time
from domain.incident.effects import Message
from domain.incident.state import AttemptState, Call
from domain.incident.step_state import StepState
from domain.incident.turn import Turn
from domain.plan_steps import ChecklistStep, RunbookStep, all_steps
from domain.templates import neutralised

DEEDS = ("note.action", "note.decision", "note.finding", "step.done", "mitigated")
"""Kinds of timeline entries that say what somebody did or found."""

DEEDS_SHOWN = 3
"""The latest ones; the page behind the link has them all."""

UNANSWERED_SHOWN = 4
LINE_LIMIT = 160


def with_background(turn: Turn, message: Message, before: Call | None = None) -> Message:
    """The page with playbook, runbook and what was tried; `before` is the call it is for."""
    return message.model_copy(
        update={
            "playbook": turn.plan.name,
            "runbook": runbook(turn),
            "tried": tuple(neutralised(line) for line in tried(turn, before)),
        }
    )


def runbook(turn: Turn) -> str | None:
    """The runbook section of the first unfinished step that applies, `file.md#heading`."""
    for step in all_steps(turn.plan.steps):
        if not isinstance(step, RunbookStep | ChecklistStep) or step.source is None:
            continue
        known = turn.state.steps.get(step.id, StepState())
        if turn.state.severity in step.at and known.state in ("pending", "running"):
            return step.source
    return None


def tried(turn: Turn, before: Call | None = None) -> tuple[str, ...]:
    """The latest deeds, oldest first, then who was paged without an answer."""
    zone = turn.plan.timezone
    deeds = [entry for entry in turn.state.latest if entry.kind in DEEDS][-DEEDS_SHOWN:]
    lines = [_cut(f"{local_time(deed.at, zone)} {deed.text}") for deed in deeds]
    silent = _silent(turn, before.started_at if before else turn.now)
    if silent:
        lines.append(_cut(f"Paged without an answer: {', '.join(silent)}."))
    return tuple(lines)


def _silent(turn: Turn, until: datetime) -> list[str]:
    """Who was reached by a page of an earlier moment and has not answered it."""
    names = dict.fromkeys(
        call.person.name
        for call in turn.state.calls.values()
        if not call.is_over
        and call.started_at < until
        and any(attempt.state is AttemptState.DELIVERED for attempt in call.attempts)
    )
    more = len(names) - UNANSWERED_SHOWN
    return [*list(names)[:UNANSWERED_SHOWN], *([f"{more} more"] if more > 0 else [])]


def _cut(text: str) -> str:
    return text if len(text) <= LINE_LIMIT else f"{text[: LINE_LIMIT - 1]}…"
