"""What the ledger promises, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ledger import AlertRecord, AuditEntry, KeptAnswer, Ledger, Ownership
from ledger.incident_book import BadCursor
from ledger.tables import metadata

OPENED = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


def a_view(reference: str = "INC-AAAAAA", **fields: Any) -> dict[str, Any]:
    """An incident as the workflow reports it."""
    given: dict[str, Any] = {
        "id": "payments-api-prod-7f3k2qxa",
        "reference": reference,
        "playbook": "payments_api",
        "playbook_version": 1,
        "plan_sha256": "0" * 64,
        "title": "Payments are failing",
        "severity": "SEV2",
        "phase": "triggered",
        "owner": "team:payments",
        "opened_at": OPENED,
        "updated_at": OPENED,
        "seq": 1,
    }
    return given | fields


def an_entry(seq: int, **fields: Any) -> dict[str, Any]:
    """A timeline entry."""
    given = {"seq": seq, "at": OPENED, "actor": "system", "kind": "paged", "text": f"entry {seq}"}
    return given | fields


def an_ownership(fingerprint: str, **fields: Any) -> Ownership:
    """A row of the alert index."""
    given = {
        "source": "alertmanager",
        "fingerprint": fingerprint,
        "workflow_id": "payments-api-prod-7f3k2qxa",
        "reference": "INC-AAAAAA",
        "status": "firing",
    }
    return Ownership.model_validate(given | fields)


def test_migrating_from_many_processes_at_once_leaves_one_schema(ledger_url: str):
    """API and workers start together; one migrates, the others wait and find it done."""
    ledgers = [Ledger.from_url(ledger_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(Ledger.migrate, ledgers))
    ledgers[0].migrate()

    assert ledgers[0].incidents().items == ()
    for ledger in ledgers:
        ledger.close()


def test_migrations_make_the_schema_the_tables_say(ledger: Ledger):
    with ledger._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_recording_twice_changes_nothing(ledger: Ledger):
    for _ in range(2):
        ledger.record(a_view(seq=2), [an_entry(1), an_entry(2)])

    assert [entry.seq for entry in ledger.timeline("INC-AAAAAA")] == [1, 2]
    assert len(ledger.incidents().items) == 1


def test_a_late_record_keeps_the_newer_incident_but_adds_its_entries(ledger: Ledger):
    ledger.record(a_view(seq=3, phase="acknowledged"), [an_entry(3)])
    ledger.record(a_view(seq=2), [an_entry(1), an_entry(2)])

    found = ledger.incident("INC-AAAAAA")
    assert found is not None
    assert found.phase == "acknowledged"
    assert [entry.seq for entry in ledger.timeline("INC-AAAAAA")] == [1, 2, 3]


def test_a_workflow_id_means_its_newest_incident_and_a_reference_exactly_one(ledger: Ledger):
    ledger.record(a_view("INC-AAAAAA", phase="closed", closed_at=OPENED), [])
    ledger.record(a_view("INC-BBBBBB"), [])

    newest, first = ledger.incident("payments-api-prod-7f3k2qxa"), ledger.incident("inc-aaaaaa")
    assert newest is not None
    assert newest.reference == "INC-BBBBBB"
    assert first is not None
    assert first.reference == "INC-AAAAAA"
    assert ledger.incident("INC-CCCCCC") is None


def test_pages_of_a_list_show_every_incident_once_newest_first(ledger: Ledger):
    references = [f"INC-0000{number:02}" for number in range(23)]
    for number, reference in enumerate(references):
        moment = OPENED + timedelta(minutes=number // 3)
        ledger.record(a_view(reference, id=f"w{number}", opened_at=moment), [])

    seen, cursor = [], None
    while True:
        page = ledger.incidents(limit=5, cursor=cursor)
        seen += [view.reference for view in page.items]
        cursor = page.next
        if cursor is None:
            break

    assert seen == references[::-1]


def test_a_list_is_narrowed_by_phase_and_columns(ledger: Ledger):
    ledger.record(a_view("INC-AAAAAA", severity="SEV1"), [])
    ledger.record(a_view("INC-BBBBBB", phase="resolved"), [])

    assert [view.reference for view in ledger.incidents("open").items] == ["INC-AAAAAA"]
    assert [view.reference for view in ledger.incidents("resolved").items] == ["INC-BBBBBB"]
    assert len(ledger.incidents("all").items) == 2
    assert len(ledger.incidents("all", filters={"severity": "SEV1"}).items) == 1
    with pytest.raises(ValueError, match="colour"):
        ledger.incidents(filters={"colour": "red"})


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WzEsMl0", "é", "W10"])
def test_a_foreign_cursor_is_refused(ledger: Ledger, cursor: str):
    with pytest.raises(BadCursor):
        ledger.incidents(cursor=cursor)


def test_an_alert_is_owned_until_its_incident_closes(ledger: Ledger):
    key = ("alertmanager", "f1")
    ledger.own([an_ownership("f1")])
    assert ledger.owners([key])[key].reference == "INC-AAAAAA", "not recorded yet"

    ledger.record(a_view(phase="resolved", seq=2), [])
    assert ledger.owners([key])[key].workflow_id == "payments-api-prod-7f3k2qxa"

    ledger.record(a_view(phase="closed", seq=3, closed_at=OPENED), [])
    assert ledger.owners([key]) == {}


def test_a_first_record_points_alerts_to_the_incident_that_followed(ledger: Ledger):
    """A run that continues as a fresh incident takes its alerts along, and nobody else's."""
    ledger.own([an_ownership("f1"), an_ownership("f2", workflow_id="other", reference="INC-X")])
    ledger.record(a_view(phase="closed", closed_at=OPENED), [])
    alerts = [
        {"source": "alertmanager", "fingerprint": name, "status": "firing"}
        for name in ("f1", "f2", "f3")
    ]
    ledger.record(a_view("INC-BBBBBB", alert_list=alerts), [])

    owners = ledger.owners([("alertmanager", name) for name in ("f1", "f2", "f3")])
    assert {key[1]: owner.reference for key, owner in owners.items()} == {
        "f1": "INC-BBBBBB",
        "f2": "INC-X",
        "f3": "INC-BBBBBB",
    }


def test_two_thousand_alerts_with_repeats_are_owned_at_once(ledger: Ledger):
    rows = [an_ownership(f"f{number % 1500}") for number in range(2000)]
    ledger.own(rows)
    ledger.own([an_ownership("f1", reference="INC-BBBBBB")])

    owners = ledger.owners([("alertmanager", f"f{number}") for number in range(2000)])
    assert len(owners) == 1500
    assert owners[("alertmanager", "f1")].reference == "INC-BBBBBB"


def test_a_fingerprint_of_any_length_finds_its_owner(ledger: Ledger):
    long = "é" * 5000
    ledger.own([an_ownership(long), an_ownership(long + "2", reference="INC-BBBBBB")])

    assert ledger.owners([("alertmanager", long)])[("alertmanager", long)].reference == "INC-AAAAAA"


def test_an_alert_keeps_64_kib_of_text_whatever_bytes_are_in_it(ledger: Ledger):
    text = "nul \x00 surrogate \ud800 " + "é" * 40_000
    record = AlertRecord(
        source="generic", fingerprint="f", status="resolved", outcome="orphan", body=text
    )
    ledger.remember([record, record])

    (found,) = ledger.orphans()
    assert found.id == record.id
    assert 65_000 < len(found.body.encode()) <= 65_540
    assert "\x00" not in found.body


def test_orphans_are_the_newest_first(ledger: Ledger):
    ledger.remember(
        [
            AlertRecord(
                source="s",
                fingerprint=str(number),
                status="resolved",
                outcome="orphan" if number % 2 else "opened",
                received_at=OPENED + timedelta(seconds=number),
            )
            for number in range(6)
        ]
    )

    assert [record.fingerprint for record in ledger.orphans(2)] == ["5", "3"]


def test_a_key_is_found_by_its_text_until_it_is_revoked(ledger: Ledger):
    plaintext = ledger.add_key("alertmanager", ["ingest"], "source:alertmanager")

    found = ledger.find_key(plaintext)
    assert found is not None
    assert (found.scopes, found.actor) == (frozenset({"ingest"}), "source:alertmanager")
    assert ledger.find_key(plaintext + "x") is None
    assert ledger.revoke_key("alertmanager") == 1
    assert ledger.find_key(plaintext) is None
    assert ledger.revoke_key("alertmanager") == 0
    known = ledger.keys()
    assert [key.name for key in known] == ["alertmanager"]


def test_no_key_stands_in_the_database_in_plain_text(ledger: Ledger):
    plaintext = ledger.add_key("a", ["respond"], "user:ann")

    with ledger._database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM api_keys").all()
    assert plaintext not in repr(rows)
    assert len(plaintext) == 32, "a PagerDuty routing key has 32 characters"


def test_the_audit_log_is_the_newest_first(ledger: Ledger):
    for number in range(3):
        ledger.audit(AuditEntry(actor="user:ann", action=f"a{number}", outcome="done"))

    assert [entry.action for entry in ledger.audited(2)] == ["a2", "a1"]


def test_the_first_answer_kept_wins(ledger: Ledger):
    assert ledger.first_answer("declare", "k") is None
    ledger.keep_answer("declare", "k", KeptAnswer(status=200, body={"n": 1}))
    ledger.keep_answer("declare", "k", KeptAnswer(status=200, body={"n": 2}))

    kept = ledger.first_answer("declare", "k")
    assert kept is not None
    assert kept.body == {"n": 1}


def test_moments_come_back_aware_and_in_utc(ledger: Ledger):
    ledger.record(a_view(), [an_entry(1, at="2026-03-04T04:00:00+01:00")])

    (entry,) = ledger.timeline("INC-AAAAAA")
    assert entry.at == OPENED
    assert entry.at.utcoffset() == timedelta(0)


def test_new_references_are_unlike_any_known(ledger: Ledger):
    references = {ledger.new_reference() for _ in range(50)}

    assert len(references) == 50
    assert all(reference.startswith("INC-") and len(reference) == 10 for reference in references)


def test_open_incidents_are_counted_by_phase_without_drills(ledger: Ledger):
    ledger.record(a_view("INC-AAAAAA"), [])
    ledger.record(a_view("INC-BBBBBB", drill=True), [])
    ledger.record(a_view("INC-CCCCCC", phase="closed"), [])

    assert ledger.phases() == {"pending": 0, "triggered": 1, "acknowledged": 0, "mitigated": 0}


@pytest.mark.parametrize("url", ["sqlite://", "mysql://localhost/x"])
def test_a_database_that_would_lose_the_ledger_is_refused(url: str):
    with pytest.raises(ValueError, match="ledger"):
        Ledger.from_url(url)
