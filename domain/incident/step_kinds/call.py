"""`http`, `run: command:` and `run: plugin:` steps: a machine does it.

Decides what the call says. A text in it that has no value fails the step before anything is
sent: a request to a wrong address is worse than none.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, assert_never

from domain.incident.conditions import values_in
from domain.incident.step_effects import (
    Call,
    CallResult,
    CommandCall,
    HttpCall,
    MakeCall,
    PluginCall,
)
from domain.incident.step_turn import done, fail, put, start
from domain.incident.tree import Node, known
from domain.incident.turn import Turn
from domain.plan_steps import CommandStep, HttpStep, PluginStep
from domain.templates import render

TIMEOUT = timedelta(seconds=30)
"""The time of one try where the author says none."""

Text = Callable[[str], str]


def begin(turn: Turn, node: Node, step: HttpStep | CommandStep | PluginStep) -> None:
    """Make the call."""
    start(turn, node, f"Step {node.label}: {what(step)}.")
    missing: list[str] = []
    call = _call(turn, node, step, missing)
    if missing:
        fail(turn, node, f"{', '.join(dict.fromkeys(missing))} has no value.")
        return
    effect = MakeCall(
        id=f"{turn.state.reference}/step/{node.address}/{known(turn.state, node).tries}",
        summary=f"Step {node.label}: {done_by(call)}",
        step=node.address,
        call=call,
        out=step.out,
        timeout=step.timeout or TIMEOUT,
        retry=step.retry,
    )
    put(turn, node, call=effect.id)
    turn.effects.append(effect)


def what(step: HttpStep | CommandStep | PluginStep) -> str:
    """What the machine does, in a few words without values."""
    match step:
        case HttpStep():
            return f"{step.method} {step.url.partition('?')[0]}"
        case CommandStep():
            return f"command {step.command}"
        case PluginStep():
            return f"plugin {step.plugin}"
        case _:
            assert_never(step)


def done_by(call: Call) -> str:
    """The call as the Temporal UI names it; a query may be long, and says little there."""
    match call:
        case HttpCall():
            return f"{call.method} {call.url.partition('?')[0]}"[:200]
        case CommandCall():
            return f"command {call.command}"
        case PluginCall():
            return f"plugin {call.plugin}"
        case _:
            assert_never(call)


def _call(
    turn: Turn, node: Node, step: HttpStep | CommandStep | PluginStep, missing: list[str]
) -> Call:
    values = values_in(turn, node)

    def text(template: str) -> str:
        found = render(template, values, for_people=False)
        missing.extend(found.missing)
        missing.extend([found.problem] if found.problem else [])
        return found.text

    match step:
        case HttpStep():
            return _http(turn, node, step, text)
        case CommandStep():
            params = {name: _filled(value, text) for name, value in step.params.items()}
            return CommandCall(command=step.command, params=params)
        case PluginStep():
            given = {name: _filled(value, text) for name, value in step.params.items()}
            return PluginCall(plugin=step.plugin, params=given)
        case _:
            assert_never(step)


def _http(turn: Turn, node: Node, step: HttpStep, text: Text) -> HttpCall:
    own = text(step.idempotency_key) if step.idempotency_key else None
    each_try = f"{turn.state.reference}-{node.address}-{known(turn.state, node).tries}"
    is_safe = step.method in ("GET", "HEAD")
    return HttpCall(
        method=step.method,
        url=text(step.url),
        headers={name: text(value) for name, value in step.headers.items()},
        auth=step.auth,
        json_body=_filled(step.json_body, text),
        body=text(step.body) if step.body is not None else None,
        expect=step.expect,
        idempotency_key=own or (None if is_safe else each_try),
    )


def _filled(value: Any, text: Text) -> Any:
    """The same JSON with every text in it rendered."""
    match value:
        case str():
            return text(value)
        case list() | tuple():
            return [_filled(one, text) for one in value]
        case dict():
            return {name: _filled(one, text) for name, one in value.items()}
        case _:
            return value


def on_result(turn: Turn, node: Node, result: CallResult) -> None:
    """The call has ended; whether it may be tried again is a person's to say."""
    if known(turn.state, node).state != "running":
        return
    put(turn, node, call=None)
    if result.outcome == "ok":
        done(turn, node, result.detail, results=result.values, output=result.output)
        return
    tries = f" after {result.tries} tries" if result.tries > 1 else ""
    doubt = " It may have happened." if result.outcome == "unknown" else ""
    fail(turn, node, f"{result.detail}{tries}.{doubt}", output=result.output)
