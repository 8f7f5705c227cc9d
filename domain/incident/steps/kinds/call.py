"""`http`, `run: command:` and `run: plugin:` steps: a machine does it.

Decides what the call says. A text in it that has no value fails the step before anything is
sent: a request to a wrong address is worse than none.
"""

from collections.abc import Mapping
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
from domain.incident.steps.moves import done, fail, put, start
from domain.incident.steps.tree import Node, known
from domain.incident.turn import Turn
from domain.plan_steps import CommandStep, HttpStep, PluginStep
from domain.templates import Rendered, render, render_url

TIMEOUT = timedelta(seconds=30)
"""The time of one try where the author says none."""


class _Texts:
    """Renders the texts of one call; what has no value is remembered."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.missing: list[str] = []

    def __call__(self, template: str) -> str:
        """A text that a machine reads."""
        return self._taken(render(template, self._values, for_people=False))

    def url(self, template: str) -> str:
        """A URL: values in it are data."""
        return self._taken(render_url(template, self._values))

    def _taken(self, found: Rendered) -> str:
        self.missing += [*found.missing, *([found.problem] if found.problem else [])]
        return found.text


def begin(turn: Turn, node: Node, step: HttpStep | CommandStep | PluginStep) -> None:
    """Make the call."""
    start(turn, node, f"Step {node.label}: {what(step)}.")
    text = _Texts(values_in(turn, node))
    call = _call(turn, node, step, text)
    if text.missing:
        fail(turn, node, f"{', '.join(dict.fromkeys(text.missing))} has no value.")
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


def _call(turn: Turn, node: Node, step: HttpStep | CommandStep | PluginStep, text: _Texts) -> Call:
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


def _http(turn: Turn, node: Node, step: HttpStep, text: _Texts) -> HttpCall:
    own = text(step.idempotency_key) if step.idempotency_key else None
    each_try = f"{turn.state.reference}-{node.address}-{known(turn.state, node).tries}"
    is_safe = step.method in ("GET", "HEAD")
    return HttpCall(
        method=step.method,
        url=text.url(step.url),
        headers={name: text(value) for name, value in step.headers.items()},
        auth=step.auth,
        json_body=_filled(step.json_body, text),
        body=text(step.body) if step.body is not None else None,
        expect=step.expect,
        idempotency_key=own or (None if is_safe else each_try),
    )


def _filled(value: Any, text: _Texts) -> Any:
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
