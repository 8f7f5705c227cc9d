"""How the step tree and the facts look in a terminal.

Decides the tree's lines, colours and countdowns. Which steps have a line is
`domain.incident.steps.outline`, the words are `domain.incident.steps.words`.
"""

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from cli.plain_text import local, plain
from domain.clock_text import duration_text
from domain.incident.steps.outline import Line, every_step, outline
from domain.incident.steps.words import (
    kind_of,
    mark_of,
    name_of,
    needs_somebody,
    outcome_of,
    owner_of,
    says_more,
    source_of,
    state_of,
    tradeoff_of,
    value_text,
)
from domain.incident.view import FactView, OptionView, StepView

STATE_STYLE = {"running": "yellow", "done": "green", "failed": "bold red", "pending": "dim"}

RUNBOOK_LINES = 12
"""Of a runbook's text so much is shown; `--json` has all of it."""


def step_lines(steps: Sequence[StepView], now: datetime) -> list[Text]:
    """The tree, a line for each step and below it what somebody must know to act."""
    lines: list[Text] = []
    for line in outline(steps):
        if line.step is None:
            lines.append(Text(f"{_branch(line)}{plain(line.said)}", style="dim"))
            continue
        lines.append(_step(line, line.step, now))
        lead = _trunk(line, has_inside=bool(line.step.steps))
        lines += [Text(plain(f"{lead}{text}")) for text in _below(line.step)]
    return lines


def waiting_lines(steps: Sequence[StepView], now: datetime) -> list[Text]:
    """The steps that wait for somebody, a line each, for a screen that has little room."""
    return [
        _step(Line(step, "", (True,)), step, now)
        for step in every_step(steps)
        if needs_somebody(step)
    ]


def _step(line: Line, step: StepView, now: datetime) -> Text:
    text = Text(_branch(line))
    text.append(f"{mark_of(step)} ", style=STATE_STYLE.get(step.state, "dim"))
    text.append(plain(name_of(step)), style="bold" if needs_somebody(step) else "")
    said = [f"{kind_of(step)}, {state_of(step)}", owner_of(step), _due(step, now)]
    parts = [", ".join(one for one in said if one), outcome_of(step)]
    text.append("".join(f": {plain(part)}" for part in parts if part))
    return text


def _due(step: StepView, now: datetime) -> str:
    """The countdown and the clock, so that neither has to be worked out."""
    if step.deadline is None:
        return ""
    at = local(step.deadline, with_date=False)
    if step.deadline <= now:
        return f"overdue since {at}"
    return f"due in {duration_text(step.deadline - now)} ({at})"


def _branch(line: Line) -> str:
    """`│  └─ `: where the line hangs in the tree; nothing at the top."""
    *above, is_last = line.last[1:] or (None,)
    if is_last is None:
        return ""
    trunks = "".join("   " if last else "│  " for last in above)
    return f"{trunks}{'└─ ' if is_last else '├─ '}"


def _trunk(line: Line, *, has_inside: bool) -> str:
    """What stands before the lines that belong to a step."""
    trunks = "".join("   " if last else "│  " for last in line.last[1:])
    return f"{trunks}{'│ ' if has_inside else '  '}"


def _below(step: StepView) -> list[str]:
    """What somebody must know to act: question, options, votes, items, text, command."""
    lines = [step.question] if step.question and needs_somebody(step) else []
    if "choose" in step.needs and step.choice is None:
        lines += [line for option in step.options for line in _option(option)]
    lines += [
        f"{'yes' if vote.approves else 'no'}: {vote.name} at {local(vote.at, with_date=False)}"
        + (f", because {vote.because}" if vote.because else "")
        for vote in step.votes
    ]
    if step.one_of and "answer" in step.needs:
        lines.append(f"one of: {', '.join(value_text(value) for value in step.one_of)}")
    if step.state != "pending":
        lines += [
            f"[{'x' if item.done_by else ' '}] {item.id}: {item.text}"
            + ("" if item.required else " (optional)")
            + (f"  ({item.done_by})" if item.done_by else "")
            for item in step.items
        ]
    if says_more(step):
        lines += _text(step.output)
    return lines + (_text(step.text) if step.state in ("running", "done") else [])


def _option(option: OptionView) -> list[str]:
    costs = tradeoff_of(option)
    mark, said = ("*", " (suggested)") if option.suggested else (" ", "")
    line = f"{mark} {option.id}: {option.label}{said}"
    return [line, *([f"    {costs}"] if costs else [])]


def _text(text: str) -> list[str]:
    lines = [line for line in text.strip().split("\n") if line.strip()]
    more = len(lines) - RUNBOOK_LINES
    shown = [f"| {line}" for line in lines[:RUNBOOK_LINES]]
    return [*shown, *([f"| and {more} more lines"] if more > 0 else [])]


def fact_lines(facts: Sequence[FactView], now: datetime) -> list[Text]:
    """One line for each fact: its value, how old it is, from where, and if it is stale."""
    width = max((len(fact.name) for fact in facts), default=0)
    return [_fact(fact, width, now) for fact in facts]


def _fact(fact: FactView, width: int, now: datetime) -> Text:
    text = Text(f"{fact.name:<{width}}  ")
    text.append(plain(value_text(fact.value)), style="bold" if fact.value is not None else "dim")
    age = f"{duration_text(now - fact.at)} ago" if fact.at else ""
    origin = ", ".join(part for part in (source_of(fact), age) if part)
    text.append(f"  ({plain(origin)})" if origin else "", style="dim")
    if fact.stale:
        text.append("  STALE", style="bold red")
    if fact.why:
        text.append(f"  {plain(fact.why)}", style="red")
    return text
