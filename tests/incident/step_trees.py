"""Step trees as others see them, for tests of how they look."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.incident.view import (
    FactView,
    IncidentView,
    ItemView,
    OptionView,
    RoleView,
    StepView,
    VoteView,
)

AT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


def a_step(name: str, kind: str = "http", state: str = "done", **fields: Any) -> StepView:
    """One step, over unless said."""
    return StepView(id=name, kind=kind, state=state, **fields)


def a_decision(**fields: Any) -> StepView:
    """A decision that waits for the commander, one option suggested."""
    options = (
        OptionView(
            id="rollback",
            label="Roll back the last deploy",
            suggested=True,
            time="about 4 min",
            risk="loses the tax fix",
            reversible=True,
        ),
        OptionView(id="hold", label="Keep looking", risk="customers keep failing"),
    )
    given = {
        "owner": "role:incident_commander",
        "question": "12 % fail. How do we stop it?",
        "needs": ("choose",),
        "options": options,
        "deadline": AT + timedelta(minutes=4),
    }
    return a_step("way", "decide", "running", **(given | fields))


def an_approval(**fields: Any) -> StepView:
    """An approval that Bo asks for: one of two has said yes."""
    given = {
        "owner": "role:incident_commander, user:nora",
        "needs": ("approve", "reject"),
        "votes": (VoteView(person="cleo", name="Cleo", approves=True, at=AT, because="sane"),),
        "votes_needed": 2,
        "asked_by": "bo",
    }
    return a_step("four_eyes", "approve", "running", **(given | fields))


def a_checklist(**fields: Any) -> StepView:
    """A checklist with one of two lines ticked."""
    items = (
        ItemView(id="logs", text="Logs", done_by="ann", done_at=AT),
        ItemView(id="graphs", text="Graphs", required=False),
    )
    given = {"items": items, "needs": ("done",), "owner": "role:operations_lead"}
    return a_step("look", "checklist", "running", **(given | fields))


def a_loop(rounds: int, *, failed: tuple[int, ...] = ()) -> StepView:
    """A loop of so many rounds of two steps, the first half done; these rounds have failed."""
    inside = []
    for number in range(1, rounds + 1):
        over = number <= rounds // 2
        state = "failed" if number in failed else "done" if over else "pending"
        label = f"shift (eu-{number})"
        needs = ("retry", "skip", "take_over") if state == "failed" else ()
        shift = a_step(f"shift@{number}", state=state, label=label, branch=number, needs=needs)
        after = "done" if state == "done" else "pending"
        inside += [shift, a_step(f"check@{number}", state=after, branch=number)]
    return a_step("each_region", "for_each", "running", steps=tuple(inside))


def a_fact(name: str = "ratio", **fields: Any) -> FactView:
    """A measured number."""
    given = {"type": "double", "value": 0.124, "at": AT, "source": "measured"}
    return FactView(name=name, **(given | fields))


def an_incident(*steps: StepView, **fields: Any) -> IncidentView:
    """An acknowledged incident: Cleo commands, Bo does the work."""
    given: dict[str, Any] = {
        "id": "pay-prod-7f3k2qxa",
        "reference": "INC-M4T9WC",
        "playbook": "pay",
        "playbook_version": 1,
        "plan_sha256": "0" * 64,
        "title": "Payments are failing",
        "severity": "SEV2",
        "phase": "acknowledged",
        "owner": "team:payments",
        "roles": {
            "incident_commander": (RoleView(person="cleo", name="Cleo", since=AT),),
            "operations_lead": (RoleView(person="bo", name="Bo", since=AT),),
        },
        "steps": steps,
        "opened_at": AT - timedelta(minutes=10),
        "updated_at": AT,
    }
    return IncidentView.model_validate(given | fields)
