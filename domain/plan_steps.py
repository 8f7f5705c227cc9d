"""The steps of a plan: every kind with every default filled in.

Decides their shape. What they do is `domain.incident`, how they are written is the
compiler's. Ids are unique in the whole playbook, however deep a step stands. Texts are
templates over the incident, its facts and the results of earlier steps; conditions are CEL.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from domain.plan_part import Duration, PlanPart, Ref
from domain.severity import PerSeverity, Severity
from domain.values import Value, ValueType

NEVER = PerSeverity[Duration](SEV1=None, SEV2=None, SEV3=None, SEV4=None, SEV5=None)

OnTimeout = Literal["remind", "escalate", "skip", "fail"]
"""What a deadline does: tell who is asked again, tell the commander, go on, or fail."""

OnError = Literal["ask", "continue"]
"""What a failure does: hold the steps behind it until a person says, or go on."""


class RetryPlan(PlanPart):
    """How often a call is tried in all; the first pause is `backoff`, doubled up to `max`."""

    attempts: int = 1
    backoff: timedelta = timedelta(seconds=2)
    max: timedelta = timedelta(seconds=30)


class OutPlan(PlanPart):
    """One declared output: where in the answer it stands, and its type.

    `path` is names and indexes, such as `body.items[0].sha`; an http answer has `status`,
    `headers` (lower case) and `body`, a command `exit_code`, `stdout` and `body` (its output
    as JSON), a plugin its result's own fields.
    """

    path: str
    type: ValueType


class StepPlan(PlanPart):
    """What every step carries.

    `timeout` is the time of one try of a call, `deadline` that of the whole step.
    """

    id: str
    when: str | None = None
    at: tuple[Severity, ...] = tuple(Severity)
    timeout: timedelta | None = None
    deadline: PerSeverity[Duration] = NEVER
    on_timeout: OnTimeout = "remind"
    on_error: OnError = "ask"
    assign: Ref | None = None


class NotifyStep(StepPlan):
    """Tell destinations, users, teams or roles a text (template)."""

    kind: Literal["notify"] = "notify"
    to: tuple[Ref, ...]
    text: str


class ChecklistItem(PlanPart):
    """One tickable line."""

    id: str
    text: str
    required: bool = True


class ChecklistStep(StepPlan):
    """Items people tick; `source` and `sha256` say which runbook text was snapshotted."""

    kind: Literal["checklist"] = "checklist"
    items: tuple[ChecklistItem, ...]
    source: str | None = None
    sha256: str | None = None


class RunbookStep(StepPlan):
    """A runbook's section, shown in place; `text` is the Markdown snapshotted, at most 8 kB."""

    kind: Literal["runbook"] = "runbook"
    source: str
    text: str
    sha256: str


class AskStep(StepPlan):
    """A question to who holds a role; the result is `answer`, of this type.

    `default` is taken when the deadline passes; without one `on_timeout` says.
    """

    kind: Literal["ask"] = "ask"
    of: Ref
    question: str
    type: ValueType = "string"
    one_of: tuple[Value, ...] = ()
    default: Value | None = None


class Tradeoff(PlanPart):
    """What an option costs, in the author's words."""

    time: str = ""
    risk: str = ""
    reversible: bool | None = None


class DecideOption(PlanPart):
    """One way to go; `suggest_when` (CEL) marks it for who decides."""

    id: str
    label: str
    suggest_when: str | None = None
    tradeoff: Tradeoff = Tradeoff()
    do: "tuple[Step, ...]" = ()


class DecideStep(StepPlan):
    """A person chooses; the result is `chosen`, the option's id. Then its steps run."""

    kind: Literal["decide"] = "decide"
    by: Ref
    question: str
    options: tuple[DecideOption, ...]


class ApproveStep(StepPlan):
    """`need` of these people say yes; without `own` never the one who asks for it.

    It never times out into yes: `remind` asks anew, everything else ends it.
    """

    kind: Literal["approve"] = "approve"
    by: tuple[Ref, ...]
    need: int = 1
    own: bool = False


class WaitStep(StepPlan):
    """Let so much time pass."""

    kind: Literal["wait"] = "wait"
    lasting: timedelta


class WaitForStep(StepPlan):
    """Wait until a condition (CEL) has held for `hold`."""

    kind: Literal["wait_for"] = "wait_for"
    until: str
    hold: timedelta = timedelta(0)


class AuthPlan(PlanPart):
    """How a call says who it is; `secret` names what is read inside the activity only.

    `bearer` is RFC 6750, `basic` RFC 7617 with `user`, `header` puts the secret there.
    """

    scheme: Literal["bearer", "basic", "header"] = "bearer"
    secret: str
    header: str = ""
    user: str = ""


class HttpStep(StepPlan):
    """One HTTP request. `expect` are the statuses that are a success; none means any 2xx.

    `json_body` may hold templates in any of its texts; `body` is one template.
    """

    kind: Literal["http"] = "http"
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: str
    headers: dict[str, str] = {}
    auth: AuthPlan | None = None
    json_body: JsonValue = None
    body: str | None = None
    expect: tuple[int, ...] = ()
    idempotency_key: str | None = None
    out: dict[str, OutPlan] = {}
    retry: RetryPlan = RetryPlan()


class CommandStep(StepPlan):
    """A command that `ops/commands.yaml` allows, with its parameters (templates)."""

    kind: Literal["command"] = "command"
    command: str
    params: dict[str, Value] = {}
    out: dict[str, OutPlan] = {}
    retry: RetryPlan = RetryPlan()


class PluginStep(StepPlan):
    """Code of a Python package that registered an entry point; parameters are templates."""

    kind: Literal["plugin"] = "plugin"
    plugin: str
    params: dict[str, JsonValue] = {}
    out: dict[str, OutPlan] = {}
    retry: RetryPlan = RetryPlan()


Join = Literal["settled", "all", "any"]
"""When a parallel step is over: all branches ended, one has failed, one has succeeded."""


class ParallelStep(StepPlan):
    """Branches that run side by side."""

    kind: Literal["parallel"] = "parallel"
    join: Join = "settled"
    branches: "tuple[tuple[Step, ...], ...]"


class ForEachStep(StepPlan):
    """The same steps for each value of a list (CEL `values`), called `item` in there.

    More than `most` values fail the step before anything is done.
    """

    kind: Literal["for_each"] = "for_each"
    values: str
    item: str
    at_once: int = 1
    most: int
    do: "tuple[Step, ...]"


class PlaybookStep(StepPlan):
    """Another playbook as a child workflow; its plan stands in `Plan.subplans`.

    Without `wait` the step is over when the child has started.
    """

    kind: Literal["playbook"] = "playbook"
    name: str
    version: int | None = None
    params: dict[str, Value] = {}
    wait: bool = True


Step = Annotated[
    NotifyStep
    | ChecklistStep
    | RunbookStep
    | AskStep
    | DecideStep
    | ApproveStep
    | WaitStep
    | WaitForStep
    | HttpStep
    | CommandStep
    | PluginStep
    | ParallelStep
    | ForEachStep
    | PlaybookStep,
    Field(discriminator="kind"),
]

for _model in (DecideOption, DecideStep, ParallelStep, ForEachStep):
    _model.model_rebuild()

CallStep = HttpStep | CommandStep | PluginStep
"""Steps that a machine does."""


def blocks_of(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The sequences of steps inside this one, in order; none for a plain step."""
    match step:
        case DecideStep():
            return tuple(option.do for option in step.options)
        case ParallelStep():
            return step.branches
        case ForEachStep():
            return (step.do,)
        case _:
            return ()


def all_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Every step, however deep, in the order of the file."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        for block in blocks_of(step):
            found.extend(all_steps(block))
    return tuple(found)
