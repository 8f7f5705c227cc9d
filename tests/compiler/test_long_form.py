"""The long form is valid, complete, and means the same playbook."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.long_form import long_form
from compiler.source import load
from compiler.yaml_text import as_yaml
from domain.plan_steps import Step, all_steps

SHIPPED = read_folder(Path(__file__).parents[2] / "playbooks")
KINDS = get_args(get_args(Step)[0])
COMPILED = compile_folder(SHIPPED)


@pytest.mark.parametrize("name", sorted(COMPILED.plans))
def test_long_form_of_a_shipped_playbook_compiles_to_the_same_plan(name: str) -> None:
    plan = COMPILED.plans[name]

    text = long_form(plan, SHIPPED)
    again = compile_folder(SHIPPED | {COMPILED.plan_paths[name]: text})

    assert again.diagnostics == ()
    assert again.plans[name].sha256 == plan.sha256


EVERYTHING = """
language: 1
name: disk_full
version: 7
title: "Disk: {{ labels.host }} # full"
owner: team:storage
service: storage_api
review_by: 2099-01-31
bridge: "#war-room"
timezone: Europe/Berlin
priority: -3
triggers:
  - alert:
      match: { alertname: [DiskFull, "no"], "odd label": "12:30" }
      when: |
        has(labels.host) && labels.host != ''
          && has(labels.env) && labels.env == "prod"
      hold: 1m30s
dedup: { key: "{{ labels.host }}", reopen_within: 2h }
severity:
  rules:
    - { set: SEV1, when: alerts.firing > 3, criteria: "many: disks" }
urgency: { SEV1: high, SEV3: high_in_hours, else: low }
escalation:
  levels: [[user:ann, team:storage], schedule:storage_secondary]
  criteria:
    - when: size(alerts.labels.host) > 3
      raise: SEV1
      because: "yes"
    - after: { SEV1: 90m, else: never }
      unless: mitigated
      page: user:bo
      because: too long
roles:
  sme:
    many: true
    at: SEV1
    pick: [{ when: alerts.total > 2, page: user:bo, at: [SEV1, SEV2] }]
steps:
  - { id: tell, notify: { to: [destination:storage_news, role:sme], text: "a: b" }, at: SEV1 }
  - id: look
    when: alerts.firing > 0
    checklist:
      from: runbooks/disk.md#first-look
      items: [Is it hot?, { id: cold, text: Is it cold?, required: false }]
    deadline: 1h
    on_timeout: escalate
  - { id: read, runbook: runbooks/disk.md, assign: user:ann }
announce:
  - { to: destination:storage_news }
  - { to: destination:storage_news, on: opened }
mitigated: { when: alerts.firing == 0, hold: 5m }
resolve: { confirm: nobody }
"""


def test_long_form_of_every_construct_compiles_to_the_same_plan(
    compiled: Any, context: dict[str, str]
) -> None:
    first = compiled(EVERYTHING)

    text = long_form(first.plans["disk_full"], context)
    again = compiled(text)

    assert first.diagnostics == again.diagnostics == ()
    assert again.plans == first.plans


EVERY_STEP = (Path(__file__).parent / "every_step.yaml").read_text()


def test_long_form_of_every_step_and_fact_compiles_to_the_same_plan(
    compiled: Any, context: dict[str, str]
) -> None:
    first = compiled(EVERY_STEP)

    text = long_form(first.plans["disk_full"], context)
    again = compiled(text)

    assert first.diagnostics == again.diagnostics == ()
    assert again.plans == first.plans


def test_sample_of_every_step_has_every_kind_of_step(compiled: Any) -> None:
    plan = compiled(EVERY_STEP).plans["disk_full"]

    written = {step.kind for step in all_steps(plan.steps)}

    assert written == {get_args(each.model_fields["kind"].annotation)[0] for each in KINDS}


VALUES = st.recursive(
    st.text(max_size=12) | st.integers(-(10**12), 10**12) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), VALUES, min_size=1, max_size=4))
def test_written_values_read_back_as_the_same_values(value: dict[str, Any]) -> None:
    loaded = load("a.yaml", as_yaml(value))

    assert loaded.diagnostics == ()
    assert loaded.root is not None
    assert loaded.root.plain() == value
