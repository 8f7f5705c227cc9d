"""What an author learns of an alert before it fires: `watchbill explain --alert`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from cli.check import command as check_module
from cli.explain import command as explain_module

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "playbooks"
PAYLOADS = ROOT / "tests" / "payloads"
FIRING = PAYLOADS / "alertmanager-v4-firing-two.json"
NIGHT = "2026-11-25T02:00"

HOUSE = "language: 1\nfallback: catch_all\n"
CATCH_ALL = "language: 1\nname: catch_all\nowner: team:storage\npage: user:ann\n"
ROSTER = """
language: 1
users:
  ann: { name: Ann Berg, contact: { push: "ntfys://ntfy.example/ann" } }
  bo: { name: Bo Chen, contact: { push: "ntfys://ntfy.example/bo" } }
teams: { storage: { members: [ann, bo] } }
schedules:
  feed: { tz: UTC, import: { ical: "https://calendar.example/x.ics" } }
"""

app = typer.Typer()
check_module.register(app)
explain_module.register(app)
runner = CliRunner()


class Said(NamedTuple):
    """What a command printed, its words with single blanks."""

    status: int
    out: str
    err: str


def run(*arguments: object, stdin: str | None = None) -> Said:
    result = runner.invoke(app, [str(one) for one in arguments], input=stdin)
    return Said(result.exit_code, " ".join(result.stdout.split()), result.stderr)


def told(*arguments: object) -> Any:
    """The same command's JSON."""
    result = runner.invoke(app, ["explain", *[str(one) for one in arguments], "--json"])
    return json.loads(result.stdout)


Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of these playbooks by name, with a roster and a fallback."""

    def write(house: str = HOUSE, **playbooks: str) -> Path:
        (tmp_path / "roster").mkdir()
        (tmp_path / "roster" / "all.yaml").write_text(ROSTER)
        (tmp_path / "house.yaml").write_text(house)
        for name, rest in {"catch_all": "", **playbooks}.items():
            head = f"language: 1\nname: {name}\nowner: team:storage\n"
            page = "" if "page:" in rest else "page: [user:ann, user:bo]\n"
            (tmp_path / f"{name}.yaml").write_text(f"{head}{page}{rest}")
        return tmp_path

    return write


def trigger(match: str, when: str = "") -> str:
    condition = f"\n      when: {when}" if when else ""
    return f"triggers:\n  - alert:\n      match: {match}{condition}\n"


def test_payload_of_two_alerts_is_one_incident_with_all_that_decided_it():
    """Playbook and why, key and from what, workflow, severity and rule, roles, pages."""
    result = run("explain", "--alert", FIRING, "--at", NIGHT, "--playbooks", SHIPPED)

    assert result.status == 0
    for part in (
        "payment_api_5xx takes 2 alerts as one incident",
        "because labels alertname, env match",
        "label alertname is 'PaymentApi5xx', another wanted by: datacenter_down (DatacenterDown)",
        "key payments-api/prod from {{ labels.service }}/{{ labels.env }}",
        "workflow payments-api-prod-",
        "severity SEV2: a rule cannot be evaluated yet",
        "rule 1 (SEV1) cannot be evaluated, 'facts.error_ratio' has no value",
        "label severity: critical is SEV2 in the house's table",
        "payments_primary Bo Chen",
        "incident commander pages ic_primary, then ic_secondary",
        "If nobody answers (Europe/Berlin, CET) Wed 2026-11-25 02:00 level 1: Bo Chen by push",
        "Dev Patel has been paged in this round already (level 2)",
        "02:30 round 2 of 3",
        "the same again every 15 min, until somebody answers",
    ):
        assert part in result.out


def test_lines_fit_a_terminal_of_80_columns():
    """At 03:00 nobody wants to scroll sideways."""
    result = runner.invoke(app, ["explain", "--alert", str(FIRING), "--playbooks", str(SHIPPED)])

    assert max(map(len, result.stdout.splitlines())) <= 80


def test_of_two_that_match_the_one_with_more_labels_takes_it_and_the_other_says_why_not(
    folder: Folder,
):
    """The documented order: labels, then priority, then name."""
    alertname = "{ alertname: PaymentApi5xx }"
    both = "{ alertname: PaymentApi5xx, env: prod }"
    path = folder(
        wide=trigger(alertname),
        narrow=trigger(both),
        weighty=f"priority: 5\n{trigger(alertname)}",
        zebra=trigger(both),
    )

    result = run("explain", "--alert", FIRING, "--playbooks", path)

    assert "narrow takes 2 alerts as one incident" in result.out
    assert "because labels alertname, env match" in result.out
    assert (
        "zebra: matches too (labels alertname, env match), but its name comes after" in result.out
    )
    assert "matches too (label alertname matches), but by 1 labels against 2" in result.out


def test_priority_decides_between_as_many_labels(folder: Folder):
    """And says so."""
    match = trigger("{ alertname: PaymentApi5xx }")
    path = folder(aaa=match, zzz=f"priority: 5\n{match}")

    others = told("--alert", FIRING, "--playbooks", path)["incidents"][0]["others"]

    reasons = {one["playbook"]: one["reason"] for one in others}
    assert reasons["aaa"].endswith("but its priority is 0, not 5")


def test_what_nothing_matches_goes_to_the_fallback_which_says_so(folder: Folder):
    """Each other playbook says which label or which part of its condition it was."""
    path = folder(
        staging=trigger("{ env: staging }"),
        europe=trigger("{ env: prod }", "labels.region == 'us-east-1' && labels.env == 'prod'"),
    )

    result = run("explain", "--alert", FIRING, "--playbooks", path)

    assert result.status == 0
    assert "catch_all takes 2 alerts as one incident" in result.out
    assert "because nothing matches, and it is the house's fallback" in result.out
    assert "label env is 'prod', another wanted by: staging (staging)" in result.out
    part = "europe: the condition is false: labels.region == 'us-east-1' (region is 'eu-west-1')"
    assert part in result.out


def test_what_nothing_takes_is_loud_and_status_1(folder: Folder):
    """No fallback: nobody would be paged."""
    result = run("explain", "--alert", FIRING, "--playbooks", folder("language: 1\n"))

    assert result.status == 1
    assert "NOTHING TAKES THIS ALERT: NOBODY IS PAGED" in result.out
    assert "no playbook matches, and no fallback is set" in result.out
    assert "name a playbook that pages in house.yaml" in result.out


def test_condition_on_a_field_that_is_not_sent_pages_with_a_note_and_check_warned(folder: Folder):
    """Failing to page is worse than a page too many."""
    path = folder(paid=trigger("{ alertname: PaymentApi5xx }", "labels.tier == 'gold'"))

    result = run("explain", "--alert", FIRING, "--at", NIGHT, "--playbooks", path)
    checked = run("check", path)

    assert result.status == 0
    assert "paid takes 2 alerts as one incident" in result.out
    note = "the condition cannot be evaluated (label 'tier' is missing), so it counts as matching"
    assert f"note {note}" in result.out
    assert "level 1: Ann Berg by push" in result.out
    assert "W310" in checked.out


@pytest.mark.parametrize(
    ("payload", "source"),
    [
        ("alertmanager-v4-firing-two.json", "alertmanager"),
        ("grafana-unified-firing.json", "grafana"),
        ("pagerduty-events-v2-trigger.json", "pagerduty"),
        ("datadog-webhook-triggered.json", "datadog"),
        ("opsgenie-create.json", "opsgenie"),
        ("cloudwatch-sns-notification.json", "cloudwatch"),
    ],
)
def test_sender_of_a_real_payload_is_guessed_and_it_is_read_as_the_api_reads_it(
    payload: str, source: str
):
    """The file is what the sender posts."""
    answer = told("--alert", PAYLOADS / payload, "--playbooks", SHIPPED)

    assert {one["source"] for one in answer["incidents"][0]["alerts"]} == {source}


def test_payload_of_resolved_alerts_only_says_that_nothing_is_opened():
    """Its status is 0: that is how it should be."""
    payload = PAYLOADS / "alertmanager-v4-all-resolved.json"

    result = run("explain", "--alert", payload, "--playbooks", SHIPPED)

    assert result.status == 0
    assert result.out.startswith("Resolved, opens nothing: 1 alert")


def test_sender_of_ones_own_sources_is_known_by_name(folder: Folder):
    """As the API reads it, by the mapping of sources.yaml."""
    path = folder()
    text = "language: 1\nsenders:\n  nagios: { identity: body.host, labels: { host: body.host } }\n"
    (path / "sources.yaml").write_text(text)

    result = runner.invoke(
        app,
        ["explain", "--alert", "-", "--sender", "nagios", "--playbooks", str(path), "--json"],
        input='{"host": "db1"}',
    )

    incident = json.loads(result.stdout)["incidents"][0]
    assert incident["alerts"][0]["labels"] == {"host": "db1"}
    assert incident["dedup_from"].startswith("the alert's fingerprint")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--alert", "-"),
            "standard input: the body is not JSON: Expecting value (line 1, column 13)",
        ),
        (("--alert", "-", "--sender", "grafna"), "no sender 'grafna'; did you mean 'grafana'?"),
        (("--alert", "/nowhere.json"), "cannot read /nowhere.json: No such file or directory"),
        (("--label", "env"), "--label: 'env' is no name=value"),
        (("--label", "a=b", "--at", "soon"), "--at: 'soon' is no moment: write"),
        (("--label", "a=b", "--answers", "3"), "--answers: '3' is not a duration"),
        (("--label", "a=b", "--fact", "eror_ratio=1"), "did you mean 'error_ratio'?"),
        (("--label", "a=b", "--fact", "error_ratio=much"), "--fact: error_ratio: "),
        (("disk_ful", "--plan"), "no sound playbook 'disk_ful'; did you mean 'disk_full'?"),
        ((), "a playbook's NAME, or --alert FILE, or --label"),
        (("disk_full", "--alert", "-"), "a playbook's NAME, or --alert FILE, or --label"),
        (("disk_full", "--answers", "3m"), "go --plan"),
    ],
)
def test_wrong_usage_is_status_2_with_the_place_and_the_mend(arguments: tuple[str, ...], said: str):
    """Nothing is explained that was not asked for."""
    result = run("explain", *arguments, "--playbooks", SHIPPED, stdin='{"alerts": [}')

    assert result.status == 2
    assert said in " ".join(result.err.split())


def test_unreadable_field_is_named_by_its_place_in_the_file(tmp_path: Path):
    """As the API would answer it."""
    payload = tmp_path / "odd.json"
    payload.write_text('{"alerts": [{"status": "firng", "labels": {"a": "b"}}]}')

    result = run("explain", "--alert", payload, "--playbooks", SHIPPED)

    assert (result.status, result.out) == (2, "")
    assert "odd.json: alerts[0].status: must be 'firing' or 'resolved'" in result.err


def test_payload_that_tells_no_sender_lists_them(tmp_path: Path):
    """One of them is named, or the file is another one."""
    payload = tmp_path / "what.json"
    payload.write_text('{"a": 1}')

    result = run("explain", "--alert", payload, "--playbooks", SHIPPED)

    assert result.status == 2
    assert "give --sender, one of: alertmanager, cloudevents," in result.err


def test_broken_playbook_is_said_and_the_rest_is_explained(tmp_path: Path):
    """Without it, as a server would that starts with this folder."""
    path = tmp_path / "playbooks"
    shutil.copytree(SHIPPED, path)
    broken = path / "disk_full.yaml"
    broken.write_text(broken.read_text().replace("page:", "pag:"))

    result = run("explain", "--alert", FIRING, "--playbooks", path)

    assert result.status == 0
    assert "payment_api_5xx takes" in result.out
    assert result.err == "left out: disk_full.yaml has errors; see `watchbill check`\n"


def test_alert_made_up_of_labels_is_explained_with_measured_facts():
    """No payload at hand: labels, annotations and facts say it."""
    labels = ("--label", "alertname=PaymentApi5xx", "--label", "env=prod")

    answer = told(*labels, "--fact", "error_ratio=0.3", "--playbooks", SHIPPED, "--at", NIGHT)

    (incident,) = answer["incidents"]
    assert incident["severity"]["severity"] == "SEV1"
    assert incident["severity"]["rules"][0]["verdict"] == "holds"
    assert incident["severity"]["reason"] == "a quarter of payments fail, or money is lost"
    assert incident["notes"] == [
        "the dedup key lacks labels.service; its fingerprint stands in",
    ]


def test_answer_and_resolve_tell_what_follows(folder: Folder):
    """The first person paged acknowledges; the alert goes away."""
    path = folder(one=trigger("{ alertname: PaymentApi5xx }"))
    asked = ("--answers", "3m", "--resolves", "30m", "--at", "2026-11-25T02:00+01:00")

    result = run("explain", "--alert", FIRING, *asked, "--playbooks", path)

    assert "If Ann Berg acknowledges after 3 min, resolved after 30 min (UTC, UTC)" in result.out
    assert "01:03 · Acknowledged by Ann Berg" in result.out
    assert "01:30 · 2 of 2 alerts resolved" in result.out
    assert "level 2" not in result.out


def test_calendar_that_only_a_server_knows_is_said(folder: Folder):
    """Offline nobody stands behind it."""
    path = folder(one=f"page: [schedule:feed, user:bo]\n{trigger('{ alertname: PaymentApi5xx }')}")

    result = run("explain", "--alert", FIRING, "--playbooks", path)

    assert "the imported calendar of feed" in result.out
    assert "feed NOBODY (nobody is on call in feed: its calendar has not been read" in result.out
    assert "Level 1 is skipped: nobody on call" in result.out


def test_paging_plan_of_a_named_playbook_is_told_at_each_severity():
    """Without an alert."""
    result = run("explain", "disk_full", "--plan", "--at", NIGHT, "--playbooks", SHIPPED)

    assert result.status == 0
    assert "SEV1, if nobody answers (Europe/Berlin, CET)" in result.out
    assert "SEV4, if nobody answers" in result.out
    assert "SEV5 pages nobody" in result.out


def test_a_real_process_reads_standard_input():
    """What an engineer pipes into it."""
    command = [sys.executable, "-m", "cli.main", "explain", "--alert", "-", "--json"]

    done = subprocess.run(
        [*command, "--playbooks", str(SHIPPED), "--at", NIGHT],
        input=FIRING.read_bytes(),
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )

    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert answer["incidents"][0]["plan"]["lines"][0] == {
        "at": "2026-11-25T01:00:00Z",
        "kind": "page",
        "text": "Bo Chen",
        "where": "level 1",
        "people": ["bo"],
        "method": "push",
        "quiet": False,
        "every": None,
        "until": None,
    }
