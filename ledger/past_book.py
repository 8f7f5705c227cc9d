"""How the last incidents of a playbook ended, for whoever is paged by it now.

Decides which words say what fixed an incident: what a person said when it was resolved
or mitigated, else the last action on its timeline, else how it ended.
"""

import re
from collections.abc import Sequence

from sqlalchemy import select

from domain.incident.view import Phase
from ledger.database import Database
from ledger.records import PastIncident
from ledger.tables import incidents, timeline

LOOKED_THROUGH = 2_000
"""The newest ended incidents that are looked through, so that a look-up stays short."""

_ENDED = (Phase.RESOLVED.value, Phase.CLOSED.value)
_TELLING = ("resolved", "mitigated", "note.action")
_BECAUSE = re.compile(r"(?:Resolved:|Mitigated) by [^:]+: (?P<because>.+?)\.?\Z", re.DOTALL)


class PastBook:
    """The ended incidents of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def past(self, playbook: str, limit: int) -> tuple[PastIncident, ...]:
        """The incidents of this playbook that were resolved, the latest first; no drills."""
        newest = (
            select(
                incidents.c.reference,
                incidents.c.playbook,
                incidents.c.severity,
                incidents.c.drill,
                incidents.c.opened_at,
                incidents.c.resolved_at,
            )
            .where(incidents.c.phase.in_(_ENDED))
            .order_by(incidents.c.opened_at.desc())
            .limit(LOOKED_THROUGH)
            .subquery()
        )
        query = (
            select(newest)
            .where(
                newest.c.playbook == playbook,
                newest.c.drill.is_(False),
                newest.c.resolved_at.is_not(None),
            )
            .order_by(newest.c.resolved_at.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            said = [
                connection.execute(
                    select(timeline.c.kind, timeline.c.text)
                    .where(timeline.c.reference == row.reference, timeline.c.kind.in_(_TELLING))
                    .order_by(timeline.c.seq)
                ).all()
                for row in rows
            ]
        return tuple(
            PastIncident(
                reference=row.reference,
                severity=row.severity,
                opened_at=row.opened_at,
                resolved_at=row.resolved_at,
                fixed_by=fixed_by([(entry.kind, entry.text) for entry in entries]),
            )
            for row, entries in zip(rows, said, strict=True)
        )


def fixed_by(entries: Sequence[tuple[str, str]]) -> str:
    """What fixed it, from `(kind, text)` in order; empty where the timeline says nothing."""
    by_kind = {kind: text for kind, text in entries if kind in _TELLING}
    for kind in ("resolved", "mitigated"):
        if because := _BECAUSE.match(by_kind.get(kind, "")):
            return because["because"]
    return by_kind.get("note.action") or by_kind.get("resolved", "")
