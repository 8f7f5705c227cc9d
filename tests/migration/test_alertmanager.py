"""An imported routing tree sends alerts where Alertmanager's own tool says."""

import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.migration.writer import files_of
from compiler.compile import compile_folder
from domain.alert import Alert
from domain.matching import match_alert
from tests.migration.importing import compiled, imported, sample
from tests.programs import program

PAGERS = ("pager-one", "pager-two", "pager-three")
QUIET = ("hook", "chat-one", "chat-two", "nothing")
LABELS = {
    "severity": ["critical", "warning", "info"],
    "team": ["db", "web", "in.fra", "a b"],
    "env": ["prod", "dev-1", "dev-2", "it's"],
    "alertname": ["DiskFull", "Watchdog", "CanaryLost"],
}
PATTERNS = ["db|web", "dev-.*", ".*", "prod", "c.*|i.*", "^(warning|info)$", "", "in\\.fra", ".+"]


def receiver_of(text: str) -> str:
    """The receiver that a playbook's first lines say it came from."""
    found = re.search(r"receiver (\S+)\.$", text, re.MULTILINE)
    assert found
    return found[1]


def routed(path: Path, alerts: list[dict[str, str]]) -> list[str]:
    """The receiver whose playbook takes each alert, with us."""
    draft = imported("alertmanager", path)
    files = files_of(draft)
    made = compile_folder(files)
    assert [each for each in made.diagnostics if each.is_error] == []
    found = []
    for labels in alerts:
        alert = Alert(
            source="test",
            fingerprint="f",
            status="firing",
            labels=labels,
            starts_at="2026-01-01T00:00:00Z",
        )
        taken = match_alert(alert, made.plans, made.fallback).playbook
        found.append(receiver_of(files[f"{taken}.yaml"]))
    return found


def amtool(path: Path, labels: dict[str, str]) -> list[str]:
    """The receivers that Alertmanager would tell."""
    ran = subprocess.run(
        [
            str(program("amtool")),
            *("config", "routes", "test", "--config.file", str(path)),
            *(f'{name}="{value}"' for name, value in labels.items()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return ran.stdout.strip().split(",")


def random_alert(chance: random.Random) -> dict[str, str]:
    """An alert with some of the labels."""
    names = [name for name in LABELS if chance.random() < 0.75] or ["team"]
    return {name: chance.choice(LABELS[name]) for name in names}


def random_route(chance: random.Random, depth: int) -> dict[str, Any]:
    """A route with matchers of all kinds, some of them on the way to others."""
    route: dict[str, Any] = {"receiver": chance.choice(PAGERS + QUIET)}
    matchers = []
    for _ in range(chance.choice([0, 1, 1, 1, 2])):
        name = chance.choice(list(LABELS))
        kind = chance.random()
        if kind < 0.5:
            matchers.append(f'{name}="{chance.choice(LABELS[name])}"')
        elif kind < 0.6:
            matchers.append(f'{name}{chance.choice(["=", "!="])}""')
        elif kind < 0.7:
            matchers.append(f'{name}!="{chance.choice(LABELS[name])}"')
        else:
            pattern = chance.choice(PATTERNS).replace("\\", "\\\\")
            matchers.append(f'{name}{chance.choice(["=~", "!~"])}"{pattern}"')
    if matchers:
        route["matchers"] = matchers
    if chance.random() < 0.3:
        route["continue"] = True
    if depth and chance.random() < 0.5:
        route["routes"] = [random_route(chance, depth - 1) for _ in range(chance.randint(1, 3))]
    return route


def random_config(chance: random.Random) -> dict[str, Any]:
    """A whole configuration: receivers that page, that may, that tell, that do nothing."""
    receivers: list[dict[str, Any]] = [
        {"name": name, "pagerduty_configs": [{"routing_key": "x"}]} for name in PAGERS
    ]
    receivers += [
        {"name": "hook", "webhook_configs": [{"url": "http://hook.example/x"}]},
        {"name": "chat-one", "slack_configs": [{"channel": "#one", "api_url": "http://s.example"}]},
        {"name": "chat-two", "slack_configs": [{"channel": "#two", "api_url": "http://s.example"}]},
        {"name": "nothing"},
    ]
    routes = [random_route(chance, 2) for _ in range(chance.randint(2, 6))]
    return {"route": {"receiver": chance.choice(PAGERS), "routes": routes}, "receivers": receivers}


@pytest.mark.alertmanager
@pytest.mark.parametrize("seed", range(16))
def test_any_tree_routes_as_alertmanager_does(seed: int, tmp_path: Path):
    """One receiver is the one; of several through `continue`, one of them, and a pager first."""
    chance = random.Random(seed)
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(random_config(chance)))
    alerts = [random_alert(chance) for _ in range(8)]
    for labels, taken in zip(alerts, routed(path, alerts), strict=True):
        theirs = amtool(path, labels)
        assert taken in theirs, labels
        if any(each in PAGERS for each in theirs):
            assert taken in PAGERS, (labels, theirs)


@pytest.mark.alertmanager
def test_the_sample_routes_as_alertmanager_does():
    alerts = [
        {"alertname": "Watchdog", "severity": "none"},
        {"alertname": "NodeDown", "severity": "critical"},
        {"alertname": "Api5xx", "severity": "critical", "team": "payments"},
        {"alertname": "Api5xx", "severity": "critical", "team": "payments", "service": "ledger"},
        {"alertname": "Disk", "severity": "critical", "team": "backup", "cluster": "dev-7"},
        {"alertname": "Disk", "severity": "critical", "team": "backup", "cluster": "prod"},
        {"alertname": "Slow", "severity": "warning", "team": "payments"},
        {"alertname": "Slow", "severity": "warning", "team": "web"},
        {"alertname": "Slow", "severity": "warning", "namespace": "kube-system"},
        {"alertname": "CanaryGone", "team": "payments", "env": "staging", "severity": "x"},
    ]
    path = sample("alertmanager")
    for labels, taken in zip(alerts, routed(path, alerts), strict=True):
        theirs = [each for each in amtool(path, labels) if each != "audit-log"]
        assert taken == (theirs or ["audit-log"])[-1], labels


def test_a_listener_on_the_way_never_takes_alerts_from_a_pager():
    """`continue` to a log or a chat stands first in most files; with us it comes last."""
    made = compiled(imported("alertmanager"))
    assert made.plans["audit_log"].priority < min(
        plan.priority for name, plan in made.plans.items() if name != "audit_log"
    )


def test_group_by_becomes_the_dedup_key_also_where_it_says_all_labels():
    playbooks = imported("alertmanager").playbooks
    key = "{{ labels.alertname | default('') }}/{{ labels.region | default('') }}"
    assert playbooks["ledger_pager"]["dedup"] == {"key": key}
    assert playbooks["storage_opsgenie"]["dedup"] == {"key": "{{ alert.fingerprint }}"}


def test_a_simple_alternative_is_a_list_and_all_else_an_anchored_condition(tmp_path: Path):
    path = tmp_path / "alertmanager.yml"
    route = "{ matchers: ['team=~\"a|b\"', 'host=~\"db.+\"', 'zone!=\"x\"'], receiver: r }"
    path.write_text(f"route: {{ receiver: r, routes: [{route}] }}\nreceivers: [{{ name: r }}]\n")
    draft = imported("alertmanager", path)
    assert draft.playbooks["r_2"]["triggers"] == [
        {
            "alert": {
                "match": {"team": ["a", "b"]},
                "when": r"has(labels.host) && labels.host.matches(r'\A(?:db.+)\z')"
                " && (!has(labels.zone) || labels.zone != 'x')",
            }
        }
    ]
