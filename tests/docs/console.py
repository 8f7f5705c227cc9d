"""Runs the console samples of a guide: what stands in a guide is what the program says.

A fence `console` holds commands (`$ ` at the start of the line) and what they print; all of a
guide run in order in one folder. A comment `file: <path>` before a fence writes its text there
first. With UPDATE_GOLDEN=1 the guide is written anew.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(
    r"(?:<!-- file: (?P<path>\S+) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
SECONDS = re.compile(r"\b\d+\.\d+ s\b")
PROMPT = "$ "


@dataclass(frozen=True)
class Sample:
    """One fence: a file to write, or commands with what they print."""

    kind: str
    path: str | None
    text: str
    start: int
    end: int

    @property
    def commands(self) -> list[str]:
        """Its commands in order; a line that ends in a backslash goes on."""
        found: list[str] = []
        for line in self.text.splitlines():
            if found and found[-1].endswith("\\"):
                found[-1] += f"\n{line}"
            elif line.startswith(PROMPT):
                found.append(line.removeprefix(PROMPT))
        return found


def samples_of(guide: str) -> list[Sample]:
    """The samples of a guide that do something."""
    found = []
    for fence in FENCE.finditer(guide):
        if fence["path"] or fence["kind"] == "console":
            start, end = fence.span("text")
            found.append(Sample(fence["kind"], fence["path"], fence["text"], start, end))
    return found


def played(guide: str, folder: Path) -> str:
    """The guide with what its commands print now, run in this folder."""
    parts, done = [], 0
    for sample in samples_of(guide):
        parts.append(guide[done : sample.start])
        if sample.path is not None:
            file = folder / sample.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(sample.text)
            parts.append(sample.text)
        else:
            parts += [_transcript(command, folder) for command in sample.commands]
        done = sample.end
    return "".join([*parts, guide[done:]])


def settled(text: str) -> str:
    """The text without what differs from run to run: how long something took."""
    return SECONDS.sub("0.1 s", text)


def _transcript(command: str, folder: Path) -> str:
    told = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = "".join(f"{line.rstrip()}\n" for line in told.stdout.splitlines())
    return settled(f"{PROMPT}{command}\n{lines}")


def _environment(folder: Path) -> dict[str, str]:
    """The reader's, with this program in the path and no settings of its own."""
    programs = Path(sys.executable).parent
    given = {name: value for name, value in os.environ.items() if not name.startswith("WATCHBILL_")}
    return given | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
