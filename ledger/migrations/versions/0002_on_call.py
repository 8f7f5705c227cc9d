"""Overrides, imported calendars and maintenance windows; timelines by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables about people's time."""
    op.create_index("timeline_by_kind", "timeline", ["kind", "at"])
    op.create_table(
        "overrides",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
    )
    op.create_index("overrides_by_status", "overrides", ["status", "ends_at"])
    op.create_table(
        "calendars",
        sa.Column("schedule", sa.Text, primary_key=True),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("fetched_at", MOMENT),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_table(
        "maintenance",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("service", sa.Text),
        sa.Column("matchers", sa.JSON, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_by", sa.Text),
    )
    op.create_index("maintenance_by_end", "maintenance", ["ends_at"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("maintenance", "calendars", "overrides"):
        op.drop_table(table)
    op.drop_index("timeline_by_kind", "timeline")
