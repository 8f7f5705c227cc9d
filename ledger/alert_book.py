"""Alerts as they were received, and the index of which incident owns which.

Decides when an owner still counts. Where an alert goes is the API's routing.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select

from domain.incident.view import Phase
from ledger.database import ROWS_AT_ONCE, Database
from ledger.records import BODY_LIMIT, AlertKey, AlertRecord, Owner, Ownership
from ledger.tables import alert_index, alerts, incidents

ORPHAN = "orphan"
"""The outcome of an alert that no incident took."""

_KEY_LIMIT = 512


class AlertBook:
    """The alerts of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def owners(self, keys: Sequence[AlertKey]) -> dict[AlertKey, Owner]:
        """The owners of these alerts whose incident is not closed, or not yet recorded."""
        asked = {(key[0], _index_key(key[1])): key for key in keys}
        found: dict[AlertKey, Owner] = {}
        with self._database.read() as connection:
            for source, fingerprints in _by_source(list(asked)):
                for row in connection.execute(_owners_of(source, fingerprints)):
                    found[asked[(source, row.fingerprint)]] = Owner(
                        workflow_id=row.workflow_id, reference=row.reference
                    )
        return found

    def own(self, rows: Sequence[Ownership]) -> None:
        """These incidents own these alerts from now on; a later row of a key wins."""
        with self._database.write() as connection:
            for insert in self._database.inserts(alert_index, _index_rows(rows)):
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["source", "fingerprint"],
                        set_={
                            name: insert.excluded[name]
                            for name in (
                                "workflow_id",
                                "reference",
                                "starts_at",
                                "status",
                                "updated_at",
                            )
                        },
                    )
                )

    def adopt(self, rows: Sequence[Ownership]) -> None:
        """A first record of an incident names its alerts; another workflow's stay its own."""
        with self._database.write() as connection:
            for insert in self._database.inserts(alert_index, _index_rows(rows)):
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["source", "fingerprint"],
                        set_={"reference": insert.excluded.reference},
                        where=alert_index.c.workflow_id == insert.excluded.workflow_id,
                    )
                )

    def remember(self, records: Sequence[AlertRecord]) -> None:
        """These alerts are in the ledger, their text cut at 64 KiB; a repeated id is one alert."""
        rows = [
            record.model_dump()
            | {"body": record.body.encode(errors="replace")[:BODY_LIMIT].decode(errors="ignore")}
            for record in records
        ]
        with self._database.write() as connection:
            for insert in self._database.inserts(alerts, rows):
                connection.execute(insert.on_conflict_do_nothing())

    def orphans(self, limit: int = 100) -> tuple[AlertRecord, ...]:
        """The newest alerts that no incident took, newest first."""
        query = (
            select(alerts)
            .where(alerts.c.outcome == ORPHAN)
            .order_by(alerts.c.received_at.desc(), alerts.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(AlertRecord.model_validate(dict(row)) for row in rows)


def _by_source(keys: Sequence[AlertKey]) -> Iterator[tuple[str, list[str]]]:
    """The fingerprints of each source, in parts that one statement takes.

    SQLite searches its index for `source = ? AND fingerprint IN (...)`, but reads the
    whole table for pairs.
    """
    for source in sorted({key[0] for key in keys}):
        mine = [fingerprint for owner, fingerprint in keys if owner == source]
        for at in range(0, len(mine), ROWS_AT_ONCE):
            yield source, mine[at : at + ROWS_AT_ONCE]


def _owners_of(source: str, fingerprints: Sequence[str]) -> Select[Any]:
    is_unrecorded = incidents.c.reference.is_(None)
    is_running = and_(incidents.c.closed_at.is_(None), incidents.c.phase != Phase.CLOSED.value)
    return (
        select(alert_index)
        .outerjoin(incidents, incidents.c.reference == alert_index.c.reference)
        .where(alert_index.c.source == source, alert_index.c.fingerprint.in_(fingerprints))
        .where(or_(is_unrecorded, is_running))
    )


def _index_key(fingerprint: str) -> str:
    """The fingerprint, or a hash of one too long for a database's index."""
    raw = fingerprint.encode(errors="surrogatepass")
    if len(raw) <= _KEY_LIMIT:
        return fingerprint
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _index_rows(rows: Sequence[Ownership]) -> list[dict[str, Any]]:
    """One row a key (a statement may not touch a key twice), in the order of keys.

    The order keeps two processes from waiting for each other's rows on PostgreSQL.
    """
    newest = {(row.source, _index_key(row.fingerprint)): row for row in rows}
    return [
        row.model_dump() | {"fingerprint": fingerprint}
        for (_source, fingerprint), row in sorted(newest.items())
    ]
