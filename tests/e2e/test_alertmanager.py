"""A real Alertmanager drives an incident through real processes, by both of its clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alertmanager import running_alertmanager, tell
from tests.e2e.in_service import opened_by, serve
from tests.e2e.scene import Scene, a_playbook, until

pytestmark = [pytest.mark.engine, pytest.mark.alertmanager]

CONFIG = """
route:
  receiver: pager
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
  routes: [{{ matchers: [alertname="Webhook"], receiver: webhook }}]
receivers:
  - name: webhook
    webhook_configs:
      - url: {url}/v1/alerts/alertmanager
        http_config: {{ authorization: {{ credentials: {key} }} }}
  - name: pager
    pagerduty_configs:
      - url: {url}/v2/enqueue
        routing_key: {key}
        class: '{{{{ .CommonLabels.alertname }}}}'
        component: '{{{{ .CommonLabels.service }}}}'
"""

PAGER = """\
language: 1
name: pager
owner: team:storage
on_alert: { class: Pager }
dedup: { key: "{{ labels.component }}", reopen_within: 1s }
escalation:
  ack_within: { else: 1h }
  levels: [[schedule:first], [schedule:second]]
resolve: { when: alerts.firing == 0, hold: 1s, confirm: { else: nobody } }
"""


@pytest.fixture(scope="module")
def alertmanager(shared: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; it sends to the copy's two doors, by the alert's name."""
    serve(shared, webhook=a_playbook("webhook", hold="1s", reopen_within="1s"), pager=PAGER)
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    config = CONFIG.format(url=shared.copy.api_url, key=shared.copy.key)
    with running_alertmanager(folder, config) as address:
        yield address


def test_webhook_of_a_real_alertmanager_opens_updates_resolves_and_closes_an_incident(
    shared: Scene, alertmanager: str
) -> None:
    first, second = ({"alertname": "Webhook", "service": "db", "host": host} for host in "ab")

    tell(alertmanager, first)
    reference = until(lambda: opened_by(shared, "webhook"))
    shared.until_paged(reference, "first")
    tell(alertmanager, second)
    until(lambda: shared.incident(reference)["alerts"]["firing"] == 2)
    tell(alertmanager, first, ended=True)
    until(lambda: shared.incident(reference)["alerts"]["firing"] == 1)
    still = shared.incident(reference)["phase"]
    tell(alertmanager, second, ended=True)
    closed = shared.until_phase(reference, "closed")

    assert still == "triggered"
    assert closed["alerts"]["total"] == 2
    assert closed["resolved_at"]
    kinds = [entry["kind"] for entry in shared.timeline(reference)]
    assert kinds.index("opened") < kinds.index("resolved") < kinds.index("closed")
    assert len(shared.pages(reference)) == 1


def test_pagerduty_client_of_a_real_alertmanager_triggers_and_resolves_an_incident(
    shared: Scene, alertmanager: str
) -> None:
    labels = {"alertname": "Pager", "service": "search"}

    tell(alertmanager, labels)
    reference = until(lambda: opened_by(shared, "pager"))
    shared.until_paged(reference, "first")
    tell(alertmanager, labels, ended=True)
    closed = shared.until_phase(reference, "closed")

    assert closed["alert_list"][0]["source"] == "pagerduty"
    assert closed["resolved_at"]
    assert closed["id"].startswith("search-")
