"""The demo's playbooks folder: people whose phones are here, and a playbook for them.

Decides which files it holds, and where the captured alerts come from.
"""

import json
import shutil
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"
SHIPPED = Path(__file__).parents[2] / "playbooks"
SHIPPED_FILES = ("house.yaml", "unmatched_alerts.yaml")
PLAYBOOK = "payment_api_5xx.yaml"
PLACEHOLDER = "RECEIVER"


def write_playbooks(folder: Path, receiver: str) -> None:
    """Write the folder; `receiver` is the `host:port` where everybody is reached."""
    (folder / "roster").mkdir(parents=True)
    for name in SHIPPED_FILES:
        shutil.copy(SHIPPED / name, folder / name)
    shutil.copy(FILES / PLAYBOOK, folder / PLAYBOOK)
    shutil.copytree(SHIPPED / "runbooks", folder / "runbooks")
    roster = (FILES / "roster.yaml").read_text(encoding="utf-8")
    (folder / "roster" / "demo.yaml").write_text(roster.replace(PLACEHOLDER, receiver))


def captured(name: str) -> dict[str, Any]:
    """What an Alertmanager really posted once: `firing-two`, `one-resolved`, `all-resolved`."""
    text = (FILES / f"alertmanager-v4-{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
