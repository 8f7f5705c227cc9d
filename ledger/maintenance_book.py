"""Maintenance windows, and which incidents one may be holding back.

Decides that a window is never deleted: renewed or ended, its row stays. What a window
covers is `domain.maintenance`.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping, and_, insert, select, update

from domain.incident.view import Phase
from domain.maintenance import Window
from ledger.database import Database
from ledger.records import MaintenanceRecord, moment
from ledger.tables import alerts, incidents, maintenance

SUPPRESSED = "suppressed"
"""The outcome of an alert that opened an incident which maintenance holds back."""

LISTED = 200
"""Windows in one list; nobody reads more."""


class MaintenanceBook:
    """The maintenance windows of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, window: Window, created_by: str) -> None:
        """The window stands; a repeat of its id changes nothing."""
        row = window.model_dump(exclude={"by"}) | {
            "matchers": {name: list(values) for name, values in window.matchers.items()},
            "created_by": _signed(created_by, window.by),
            "created_at": moment(),
        }
        with self._database.write() as connection:
            known = select(maintenance.c.id).where(maintenance.c.id == window.id)
            if connection.execute(known).first() is None:
                connection.execute(insert(maintenance).values(row))

    def move_end(self, window: str, ends_at: datetime, ended_by: str | None = None) -> None:
        """The window ends at another moment; `ended_by` says who ended it early."""
        with self._database.write() as connection:
            connection.execute(
                update(maintenance)
                .where(maintenance.c.id == window)
                .values(ends_at=ends_at, ended_by=ended_by)
            )

    def find(self, window: str) -> MaintenanceRecord | None:
        """The window of this id, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(maintenance).where(maintenance.c.id == window))
            found = row.mappings().first()
        return _record(found) if found else None

    def active(self, now: datetime) -> tuple[Window, ...]:
        """The windows that hold now; one look at a small index."""
        query = select(maintenance).where(
            and_(maintenance.c.ends_at > now, maintenance.c.starts_at <= now)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(_record(row).window for row in rows)

    def newest(self, limit: int = LISTED) -> tuple[MaintenanceRecord, ...]:
        """All windows, the latest to end first."""
        query = select(maintenance).order_by(maintenance.c.ends_at.desc(), maintenance.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return tuple(_record(row) for row in rows)

    def holding_back(self, since: datetime) -> tuple[str, ...]:
        """The workflows that may be suppressed: recorded so, or opened so since then.

        The alert's row is written before its sender is answered, the incident's own
        record follows: together they miss none.
        """
        recorded = select(incidents.c.workflow_id).where(
            incidents.c.phase == Phase.SUPPRESSED.value
        )
        told = select(alerts.c.workflow_id).where(
            alerts.c.outcome == SUPPRESSED,
            alerts.c.received_at >= since,
            alerts.c.workflow_id.is_not(None),
        )
        with self._database.read() as connection:
            found = connection.execute(recorded.union(told)).scalars().all()
        return tuple(sorted(found))

    def suppressed_among(self, workflow_ids: tuple[str, ...]) -> frozenset[str]:
        """Those of these workflows whose newest record says that they are suppressed."""
        query = select(incidents.c.workflow_id).where(
            incidents.c.phase == Phase.SUPPRESSED.value,
            incidents.c.workflow_id.in_(workflow_ids),
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())


def _signed(actor: str, name: str) -> str:
    """Actor and shown name in one column: the roster may forget the person."""
    return f"{actor} {name}".strip()


def _record(row: RowMapping | Mapping[str, object]) -> MaintenanceRecord:
    actor, _, name = str(row["created_by"]).partition(" ")
    window = Window.model_validate(
        {
            name: row[name]
            for name in ("id", "service", "matchers", "starts_at", "ends_at", "reason")
        }
        | {"by": name or actor}
    )
    return MaintenanceRecord.model_validate(
        {
            "window": window,
            "created_by": actor,
            "created_at": row["created_at"],
            "ended_by": row["ended_by"],
        }
    )


def new_window_id() -> str:
    """An id short enough to type: `mw-7f3k2q1c`."""
    return f"mw-{secrets.token_hex(4)}"
