"""What a command has written, kept within bounds while it runs.

Decides how much is kept: for people the beginning and the end of both streams as they came,
for declared outputs all of the standard output up to a bound. Secrets are taken out before
anything is cut, so that none is left in half.
"""

from collections.abc import Callable

from domain.incident.step_effects import LONGEST_OUTPUT

KEPT_EACH = (LONGEST_OUTPUT - 64) // 2
"""Bytes at the beginning and at the end that people see, about 4 KiB each."""

_WINDOW = 64 * 1024
"""Bytes held of either end: enough that a secret at the edge of what is kept is whole."""

LONGEST_STDOUT = 256 * 1024

Redact = Callable[[str], str]


class Transcript:
    """Both streams of one command."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._first = bytearray()
        self._last = bytearray()
        self._complaints = bytearray()
        self._stdout = bytearray()
        self._length = 0
        self._stdout_length = 0

    def add(self, chunk: bytes, *, is_stdout: bool) -> None:
        """What a stream has brought."""
        if is_stdout:
            self._stdout_length += len(chunk)
            self._stdout += chunk[: LONGEST_STDOUT - len(self._stdout)]
        else:
            _add_to_end(self._complaints, chunk)
        self._length += len(chunk)
        self._first += chunk[: _WINDOW - len(self._first)]
        _add_to_end(self._last, chunk)

    @property
    def stdout(self) -> str | None:
        """All of the standard output; None if it is longer than is kept."""
        if self._stdout_length > LONGEST_STDOUT:
            return None
        return self._stdout.decode(errors="replace")

    def text(self, redact: Redact) -> str:
        """For people: all of it, or its beginning and end with what is left out between."""
        first = redact(self._first.decode(errors="replace")).encode()
        if self._length <= _WINDOW and len(first) <= LONGEST_OUTPUT:
            return first.decode()
        last = redact(self._last[-_WINDOW:].decode(errors="replace")).encode()
        left_out = max(self._length, len(first)) - 2 * KEPT_EACH
        return (
            first[:KEPT_EACH].decode(errors="ignore")
            + f"\n[… {left_out:,} bytes are left out …]\n"
            + last[-KEPT_EACH:].decode(errors="ignore")
        )

    def last_line(self, redact: Redact) -> str:
        """The last line that says something, of the complaints if there are any."""
        said = self._complaints or self._last
        lines = redact(said[-_WINDOW:].decode(errors="replace")).splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:200]


def _add_to_end(kept: bytearray, chunk: bytes) -> None:
    kept += chunk
    if len(kept) > 2 * _WINDOW:
        del kept[:-_WINDOW]
