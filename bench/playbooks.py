"""The playbooks folder of the benchmark: people with a webhook each, a playbook for each."""

from pathlib import Path

ALERTNAME = "Bench"
STORM = "BenchStorm"
PEOPLE = 50
"""Who is paged in a storm of pages; `ann` is paged for everything else."""

_PLAYBOOK = """\
language: 1
name: {name}
owner: team:bench
on_alert: {{ alertname: {alertname} }}
dedup: {{ key: "{{{{ labels.key }}}}", reopen_within: {reopen} }}
urgency: high
page: [user:{person}]
"""

_ROSTER = """\
language: 1
users:
  ann: {{ name: Ann Berg, contact: {{ webhook: "{url}/hook/ann" }} }}
{people}
teams:
  bench: {{ members: [ann], manager: ann }}
"""


def write_playbooks(folder: Path, receiver_url: str) -> None:
    """Write the folder; whoever is paged is reached at the receiver."""
    (folder / "roster").mkdir(parents=True)
    (folder / "house.yaml").write_text("language: 1\nfallback: bench\n")
    people = [person_named(number) for number in range(PEOPLE)]
    playbooks = [("bench", ALERTNAME, "ann"), ("bench_storm", STORM, "ann")]
    playbooks += [(f"bench_{person}", alertname_of(person), person) for person in people]
    for name, alertname, person in playbooks:
        text = _PLAYBOOK.format(name=name, alertname=alertname, reopen="1s", person=person)
        (folder / f"{name}.yaml").write_text(text)
    lines = "\n".join(
        f'  {person}: {{ contact: {{ webhook: "{receiver_url}/hook/{person}" }} }}'
        for person in people
    )
    text = _ROSTER.format(url=receiver_url, people=lines)
    (folder / "roster" / "bench.yaml").write_text(text)


def person_named(number: int) -> str:
    """One of the people of a storm of pages."""
    return f"person_{number}"


def alertname_of(person: str) -> str:
    """The alerts that page this person."""
    return f"Bench-{person}"


def an_alert(key: str, severity: str = "critical", **labels: str) -> dict[str, object]:
    """A firing alert in the plain JSON form; its page is titled with the key."""
    return {
        "key": labels.pop("fingerprint", key),
        "status": "firing",
        "summary": key,
        "labels": {"alertname": ALERTNAME, "key": key, "severity": severity, **labels},
    }
