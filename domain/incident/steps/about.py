"""What a step does or waits for, as its author wrote it, in a few words.

Decides wording only; templates in it stay as they are written.
"""

from domain.clock_text import duration_text
from domain.incident.steps.kinds.call import what
from domain.plan_steps import (
    CommandStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    PlaybookStep,
    PluginStep,
    RunbookStep,
    Step,
    WaitForStep,
    WaitStep,
)

LONGEST = 120


def about(step: Step) -> str:
    """`POST https://router.example/…`, `until facts.ratio < 0.01, for 10 min`; often nothing."""
    text = _about(step)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _about(step: Step) -> str:
    match step:
        case HttpStep() | CommandStep() | PluginStep():
            return what(step)
        case WaitForStep():
            held = f", for {duration_text(step.hold)}" if step.hold else ""
            return f"until {step.until}{held}"
        case WaitStep():
            return duration_text(step.lasting)
        case ForEachStep():
            return f"each of {step.values}"
        case PlaybookStep():
            return f"playbook {step.name}"
        case NotifyStep():
            return f"to {', '.join(step.to)}"
        case RunbookStep():
            return step.source
        case _:
            return ""
