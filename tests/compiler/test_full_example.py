"""The playbook with every construct, as the language describes it, compiles.

Its layers of communication and review are left out: they are not built yet.
"""

from pathlib import Path

import pytest

from cli.folders import read_folder
from compiler.compile import Compiled, compile_folder
from compiler.long_form import long_form
from domain.plan_steps import all_steps

FOLDER = read_folder(Path(__file__).parent / "full_example")


@pytest.fixture(scope="module")
def example() -> Compiled:
    """The folder of the full example, compiled."""
    return compile_folder(FOLDER)


def test_full_example_compiles_with_a_hint_about_a_label_it_does_not_require(
    example: Compiled,
) -> None:
    assert [each.code for each in example.diagnostics] == ["W310"]
    assert set(example.plans) == {"payment_api_5xx", "postgres_primary_down"}


def test_full_example_carries_every_step_and_the_plan_it_calls(example: Compiled) -> None:
    plan = example.plans["payment_api_5xx"]

    called = plan.subplans["postgres_primary_down"]

    assert [step.id for step in all_steps(plan.steps)] == [
        *("triage", "recent_deploys", "provider_status", "first_look"),
        *("choose_mitigation", "approve_rollback", "rollback", "each_region", "shift_region"),
        *("db_recovery", "recovered", "verify", "settle", "tell_partner", "card_disputes"),
        "refunds",
    ]
    assert called == example.plans["postgres_primary_down"]


def test_measured_ratio_is_told_when_it_crosses_what_conditions_ask_for(
    example: Compiled,
) -> None:
    facts = example.plans["payment_api_5xx"].facts

    assert facts["error_ratio"].marks == (0.001, 0.005, 0.01, 0.05, 0.25)
    assert facts["regions_down"].marks is None


def test_long_form_of_the_full_example_is_the_same_playbook(example: Compiled) -> None:
    plan = example.plans["payment_api_5xx"]

    text = long_form(plan, FOLDER)
    again = compile_folder({**FOLDER, "payment_api_5xx.yaml": text})

    assert again.plans["payment_api_5xx"].sha256 == plan.sha256
