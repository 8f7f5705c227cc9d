"""A folder of many long playbooks: copies of the shipped library, none like another.

Decides what is changed in a copy: the playbook's name, its alerts' names and its heartbeats,
wherever the file says them, so that nothing is declared twice or hidden by another.
"""

import re
import shutil
from pathlib import Path

from bench.product import ROOT

LIBRARY = (
    *("etcd_members_lost", "kafka_consumer_lag", "kubernetes_api_error_budget_burn"),
    *("leaked_access_key", "pager_broken", "payment_api_5xx", "persistent_volume_filling"),
    *("postgres_primary_down", "postgres_xid_wraparound", "tls_certificate_expiring"),
)
SHARED = ("house.yaml", "unmatched_alerts.yaml", "disk_full.yaml", "roster", "runbooks", "ops")

_ALERTNAME = re.compile(r"alertname: *(\[[^\]]*\]|[A-Za-z0-9_]+)")
_HEARTBEAT = re.compile(r"heartbeat: *\{ *name: *([a-z0-9_]+)")


def write_folder(folder: Path, copies: int) -> int:
    """Writes the library so many times; how many playbooks the folder then has."""
    shipped = ROOT / "playbooks"
    folder.mkdir(parents=True)
    for name in SHARED:
        one = shipped / name
        if one.is_dir():
            shutil.copytree(one, folder / name)
        else:
            shutil.copy(one, folder / name)
    for name in LIBRARY:
        text = (shipped / f"{name}.yaml").read_text()
        own = own_words(text)
        for number in range(copies):
            (folder / f"{name}_{number}.yaml").write_text(a_copy(text, own, number))
    return len(LIBRARY) * copies + 2


def own_words(text: str) -> tuple[str, ...]:
    """The words of a playbook that no other may share."""
    alerts = [word for found in _ALERTNAME.findall(text) for word in re.findall(r"\w+", found)]
    return tuple(sorted({*LIBRARY, *alerts, *_HEARTBEAT.findall(text)}))


def a_copy(text: str, own: tuple[str, ...], number: int) -> str:
    """The playbook with its own words numbered."""
    return re.sub(rf"\b({'|'.join(own)})\b", rf"\1_{number}", text)
