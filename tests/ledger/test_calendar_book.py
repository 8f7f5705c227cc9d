"""Copies of calendars in the ledger, on SQLite and on PostgreSQL."""

from ledger import Ledger


def test_failed_try_keeps_the_good_copy_and_a_good_one_replaces_it(ledger: Ledger):
    """What could never be read has no text, and stands with its error."""
    ledger.calendar_failed("never", "hash-1", "c.example: it answered 500")
    ledger.keep_calendar("primary", "hash-1", "BEGIN:VCALENDAR one")
    first = ledger.calendar_states()[1]
    ledger.calendar_failed("primary", "hash-1", "c.example: no answer")
    failed = ledger.calendar_states()[1]
    kept = ledger.calendar_text("primary")
    ledger.keep_calendar("primary", "hash-2", "BEGIN:VCALENDAR two")

    never, now = ledger.calendar_states()
    assert (never.fetched_at, never.error) == (None, "c.example: it answered 500")
    assert ledger.calendar_text("never") is None
    assert (failed.fetched_at, failed.error) == (first.fetched_at, "c.example: no answer")
    assert failed.checked_at >= first.checked_at
    assert kept == "BEGIN:VCALENDAR one"
    assert (now.error, now.address_hash) == ("", "hash-2")
    assert ledger.calendar_text("primary") == "BEGIN:VCALENDAR two"
