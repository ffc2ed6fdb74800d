"""Read by Alembic itself: it migrates on the connection, and in the transaction, that the opening store gives it."""

from __future__ import annotations

from alembic import context

from lighting.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most things: Alembic makes the table anew and copies it.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
