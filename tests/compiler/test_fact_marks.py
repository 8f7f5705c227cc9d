"""The numbers beside a fact are found exactly where crossing them can change what happens."""

from typing import Any

import pytest

PLAYBOOK = """
language: 1
name: disk_full
owner: team:storage
on_alert: {{ alertname: DiskFull }}
page: [schedule:storage_primary, schedule:storage_secondary]
facts:
  used: {{ type: double, query: prometheus:disk_used_ratio }}
  other: {{ type: double }}
  hosts: {{ type: list }}
severity:
  default: SEV3
  rules:
    - set: SEV1
      when: |
        {condition}
"""


@pytest.mark.parametrize(
    ("condition", "marks"),
    [
        ("facts.used >= 0.25", (0.25,)),
        ("0.25 < facts.used", (0.25,)),
        ("facts.used > 0.9 || (facts.used < -1.5 && alerts.firing > 3)", (-1.5, 0.9)),
        ("!(facts.used<=1e-3) || alerts.firing == 0", (0.001,)),
        ("alerts.firing > 0 ? facts.used > 0.5 : facts.used > .25", (0.25, 0.5)),
        ("facts.used > 0.5 || facts.used > 0.50", (0.5,)),
        ("size(facts.hosts) > 1 || labels.x == 'facts.used + 1'", ()),
        ("facts.other > 0.5", ()),
        ("facts.used == 0.5", None),
        ("facts.used > facts.other", None),
        ("facts.used * 2.0 > 0.5", None),
        ("2.0 * facts.used > 0.5", None),
        ("facts.used > 0.5 + facts.other", None),
        ("0.1 + 0.4 < facts.used", None),
        ("facts.used > 0.5 && -facts.used < 0.1", None),
        ("facts.used > double(alerts.firing)", None),
        ("facts.used in [0.5]", None),
    ],
)
def test_marks_are_the_numbers_that_a_fact_is_directly_compared_with(
    condition: str, marks: tuple[float, ...] | None, compiled: Any
) -> None:
    result = compiled(PLAYBOOK.format(condition=condition))

    assert [each.code for each in result.diagnostics if each.is_error] == []
    assert result.plans["disk_full"].facts["used"].marks == marks


def test_fact_that_is_no_number_has_no_marks(compiled: Any) -> None:
    result = compiled(PLAYBOOK.format(condition="size(facts.hosts) > 1"))

    assert result.plans["disk_full"].facts["hosts"].marks is None
