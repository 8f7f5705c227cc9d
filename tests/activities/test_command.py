"""Command steps: what may be started, what it sees, and what is kept of what it says."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.automation.command import Commands
from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.secret_values import Secrets
from activities.automation.transcript import LONGEST_STDOUT
from domain.incident.step_effects import LONGEST_OUTPUT, CallResult, CommandCall
from domain.ops import NO_OPS, CommandSpec, Ops
from domain.plan_steps import OutPlan
from domain.values import Value
from settings import Settings

TOKEN = "t0ken/with+signs="


def a_script(code: str, *arguments: str, **fields: Any) -> CommandSpec:
    """A command that is a piece of Python with these arguments."""
    return CommandSpec.model_validate({"argv": (sys.executable, "-c", code, *arguments), **fields})


def commands_of(spec: CommandSpec) -> Commands:
    """A list on which there is only `it`; one secret is known."""
    secrets = Secrets(Settings(), {"WATCHBILL_SECRET_DEPLOY_TOKEN": TOKEN})
    return Commands(lambda: Ops(commands={"it": spec}), secrets)


async def made(
    spec: CommandSpec, params: dict[str, Value] | None = None, **out: OutPlan
) -> CallResult:
    """What came of running it."""
    call = CommandCall(command="it", params=params or {})
    return await commands_of(spec).make(call, out, timeout=timedelta(seconds=20))


async def failed(
    spec: CommandSpec, params: dict[str, Value] | None = None, **out: OutPlan
) -> CallFailed:
    """How it failed."""
    with pytest.raises(CallFailed) as failure:
        await made(spec, params, **out)
    return failure.value


async def test_a_command_gives_its_exit_code_its_words_and_its_json() -> None:
    spec = a_script('print(\'{"version": "v41", "hosts": ["a", "b"]}\')')

    result = await made(
        spec,
        code=OutPlan(path="exit_code", type="int"),
        said=OutPlan(path="stdout", type="string"),
        version=OutPlan(path="body.version", type="string"),
        hosts=OutPlan(path="body.hosts", type="list"),
    )

    assert (result.outcome, result.detail) == ("ok", "exit code 0")
    assert result.values == {
        "code": 0,
        "said": '{"version": "v41", "hosts": ["a", "b"]}',
        "version": "v41",
        "hosts": ("a", "b"),
    }


async def test_arguments_reach_the_program_one_by_one_and_no_shell_reads_them() -> None:
    spec = a_script(
        "import sys, json; print(json.dumps(sys.argv[1:]))",
        "--service={{ service }}",
        params={"service": {}},
    )

    nasty = "pay; touch /tmp/x $(id) `id` \"'\n{{ service }} *"
    result = await made(spec, {"service": nasty}, first=OutPlan(path="body[0]", type="string"))

    assert result.values == {"first": f"--service={nasty}"}


async def test_a_command_sees_only_the_environment_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WATCHBILL_LINK_SECRET", "ours")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "theirs")
    monkeypatch.setenv("LANG", "C.UTF-8")
    spec = a_script(
        "import os, json; print(json.dumps(sorted(os.environ)))", env={"REGION": "eu-central-1"}
    )

    result = await made(spec, names=OutPlan(path="body", type="list"))

    names = set(result.values["names"])  # type: ignore[arg-type]
    assert "REGION" in names
    assert "LANG" in names
    assert names <= {"PATH", "HOME", "LANG", "TZ", "REGION", "LC_CTYPE"}


async def test_a_secret_reaches_the_command_and_nothing_that_it_says() -> None:
    spec = a_script(
        "import os, sys; t = os.environ['TOKEN']; print(t); print('bad', t, file=sys.stderr)",
        env={"TOKEN": "secret:deploy_token"},
    )

    result = await made(spec, said=OutPlan(path="stdout", type="string"))
    failure = await failed(spec.model_copy(update={"success": (9,)}))

    assert result.values == {"said": "‹secret deploy_token›"}
    assert TOKEN not in result.output
    assert "‹secret deploy_token›" in result.output
    assert TOKEN not in failure.detail + failure.output
    assert "bad ‹secret" in failure.detail


async def test_a_secret_that_is_missing_starts_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    spec = a_script(f"open({str(mark)!r}, 'w')", env={"TOKEN": "secret:other"})

    failure = await failed(spec)

    assert isinstance(failure, WillNotSucceed)
    assert "no secret 'other'" in failure.detail
    assert not mark.exists()


async def test_an_exit_code_is_a_success_only_where_the_list_says_so() -> None:
    spec = a_script("import sys; print('3 hosts left', file=sys.stderr); sys.exit(3)")

    failure = await failed(spec)
    result = await made(spec.model_copy(update={"success": (0, 3)}))

    assert isinstance(failure, MayBeTriedAgain)
    assert failure.detail == "exit code 3: 3 hosts left"
    assert "3 hosts left" in failure.output
    assert (result.outcome, result.detail) == ("ok", "exit code 3")


async def test_what_is_not_on_the_list_is_refused_from_the_next_try_on() -> None:
    """The list is read when a command is started, not when the incident was opened."""
    allowed = [Ops(commands={"it": a_script("print(1)")})]
    commands = Commands(lambda: allowed[-1], Secrets(Settings(), {}))
    call, limit = CommandCall(command="it"), timedelta(seconds=20)

    first = await commands.make(call, {}, timeout=limit)
    allowed.append(NO_OPS)

    assert first.outcome == "ok"
    with pytest.raises(WillNotSucceed, match="command it is not in ops"):
        await commands.make(call, {}, timeout=limit)


@pytest.mark.parametrize(
    ("spec", "params", "said"),
    [
        (CommandSpec(argv=("no-such-program",)), {}, "there is no program no-such-program"),
        (CommandSpec(argv=("./nothing",)), {}, "there is no program ./nothing"),
        (CommandSpec(argv=("true",), cwd="/no/such"), {}, "there is no folder /no/such"),
        (a_script("", "{{ to }}", params={"to": {}}), {"to": "--help"}, "read as an option"),
        (a_script("", "{{ to }}", params={"to": {"one_of": ("a",)}}), {"to": "b"}, "not one of a"),
        (a_script(""), {"to": "b"}, "no parameter 'to'"),
    ],
)
async def test_what_cannot_be_started_as_it_is_is_not_tried_again(
    spec: CommandSpec, params: dict[str, Value], said: str
) -> None:
    failure = await failed(spec, params)

    assert isinstance(failure, WillNotSucceed)
    assert said in failure.detail


async def test_it_runs_in_its_folder_without_input_and_in_a_group_of_its_own(
    tmp_path: Path,
) -> None:
    spec = a_script(
        "import os, sys, json; print(json.dumps([os.getcwd(), sys.stdin.read(), "
        "str(os.getpgrp() == os.getpid()), str(os.getsid(0) == " + f"{_own_session()}" + ")]))",
        cwd=str(tmp_path),
    )

    result = await made(spec, found=OutPlan(path="body", type="list"))

    assert result.values == {"found": (str(tmp_path), "", "True", "False")}


def _own_session() -> int:
    import os

    return os.getsid(0)


async def test_of_long_words_the_beginning_and_the_end_are_kept() -> None:
    spec = a_script("print('begins'); print('x' * 3_000_000); print('ends')")

    result = await made(spec)
    failure = await failed(spec, said=OutPlan(path="stdout", type="string"))

    assert result.output.startswith("begins\nxxx")
    assert result.output.endswith("xxx\nends\n")
    assert "bytes are left out" in result.output
    assert len(result.output.encode()) <= LONGEST_OUTPUT
    assert "has written too much" in failure.detail


async def test_a_secret_is_not_left_in_half_where_words_are_cut() -> None:
    """Taken out before the cut, not after it."""
    spec = a_script(
        "import os; t = os.environ['TOKEN']; print('x' * 4050 + (t + '-') * 40_000 + 'end')",
        env={"TOKEN": "secret:deploy_token"},
    )

    result = await made(spec)

    pieces = [TOKEN[:length] for length in range(5, len(TOKEN) + 1)]
    assert [piece for piece in pieces if piece in result.output] == []


async def test_an_output_that_is_missing_fails_the_step_and_keeps_what_was_said() -> None:
    failure = await failed(a_script("print('{}')"), sha=OutPlan(path="body.sha", type="string"))

    assert isinstance(failure, WillNotSucceed)
    assert "no output 'sha'" in failure.detail
    assert failure.output == "{}\n"


async def test_what_is_no_json_has_no_body_but_its_text() -> None:
    spec = a_script("print('up since tuesday')")

    result = await made(spec, said=OutPlan(path="stdout", type="string"))
    failure = await failed(spec, sha=OutPlan(path="body.sha", type="string"))

    assert result.values == {"said": "up since tuesday"}
    assert "no output 'sha'" in failure.detail


async def test_bytes_that_are_no_text_do_no_harm() -> None:
    result = await made(a_script("import sys; sys.stdout.buffer.write(bytes(range(256)) * 40)"))

    assert result.outcome == "ok"
    assert "\0" not in result.output
    assert LONGEST_STDOUT > LONGEST_OUTPUT
