"""What earlier compilations of a folder found out, kept for as long as it holds.

Decides when that is: a result holds while everything it was made of is the same, and every
other file that was looked into on the way (a runbook) has the text that it had. Who compiles
once remembers nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

T = TypeVar("T")

_PLAIN = (str, date, type(None))


class Forgetful:
    """Remembers nothing: everything is made anew."""

    def once(self, what: str, of: str, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """The result for this file, made now."""
        del what, of, made_of
        return make()

    def texts(self, reader: str, files: Mapping[str, str]) -> Mapping[str, str]:
        """The folder's files as the reader may look into them."""
        del reader
        return files


FORGETFUL = Forgetful()


@dataclass(slots=True)
class _Seen:
    """Which other files a playbook looked into, and whether it asked which there are."""

    paths: set[str] = field(default_factory=set)
    listed: bool = False


class Memory(Forgetful):
    """Remembers from one compilation to the next; what is not asked for again is let go."""

    def __init__(self) -> None:
        self._files: Mapping[str, str] = {}
        self._kept: dict[tuple[str, str], tuple[tuple[object, ...], Any]] = {}
        self._asked: dict[tuple[str, str], tuple[tuple[object, ...], Any]] = {}
        self._seen: dict[str, _Seen] = {}

    def begin(self, files: Mapping[str, str]) -> None:
        """A compilation of these files begins."""
        earlier, self._files = self._files, files
        self._kept, self._asked = self._asked, {}
        among = files.keys() ^ earlier.keys()
        changed = among | {path for path in files if files[path] != earlier.get(path)}
        for reader, seen in tuple(self._seen.items()):
            if (seen.listed and among) or not changed.isdisjoint(seen.paths):
                del self._seen[reader]
                for what in READS_OTHERS:
                    self._kept.pop((what, reader), None)

    def once(self, what: str, of: str, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """The result for this file: the earlier one if it was made of the same."""
        kept = self._kept.get((what, of))
        if kept is None or not _same(kept[0], made_of):
            kept = (made_of, make())
        self._asked[what, of] = kept
        found: T = kept[1]
        return found

    def texts(self, reader: str, files: Mapping[str, str]) -> Mapping[str, str]:
        """The files as they are at any time, and a note of what the reader looked into."""
        del files
        self._seen[reader] = _Seen()
        return _Watched(self, self._seen[reader])

    @property
    def files(self) -> Mapping[str, str]:
        """The files of the compilation that is going on."""
        return self._files


READS_OTHERS = ("read", "checked")
"""Results for which other files are looked into."""


@dataclass(frozen=True, slots=True)
class _Watched(Mapping[str, str]):
    """The files of the folder; notes which of them are looked into."""

    memory: Memory
    seen: _Seen

    def __getitem__(self, path: str) -> str:
        self.seen.paths.add(path)
        return self.memory.files[path]

    def __iter__(self) -> Iterator[str]:
        self.seen.listed = True
        return iter(self.memory.files)

    def __len__(self) -> int:
        self.seen.listed = True
        return len(self.memory.files)


def _same(earlier: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Whether both are made of the same: of one object, or of plain values that are equal."""
    return len(earlier) == len(now) and all(
        one is other or (isinstance(one, _PLAIN) and one == other)
        for one, other in zip(earlier, now, strict=True)
    )
