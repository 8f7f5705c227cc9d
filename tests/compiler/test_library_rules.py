"""Alerts with the labels that public rules set find their playbook, and the right incident."""

from pathlib import Path

import pytest

from cli.folders import read_folder
from compiler.compile import compile_folder
from domain.alert import Alert, AlertStatus
from domain.matching import match_alert

COMPILED = compile_folder(read_folder(Path(__file__).parents[2] / "playbooks"))
KUBELET = {"job": "kubelet", "metrics_path": "/metrics", "node": "n1", "namespace": "shop"}
LAG = {"job": "kafka", "topic": "orders", "consumergroup": "billing", "severity": "warning"}

SENT = [
    (
        "KubeAPIErrorBudgetBurn",
        {"severity": "critical", "long": "1h", "short": "5m"},
        "kubernetes_api_error_budget_burn",
        "kubernetes-api/only",
    ),
    (
        "KubeAPIErrorBudgetBurn",
        {"severity": "warning", "long": "3d", "short": "6h", "cluster": "eu"},
        "kubernetes_api_error_budget_burn",
        "kubernetes-api/eu",
    ),
    (
        "etcdMembersDown",
        {"job": "etcd", "severity": "warning"},
        "etcd_members_lost",
        "etcd/only/etcd",
    ),
    (
        "etcdNoLeader",
        {"job": "etcd", "instance": "10.0.0.1:2379", "severity": "critical"},
        "etcd_members_lost",
        "etcd/only/etcd",
    ),
    (
        "KubePersistentVolumeFillingUp",
        {**KUBELET, "persistentvolumeclaim": "data-0", "severity": "warning"},
        "persistent_volume_filling",
        "shop/data-0",
    ),
    (
        "PatroniHasNoLeader",
        {"scope": "pay", "severity": "critical"},
        "postgres_primary_down",
        "postgres/pay",
    ),
    (
        "PostgreSQLDown",
        {"scope": "pay", "role": "primary", "instance": "db-1:9187", "severity": "critical"},
        "postgres_primary_down",
        "postgres/pay",
    ),
    (
        "PostgreSQLDown",
        {"scope": "pay", "role": "replica", "instance": "db-2:9187", "severity": "critical"},
        "unmatched_alerts",
        "PostgreSQLDown",
    ),
    (
        "PostgresXidWraparound",
        {"scope": "orders", "datname": "shop", "severity": "warning"},
        "postgres_xid_wraparound",
        "xid/orders",
    ),
    (
        "LeakedAccessKey",
        {"access_key_id": "AKIAEXAMPLE000000000"},
        "leaked_access_key",
        "key/AKIAEXAMPLE000000000",
    ),
    (
        "BlackboxSslCertificateWillExpireSoon",
        {"instance": "https://shop.example", "job": "blackbox", "severity": "warning"},
        "tls_certificate_expiring",
        "tls/https://shop.example",
    ),
    (
        "CertManagerCertExpirySoon",
        {"name": "shop-tls", "exported_namespace": "shop", "severity": "warning"},
        "tls_certificate_expiring",
        "tls/shop-tls",
    ),
    (
        "KafkaLagKeepsIncreasing",
        {**LAG, "kafka_cluster": "main"},
        "kafka_consumer_lag",
        "kafka/main",
    ),
    ("KafkaLagIsTooHigh", LAG, "kafka_consumer_lag", "kafka/only"),
    (
        "PaymentErrorBudgetBurn",
        {"env": "prod", "service": "payments-api", "severity": "critical"},
        "payment_api_5xx",
        "payments-api/prod",
    ),
]


def sent(rule: str, labels: dict[str, str]) -> Alert:
    """The alert as Alertmanager passes it on."""
    return Alert(
        source="alertmanager",
        fingerprint=rule,
        status=AlertStatus.FIRING,
        labels={"alertname": rule, **labels},
        summary="it fires",
    )


@pytest.mark.parametrize(("rule", "labels", "playbook", "key"), SENT)
def test_an_alert_of_a_public_rule_finds_its_playbook_and_its_key(
    rule: str, labels: dict[str, str], playbook: str, key: str
) -> None:
    """One incident for what belongs together: a cluster, a claim, a certificate."""
    alert = sent(rule, labels)

    routed = match_alert(alert, COMPILED.plans, "unmatched_alerts")

    assert (routed.playbook, routed.dedup_key) == (playbook, key)
    assert routed.is_fallback or routed.notes == ()
