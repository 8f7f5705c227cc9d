"""What steps and facts want done to the world, and what comes back.

Decides these effects' payloads and answers; they are part of the one union in
`domain.incident.effects`. Texts in them are rendered already; secrets are names only, read
inside the activity. Answers are cut before they return: 32 KiB at most.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from domain.incident.effect_part import EffectPart
from domain.plan_facts import FactPlan
from domain.plan_steps import AuthPlan, OutPlan, RetryPlan
from domain.severity import Severity
from domain.values import Value

LONGEST_OUTPUT = 8192
"""Bytes of a call's output that are kept."""

LONGEST_DETAIL = 500


class HttpCall(EffectPart):
    """One HTTP request; `idempotency_key` is the same on every try."""

    kind: Literal["http"] = "http"
    method: str
    url: str
    headers: dict[str, str] = {}
    auth: AuthPlan | None = None
    json_body: JsonValue = None
    body: str | None = None
    expect: tuple[int, ...] = ()
    idempotency_key: str | None = None


class CommandCall(EffectPart):
    """A command of `ops/commands.yaml`, looked up there when it runs."""

    kind: Literal["command"] = "command"
    command: str
    params: dict[str, Value] = {}


class PluginCall(EffectPart):
    """A plugin's entry point with its parameters."""

    kind: Literal["plugin"] = "plugin"
    plugin: str
    params: dict[str, JsonValue] = {}


Call = Annotated[HttpCall | CommandCall | PluginCall, Field(discriminator="kind")]


class MakeCall(EffectPart):
    """Let a machine do a step, on the automation queue.

    `timeout` is that of one try. Where `retry` allows one try only, a call whose worker died
    is not repeated: nobody knows how far it came.
    """

    kind: Literal["make_call"] = "make_call"
    id: str
    summary: str
    step: str
    call: Call
    out: dict[str, OutPlan] = {}
    timeout: timedelta
    retry: RetryPlan = RetryPlan()


class CallResult(EffectPart):
    """How a call went. `detail` is one line for people, without secrets.

    `unknown` means that it may have happened: the worker died, or the answer never came.
    `values` are the declared outputs that the answer had; `output` is its text, cut.
    """

    outcome: Literal["ok", "failed", "unknown"]
    detail: str = ""
    values: dict[str, Value] = {}
    output: str = ""
    tries: int = 1


class Watched(EffectPart):
    """What a measurement leaves to the next: moments are of the measuring clock.

    `good_at` is when the fact was last read well, or when measuring began; `read_at` when it
    was last asked for. `candidate` is a changed value that must still stand, `since` when it
    came.
    """

    good_at: datetime
    read_at: datetime | None = None
    candidate: Value | None = None
    since: datetime | None = None


class MeasureFacts(EffectPart):
    """Read measured facts until something about one of them changes, then return.

    `known` is what the incident knows, so that only a change is told; `stale` names those
    that it holds to be too old; `watched` is where the measurement before left off, `broken`
    says of which facts the question cannot even be written down, and why. `speed` shortens
    every interval. With `once` everything is read one time and told at once, as at the moment
    `at` (stepped clocks).
    """

    kind: Literal["measure"] = "measure"
    id: str
    summary: str
    facts: dict[str, FactPlan]
    known: dict[str, Value] = {}
    stale: tuple[str, ...] = ()
    watched: dict[str, Watched] = {}
    broken: dict[str, str] = {}
    labels: dict[str, str] = {}
    speed: float = 1.0
    once: bool = False
    at: datetime | None = None


class Reading(EffectPart):
    """What was found about one fact; `value` None with `stale` says that none is to be had."""

    fact: str
    value: Value | None = None
    at: datetime
    stale: bool = False
    why: str = ""


class Measured(EffectPart):
    """What is worth telling, and where the next measurement takes up."""

    readings: tuple[Reading, ...] = ()
    watched: dict[str, Watched] = {}


class Held(EffectPart):
    """Who holds a role, as told to a called playbook."""

    person: str
    name: str
    acting: bool = False


class ParentNews(EffectPart):
    """What a called playbook follows: the severity, the roles, and the end."""

    severity: Severity
    roles: dict[str, tuple[Held, ...]] = {}
    ended: bool = False
    because: str = ""


class OpenChild(EffectPart):
    """Start another playbook as a child workflow; `plan` names one of `Plan.subplans`."""

    kind: Literal["open_child"] = "open_child"
    id: str
    summary: str
    step: str
    plan: str
    workflow_id: str
    reference: str
    title: str
    params: dict[str, Value] = {}
    labels: dict[str, str] = {}
    news: ParentNews


class TellChild(EffectPart):
    """Tell a running child what has changed."""

    kind: Literal["tell_child"] = "tell_child"
    id: str
    summary: str
    workflow_id: str
    news: ParentNews


class ChildResult(EffectPart):
    """How a called playbook ended; `values` are its outputs."""

    outcome: Literal["ok", "failed", "unknown"]
    detail: str = ""
    values: dict[str, Value] = {}


class TellParent(EffectPart):
    """Tell the caller how it went; `call` is the effect by which it called."""

    kind: Literal["tell_parent"] = "tell_parent"
    id: str
    summary: str
    workflow_id: str
    call: str
    result: ChildResult
