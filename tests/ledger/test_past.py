"""How the last incidents of a playbook ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.incident.view import IncidentView
from ledger import Ledger
from ledger.past_book import fixed_by

START = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)


def record(ledger: Ledger, number: int, *said: tuple[str, str], **fields: Any) -> str:
    """An incident of the playbook `payments` that was resolved after 42 min; its reference."""
    opened = START + timedelta(days=number)
    given: dict[str, Any] = {
        "id": f"w-{number}",
        "reference": f"INC-{number:06d}",
        "playbook": "payments",
        "playbook_version": 1,
        "plan_sha256": "0" * 64,
        "title": "Payments fail",
        "severity": "SEV2",
        "phase": "closed",
        "owner": "team:payments",
        "opened_at": opened,
        "resolved_at": opened + timedelta(minutes=42),
        "updated_at": opened,
        "seq": len(said),
    }
    view = IncidentView.model_validate(given | fields)
    entries = [
        {"seq": seq, "at": opened, "actor": "user:ann", "kind": kind, "text": text}
        for seq, (kind, text) in enumerate(said, 1)
    ]
    ledger.record(view.model_dump(mode="json"), entries)
    return view.reference


def test_the_latest_come_first_with_what_fixed_them(ledger: Ledger):
    record(ledger, 1, ("note.action", "Restarted it."))
    second = record(ledger, 2, ("resolved", "Resolved: by Ann Berg: rolled back."))
    third = record(ledger, 3, ("mitigated", "Mitigated by Ann Berg: more replicas."))

    past = ledger.past("payments", 2)

    assert [(one.reference, one.fixed_by) for one in past] == [
        (third, "more replicas"),
        (second, "rolled back"),
    ]
    assert past[0].resolved_at - past[0].opened_at == timedelta(minutes=42)


def test_drills_open_ones_cancelled_ones_and_other_playbooks_tell_nothing(ledger: Ledger):
    record(ledger, 1, drill=True)
    record(ledger, 2, phase="acknowledged", resolved_at=None)
    record(ledger, 3, phase="cancelled")
    record(ledger, 4, playbook="disk")
    record(ledger, 5, resolved_at=None)

    assert ledger.past("payments", 3) == ()


def test_one_that_is_resolved_and_not_yet_closed_counts(ledger: Ledger):
    reference = record(ledger, 1, phase="resolved")

    assert [one.reference for one in ledger.past("payments", 3)] == [reference]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], ""),
        ([("note.action", "Rolled back."), ("resolved", "Resolved: it is quiet.")], "Rolled back."),
        ([("note.action", "A"), ("resolved", "Resolved: by Ann: B: and C.")], "B: and C"),
        ([("mitigated", "Mitigated by Bo: M."), ("note.action", "A")], "M"),
        ([("note.action", "first"), ("note.action", "last")], "last"),
        ([("resolved", "Resolved: by Ann.")], "Resolved: by Ann."),
        ([("note", "a plain remark")], ""),
    ],
)
def test_what_a_person_said_at_the_end_is_worth_more_than_the_last_action(
    entries: list[tuple[str, str]], said: str
):
    assert fixed_by(entries) == said
