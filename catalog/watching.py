"""The catalog: the folder in service, reloaded on change.

Decides when the folder is read again and who hears of it. What is served of a broken
file is `catalog.loading`'s.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from watchfiles import awatch

from catalog.last_good import LastGood, recall, remember
from catalog.loading import assemble, read_folder, without_folder
from catalog.snapshot import Snapshot

log = structlog.get_logger(__name__)

OnChange = Callable[[Snapshot, Snapshot], None]
"""Called with the old and the new snapshot, in the event loop that watches."""

_DEBOUNCE_MS = 300
_LOOK_AGAIN_MS = 1000


class Catalog:
    """A folder of playbooks. Reading `snapshot` is safe from every thread."""

    def __init__(self, folder: Path, state_dir: Path) -> None:
        self._folder = folder
        self._state_dir = state_dir
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._last_good: LastGood | None = None
        self._files: dict[str, str] | None = None
        self._subscribers: list[OnChange] = []

    @property
    def snapshot(self) -> Snapshot:
        """What is in service now; reads the folder if that was not done yet."""
        return self._snapshot or self.load()

    def load(self) -> Snapshot:
        """What is in service with the folder as it is now. Slow: not for the event loop."""
        with self._lock:
            files = read_folder(self._folder)
            if self._snapshot is not None and files is not None and files == self._files:
                return self._snapshot
            last_good = self._last_good or recall(self._state_dir)
            now = datetime.now(UTC)
            if files is None:
                log.error("playbooks_folder_missing", folder=str(self._folder))
                snapshot = without_folder(last_good, now)
            else:
                snapshot, last_good = assemble(files, last_good, now)
                remember(self._state_dir, last_good)
            self._last_good, self._files, self._snapshot = last_good, files, snapshot
        _say(snapshot)
        return snapshot

    def subscribe(self, on_change: OnChange) -> None:
        """From now on this is called after each reload that changed something."""
        self._subscribers.append(on_change)

    async def watch(self, stop: asyncio.Event | None = None) -> None:
        """Reloads on every change of the folder until stopped or cancelled."""
        while not (stop and stop.is_set()):
            watched = self._identity()
            if watched is None:
                await asyncio.sleep(_LOOK_AGAIN_MS / 1000)
            else:
                await self._watch_folder(watched, stop)

    def _identity(self) -> tuple[int, int] | None:
        """Which folder stands at the path, or None; a swapped link is another one."""
        try:
            found = self._folder.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    async def _watch_folder(self, watched: tuple[int, int], stop: asyncio.Event | None) -> None:
        """Until stopped, or until another folder or none stands at the path.

        The first look, without a change, finds what changed before the watch began.
        """
        changes = awatch(
            self._folder,
            stop_event=stop,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_LOOK_AGAIN_MS,
            yield_on_timeout=True,
        )
        looked = False
        async for changed in changes:
            if changed or not looked:
                looked = True
                await self._reload()
            if self._identity() != watched:
                return

    async def _reload(self) -> None:
        old = self.snapshot
        new = await asyncio.to_thread(self.load)
        if new is not old:
            for on_change in self._subscribers:
                on_change(old, new)


def _say(snapshot: Snapshot) -> None:
    log.info("catalog_loaded", playbooks=len(snapshot.plans), broken=len(snapshot.broken))
    for each in snapshot.broken:
        log.warning("file_broken", path=each.path, serving_last_good=each.serving_last_good)
