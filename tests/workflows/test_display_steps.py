"""Steps and facts in the document that the Temporal UI shows."""

from domain.incident.view import IncidentView, ItemView, StepView
from tests.incident.plans import a_plan
from tests.incident.step_trees import (
    AT,
    a_checklist,
    a_decision,
    a_fact,
    a_loop,
    a_step,
    an_approval,
    an_incident,
)
from workflows.display import DETAILS_BYTES, details
from workflows.display_steps import FOLD_ABOVE

PLAN = a_plan(timezone="Europe/Berlin")


def block(view: IncidentView, heading: str) -> list[str]:
    """The lines below a heading."""
    return details(PLAN, view).split(f"## {heading}\n")[1].split("\n\n")[0].splitlines()


def test_the_tree_says_state_owner_deadline_result_and_what_it_waits_for() -> None:
    triage = a_step(
        "triage",
        "parallel",
        "running",
        steps=(a_step("deploys", results={"count": 3}, branch=1), a_checklist(branch=2)),
    )

    assert block(an_incident(triage, a_decision(), an_approval()), "Steps") == [
        "- [>] triage (parallel): running",
        "  - [x] deploys (http): done: count=3",
        "  - [>] **look** (checklist): 1 of 2 ticked, operations lead",
        "    - [x] Logs (ann)",
        "    - [ ] Graphs",
        "- [>] **way** (decide): to be decided, incident commander, due 04:14",
        "  - 12 % fail. How do we stop it?",
        (
            "  - Roll back the last deploy **(suggested)**: "
            "about 4 min; risk: loses the tax fix; can be undone"
        ),
        "  - Keep looking: risk: customers keep failing",
        "- [>] **four\\_eyes** (approve): approved by 1 of 2, incident commander, nora",
        "  - Cleo said yes: sane",
    ]


def test_in_a_large_tree_a_part_that_is_over_is_one_line() -> None:
    over = a_step("triage", "parallel", steps=(a_step("one"), a_step("two")))
    many = [a_step(f"step_{number}") for number in range(FOLD_ABOVE)]

    assert "  - [x] one (http): done" in block(an_incident(over), "Steps")
    large = block(an_incident(over, *many), "Steps")
    assert large[0] == "- [x] triage (parallel): done (2 steps inside)"
    assert len(large) == 1 + FOLD_ABOVE


def test_facts_are_marked_when_they_are_stale() -> None:
    facts = (a_fact(stale=True, why="refused"), a_fact("cause", value=None, at=None, source=None))

    assert block(an_incident(facts=facts), "Facts") == [
        "- **ratio** 0.124 (measured at 04:10) **stale**: refused",
        "- **cause** unknown",
    ]


def test_what_a_machine_or_a_sender_says_cannot_become_markdown() -> None:
    rude = "<script>[x](javascript:1)`rm`\n# big"
    step = a_step("call", state="failed", detail=rude, because=rude, by="ann", by_name="*Ann*")

    text = "\n".join(block(an_incident(step, facts=(a_fact(value=rude),)), "Steps"))

    assert "\\<script\\>\\[x\\](javascript:1)\\`rm\\` \\# big" in text
    assert "by \\*Ann\\*" in text


def test_a_huge_tree_stays_small_and_says_where_the_rest_is() -> None:
    items = tuple(ItemView(id=f"i{n}", text="look " * 200) for n in range(60))
    steps: list[StepView] = [a_checklist(items=items)]
    steps += [a_loop(200, failed=tuple(range(1, 60)))]
    steps += [a_step(f"step_{n}", state="failed", detail="x" * 900) for n in range(100)]

    text = details(PLAN, an_incident(*steps, latest=(), updated_at=AT))

    assert len(text.encode()) <= DETAILS_BYTES
    assert "more lines: `watchbill step list INC-M4T9WC`" in text
    assert "playbook pay version 1" in text, "what stands below the steps is not lost"
