"""An edit is in service moments after it is saved."""

import asyncio
import shutil
from pathlib import Path

import pytest

from catalog import Catalog, Snapshot

PLAYBOOK = (
    "language: 1\nname: {name}\nowner: team:storage\non_alert: {{ a: b }}\npage: [user:ann]\n"
)
ROSTER = """language: 1
users: { ann: { contact: { push: "ntfy://ntfy.example/ann" } } }
teams: { storage: { members: [ann] } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one playbook."""
    found = tmp_path / "playbooks"
    (found / "roster").mkdir(parents=True)
    (found / "roster" / "all.yaml").write_text(ROSTER)
    (found / "one.yaml").write_text(PLAYBOOK.format(name="one"))
    return found


async def until_served(changes: "asyncio.Queue[Snapshot]", *names: str) -> None:
    async with asyncio.timeout(20):
        while sorted((await changes.get()).plans) != sorted(names):
            pass


async def test_edit_reaches_subscribers_and_the_snapshot(folder: Path, tmp_path: Path):
    catalog = Catalog(folder, tmp_path / "state")
    old = catalog.load()
    changes: asyncio.Queue[Snapshot] = asyncio.Queue()
    seen: list[Snapshot] = []
    catalog.subscribe(lambda before, after: (seen.append(before), changes.put_nowait(after))[1])
    (folder / "two.yaml").write_text(PLAYBOOK.format(name="two"))
    stop = asyncio.Event()

    watching = asyncio.create_task(catalog.watch(stop))
    await until_served(changes, "one", "two")
    (folder / "one.yaml").unlink()
    await until_served(changes, "two")
    stop.set()
    await watching

    assert seen[0] == old
    assert sorted(catalog.snapshot.plans) == ["two"]


async def test_folder_that_is_swapped_or_comes_late_is_followed(folder: Path, tmp_path: Path):
    """A checkout that is swapped as a whole, by a link, must not be watched for ever."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "two.yaml").write_text(PLAYBOOK.format(name="two"))
    link = tmp_path / "current"
    catalog = Catalog(link, tmp_path / "state")
    assert catalog.load().plans == {}
    changes: asyncio.Queue[Snapshot] = asyncio.Queue()
    catalog.subscribe(lambda _, after: changes.put_nowait(after))

    watching = asyncio.create_task(catalog.watch())
    await asyncio.sleep(0)
    link.symlink_to(folder)
    await until_served(changes, "one")
    link.unlink()
    link.symlink_to(other)
    await until_served(changes, "one", "two")
    (other / "one.yaml").unlink()
    await until_served(changes, "two")
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
