"""What people say about steps and facts: choose, approve, answer, retry, skip, set.

Decides the shape of these commands; they are part of the one union in
`domain.incident.commands`. `step` is a step's address: its id, or `id@2` in a `for_each`.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.incident.command_part import CommandPart
from domain.values import Value

Because = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class StepPart(CommandPart):
    """A command about one step."""

    step: str


class StepDone(StepPart):
    """Tick one item of a checklist, or the whole step without `item`."""

    kind: Literal["step_done"] = "step_done"
    item: str | None = None


class StepUndo(StepPart):
    """Untick one item of a checklist, or the whole step without `item`."""

    kind: Literal["step_undo"] = "step_undo"
    item: str | None = None


class StepChoose(StepPart):
    """Decide for an option, and say why."""

    kind: Literal["step_choose"] = "step_choose"
    option: str
    because: Because = ""


class StepAnswer(StepPart):
    """Answer what a step asks."""

    kind: Literal["step_answer"] = "step_answer"
    answer: Value


class StepApprove(StepPart):
    """Say yes; `break_glass` says it alone in need, with a reason, and everybody hears it."""

    kind: Literal["step_approve"] = "step_approve"
    because: Because = ""
    break_glass: bool = False


class StepReject(StepPart):
    """Say no, and why."""

    kind: Literal["step_reject"] = "step_reject"
    because: Reason


class StepRetry(StepPart):
    """Do it again: a failed or stopped step starts anew; a decision is put again."""

    kind: Literal["step_retry"] = "step_retry"


class StepSkip(StepPart):
    """Go on without it."""

    kind: Literal["step_skip"] = "step_skip"
    because: Reason


class StepTakeOver(StepPart):
    """I do it by hand; `step_done` says when."""

    kind: Literal["step_take_over"] = "step_take_over"
    because: Because = ""


class FactPart(CommandPart):
    """A command about one declared fact."""

    fact: str


class FactSet(FactPart):
    """Say what it is; it stands until it is let go, whatever is measured."""

    kind: Literal["fact_set"] = "fact_set"
    value: Value


class FactRelease(FactPart):
    """Let what is measured count again."""

    kind: Literal["fact_release"] = "fact_release"


StepCommand = (
    StepDone
    | StepUndo
    | StepChoose
    | StepAnswer
    | StepApprove
    | StepReject
    | StepRetry
    | StepSkip
    | StepTakeOver
)
FactCommand = FactSet | FactRelease
