"""Who may answer a request for cover, and until when it waits."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.cover import CoverCommand, CoverStart, OverrideStatus, answer_until, decide

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
P, A, D, E, W = OverrideStatus


def a_start() -> CoverStart:
    """Ann asks Bo."""
    return CoverStart(
        override="ov-1",
        schedule="pay",
        person="bo",
        person_name="Bo",
        requested_by="user:ann",
        requested_by_name="Ann",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        answer_by=NOW,
        when="today",
        status=P,
    )


def outcome(status: OverrideStatus, kind: str, who: str = "bo") -> OverrideStatus | str:
    """The new status, or the refusal."""
    command = CoverCommand.model_validate(
        {"kind": kind, "actor": f"user:{who}", "actor_name": who, "request_id": "r"}
    )
    decision = decide(a_start(), status, command)
    return decision.sentence if decision.refused else decision.status


@pytest.mark.parametrize(
    ("status", "kind", "leads_to"),
    [
        (P, "accept", A),
        (P, "decline", D),
        (P, "withdraw", W),
        (A, "accept", A),
        (A, "decline", "It is accepted already: withdraw it instead."),
        (A, "withdraw", W),
        *(
            (over, kind, f"Override ov-1 was {over.value}: ask anew if it is still needed.")
            for over in (D, E, W)
            for kind in ("accept", "decline", "withdraw")
        ),
    ],
)
def test_every_answer_in_every_status_has_one_outcome(
    status: OverrideStatus, kind: str, leads_to: OverrideStatus | str
):
    assert outcome(status, kind) == leads_to


def test_who_asked_may_withdraw_but_not_answer():
    assert outcome(P, "withdraw", "ann") is W
    assert outcome(P, "accept", "ann") == "Only Bo can accept this: they were asked to cover."
    assert outcome(P, "withdraw", "cleo") == "Only Ann, Bo or an admin can withdraw this."


@pytest.mark.parametrize(
    ("starts_in", "lasts", "waits"),
    [
        (timedelta(hours=5), timedelta(hours=1), timedelta(hours=5)),
        (timedelta(minutes=30), timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(0), timedelta(hours=2), timedelta(hours=1)),
        (timedelta(minutes=-30), timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(0), timedelta(days=7), timedelta(hours=12)),
    ],
)
def test_an_answer_is_waited_for_until_the_start_or_until_half_of_what_has_begun(
    starts_in: timedelta, lasts: timedelta, waits: timedelta
):
    starts_at = NOW + starts_in

    assert answer_until(NOW, starts_at, starts_at + lasts) - NOW == waits
