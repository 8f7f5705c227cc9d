"""Incidents and their timelines: recorded from views, listed, found.

Decides that a row only moves forward, so records may arrive twice and late.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from domain.incident.view import OPEN_PHASES, IncidentView, Phase, TimelineEntry
from domain.plan import COMMANDER
from ledger.alert_book import AlertBook
from ledger.database import Database
from ledger.records import Owner, Ownership, Page, moment
from ledger.tables import UtcMoment, alert_index, incidents, timeline

FILTERS = ("playbook", "service", "severity", "owner", "commander")
"""Columns that a list of incidents may be narrowed by."""


_NEWEST_FIRST = (incidents.c.recorded_at.desc(), incidents.c.opened_at.desc())
"""By our own clock first: an incident's own may be virtual."""


class BadCursor(ValueError):  # noqa: N818  # an outcome, named as people read it
    """The cursor is not one that a list gave."""


class IncidentBook:
    """The incidents of the ledger."""

    def __init__(self, database: Database, alert_book: AlertBook) -> None:
        self._database = database
        self._alerts = alert_book

    def record(self, view: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
        """The incident and its entries are in the ledger; older news than known changes nothing."""
        seen = IncidentView.model_validate(view)
        new = [TimelineEntry.model_validate(entry) for entry in entries]
        with self._database.write() as connection:
            known = connection.execute(
                select(incidents.c.seq).where(incidents.c.reference == seen.reference)
            ).scalar()
            for insert in self._database.inserts(incidents, [_row(seen)]):
                changed = {
                    name: insert.excluded[name]
                    for name in incidents.c.keys()  # noqa: SIM118  # columns, not a dict
                    if name not in ("reference", "recorded_at")
                }
                newer = or_(
                    incidents.c.seq < insert.excluded.seq,
                    and_(
                        incidents.c.seq == insert.excluded.seq,
                        incidents.c.updated_at <= insert.excluded.updated_at,
                    ),
                )
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["reference"], set_=changed, where=newer
                    )
                )
            rows = [{"reference": seen.reference, **entry.model_dump()} for entry in new]
            for insert in self._database.inserts(timeline, rows):
                connection.execute(insert.on_conflict_do_nothing())
            if not known and not seen.drill:
                self._alerts.adopt(_ownerships(seen))

    def incidents(
        self,
        phase: str = "open",
        limit: int = 50,
        cursor: str | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> Page:
        """Incidents, newest opened first, at most `limit`.

        `phase` is `open`, `all` or one phase. Raises `BadCursor` for a foreign cursor
        and `ValueError` for a filter that is not in `FILTERS`.
        """
        query = select(incidents.c.view, incidents.c.opened_at, incidents.c.reference)
        for condition in _conditions(phase, filters or {}):
            query = query.where(condition)
        query = _after(query, cursor).order_by(
            incidents.c.opened_at.desc(), incidents.c.reference.desc()
        )
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        shown = rows[:limit]
        more = _cursor(shown[-1].opened_at, shown[-1].reference) if len(rows) > limit else None
        return Page(items=tuple(IncidentView.model_validate(row.view) for row in shown), next=more)

    def incident(self, id_or_reference: str) -> IncidentView | None:
        """The incident of this reference, or the newest one of this workflow id."""
        query = select(incidents.c.view).where(_named(id_or_reference))
        query = query.order_by(*_NEWEST_FIRST)
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        return IncidentView.model_validate(row.view) if row else None

    def find(self, id_or_reference: str) -> Owner | None:
        """The workflow id and reference of an incident, also one not yet recorded."""
        recorded = select(incidents.c.workflow_id, incidents.c.reference)
        recorded = recorded.where(_named(id_or_reference)).order_by(*_NEWEST_FIRST)
        named = or_(
            alert_index.c.reference == id_or_reference.upper(),
            alert_index.c.workflow_id == id_or_reference,
        )
        owning = select(alert_index.c.workflow_id, alert_index.c.reference).where(named)
        owning = owning.order_by(alert_index.c.updated_at.desc())
        with self._database.read() as connection:
            row = connection.execute(recorded.limit(1)).first()
            row = row or connection.execute(owning.limit(1)).first()
        return Owner(workflow_id=row.workflow_id, reference=row.reference) if row else None

    def timeline(
        self, reference: str, after_seq: int = 0, limit: int = 200
    ) -> tuple[TimelineEntry, ...]:
        """The entries of one incident after `after_seq`, in order, at most `limit`."""
        query = (
            select(timeline)
            .where(timeline.c.reference == reference, timeline.c.seq > after_seq)
            .order_by(timeline.c.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(TimelineEntry.model_validate(dict(row)) for row in rows)

    def phases(self) -> dict[str, int]:
        """How many incidents stand in each open phase, drills left out."""
        query = (
            select(incidents.c.phase, func.count())
            .where(incidents.c.phase.in_([phase.value for phase in OPEN_PHASES]))
            .where(incidents.c.drill.is_(False))
            .group_by(incidents.c.phase)
        )
        with self._database.read() as connection:
            found = {str(phase): int(count) for phase, count in connection.execute(query)}
        return {phase.value: found.get(phase.value, 0) for phase in OPEN_PHASES}

    def last_at(self, kind: str) -> datetime | None:
        """When an entry of this kind was last noted in any real incident; None if never."""
        drills = select(incidents.c.reference).where(incidents.c.drill.is_(True))
        newest = select(func.max(timeline.c.at, type_=UtcMoment)).where(
            timeline.c.kind == kind, timeline.c.reference.not_in(drills)
        )
        with self._database.read() as connection:
            return connection.execute(newest).scalar()

    def delivered_pages(self, start: datetime, end: datetime) -> tuple[tuple[str, datetime], ...]:
        """Key and moment of every page that reached somebody in this span, drills left out."""
        query = (
            select(timeline.c.data, timeline.c.at)
            .join(incidents, incidents.c.reference == timeline.c.reference)
            .where(timeline.c.kind == "page.delivered", incidents.c.drill.is_(False))
            .where(timeline.c.at >= start, timeline.c.at < end)
            .order_by(timeline.c.at)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple((str(data["key"]), at) for data, at in rows if "key" in data)

    def has_reference(self, reference: str) -> bool:
        """Whether an incident or an alert's owner bears this reference."""
        with self._database.read() as connection:
            for column in (incidents.c.reference, alert_index.c.reference):
                if connection.execute(select(column).where(column == reference).limit(1)).first():
                    return True
        return False


def _row(view: IncidentView) -> dict[str, Any]:
    leaders = view.roles.get(COMMANDER, ())
    return {
        "reference": view.reference,
        "workflow_id": view.id,
        "playbook": view.playbook,
        "version": view.playbook_version,
        "title": view.title,
        "severity": view.severity.value,
        "phase": view.phase.value,
        "service": view.service,
        "owner": view.owner,
        "drill": view.drill,
        "commander": leaders[0].person if leaders else None,
        "opened_at": view.opened_at,
        "updated_at": view.updated_at,
        "resolved_at": view.resolved_at,
        "closed_at": view.closed_at,
        "seq": view.seq,
        "recorded_at": moment(),
        "view": view.model_dump(mode="json"),
    }


def _ownerships(view: IncidentView) -> list[Ownership]:
    return [
        Ownership(
            source=alert.source,
            fingerprint=alert.fingerprint,
            workflow_id=view.id,
            reference=view.reference,
            starts_at=alert.starts_at,
            status=alert.status,
        )
        for alert in view.alert_list
    ]


def _named(id_or_reference: str) -> ColumnElement[bool]:
    return or_(
        incidents.c.reference == id_or_reference.upper(),
        incidents.c.workflow_id == id_or_reference,
    )


def _conditions(phase: str, filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if phase == "open":
        conditions.append(incidents.c.phase.in_([phase.value for phase in OPEN_PHASES]))
    elif phase != "all":
        conditions.append(incidents.c.phase == Phase(phase).value)
    for name, value in filters.items():
        if name not in FILTERS:
            raise ValueError(f"no filter {name!r}: use one of {', '.join(FILTERS)}")
        conditions.append(incidents.c[name] == value)
    return conditions


def _cursor(opened_at: datetime, reference: str) -> str:
    text = json.dumps([opened_at.isoformat(), reference], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(query: Select[Any], cursor: str | None) -> Select[Any]:
    if cursor is None:
        return query
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        opened, reference = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        opened_at = datetime.fromisoformat(opened)
        if opened_at.tzinfo is None or not isinstance(reference, str):
            raise ValueError(cursor)  # noqa: TRY301  # one way out for every foreign cursor
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadCursor("this cursor is not one that a list gave") from error
    earlier = or_(
        incidents.c.opened_at < opened_at,
        and_(incidents.c.opened_at == opened_at, incidents.c.reference < reference),
    )
    return query.where(earlier)
