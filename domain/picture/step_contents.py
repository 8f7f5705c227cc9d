"""What a picture shows of each kind of step.

Decides the frame that tells the kinds apart without colour, and which of a step's settings
are worth a line. Where a step stands is `domain.picture.standing`.
"""

from typing import assert_never

from domain.clock_text import duration_text
from domain.incident.steps.about import about
from domain.incident.steps.words import value_text
from domain.picture.outline import BranchOutline, StepOutline, Words
from domain.picture.pieces import Outline as Frame
from domain.picture.standing import StepsStanding
from domain.picture.wording import (
    held_for,
    ref_text,
    refs_text,
    severities_text,
    template_text,
    timers_text,
)
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    CallStep,
    ChecklistItem,
    ChecklistStep,
    CommandStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    ParallelStep,
    PlaybookStep,
    PluginStep,
    RunbookStep,
    Step,
    WaitForStep,
    WaitStep,
)
from domain.severity import Severity

ITEMS_SHOWN = 5

_JOINS = {
    "settled": "goes on when every branch has ended",
    "all": "goes on when every branch has ended; one that fails ends it",
    "any": "goes on when one branch has succeeded",
}
_ON_TIMEOUT = {
    "remind": "then a reminder",
    "escalate": "then the commander is told",
    "skip": "then it is skipped",
    "fail": "then it fails",
}


def frame_of(step: Step) -> Frame:
    """Round: a person. Square: a machine. Pill: time. Hexagon, sides, double: flow."""
    match step:
        case ChecklistStep() | AskStep() | ApproveStep() | RunbookStep():
            return "round"
        case HttpStep() | CommandStep() | PluginStep() | NotifyStep():
            return "square"
        case WaitStep() | WaitForStep():
            return "pill"
        case DecideStep():
            return "hexagon"
        case PlaybookStep():
            return "sides"
        case ParallelStep() | ForEachStep():
            return "double"
        case _:
            assert_never(step)


def kind_of(step: Step) -> str:
    """The kind as a word: `wait for`, `http`."""
    return {"command": "run", "plugin": "run"}.get(step.kind, step.kind.replace("_", " "))


def step_outlines(
    steps: tuple[Step, ...], standing: StepsStanding | None
) -> tuple[StepOutline, ...]:
    """Every step with what is inside it."""
    return tuple(_outline(step, standing) for step in steps)


def _outline(step: Step, standing: StepsStanding | None) -> StepOutline:
    return StepOutline(
        id=step.id,
        kind=kind_of(step),
        frame=frame_of(step),
        who=_who(step),
        words=(*_said(step, standing), *_settings(step)),
        branches=_branches(step, standing),
        joins=_JOINS[step.join] if isinstance(step, ParallelStep) else "",
        standing=standing.of(step) if standing else None,
    )


def _who(step: Step) -> str:
    match step:
        case AskStep():
            return ref_text(step.of)
        case DecideStep():
            return ref_text(step.by)
        case ApproveStep():
            need = f"{step.need} of: " if step.need > 1 or len(step.by) > 1 else ""
            return f"{need}{refs_text(step.by)}"
        case NotifyStep():
            return f"to {refs_text(step.to)}"
        case _:
            return ref_text(step.assign) if step.assign else ""


def _said(step: Step, standing: StepsStanding | None) -> tuple[Words, ...]:  # noqa: C901 - one case a kind
    """What it does or asks, as its author wrote it."""
    match step:
        case NotifyStep():
            return (Words(f"“{template_text(step.text)}”"),)
        case AskStep() | DecideStep():
            return (Words(f"“{template_text(step.question)}”"), *_answers(step))
        case ChecklistStep():
            return _items(step, standing.ticked(step) if standing else frozenset())
        case ApproveStep():
            own = "whoever asks may say it too" if step.own else "never who asks for it"
            return (Words(f"a yes, {own}", "small"),)
        case HttpStep() | CommandStep() | PluginStep():
            return (Words(template_text(about(step)), "code"), *_call(step))
        case WaitStep():
            return (Words(duration_text(step.lasting)),)
        case WaitForStep():
            held = f"holds{held_for(step.hold)}" if step.hold else ""
            return (Words(step.until, "code"), *([Words(held)] if held else []))
        case PlaybookStep():
            version = f" version {step.version}" if step.version else ""
            waits = "" if step.wait else ", not waited for"
            return (Words(f"{step.name}{version}{waits}"), *_params(step))
        case ForEachStep():
            return (Words(f"{step.item} in {step.values}", "code"), Words(_rounds(step), "small"))
        case RunbookStep():
            return (Words(step.source, "code"),)
        case ParallelStep():
            return ()
        case _:
            assert_never(step)


def _answers(step: AskStep | DecideStep) -> tuple[Words, ...]:
    if isinstance(step, DecideStep):
        return ()
    said: list[str] = [step.type]
    if step.one_of:
        said.append(f"one of {', '.join(value_text(each) for each in step.one_of)}")
    if step.default is not None:
        said.append(f"else {value_text(step.default)}")
    return (Words("; ".join(said), "small"),)


def _items(step: ChecklistStep, ticked: frozenset[str]) -> tuple[Words, ...]:
    shown = [_item(item, item.id in ticked) for item in step.items[:ITEMS_SHOWN]]
    more = len(step.items) - len(shown)
    return (*shown, *([Words(f"and {more} more", "small")] if more > 0 else []))


def _item(item: ChecklistItem, is_ticked: bool) -> Words:  # noqa: FBT001 - one caller
    box = "☑" if is_ticked else "☐"
    return Words(f"{box} {item.text}{'' if item.required else ' (optional)'}", "small")


def _call(step: CallStep) -> tuple[Words, ...]:
    said = []
    if step.timeout is not None:
        said.append(f"at most {duration_text(step.timeout)}")
    if step.retry.attempts > 1:
        said.append(f"{step.retry.attempts} tries")
    if step.out:
        said.append(f"gives {', '.join(step.out)}")
    return (Words("; ".join(said), "small"),) if said else ()


def _params(step: PlaybookStep) -> tuple[Words, ...]:
    given = ", ".join(f"{name}={value_text(value)}" for name, value in step.params.items())
    return (Words(template_text(given), "code"),) if given else ()


def _rounds(step: ForEachStep) -> str:
    return f"{step.at_once} at a time, at most {step.most}"


def _settings(step: Step) -> tuple[Words, ...]:
    """When it is done at all, by when, and what a failure does."""
    said: list[Words] = []
    if step.when is not None:
        said.append(Words(f"only if {step.when}", "code"))
    if len(step.at) < len(Severity):
        said.append(Words(f"only at {severities_text(step.at)}", "small"))
    deadline = timers_text(step.deadline)
    if deadline:
        said.append(Words(f"within {deadline}, {_ON_TIMEOUT[step.on_timeout]}", "small"))
    if step.on_error == "continue" and isinstance(step, CallStep | ForEachStep | PlaybookStep):
        said.append(Words("goes on even if it fails", "small"))
    return tuple(said)


def _branches(step: Step, standing: StepsStanding | None) -> tuple[BranchOutline, ...]:
    match step:
        case DecideStep():
            return tuple(_option(step, each, standing) for each in step.options)
        case ParallelStep():
            return tuple(
                BranchOutline(f"branch {number}", (), step_outlines(branch, standing))
                for number, branch in enumerate(step.branches, start=1)
            )
        case ForEachStep():
            return (BranchOutline(f"each {step.item}", (), step_outlines(step.do, standing)),)
        case _:
            return ()


def _option(
    step: DecideStep, option: DecideOption, standing: StepsStanding | None
) -> BranchOutline:
    cost = option.tradeoff
    said: list[Words] = []
    if cost.time.strip("- "):
        said.append(Words(f"takes {cost.time}", "small"))
    if cost.risk:
        said.append(Words(f"risk: {cost.risk}", "small"))
    if cost.reversible is not None:
        said.append(Words("can be undone" if cost.reversible else "cannot be undone", "small"))
    if option.suggest_when is not None:
        said.append(Words(f"suggested if {option.suggest_when}", "code"))
    stands = standing.of_option(step, option.id) if standing else None
    inside = standing.inside(stands) if standing and stands else None
    return BranchOutline(option.label, tuple(said), step_outlines(option.do, inside), stands)
