"""A database to read from and write to: SQLite with WAL, or PostgreSQL.

Decides how connections are made and how writes are grouped. What is written is the
business of the other modules here.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url

BUSY_TIMEOUT_MS = 15_000
"""How long a SQLite writer waits for another process's write."""

ROWS_AT_ONCE = 500
"""Rows in one statement: SQLite allows 32,766 variables in one."""


class Database:
    """One database. Reads may run in any thread at the same time; writes take turns."""

    def __init__(self, url: str) -> None:
        self.url = _normalised(url)
        self.engine = _engine(self.url)
        self._mine = threading.local()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state."""
        current: Connection | None = getattr(self._mine, "connection", None)
        if current is not None:
            yield current
            return
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection whose writes are committed together at the end, or not at all.

        Inside another write, or `together`, it is a savepoint of that transaction.
        """
        current: Connection | None = getattr(self._mine, "connection", None)
        if current is not None:
            with current.begin_nested():
                yield current
            return
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """All writes of this thread inside the block are one transaction.

        A write that fails takes back its own part only.
        """
        with self.write():
            yield

    def inserts(
        self, table: Table, rows: Sequence[dict[str, Any]]
    ) -> list[postgresql.Insert] | list[sqlite.Insert]:
        """Statements that insert the rows, in parts that the database takes at once."""
        parts = [list(rows[at : at + ROWS_AT_ONCE]) for at in range(0, len(rows), ROWS_AT_ONCE)]
        if self.is_sqlite:
            return [sqlite.insert(table).values(part) for part in parts]
        return [postgresql.insert(table).values(part) for part in parts]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            writing = connection.execution_options(watchbill_writes=True)
            with writing.begin():
                self._mine.connection = writing
                try:
                    yield writing
                finally:
                    self._mine.connection = None


def _normalised(url: str) -> URL:
    """The address with the driver we ship."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError(
            f"the ledger cannot live on {parsed.get_backend_name()!r}: "
            "give a sqlite:/// or postgresql:// address"
        )
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)


def _sqlite_engine(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ValueError("the ledger needs a file: an in-memory SQLite is lost at once")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not open transactions by itself: a read that turns into a
        # write fails at once in SQLite, whatever the busy timeout says.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("watchbill_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
