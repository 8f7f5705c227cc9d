"""Runs the commands of `ops/commands.yaml` for steps, and nothing else.

Decides what a command sees and what its end means: an exit code of its `success` list, or a
failure that may be tried again where the author says so. It is looked up anew for each try,
so that one taken off the list is refused from then on. How it is started and ended is `child`.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from activities.automation.child import Ended, Program, run
from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.leash import NOT_STARTED, SIGNALLED
from activities.automation.outputs import outputs_of
from activities.automation.redaction import Redactor
from activities.automation.secret_values import Secrets
from domain.clock_text import duration_text
from domain.command_line import RefusedParamError, arguments_of
from domain.incident.step_effects import CallResult, CommandCall
from domain.ops import CommandSpec, Ops
from domain.plan_steps import OutPlan
from domain.values import Values

OpsNow = Callable[[], Ops]

PASSED_ON = ("PATH", "HOME", "LANG", "TZ")
"""Of the worker's own environment; everything else a command must be given by name."""

SECRET = "secret:"  # noqa: S105  # a prefix


class Commands:
    """Runs commands for the steps of all incidents of one process."""

    def __init__(self, ops_now: OpsNow, secrets: Secrets) -> None:
        """`ops_now` gives what is allowed at this moment."""
        self._ops_now = ops_now
        self._secrets = secrets

    async def make(
        self,
        call: CommandCall,
        out: Mapping[str, OutPlan],
        *,
        timeout: timedelta,  # noqa: ASYNC109  # of the command, not of us
    ) -> CallResult:
        """Run it once to its end.

        Raises:
            MayBeTriedAgain: it has failed, or its time was over.
            WillNotSucceed: it is not allowed, or not with these parameters.
        """
        spec = self._ops_now().commands.get(call.command)
        if spec is None:
            raise WillNotSucceed(f"command {call.command} is not in ops/commands.yaml")
        secrets = await self._secrets_of(spec)
        redactor = Redactor({name.removeprefix(SECRET): one for name, one in secrets.items()})
        try:
            program = _program(call, spec, secrets)
            limit = min(timeout, spec.timeout)
            return _result(spec, await run(program, limit), out, redactor=redactor, limit=limit)
        except CallFailed as error:
            failure = redactor.failure(error)
        # Raised out here, so that no traceback or context holds what was not redacted.
        raise failure

    async def _secrets_of(self, spec: CommandSpec) -> dict[str, str]:
        names = {value for value in spec.env.values() if value.startswith(SECRET)}
        return {name: await self._secrets.read(name) for name in sorted(names)}


def _program(call: CommandCall, spec: CommandSpec, secrets: Mapping[str, str]) -> Program:
    """What is started. Raises WillNotSucceed."""
    try:
        argv = arguments_of(spec, call.params)
    except RefusedParamError as error:
        raise WillNotSucceed(f"command {call.command}: {error}") from None
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    env |= {name: secrets.get(value, value) for name, value in spec.env.items()}
    cwd = spec.cwd or "/"
    if not Path(cwd).is_dir():
        raise WillNotSucceed(f"command {call.command}: there is no folder {cwd}")
    wanted = Path(cwd) / argv[0] if "/" in argv[0] else argv[0]
    if shutil.which(wanted, path=env.get("PATH", os.defpath)) is None:
        raise WillNotSucceed(f"command {call.command}: there is no program {argv[0]}")
    return Program(argv=argv, env=env, cwd=cwd)


def _result(
    spec: CommandSpec,
    ended: Ended,
    out: Mapping[str, OutPlan],
    *,
    redactor: Redactor,
    limit: timedelta,
) -> CallResult:
    """What its end means for the step. Raises MayBeTriedAgain or WillNotSucceed."""
    output = ended.transcript.text(redactor.text)
    if ended.code is None:
        text = f"not done after {duration_text(limit)}, and ended"
        raise MayBeTriedAgain(text, output=output)
    if ended.code not in spec.success:
        last = ended.transcript.last_line(redactor.text)
        because = f": {last}" if last else ""
        raise MayBeTriedAgain(f"{_exit(ended.code)}{because}", output=output)
    try:
        values = _values(ended, out, redactor)
    except CallFailed as error:
        error.output = output
        raise
    return CallResult(outcome="ok", detail=_exit(ended.code), values=values, output=output)


def _exit(code: int) -> str:
    if code == NOT_STARTED:
        return f"exit code {code} (not started, or something in it was not found)"
    by = f" (ended by signal {code - SIGNALLED})" if code > SIGNALLED else ""
    return f"exit code {code}{by}"


def _values(ended: Ended, out: Mapping[str, OutPlan], redactor: Redactor) -> Values:
    if not out:
        return {}
    stdout = ended.transcript.stdout
    if stdout is None:
        raise WillNotSucceed("it has written too much for outputs to be read from it")
    answer = {
        "exit_code": ended.code,
        "stdout": redactor.text(stdout.rstrip("\r\n")),
        "body": redactor.everything(_as_json(stdout)),
    }
    return outputs_of(answer, out)


def _as_json(text: str) -> object:
    """The text, parsed; None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
