"""Copies of imported calendars: the last good text of each, and how the last try went.

Decides that a failed try never takes the good copy away. What a good copy is, is the
activity's; what it says about who serves, `catalog.calendars`.
"""

from datetime import datetime

from sqlalchemy import select

from ledger.database import Database
from ledger.records import Record, moment
from ledger.tables import calendars


class CalendarState(Record):
    """How the import of one schedule stands. `fetched_at` is None if no copy ever was good.

    `error` is empty if the last try, at `checked_at`, went well; it names hosts only.
    """

    schedule: str
    address_hash: str
    fetched_at: datetime | None = None
    checked_at: datetime
    error: str = ""


_STATE = [calendars.c[name] for name in CalendarState.model_fields]


class CalendarBook:
    """The calendars of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_calendar(self, schedule: str, address_hash: str, text: str) -> None:
        """This text is the schedule's last good copy from now on."""
        now = moment()
        self._put(
            {
                "schedule": schedule,
                "address_hash": address_hash,
                "text": text,
                "fetched_at": now,
                "checked_at": now,
                "error": "",
            },
            changed=("address_hash", "text", "fetched_at", "checked_at", "error"),
        )

    def calendar_failed(self, schedule: str, address_hash: str, error: str) -> None:
        """The last try failed so; the good copy, if there is one, stays."""
        row: dict[str, object] = {
            "schedule": schedule,
            "address_hash": address_hash,
            "text": None,
            "fetched_at": None,
            "checked_at": moment(),
            "error": error,
        }
        self._put(row, changed=("checked_at", "error"))

    def calendar_states(self) -> tuple[CalendarState, ...]:
        """How every import stands, without the texts."""
        with self._database.read() as connection:
            rows = connection.execute(select(*_STATE).order_by(calendars.c.schedule)).mappings()
            return tuple(CalendarState.model_validate(dict(row)) for row in rows)

    def calendar_text(self, schedule: str) -> str | None:
        """The last good copy, or None if there never was one."""
        query = select(calendars.c.text).where(calendars.c.schedule == schedule)
        with self._database.read() as connection:
            text: str | None = connection.execute(query).scalar()
        return text

    def _put(self, row: dict[str, object], changed: tuple[str, ...]) -> None:
        with self._database.write() as connection:
            for statement in self._database.inserts(calendars, [row]):
                values = {name: statement.excluded[name] for name in changed}
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["schedule"], set_=values)
                )
