"""What the page on a phone shows of steps and facts, and which forms one person gets.

Decides the order: what is the person's move first, then what else takes their word, then
the tree. The words are `domain.incident.steps.words`, whose move a step is
`domain.incident.steps.own`.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from api.runbook_html import runbook_html
from domain.clock_text import duration_text
from domain.incident.steps.outline import Line, every_step, outline
from domain.incident.steps.own import OwnStep, own_steps
from domain.incident.steps.words import (
    kind_of,
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
from domain.incident.view import FactView, IncidentView, StepView
from domain.values import Value, ValueType

FOLD_ABOVE = 25
"""In a tree of more steps, a part that is over is one line."""

DEEPEST = 5
"""A phone has no room to set in further."""

SIGNS = {"running": "▶", "done": "✓", "skipped": "–", "failed": "!", "cancelled": "■"}


class Field(NamedTuple):
    """One typed input: `choices` as a list to pick from, else `type` and `step` of HTML."""

    choices: tuple[str, ...] = ()
    type: str = "text"
    step: str = ""
    hint: str = ""
    value: str = ""


class Card(NamedTuple):
    """A step with the forms for it; `address` is where they go."""

    step: StepView
    may: tuple[str, ...]
    address: str
    about: str
    field: Field
    tradeoffs: dict[str, str]


class Row(NamedTuple):
    """One line of the tree; `text` is its runbook, `anchor` the card of a step that has one.

    `is_open` where the runbook is the latest and there is still something to do. `child` is
    the incident that it opened, `output` what its call has written.
    """

    depth: int
    state: str
    sign: str
    name: str
    about: str
    due: datetime | None = None
    outcome: str = ""
    text: Markup | None = None
    is_open: bool = False
    child: str = ""
    output: str = ""
    anchor: str = ""


class FactRow(NamedTuple):
    """One fact, and the form that sets it."""

    fact: FactView
    value: str
    about: str
    address: str
    field: Field


def step_values(view: IncidentView, person: str, here: str, *, is_over: bool) -> dict[str, Any]:
    """What the page's template needs of steps and facts; no forms once it is over."""
    own = [] if is_over else list(own_steps(view, person))
    now = datetime.now(UTC)
    on_it = any(one.person == person for held in view.roles.values() for one in held)
    return {
        "cards": [_card(one, here) for one in own if one.is_asked],
        "others": [_card(one, here) for one in own if not one.is_asked],
        "rows": _rows(view, {one.step.id for one in own}),
        "now": now,
        "known_facts": [_fact(fact, here, now) for fact in view.facts],
        "may_set": on_it and not is_over,
    }


def _card(own: OwnStep, here: str) -> Card:
    step = own.step
    return Card(
        step=step,
        may=own.may,
        address=f"{here}/steps/{quote(step.id, safe='@')}",
        about=_about(step),
        field=_field(step.answer_type or "string", step.one_of),
        tradeoffs={option.id: tradeoff_of(option) for option in step.options},
    )


def _about(step: StepView) -> str:
    return " · ".join(part for part in (kind_of(step), state_of(step), owner_of(step)) if part)


def _rows(view: IncidentView, with_forms: set[str]) -> list[Row]:
    read = [one for one in every_step(view.steps) if _is_readable(one)]
    latest = max(read, key=lambda one: one.started_at or view.opened_at, default=None)
    is_work_left = any(needs_somebody(one) for one in every_step(view.steps))
    opened = latest.id if latest is not None and is_work_left else ""
    return [
        _row(line, line.step, with_forms, opened)
        if line.step
        else Row(_depth(line), "", "", "", line.said)
        for line in outline(view.steps, fold_above=FOLD_ABOVE)
    ]


def _is_readable(step: StepView) -> bool:
    return bool(step.text) and step.state in ("running", "done")


def _row(line: Line, step: StepView, with_forms: set[str], opened: str) -> Row:
    folded = f" ({line.folded} steps inside)" if line.folded else ""
    return Row(
        depth=_depth(line),
        state=f"{step.state} waits" if needs_somebody(step) else step.state,
        sign=SIGNS.get(step.state, ""),
        name=name_of(step),
        about=f"{_about(step)}{folded}",
        due=step.deadline,
        outcome=outcome_of(step, naming_child=False),
        child=step.child or "",
        text=runbook_html(step.text) if _is_readable(step) else None,
        output=step.output if says_more(step) else "",
        is_open=step.id == opened,
        anchor=f"step-{step.id}" if step.id in with_forms else "",
    )


def _depth(line: Line) -> int:
    return min(len(line.last) - 1, DEEPEST)


def _fact(fact: FactView, here: str, now: datetime) -> FactRow:
    age = f"{duration_text(now - fact.at)} ago" if fact.at else ""
    return FactRow(
        fact=fact,
        value=value_text(fact.value),
        about=", ".join(part for part in (source_of(fact), age) if part),
        address=f"{here}/facts/{quote(fact.name, safe='')}",
        field=_field(fact.type, fact.one_of),
    )


def _field(wanted: ValueType | str, one_of: tuple[Value, ...]) -> Field:
    if one_of:
        return Field(choices=tuple(value_text(value) for value in one_of))
    match wanted:
        case "bool":
            return Field(choices=("true", "false"))
        case "int":
            return Field(type="number", step="1")
        case "double":
            return Field(type="number", step="any")
        case "list":
            return Field(hint="separated by commas")
        case _:
            return Field()
