"""The shipped playbooks keep together: what they name exists, and what exists is named."""

import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.runbooks import find_section, items_of
from domain.plan import Plan
from domain.plan_steps import (
    ChecklistStep,
    CommandStep,
    HttpStep,
    PlaybookStep,
    RunbookStep,
    Step,
    all_steps,
)
from tests.programs import program

FILES = read_folder(Path(__file__).parents[2] / "playbooks")
TODAY = date(2026, 11, 22)
COMPILED = compile_folder(FILES, today=TODAY)
LIBRARY = (
    "payment_api_5xx",
    "kubernetes_api_error_budget_burn",
    "etcd_members_lost",
    "persistent_volume_filling",
    "postgres_primary_down",
    "postgres_xid_wraparound",
    "leaked_access_key",
    "tls_certificate_expiring",
    "kafka_consumer_lag",
    "pager_broken",
)
KINDS = {
    "http", "command", "plugin", "notify", "ask", "checklist", "runbook", "decide", "approve",
    "wait", "wait_for", "parallel", "for_each", "playbook",
}  # fmt: skip


def steps_of(plan: Plan) -> tuple[Step, ...]:
    """Every step of the plan, however deep."""
    return all_steps(plan.steps)


def every_step() -> list[Step]:
    """Every step of every shipped playbook."""
    return [step for plan in COMPILED.plans.values() for step in steps_of(plan)]


def called_by(name: str) -> set[str]:
    """The playbook and those that its steps call."""
    found = {name}
    for step in steps_of(COMPILED.plans[name]):
        if isinstance(step, PlaybookStep):
            found |= called_by(step.name)
    return found


@pytest.mark.parametrize("name", LIBRARY)
def test_each_playbook_of_the_library_compiles_alone_without_a_warning(name: str) -> None:
    """With nothing beside it but what all share, and the playbooks that it calls."""
    own = {COMPILED.plan_paths[one] for one in called_by(name) | {"unmatched_alerts"}}
    others = set(COMPILED.plan_paths.values()) - own
    files = {path: text for path, text in FILES.items() if path not in others}

    compiled = compile_folder(files, today=TODAY)

    assert [str(one) for one in compiled.diagnostics] == []
    assert compiled.plans[name].sha256 == COMPILED.plans[name].sha256


def test_every_step_kind_occurs_in_the_library() -> None:
    assert {step.kind for step in every_step()} == KINDS


def test_every_command_and_query_that_is_allowed_is_used() -> None:
    """What nobody uses is a door that nobody watches."""
    commands = {step.command for step in every_step() if isinstance(step, CommandStep)}
    facts = [fact for plan in COMPILED.plans.values() for fact in plan.facts.values()]
    queries = {fact.query for fact in facts if fact.query}

    assert commands == set(COMPILED.ops.commands)
    assert queries == set(COMPILED.ops.queries)


def test_every_section_of_a_runbook_is_shown_by_a_step() -> None:
    """Text that no step shows is read by nobody at three in the morning."""
    shown = {step.source for step in every_step() if isinstance(step, ChecklistStep | RunbookStep)}
    sections = {
        f"{path}#{line.removeprefix('## ').lower().replace(' ', '-').replace(',', '')}"
        for path, text in FILES.items()
        if path.startswith("runbooks/")
        for line in text.splitlines()
        if line.startswith("## ")
    }

    assert sections - shown == set()


def test_a_checklist_is_short_enough_for_the_night() -> None:
    """Nobody reads a dozen lines of small print at three; two screens at the most."""
    for step in every_step():
        if isinstance(step, ChecklistStep) and step.source:
            items = items_of(find_section(step.source, FILES).text)  # type: ignore[union-attr]
            assert 2 <= len(items) <= 7, step.id
            assert all(len(item.text) <= 120 for item in items), step.id


def test_no_machine_reaches_a_real_company_and_every_secret_is_a_name() -> None:
    """Addresses are reserved for examples, as are the telephone numbers of the rosters."""
    http = [step for step in every_step() if isinstance(step, HttpStep)]
    hosts = {step.url.split("/")[2] for step in http}
    hosts |= {server.url.split("/")[2] for server in COMPILED.ops.servers.values()}

    assert all(host.endswith(".example") for host in hosts)
    assert {step.auth.secret for step in http if step.auth} <= {"deploy_token", "router_token"}


@pytest.mark.parametrize("name", LIBRARY)
def test_the_guide_says_what_each_playbook_needs(name: str) -> None:
    """Its commands, queries, secrets and rules stand in its own section."""
    guide = (Path(__file__).parents[2] / "docs" / "library.md").read_text()
    section = guide.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    plan = COMPILED.plans[name]
    needed = {step.command for step in steps_of(plan) if isinstance(step, CommandStep)}
    needed |= {fact.query for fact in plan.facts.values() if fact.query}
    calls = [step for step in steps_of(plan) if isinstance(step, HttpStep)]
    needed |= {step.auth.secret for step in calls if step.auth}
    rules = {each for one in plan.triggers for each in one.match.get("alertname", ())}

    assert {each for each in needed if f"`{each}`" not in section} == set()
    assert {each for each in rules if f"`{each}`" not in section} == set()


@pytest.mark.prometheus
def test_every_query_is_promql(tmp_path: Path) -> None:
    """As Prometheus' own checker reads it, with some value for each label."""
    rules = [
        {"record": name, "expr": re.sub(r"\{\{.*?\}\}", "x", spec.query)}
        for name, spec in COMPILED.ops.queries.items()
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))

    checked = subprocess.run(
        [str(program("promtool")), "check", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
