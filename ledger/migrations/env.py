"""Runs migrations on the connection it is handed; `ledger.migration` calls it."""

from alembic import context

from ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
# The caller's transaction carries the lock, so it is not ended here.
context.run_migrations()
