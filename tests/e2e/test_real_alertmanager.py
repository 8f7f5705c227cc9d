"""A real Alertmanager opens, updates, resolves and closes incidents, by both its clients."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.alertmanager import alertmanager
from tests.e2e.scene import Scene, a_playbook, until

pytestmark = [pytest.mark.engine, pytest.mark.alertmanager]

LABELS = {"alertname": "PaymentApi5xx", "service": "payments-api", "severity": "critical"}


def incidents(scene: Scene) -> list[dict[str, Any]]:
    """Every incident, oldest first."""
    items = scene.http.get("/v1/incidents", params={"phase": "all"}).json()["items"]
    return sorted(items, key=lambda item: str(item["opened_at"]))


def test_its_webhook_and_its_pagerduty_client_open_update_resolve_and_close(
    scene: Scene, tmp_path: Path
) -> None:
    """The PagerDuty event names no labels of ours, so the fallback playbook takes it."""
    short = {"hold": "1s", "reopen_within": "1s"}
    scene.write("payment.yaml", a_playbook("payment", alertname="PaymentApi5xx", **short))
    scene.write(
        "anything_else.yaml",
        a_playbook("anything_else", alertname="NothingIsCalledSo", **short),
    )
    scene.start()
    with alertmanager(tmp_path, scene.copy.api_url, scene.copy.key) as sender:
        sender.tell(LABELS | {"instance": "pay-1"})
        found = until(lambda: two if len(two := incidents(scene)) == 2 else None)
        by_webhook = next(one["reference"] for one in found if one["playbook"] == "payment")
        by_event = next(one["reference"] for one in found if one["reference"] != by_webhook)
        for reference in (by_webhook, by_event):
            scene.until_paged(reference, "first")

        sender.tell(LABELS | {"instance": "pay-2"})
        until(lambda: scene.seen(by_webhook)["alerts"]["firing"] == 2)
        for instance in ("pay-1", "pay-2"):
            sender.tell(LABELS | {"instance": instance}, ended=True)
        for reference in (by_webhook, by_event):
            scene.until_phase(reference, "closed")

    kinds = [one["kind"] for one in scene.timeline(by_webhook)]
    assert kinds.count("resolved") == kinds.count("closed") == 1
    assert len(scene.pages(by_webhook)) == len(scene.pages(by_event)) == 1
    assert scene.http.get("/v1/alerts/orphans").json().get("items", []) == []
