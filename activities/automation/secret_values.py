"""The values of `secret:name`, read where they are used and kept nowhere.

Decides where a secret is looked for, in this order: the environment
(`WATCHBILL_SECRET_<NAME>`), a file of that name in `WATCHBILL_SECRETS_DIR`, the command
`WATCHBILL_SECRET_COMMAND`. Each call reads anew, so that a rotated one counts at once.
What comes of a value that reaches a text is `redaction`.
"""

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections.abc import Mapping
from pathlib import Path

from activities.automation.errors import MayBeTriedAgain, WillNotSucceed
from settings import Settings

SECRET_PREFIX = "WATCHBILL_SECRET_"  # noqa: S105  # a variable's name

COMMAND_S = 10.0
"""A command has so long for one secret."""

SHORTEST = 4
"""Characters; a shorter value stands in texts by chance, so it could not be kept out."""

LONGEST = 64 * 1024

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")

_TAKEN = ("command", "dir")
"""Names whose variable is a setting, or a likely slip of one."""


def is_secret_name(name: str) -> bool:
    """Whether the end of an upper-case variable names a secret that it may hold."""
    lower = name.lower()
    return lower.upper() == name and bool(_NAME.fullmatch(lower)) and lower not in _TAKEN


class Secrets:
    """Reads secrets; holds no value of any."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] | None = None) -> None:
        """`environment` is this process's own unless given."""
        self._folder = settings.secrets_dir
        self._command = tuple(shlex.split(settings.secret_command or ""))
        self._environment = os.environ if environment is None else environment

    async def read(self, reference: str) -> str:
        """The value of `secret:name` (or `name`), without a trailing newline.

        Raises:
            WillNotSucceed: it is nowhere, or no usable value; the text says where it was
                looked for and never shows a value.
            MayBeTriedAgain: the command did not answer in time.
        """
        name = reference.removeprefix("secret:")
        if not _NAME.fullmatch(name):
            raise WillNotSucceed(f"'{name[:60]}' is no name of a secret")
        value = self._from_environment(name)
        if value is None:
            value = await asyncio.to_thread(self._from_file, name)
        if value is None:
            value = await self._from_command(name)
        if value is None:
            raise WillNotSucceed(f"no secret '{name}': {self._looked_for(name)}")
        return _usable(name, value)

    def _from_environment(self, name: str) -> str | None:
        return None if name in _TAKEN else self._environment.get(SECRET_PREFIX + name.upper())

    def _from_file(self, name: str) -> str | None:
        if self._folder is None:
            return None
        try:
            with (self._folder / name).open("rb") as file:
                return _text(name, file.read(LONGEST + 1))
        except FileNotFoundError:
            return None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise WillNotSucceed(f"secret '{name}': its file cannot be read ({why})") from None

    async def _from_command(self, name: str) -> str | None:
        if not self._command:
            return None
        argv = [word.replace("{name}", name) for word in self._command]
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=without_secrets(self._environment),
                start_new_session=True,
            )
        except OSError as error:
            why = error.strerror or type(error).__name__
            program = Path(argv[0]).name
            raise WillNotSucceed(f"secret '{name}': {program} cannot be run ({why})") from None
        try:
            async with asyncio.timeout(COMMAND_S):
                said = await _read_all(process)
                status = 0 if len(said) > LONGEST else await process.wait()
        except TimeoutError:
            raise MayBeTriedAgain(
                f"secret '{name}': the command had no answer within {COMMAND_S:g} s"
            ) from None
        finally:
            await _end(process)
        if status != 0:
            raise WillNotSucceed(f"no secret '{name}': the command ended with status {status}")
        return _text(name, said)

    def _looked_for(self, name: str) -> str:
        places = [] if name in _TAKEN else [f"{SECRET_PREFIX}{name.upper()} is not set"]
        if self._folder is None:
            places.append("WATCHBILL_SECRETS_DIR is not set")
        else:
            places.append(f"{self._folder} has no file '{name}'")
        places.append("WATCHBILL_SECRET_COMMAND is not set")
        return ", ".join(places)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child process: nothing of ours is in it."""
    return {name: value for name, value in environment.items() if not name.startswith("WATCHBILL_")}


async def _read_all(process: asyncio.subprocess.Process) -> bytes:
    """What it writes, one byte more than the limit at most."""
    assert process.stdout is not None  # noqa: S101  # a pipe was asked for
    said = bytearray()
    while len(said) <= LONGEST and (part := await process.stdout.read(LONGEST)):
        said += part
    return bytes(said)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing of its process group is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _text(name: str, value: bytes) -> str:
    if len(value) > LONGEST:
        raise WillNotSucceed(f"secret '{name}' is longer than {LONGEST // 1024} KiB")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise WillNotSucceed(f"secret '{name}' is no UTF-8 text") from None


def _usable(name: str, value: str) -> str:
    bare = value.removesuffix("\n").removesuffix("\r")
    if not bare.strip():
        raise WillNotSucceed(f"secret '{name}' is empty")
    if len(bare) < SHORTEST:
        raise WillNotSucceed(
            f"secret '{name}' has fewer than {SHORTEST} characters, "
            "too few to be kept out of logs and histories"
        )
    return bare
