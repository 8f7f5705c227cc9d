"""Overrides in the ledger: the first answer wins, and a repeat changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.cover import OPEN, OverrideStatus
from ledger import Ledger
from ledger.override_book import OverrideRecord

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
P, A, D, E, W = OverrideStatus


def a_row(name: str = "ov-1", **fields: Any) -> OverrideRecord:
    """A proposal for an hour."""
    given = {
        "id": name,
        "schedule": "pay",
        "person": "bo",
        "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=1),
        "status": P,
        "requested_by": "user:ann",
        "requested_at": NOW,
    }
    return OverrideRecord.model_validate(given | fields)


def test_of_two_answers_the_first_wins(ledger: Ledger):
    ledger.propose(a_row())
    accepted = ledger.settle("ov-1", A, only=(P,))
    late = ledger.settle("ov-1", E, only=(P,))

    assert accepted is not None
    assert accepted.status is A
    assert accepted.answered_at is not None
    assert late == accepted
    assert ledger.settle("ov-2", A, only=OPEN) is None


def test_a_repeated_proposal_leaves_the_first(ledger: Ledger):
    ledger.propose(a_row())
    ledger.settle("ov-1", D, only=(P,))

    assert ledger.propose(a_row()).status is D


def test_what_has_ended_or_was_answered_no_is_not_open(ledger: Ledger):
    for name, fields in {
        "asked": {},
        "accepted": {"status": A, "answered_at": NOW},
        "over": {"ends_at": NOW + timedelta(minutes=1)},
        "no": {"status": D},
        "elsewhere": {"schedule": "dba"},
    }.items():
        ledger.propose(a_row(name, **fields))
    later = NOW + timedelta(minutes=1)

    assert {row.id for row in ledger.open_overrides(later)} == {"asked", "accepted", "elsewhere"}
    assert [row.id for row in ledger.accepted_overrides(later)] == ["accepted"]
    assert {row.id for row in ledger.overrides("pay", later)} == {"asked", "accepted", "no"}
