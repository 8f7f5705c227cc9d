"""Writes the steps of a plan out as their author would, with every default filled in.

Decides how each kind is said in the language; `compiler.long_form` puts them in their place.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from compiler.document_steps import HAS
from compiler.durations import written
from compiler.lower_steps import section_or_nothing
from compiler.runbooks import items_of
from domain.plan_steps import (
    NEVER,
    ApproveStep,
    AskStep,
    AuthPlan,
    CallStep,
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
    Tradeoff,
    WaitForStep,
    WaitStep,
)
from domain.severity import PerSeverity

Files = Mapping[str, str]


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that have a value; a name that Python reserves ends in an underscore."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


def timers_of(values: PerSeverity[timedelta | None]) -> dict[str, str] | str:
    """The time at each severity; one word where there is none at any."""
    said = {severity: written(value) for severity, value in values}
    return said if any(value is not None for _, value in values) else written(None)


def value_of(value: Any) -> Any:
    """A typed value as it is written."""
    return list(value) if isinstance(value, tuple) else value


def steps_of(steps: tuple[Step, ...], files: Files) -> list[Any]:
    """Every step of a list."""
    return [step_of(step, files) for step in steps]


def step_of(step: Step, files: Files) -> dict[str, Any]:
    """One step: its kind and what it carries; steps inside it come last."""
    kind = "run" if isinstance(step, CommandStep | PluginStep) else step.kind
    carried = _carried(step)
    head = without_none(id=step.id, when=step.when, at=[each.value for each in step.at])
    said = {kind: _kind(step, files)}
    has = {name: carried[name] for name in HAS[kind] if carried.get(name) is not None}
    if isinstance(step, ForEachStep):
        return head | said | has | {"do": steps_of(step.do, files)}
    return head | has | said if isinstance(step, DecideStep | ParallelStep) else head | said | has


def _carried(step: Step) -> dict[str, Any]:
    """The fields that some kinds have; which one has is the language's to say."""
    is_said = step.on_timeout != "remind"
    said: dict[str, Any] = {
        "timeout": written(step.timeout) if step.timeout is not None else None,
        "deadline": timers_of(step.deadline),
        "on_timeout": step.on_timeout if step.deadline != NEVER or is_said else None,
        "on_error": step.on_error,
        "assign": step.assign,
        "join": step.join if isinstance(step, ParallelStep) else None,
    }
    if isinstance(step, CommandStep | PluginStep):
        params = {name: value_of(value) for name, value in step.params.items()}
        said["with"] = params or None
    if isinstance(step, CallStep):
        retry = step.retry
        said["out"] = {name: out.model_dump() for name, out in step.out.items()} or None
        said["retry"] = {
            "attempts": retry.attempts,
            "backoff": written(retry.backoff),
            "max": written(retry.max),
        }
    return said


def _kind(step: Step, files: Files) -> Any:
    match step:
        case HttpStep():
            return _http(step)
        case CommandStep():
            return f"command:{step.command}"
        case PluginStep():
            return f"plugin:{step.plugin}"
        case PlaybookStep():
            given = {name: value_of(value) for name, value in step.params.items()} or None
            return without_none(name=step.name, version=step.version, with_=given, wait=step.wait)
        case DecideStep() | ParallelStep() | ForEachStep():
            return _with_steps(step, files)
        case _:
            return _plain(step, files)


def _http(step: HttpStep) -> dict[str, Any]:
    return without_none(
        method=step.method,
        url=step.url,
        auth=auth_of(step.auth),
        headers=step.headers or None,
        json=step.json_body,
        body=step.body,
        expect=list(step.expect) or None,
        idempotency_key=step.idempotency_key,
    )


def auth_of(auth: AuthPlan | None) -> Any:
    """Who is calling, with the name of the secret."""
    if auth is None:
        return None
    secret = f"secret:{auth.secret}"
    match auth.scheme:
        case "bearer":
            return {"bearer": secret}
        case "basic":
            return {"basic": {"user": auth.user, "password": secret}}
        case "header":
            return {"header": auth.header, "value": secret}


def _with_steps(step: DecideStep | ParallelStep | ForEachStep, files: Files) -> Any:
    match step:
        case DecideStep():
            options = {each.id: _option(each, files) for each in step.options}
            return {"by": step.by, "question": step.question, "options": options}
        case ParallelStep():
            return [steps_of(branch, files) for branch in step.branches]
        case ForEachStep():
            return {
                "in": step.values,
                "as": step.item,
                "at_once": step.at_once,
                "max": step.most,
            }


def _option(option: DecideOption, files: Files) -> dict[str, Any]:
    costs = option.tradeoff
    tradeoff = without_none(
        time=costs.time or None, risk=costs.risk or None, reversible=costs.reversible
    )
    return without_none(
        label=option.label,
        suggest_when=option.suggest_when,
        tradeoff=tradeoff if costs != Tradeoff() else None,
        do=steps_of(option.do, files),
    )


def _plain(step: Step, files: Files) -> Any:
    match step:
        case NotifyStep():
            return {"to": list(step.to), "text": step.text}
        case AskStep():
            return without_none(
                of=step.of,
                question=step.question,
                type=step.type,
                one_of=[value_of(each) for each in step.one_of] or None,
                default=value_of(step.default),
            )
        case ApproveStep():
            return {"by": list(step.by), "need": step.need, "self": step.own}
        case WaitStep():
            return written(step.lasting)
        case WaitForStep():
            return {"when": step.until, "hold": written(step.hold)}
        case RunbookStep():
            return step.source
        case ChecklistStep():
            return _checklist(step, files)
        case _:
            raise ValueError(step.kind)


def _checklist(step: ChecklistStep, files: Files) -> dict[str, Any]:
    taken = items_of(section_or_nothing(step.source, files).text) if step.source else ()
    own = [item.model_dump() for item in step.items[len(taken) :]]
    return ({"from": step.source} if step.source else {}) | ({"items": own} if own else {})
