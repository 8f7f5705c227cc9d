"""The playbooks folder of the benchmark: one playbook and one person with a webhook."""

from pathlib import Path

ALERTNAME = "Bench"
STORM = "BenchStorm"

_PLAYBOOK = """\
language: 1
name: {name}
owner: team:bench
on_alert: {{ alertname: {alertname} }}
dedup: {{ key: "{{{{ labels.key }}}}", reopen_within: {reopen} }}
page: [user:ann]
"""

_ROSTER = """\
language: 1
users:
  ann: {{ name: Ann Berg, contact: {{ webhook: "{url}/hook/ann" }} }}
teams:
  bench: {{ members: [ann], manager: ann }}
"""


def write_playbooks(folder: Path, receiver_url: str) -> None:
    """Write the folder; whoever is paged is reached at the receiver."""
    (folder / "roster").mkdir(parents=True)
    (folder / "house.yaml").write_text("language: 1\nfallback: bench\n")
    for name, alertname in (("bench", ALERTNAME), ("bench_storm", STORM)):
        text = _PLAYBOOK.format(name=name, alertname=alertname, reopen="1s")
        (folder / f"{name}.yaml").write_text(text)
    (folder / "roster" / "bench.yaml").write_text(_ROSTER.format(url=receiver_url))


def an_alert(key: str, severity: str = "critical", **labels: str) -> dict[str, object]:
    """A firing alert in the plain JSON form; its page is titled with the key."""
    return {
        "key": labels.pop("fingerprint", key),
        "status": "firing",
        "summary": key,
        "labels": {"alertname": ALERTNAME, "key": key, "severity": severity, **labels},
    }
