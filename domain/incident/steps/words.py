"""How one step reads: its mark, whose it is, what it waits for, what came of it.

Decides the words that the terminal, the page on a phone and the Temporal UI share. Which
steps are worth a line is `domain.incident.steps.outline`.
"""

from collections.abc import Iterable

from domain.incident.messages import readable
from domain.incident.view import FactView, OptionView, StepView
from domain.values import Value

MARKS = {"running": ">", "done": "x", "skipped": "-", "failed": "!", "cancelled": "/"}
"""What stands in the box before a step; nothing while it is pending."""

RESULTS_SHOWN = 6
VALUE_CHARS = 60


def mark_of(step: StepView) -> str:
    """The step's mark in its box: `[x]`."""
    return f"[{MARKS.get(step.state, ' ')}]"


def name_of(step: StepView) -> str:
    """How people call the step, with the values of its loops."""
    return step.label or step.id


def kind_of(step: StepView) -> str:
    """What kind of step it is, as a word: `for each`, `http`."""
    return readable(step.kind)


def who(ref: str) -> str:
    """`incident commander` for `role:incident_commander`; several by comma."""
    return ", ".join(readable(one.strip().partition(":")[2] or one) for one in ref.split(","))


def owner_of(step: StepView) -> str:
    """Whose the step is; empty if nobody was named."""
    return who(step.owner) if step.owner else ""


def state_of(step: StepView) -> str:
    """Where it stands, in a word or two: what it waits for where it waits for somebody."""
    match step.state:
        case "running":
            return waits_for(step) or "running"
        case "cancelled":
            return "stopped"
        case "failed" if step.timed_out:
            return "failed: too late"
        case "done" if step.taken_over:
            return "done by hand"
        case other:
            return other


def waits_for(step: StepView) -> str:
    """What a running step waits for a person to say; empty if for nobody."""
    if step.taken_over:
        return "being done by hand"
    if "choose" in step.needs and step.choice is None:
        return "to be decided"
    if "approve" in step.needs:
        yes = sum(vote.approves for vote in step.votes)
        return f"approved by {yes} of {step.votes_needed}"
    if "answer" in step.needs:
        return "to be answered"
    if step.items and "done" in step.needs:
        return f"{sum(item.done_by is not None for item in step.items)} of {len(step.items)} ticked"
    return "to be done" if "done" in step.needs else ""


def needs_somebody(step: StepView) -> bool:
    """Whether it goes on only when a person says something."""
    is_chosen = step.choice is not None and step.state == "running"
    return bool(step.needs) and step.state in ("running", "failed") and not is_chosen


def outcome_of(step: StepView, *, naming_child: bool = True) -> str:
    """What came of it, in one line: the choice, results, who and why, the incident it opened."""
    parts = [_result(step)]
    if step.by:
        parts.append(f"by {step.by_name or step.by}")
    if step.because:
        parts.append(f"because {step.because}")
    if step.child and naming_child:
        parts.append(f"see {step.child}")
    return ", ".join(part for part in parts if part)


def _result(step: StepView) -> str:
    if step.choice is not None:
        return next((one.label for one in step.options if one.id == step.choice), step.choice)
    if step.state in ("failed", "skipped") and step.detail:
        return step.detail.rstrip(".")
    return results_text(step.results) or step.about


def results_text(results: dict[str, Value]) -> str:
    """`count=3, latest=4f2a`: the outputs that have a value, the first few."""
    shown = [f"{name}={value_text(value)}" for name, value in results.items()]
    more = len(shown) - RESULTS_SHOWN
    return ", ".join([*shown[:RESULTS_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def value_text(value: Value | None) -> str:
    """A value as people write it; `unknown` for none."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            text = ", ".join(value) or "none"
        case float():
            text = f"{value:.6g}"
        case _:
            text = str(value)
    return text if len(text) <= VALUE_CHARS else f"{text[:VALUE_CHARS]}…"


def tradeoff_of(option: OptionView) -> str:
    """What an option costs, in the author's words."""
    parts = [option.time, f"risk: {option.risk}" if option.risk else ""]
    if option.reversible is not None:
        parts.append("can be undone" if option.reversible else "cannot be undone")
    return "; ".join(part for part in parts if part)


def source_of(fact: FactView) -> str:
    """Where a fact's value is from: `measured`, `set by Ann`."""
    by = f" by {fact.by_name}" if fact.by_name else ""
    return f"{fact.source}{by}" if fact.source else ""


def tally(states: Iterable[str]) -> str:
    """`150 done, 40 pending`: how many there are of each, the most urgent first."""
    counted = list(states)
    order = ("failed", "running", "pending", "cancelled", "skipped", "done")
    found = [(counted.count(one), "stopped" if one == "cancelled" else one) for one in order]
    return ", ".join(f"{count} {state}" for count, state in found if count)


def says_more(step: StepView) -> bool:
    """Whether a call has written what its outcome does not say: no outputs, or a failure."""
    return bool(step.output) and (not step.results or step.state == "failed")
