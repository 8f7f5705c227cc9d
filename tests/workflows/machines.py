"""Commands that leave a mark for each time they were started, for the tests of automation."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from domain.ops import CommandSpec, Ops
from domain.plan_steps import CommandStep


@dataclass(frozen=True)
class Machine:
    """One command, `it`: it notes its process, then waits until the test lets it end."""

    folder: Path

    @property
    def ops(self) -> Ops:
        """The list of commands with this one."""
        script = (
            f"echo $$ >> {self._started}; while [ ! -e {self._let_go} ]; do sleep 0.02; done; "
            "echo finished"
        )
        again = f"echo $$ >> {self.folder / 'after'}"
        return Ops(
            commands={
                "it": CommandSpec(argv=("sh", "-c", script)),
                "after": CommandSpec(argv=("sh", "-c", again)),
            }
        )

    @property
    def _started(self) -> Path:
        return self.folder / "started"

    @property
    def _let_go(self) -> Path:
        return self.folder / "let-go"

    def step(self, **fields: object) -> CommandStep:
        """A step that runs it."""
        return CommandStep.model_validate({"id": "act", "command": "it", **fields})

    def let_go(self) -> None:
        """It may end now, and from now on at once."""
        self._let_go.touch()

    @property
    def starts(self) -> int:
        """How often it was started."""
        return len(_noted(self._started))

    @property
    def afters(self) -> int:
        """How often the command of the step behind it was started."""
        return len(_noted(self.folder / "after"))

    @property
    def is_running(self) -> bool:
        """Whether a process of it is there."""
        return any(_runs(pid) for pid in _noted(self._started))


def _noted(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def _runs(pid: int) -> bool:
    try:
        one = psutil.Process(pid)
        return one.status() != psutil.STATUS_ZOMBIE and one.pid != os.getpid()
    except psutil.NoSuchProcess:
        return False
