"""The ledger's tables, as SQLAlchemy sees them.

Decides columns and indexes. A change here needs a migration beside it; a test compares
the two.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC also where the database knows no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment in UTC; a naive one is refused, since nobody could tell its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive moment {value.isoformat()}: the ledger keeps aware ones")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment, aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class CleanText(TypeDecorator[str]):
    """Text that every database takes: NUL and lone surrogates become U+FFFD.

    Senders decide what is in an alert; a stray byte must not cost us the record.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text without what a database refuses."""
        if value is None:
            return None
        return (
            value.replace("\x00", "\ufffd")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )


metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("reference", CleanText, primary_key=True),
    Column("workflow_id", CleanText, nullable=False),
    Column("playbook", CleanText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("severity", CleanText, nullable=False),
    Column("phase", CleanText, nullable=False),
    Column("service", CleanText),
    Column("owner", CleanText, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("commander", CleanText),
    Column("opened_at", UtcMoment, nullable=False),
    Column("updated_at", UtcMoment, nullable=False),
    Column("resolved_at", UtcMoment),
    Column("closed_at", UtcMoment),
    Column("seq", Integer, nullable=False),
    Column("recorded_at", UtcMoment, nullable=False),
    Column("view", JSON, nullable=False),
    Index("incidents_by_opening", "opened_at", "reference"),
    Index("incidents_by_phase", "phase", "opened_at", "reference"),
    Index("incidents_by_workflow", "workflow_id", "recorded_at"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("reference", CleanText, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcMoment, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("data", JSON, nullable=False),
    Index("timeline_by_kind", "kind", "at"),
)

alert_index = Table(
    "alert_index",
    metadata,
    Column("source", CleanText, primary_key=True),
    Column("fingerprint", CleanText, primary_key=True),
    Column("workflow_id", CleanText, nullable=False),
    Column("reference", CleanText, nullable=False),
    Column("starts_at", CleanText),
    Column("status", CleanText, nullable=False),
    Column("updated_at", UtcMoment, nullable=False),
    Index("alert_index_by_reference", "reference"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("received_at", UtcMoment, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("fingerprint", CleanText, nullable=False),
    Column("status", CleanText, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("workflow_id", CleanText),
    Column("note", CleanText, nullable=False),
    Column("body", CleanText, nullable=False),
    Index("alerts_by_outcome", "outcome", "received_at"),
    Index("alerts_by_workflow", "workflow_id", "received_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("action", CleanText, nullable=False),
    Column("target", CleanText, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("request_id", CleanText, nullable=False),
    Index("audit_by_time", "at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", CleanText, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("revoked_at", UtcMoment),
)

answers = Table(
    "answers",
    metadata,
    Column("scope", CleanText, primary_key=True),
    Column("key", CleanText, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Index("answers_by_expiry", "expires"),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("schedule", CleanText, nullable=False),
    Column("person", CleanText, nullable=False),
    Column("starts_at", UtcMoment, nullable=False),
    Column("ends_at", UtcMoment, nullable=False),
    Column("status", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("requested_by", CleanText, nullable=False),
    Column("requested_at", UtcMoment, nullable=False),
    Column("answered_at", UtcMoment),
    Index("overrides_by_status", "status", "ends_at"),
)

calendars = Table(
    "calendars",
    metadata,
    Column("schedule", CleanText, primary_key=True),
    Column("address_hash", CleanText, nullable=False),
    Column("text", Text),
    Column("fetched_at", UtcMoment),
    Column("checked_at", UtcMoment, nullable=False),
    Column("error", CleanText, nullable=False),
)

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("service", CleanText),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", UtcMoment, nullable=False),
    Column("ends_at", UtcMoment, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("created_by", CleanText, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("ended_by", CleanText),
    Index("maintenance_by_end", "ends_at"),
)
