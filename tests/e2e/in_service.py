"""Playbooks of a running copy: put into service, and asked what they have opened."""

from typing import Any

from tests.e2e.scene import Scene, until


def serve(scene: Scene, **playbooks: str) -> None:
    """Write these playbooks, and wait until the API has each as written in service."""
    before = {name: plan_hash(scene, name) for name in playbooks}
    for name, text in playbooks.items():
        scene.write(f"{name}.yaml", text)
    for name, old in before.items():
        until(lambda name=name, old=old: plan_hash(scene, name) not in ("", old))


def plan_hash(scene: Scene, name: str) -> str:
    """The hash of the playbook's plan in service; empty if it has none."""
    answer = scene.http.get("/v1/playbooks").json()
    found = {one["name"]: str(one["sha256"]) for one in answer["items"]}
    return found.get(name, "")


def opened_by(scene: Scene, playbook: str) -> str | None:
    """The reference of an open incident of this playbook, if there is one."""
    answer = scene.http.get("/v1/incidents", params={"phase": "open", "limit": 100}).json()
    items: list[dict[str, Any]] = answer["items"]
    return next((str(one["reference"]) for one in items if one["playbook"] == playbook), None)
