"""The ledger as API, worker and command line use it: one object over one database.

Decides nothing itself: incidents are `ledger.incident_book`, alerts `ledger.alert_book`,
keys, audit and kept answers `ledger.access_book`, windows `ledger.maintenance_book`. Every
method is synchronous and may be called from any thread; `ledger.writer` offers them to
asyncio.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from domain.cover import OverrideStatus
from domain.incident.view import IncidentView, TimelineEntry
from ledger.access_book import AccessBook
from ledger.alert_book import AlertBook
from ledger.calendar_book import CalendarBook, CalendarState
from ledger.database import Database
from ledger.drill_book import DrillBook
from ledger.incident_book import IncidentBook
from ledger.maintenance_book import MaintenanceBook
from ledger.migration import migrate
from ledger.override_book import OverrideBook, OverrideRecord
from ledger.past_book import PastBook
from ledger.records import (
    AlertKey,
    AlertRecord,
    ApiKey,
    AuditEntry,
    KeptAnswer,
    Owner,
    Ownership,
    Page,
    PastIncident,
)


class Ledger:
    """A record and an index over SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._alerts = AlertBook(database)
        self._incidents = IncidentBook(database, self._alerts)
        self._access = AccessBook(database)
        self._past = PastBook(database)
        self.maintenance = MaintenanceBook(database)
        self.drills = DrillBook(database)
        self._overrides = OverrideBook(database)
        self._calendars = CalendarBook(database)

    @classmethod
    def from_url(cls, url: str) -> "Ledger":
        """The ledger at a SQLAlchemy address; nothing is opened yet.

        Raises ValueError for a database we do not support.
        """
        return cls(Database(url))

    def migrate(self) -> None:
        """The schema is the newest; safe to call from several processes at once."""
        migrate(self._database)

    def close(self) -> None:
        """Give all connections back."""
        self._database.close()

    def together(self) -> AbstractContextManager[None]:
        """All writes of this thread inside the block are one transaction."""
        return self._database.together()

    def record(self, view: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
        """The incident and its entries are in; a repeat or older news changes nothing."""
        self._incidents.record(view, entries)

    def incidents(
        self,
        phase: str = "open",
        limit: int = 50,
        cursor: str | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> Page:
        """Incidents, newest opened first; `phase` is `open`, `all` or one phase."""
        return self._incidents.incidents(phase, limit, cursor, filters)

    def incident(self, id_or_reference: str) -> IncidentView | None:
        """The incident of this reference, or the newest one of this workflow id."""
        return self._incidents.incident(id_or_reference)

    def find(self, id_or_reference: str) -> Owner | None:
        """The workflow id and reference of an incident, also one not yet recorded."""
        return self._incidents.find(id_or_reference)

    def timeline(
        self, reference: str, after_seq: int = 0, limit: int = 200
    ) -> tuple[TimelineEntry, ...]:
        """The entries of one incident after `after_seq`, in order, at most `limit`."""
        return self._incidents.timeline(reference, after_seq, limit)

    def past(self, playbook: str, limit: int = 3) -> tuple[PastIncident, ...]:
        """The last resolved incidents of a playbook and what fixed them; no drills."""
        return self._past.past(playbook, limit)

    def last_at(self, kind: str) -> datetime | None:
        """When an entry of this kind was last noted in any real incident; None if never."""
        return self._incidents.last_at(kind)

    def phases(self) -> dict[str, int]:
        """How many incidents stand in each open phase, drills left out."""
        return self._incidents.phases()

    def owners(self, keys: Sequence[AlertKey]) -> dict[AlertKey, Owner]:
        """The owners of these alerts whose incident is not closed, or not yet recorded."""
        return self._alerts.owners(keys)

    def own(self, rows: Sequence[Ownership]) -> None:
        """These incidents own these alerts from now on."""
        self._alerts.own(rows)

    def remember(self, alerts: Sequence[AlertRecord]) -> None:
        """These alerts are in the ledger, their text cut at 64 KiB."""
        self._alerts.remember(alerts)

    def orphans(self, limit: int = 100) -> tuple[AlertRecord, ...]:
        """The newest alerts that no incident took, newest first."""
        return self._alerts.orphans(limit)

    def new_reference(self) -> str:
        """A reference (`INC-M4T9WC`) that no recorded incident bears."""
        from domain.matching import new_reference

        while True:
            reference = new_reference(secrets.token_bytes(16))
            if not self._incidents.has_reference(reference):
                return reference

    def audit(self, entry: AuditEntry) -> None:
        """The entry is in the audit log."""
        self._access.audit(entry)

    def audited(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest entries of the audit log, newest first."""
        return self._access.audited(limit)

    def add_key(self, name: str, scopes: Sequence[str], actor: str) -> str:
        """A new key in plain text: the only time anybody sees it."""
        return self._access.add_key(name, scopes, actor)

    def find_key(self, plaintext: str) -> ApiKey | None:
        """The key in force that this text is, or None."""
        return self._access.find_key(plaintext)

    def keys(self) -> tuple[ApiKey, ...]:
        """All keys, revoked ones too, oldest first."""
        return self._access.keys()

    def revoke_key(self, id_or_name: str) -> int:
        """How many keys of this id or name were in force, and are so no longer."""
        return self._access.revoke_key(id_or_name)

    def first_answer(self, scope: str, key: str) -> KeptAnswer | None:
        """What this request was answered the first time, or None."""
        return self._access.first_answer(scope, key)

    def keep_answer(self, scope: str, key: str, answer: KeptAnswer) -> None:
        """The answer is given again for a day; the first one kept wins."""
        self._access.keep_answer(scope, key, answer)

    def propose(self, override: OverrideRecord) -> OverrideRecord:
        """The override as the ledger has it; one of the same id that is there stays as it is."""
        return self._overrides.propose(override)

    def override(self, override_id: str) -> OverrideRecord | None:
        """The override of this id."""
        return self._overrides.override(override_id)

    def settle(
        self, override_id: str, status: OverrideStatus, *, only: Sequence[OverrideStatus]
    ) -> OverrideRecord | None:
        """The override, now in this status if it was in one of `only`, else as it stands."""
        return self._overrides.settle(override_id, status, only=only)

    def accepted_overrides(self, after: datetime) -> tuple[OverrideRecord, ...]:
        """What was accepted and has not ended by then, in the order of acceptance."""
        return self._overrides.accepted_overrides(after)

    def open_overrides(self, after: datetime) -> tuple[OverrideRecord, ...]:
        """What is proposed or accepted and has not ended by then, proposals first."""
        return self._overrides.open_overrides(after)

    def overrides(self, schedule: str, after: datetime) -> tuple[OverrideRecord, ...]:
        """Every override of a schedule that has not ended by then, whatever its status."""
        return self._overrides.overrides(schedule, after)

    def keep_calendar(self, schedule: str, address_hash: str, text: str) -> None:
        """This text is the schedule's last good copy from now on."""
        self._calendars.keep_calendar(schedule, address_hash, text)

    def calendar_failed(self, schedule: str, address_hash: str, error: str) -> None:
        """The last try failed so; the good copy, if there is one, stays."""
        self._calendars.calendar_failed(schedule, address_hash, error)

    def calendar_states(self) -> tuple[CalendarState, ...]:
        """How every import stands, without the texts."""
        return self._calendars.calendar_states()

    def calendar_text(self, schedule: str) -> str | None:
        """The last good copy of a schedule's calendar, or None if there never was one."""
        return self._calendars.calendar_text(schedule)

    def delivered_pages(self, start: datetime, end: datetime) -> tuple[tuple[str, datetime], ...]:
        """Key and moment of every page that reached somebody in this span, drills left out."""
        return self._incidents.delivered_pages(start, end)
