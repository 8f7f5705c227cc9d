"""Overrides asked for through the API, and what became of each.

Decides which moves between statuses are possible, so that of two answers in the same
instant one wins. Who may ask and answer is the API's, how long to wait the workflow's.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from domain.cover import OPEN, OverrideStatus
from ledger.database import Database
from ledger.records import Record, moment
from ledger.tables import overrides


class OverrideRecord(Record):
    """One person serves in a schedule from one moment (aware UTC) to another.

    `requested_by` is an actor such as `user:ann`.
    """

    id: str
    schedule: str
    person: str
    starts_at: datetime
    ends_at: datetime
    status: OverrideStatus
    reason: str = ""
    requested_by: str
    requested_at: datetime
    answered_at: datetime | None = None

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the two times have a moment in common."""
        return self.starts_at < ends_at and starts_at < self.ends_at


class OverrideBook:
    """The overrides of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(self, override: OverrideRecord) -> OverrideRecord:
        """The override as the ledger has it; one of the same id that is there stays as it is."""
        with self._database.write() as connection:
            known = self.override(override.id)
            if known is not None:
                return known
            connection.execute(insert(overrides).values(override.model_dump()))
        return override

    def override(self, override_id: str) -> OverrideRecord | None:
        """The override of this id."""
        found = self._read(overrides.c.id == override_id)
        return found[0] if found else None

    def settle(
        self, override_id: str, status: OverrideStatus, *, only: Sequence[OverrideStatus]
    ) -> OverrideRecord | None:
        """The override, now in this status if it was in one of `only`, else as it stands."""
        change = (
            update(overrides)
            .where(overrides.c.id == override_id)
            .where(overrides.c.status.in_([each.value for each in only]))
            .values(status=status.value, answered_at=moment())
        )
        with self._database.write() as connection:
            connection.execute(change)
            return self.override(override_id)

    def accepted_overrides(self, after: datetime) -> tuple[OverrideRecord, ...]:
        """What was accepted and has not ended by then, in the order of acceptance."""
        return self._read(
            overrides.c.status == OverrideStatus.ACCEPTED.value, overrides.c.ends_at > after
        )

    def open_overrides(self, after: datetime) -> tuple[OverrideRecord, ...]:
        """What is proposed or accepted and has not ended by then, proposals first."""
        return self._read(
            overrides.c.status.in_([each.value for each in OPEN]), overrides.c.ends_at > after
        )

    def overrides(self, schedule: str, after: datetime) -> tuple[OverrideRecord, ...]:
        """Every override of a schedule that has not ended by then, whatever its status."""
        return self._read(overrides.c.schedule == schedule, overrides.c.ends_at > after)

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[OverrideRecord, ...]:
        query = select(overrides).where(*conditions)
        query = query.order_by(overrides.c.answered_at, overrides.c.requested_at, overrides.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(OverrideRecord.model_validate(dict(row)) for row in rows)
