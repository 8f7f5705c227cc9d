"""Follows log files and picks the lines that a person at the terminal should see."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

IMPORTANT = re.compile(
    r"\[\s*(?:warning|error|critical)\s*\]|\"level\":\s*\"(?:warning|error|critical)\""
)


class LogWatch:
    """Reads what was added to each file since it was last asked, from now on."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._positions = {file: file.stat().st_size for file in files}

    def new_lines(self) -> Iterator[tuple[str, str]]:
        """`(file's stem, line)` of every whole new line that is a warning or worse."""
        for file, position in self._positions.items():
            with file.open("rb") as stream:
                stream.seek(position)
                added = stream.read()
            whole = added[: added.rfind(b"\n") + 1]
            self._positions[file] = position + len(whole)
            for line in whole.decode(errors="replace").splitlines():
                if IMPORTANT.search(line):
                    yield file.stem, line
