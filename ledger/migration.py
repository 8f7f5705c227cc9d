"""Brings a ledger to the newest schema, also when several processes start at once.

Decides the lock; the steps themselves are in `ledger/migrations/versions`.
"""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import inspect, text

from ledger.database import BUSY_TIMEOUT_MS, Database

_LOCK = 0x57415443
"""PostgreSQL's advisory lock that one migrating process holds ("WATC")."""


_FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """The schema is the newest afterwards; a second caller waits and then finds it done."""
    if _is_newest(database):
        return
    # Loaded only when there is something to do: it is slow, and most starts find nothing.
    from alembic import command
    from alembic.config import Config

    if database.is_sqlite:
        _use_wal(str(database.url.database))
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(_FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_newest(database: Database) -> bool:
    newest = max(path.stem.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return bool(found == newest)


def _use_wal(path: str) -> None:
    """Turn on write-ahead logging, which the file remembers.

    SQLite refuses the change at once while another process makes it, whatever the busy
    timeout says; then the other one has done it, or we try again.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        else:
            return
        finally:
            connection.close()
        time.sleep(0.02)
