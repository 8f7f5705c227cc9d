"""Where secrets are looked for, what is no secret, and what a missing one says."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from activities.automation import secret_values
from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.secret_values import Secrets
from cli.environment import environment_for, unknown_variables
from settings import Settings
from tests.waiting import until

HERE = {"PATH": os.environ["PATH"]}


def secrets_of(
    environment: dict[str, str] | None = None,
    *,
    folder: Path | None = None,
    command: str | None = None,
) -> Secrets:
    """Secrets that are looked for in these places."""
    settings = Settings(secrets_dir=folder, secret_command=command)
    return Secrets(settings, HERE | (environment or {}))


def python(program: str) -> str:
    """A command that runs a line of Python; `{name}` is its argument."""
    return f"'{sys.executable}' -c '{program}' {{name}}"


async def refusal_of(secrets: Secrets, name: str = "deploy_token") -> str:
    """Why the secret cannot be had."""
    with pytest.raises(WillNotSucceed) as refused:
        await secrets.read(name)
    return refused.value.detail


async def test_the_environment_comes_before_files_and_files_before_the_command(tmp_path: Path):
    (tmp_path / "deploy_token").write_text("from-file\n")
    (tmp_path / "other").write_text("other-file")
    command = python('import sys; print("command-" + sys.argv[1])')
    variable = {"WATCHBILL_SECRET_DEPLOY_TOKEN": "from-environment"}
    secrets = secrets_of(variable, folder=tmp_path, command=command)

    assert await secrets.read("secret:deploy_token") == "from-environment"
    assert await secrets.read("other") == "other-file"
    assert await secrets.read("third") == "command-third"
    assert await secrets_of(folder=tmp_path).read("deploy_token") == "from-file"


async def test_a_rotated_secret_counts_at_once(tmp_path: Path):
    secrets = secrets_of(folder=tmp_path)
    (tmp_path / "deploy_token").write_text("first-value")
    first = await secrets.read("deploy_token")
    (tmp_path / "deploy_token").write_text("second-value")

    assert (first, await secrets.read("deploy_token")) == ("first-value", "second-value")


async def test_a_missing_secret_says_where_it_was_looked_for(tmp_path: Path):
    assert await refusal_of(secrets_of()) == (
        "no secret 'deploy_token': WATCHBILL_SECRET_DEPLOY_TOKEN is not set, "
        "WATCHBILL_SECRETS_DIR is not set, WATCHBILL_SECRET_COMMAND is not set"
    )
    assert f"{tmp_path} has no file 'deploy_token'" in await refusal_of(secrets_of(folder=tmp_path))


async def test_an_empty_setting_is_an_unset_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder would else be the one that the worker happens to run in."""
    (tmp_path / "deploy_token").write_text("not-meant")
    monkeypatch.chdir(tmp_path)
    secrets = Secrets(Settings(secrets_dir="", secret_command=""), HERE)

    assert "WATCHBILL_SECRETS_DIR is not set" in await refusal_of(secrets)


@pytest.mark.parametrize("name", ["../passwd", "a/b", "", "A", "a.b", "x" * 200])
async def test_what_is_no_name_is_looked_for_nowhere(name: str, tmp_path: Path):
    (tmp_path.parent / "passwd").write_text("outside")

    assert "is no name of a secret" in await refusal_of(secrets_of(folder=tmp_path), name)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "secret 'deploy_token' is empty"),
        ("  \n", "secret 'deploy_token' is empty"),
        ("xyz\n", "secret 'deploy_token' has fewer than 4 characters"),
        ("x" * 70_000, "secret 'deploy_token' is longer than 64 KiB"),
    ],
)
async def test_what_cannot_be_kept_out_of_texts_is_no_secret(value: str, said: str, tmp_path: Path):
    (tmp_path / "deploy_token").write_text(value)

    assert (await refusal_of(secrets_of(folder=tmp_path))).startswith(said)


async def test_a_file_that_is_no_text_or_no_file_is_refused(tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00abcd")
    (tmp_path / "folder").mkdir()
    secrets = secrets_of(folder=tmp_path)

    assert await refusal_of(secrets, "binary") == "secret 'binary' is no UTF-8 text"
    assert "its file cannot be read (Is a directory)" in await refusal_of(secrets, "folder")


async def test_a_failing_command_says_its_status_and_nothing_of_what_it_wrote():
    program = 'import sys; print("leaked-out"); print("leaked-err", file=sys.stderr); sys.exit(3)'

    told = await refusal_of(secrets_of(command=python(program)))

    assert told == "no secret 'deploy_token': the command ended with status 3"


async def test_a_command_that_is_no_program_is_named_without_its_arguments():
    told = await refusal_of(secrets_of(command="/nowhere/vault --token=hunter2 {name}"))

    assert told == ("secret 'deploy_token': vault cannot be run (No such file or directory)")


async def test_no_shell_reads_the_command(tmp_path: Path):
    """Quotes part the words; everything else is taken as it is."""
    command = f"echo '{{name}};' '$(touch {tmp_path}/made)' && true"

    value = await secrets_of(command=command).read("deploy_token")

    assert value == f"deploy_token; $(touch {tmp_path}/made) && true"
    assert is_empty(tmp_path)


def is_empty(folder: Path) -> bool:
    """Whether nothing has been made there."""
    return not list(folder.iterdir())


async def test_a_command_has_none_of_our_variables():
    program = 'import os; print("seen", [one for one in os.environ if "WATCHBILL" in one])'
    environment = {"WATCHBILL_SECRET_OTHER": "other-value", "WATCHBILL_API_KEY": "k"}

    value = await secrets_of(environment, command=python(program)).read("deploy_token")

    assert value == "seen []"


async def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(secret_values, "COMMAND_S", 1.0)
    script = tmp_path / "hangs"
    script.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/pid\nsleep 600\n")
    script.chmod(0o700)

    with pytest.raises(MayBeTriedAgain, match="had no answer within 1 s"):
        await secrets_of(command=str(script)).read("deploy_token")

    child = int((tmp_path / "pid").read_text())
    await until(lambda: not is_alive(child))


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_command_that_writes_without_end_is_ended():
    told = await refusal_of(secrets_of(command="yes"))

    assert told == "secret 'deploy_token' is longer than 64 KiB"


async def test_no_error_shows_a_value(tmp_path: Path):
    value = "s3cr3t-" * 20_000
    (tmp_path / "deploy_token").write_text(value)

    with pytest.raises(CallFailed) as refused:
        await secrets_of(folder=tmp_path).read("deploy_token")

    assert "s3cr3t" not in repr(refused.value)


def test_a_variable_with_a_secret_is_no_unknown_setting():
    names = ["WATCHBILL_SECRET_DEPLOY_TOKEN", "WATCHBILL_SECRET_A1", "WATCHBILL_SECRET_COMMAND"]

    assert unknown_variables(dict.fromkeys(names, "x")) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("WATCHBILL_SECRET_DIR", "did you mean WATCHBILL_SECRETS_DIR?"),
        ("WATCHBILL_SECRET_", "unknown setting"),
        ("WATCHBILL_SECRET_1", "unknown setting"),
        ("WATCHBILL_SECRET_lower", "unknown setting"),
    ],
)
def test_a_variable_that_no_secret_could_have_is_unknown(name: str, hint: str):
    (line,) = unknown_variables({name: "x"})

    assert hint in line


def test_a_child_process_gets_the_secrets_and_nothing_unknown(monkeypatch: pytest.MonkeyPatch):
    """`watchbill up` starts the worker, and the worker makes the calls."""
    monkeypatch.setenv("WATCHBILL_SECRET_DEPLOY_TOKEN", "value")
    monkeypatch.setenv("WATCHBILL_OTHER", "value")

    environment = environment_for(Settings())

    assert environment["WATCHBILL_SECRET_DEPLOY_TOKEN"] == "value"
    assert "WATCHBILL_OTHER" not in environment
