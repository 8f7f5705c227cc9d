"""The step tree and the facts in the Temporal UI, as Markdown of bounded size.

Decides how they look there. A part that is over is one line, a long loop is counted, and
what is still too long is cut, so that the document stays small. The words are
`domain.incident.steps.words`.
"""

from collections.abc import Callable

from domain.clock_text import wall_time
from domain.incident.steps.outline import Line, outline
from domain.incident.steps.words import (
    kind_of,
    mark_of,
    name_of,
    needs_somebody,
    outcome_of,
    owner_of,
    source_of,
    state_of,
    tradeoff_of,
    value_text,
)
from domain.incident.view import FactView, IncidentView, StepView

STEPS_BYTES = 8_000
LINE_CHARS = 300
FACTS_SHOWN = 30

FOLD_ABOVE = 25
"""In a tree of more steps, a part that is over is one line."""

Plain = Callable[[str], str]
"""Text from outside that cannot become Markdown."""


def steps_block(zone: str, view: IncidentView, plain: Plain) -> str:
    """The tree, cut where it would grow too long."""
    rows: list[str] = []
    for line in outline(view.steps, fold_above=FOLD_ABOVE):
        indent = "  " * (len(line.last) - 1)
        if line.step is None:
            rows.append(f"{indent}- {plain(line.said)}")
            continue
        rows.append(f"{indent}- {_step(zone, line, line.step, plain)}")
        rows += [f"{indent}  - {text}" for text in _below(line.step, plain)]
    if not rows:
        return ""
    shown = _within(rows, STEPS_BYTES)
    more = len(rows) - len(shown)
    if more:
        shown.append(f"- and {more} more lines: `watchbill step list {view.reference}`")
    return "## Steps\n" + "\n".join(shown)


def facts_block(zone: str, view: IncidentView, plain: Plain) -> str:
    """What is known, and what is too old to count."""
    rows = [f"- {_fact(zone, fact, plain)}" for fact in view.facts[:FACTS_SHOWN]]
    more = len(view.facts) - len(rows)
    rows += [f"- and {more} more"] if more > 0 else []
    return "## Facts\n" + "\n".join(rows) if rows else ""


def _within(rows: list[str], limit: int) -> list[str]:
    """The first rows that stay within so many bytes."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row.encode()) + 1
        if size > limit:
            return rows[:count]
    return list(rows)


def _step(zone: str, line: Line, step: StepView, plain: Plain) -> str:
    due = f"due {wall_time(step.deadline, zone)}" if step.deadline else ""
    owner = plain(owner_of(step))
    said = ", ".join(part for part in (state_of(step), owner, due) if part)
    outcome = f": {plain(_short(outcome_of(step)))}" if outcome_of(step) else ""
    folded = f" ({line.folded} steps inside)" if line.folded else ""
    name = plain(name_of(step))
    shown = f"**{name}**" if needs_somebody(step) else name
    return f"{mark_of(step)} {shown} ({kind_of(step)}): {said}{outcome}{folded}"


def _below(step: StepView, plain: Plain) -> list[str]:
    """What is asked, the ways to go, and what is still open."""
    if step.state != "running":
        return []
    rows = [plain(_short(step.question))] if step.question and step.choice is None else []
    if step.choice is None:
        for option in step.options:
            costs = tradeoff_of(option)
            rows.append(
                f"{plain(option.label)}{' **(suggested)**' if option.suggested else ''}"
                f"{f': {plain(_short(costs))}' if costs else ''}"
            )
    rows += [
        f"{plain(vote.name)} said {'yes' if vote.approves else 'no'}"
        f"{f': {plain(_short(vote.because))}' if vote.because else ''}"
        for vote in step.votes
    ]
    rows += [
        f"[{'x' if item.done_by else ' '}] {plain(_short(item.text))}"
        f"{f' ({plain(item.done_by)})' if item.done_by else ''}"
        for item in step.items
    ]
    return rows


def _fact(zone: str, fact: FactView, plain: Plain) -> str:
    at = f" at {wall_time(fact.at, zone)}" if fact.at else ""
    source = source_of(fact)
    origin = f" ({plain(source)}{at})" if source else ""
    stale = " **stale**" if fact.stale else ""
    why = f": {plain(_short(fact.why))}" if fact.why else ""
    return f"**{plain(fact.name)}** {plain(value_text(fact.value))}{origin}{stale}{why}"


def _short(text: str) -> str:
    return text if len(text) <= LINE_CHARS else f"{text[:LINE_CHARS]}…"
