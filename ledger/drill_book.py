"""Drills as the ledger keeps them: incidents like others, and the entry with their score.

Decides which entry is a drill's score: the last of its kind. Drills count nowhere else.
"""

from sqlalchemy import Select, select

from domain.incident.view import OPEN_PHASES, IncidentView
from domain.rehearsal.score_card import SCORE, ScoreCard
from ledger.database import Database
from ledger.records import DrillRecord
from ledger.tables import incidents, timeline


class DrillBook:
    """The drills of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def drills(self, limit: int = 20) -> tuple[DrillRecord, ...]:
        """The newest drills, newest first."""
        newest = _DRILLS.order_by(incidents.c.recorded_at.desc(), incidents.c.opened_at.desc())
        return self._found(newest.limit(limit))

    def drill(self, reference: str) -> DrillRecord | None:
        """The drill of this reference; None if no incident has it, or it is none."""
        found = self._found(_DRILLS.where(incidents.c.reference == reference.upper()))
        return found[0] if found else None

    def open_of(self, playbook: str) -> str | None:
        """The reference of a drill of this playbook that is not over; None if there is none."""
        is_open = incidents.c.phase.in_([phase.value for phase in OPEN_PHASES])
        query = select(incidents.c.reference).where(
            incidents.c.drill.is_(True), incidents.c.playbook == playbook, is_open
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).scalar()

    def _found(self, query: Select[tuple[dict[str, object]]]) -> tuple[DrillRecord, ...]:
        with self._database.read() as connection:
            views = [IncidentView.model_validate(row.view) for row in connection.execute(query)]
            named = [view.reference for view in views]
            scores = connection.execute(
                select(timeline.c.reference, timeline.c.data)
                .where(timeline.c.reference.in_(named), timeline.c.kind == SCORE)
                .order_by(timeline.c.seq)
            ).all()
        cards = {row.reference: row.data.get("card") for row in scores}
        return tuple(
            DrillRecord(
                view=view,
                card=ScoreCard.model_validate_json(card)
                if (card := cards.get(view.reference))
                else None,
            )
            for view in views
        )


_DRILLS = select(incidents.c.view).where(incidents.c.drill.is_(True))
