"""Readings packed as they come; the archive in monthly partitions on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lighting.store.packing import pack
from lighting.store.partitions import make_partitions
from lighting.store.reading_columns import FIELDS, ReadingColumns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ", ".join(FIELDS)
MOVE = f"INSERT INTO reading_archive ({COLUMNS}) SELECT {COLUMNS} FROM"


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "reading_batch",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_batch")),
    )
    op.create_table(
        "reading_snapshot",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reading_snapshot_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_snapshot")),
    )
    op.create_table(
        "reading_block",
        sa.Column("series_key", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("series_key", "from_ms", name=op.f("pk_reading_block")),
        postgresql_partition_by="RANGE (from_ms)",
    )
    if connection.dialect.name == "postgresql":
        # Packed already: to compress it again costs time and saves nothing.
        op.execute("ALTER TABLE reading_block ALTER COLUMN packed SET STORAGE EXTERNAL")
        _partition_archive(connection)
    # SQLite needs the WHERE to tell the ON from that of a join.
    op.execute(f"{MOVE} reading_live WHERE true ON CONFLICT DO NOTHING")
    _keep_latest(connection)
    op.drop_table("reading_latest")
    op.drop_table("reading_live")


def _partition_archive(connection: sa.Connection) -> None:
    """A table cannot become partitioned: its rows go over into a new one."""
    op.execute("ALTER TABLE reading_archive RENAME TO reading_rows")
    op.execute("ALTER INDEX pk_reading_archive RENAME TO pk_reading_rows")
    _create_archive()
    for table in ("reading_rows", "reading_live"):
        first, last = connection.execute(sa.text(f"SELECT min(at_ms), max(at_ms) FROM {table}")).one()  # noqa: S608
        if first is not None:
            make_partitions(connection, first, last)
    op.execute(f"{MOVE} reading_rows")
    op.drop_table("reading_rows")


def _create_archive() -> None:
    op.create_table(
        "reading_archive",
        sa.Column("series_key", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("level_pct", sa.Double()),
        sa.Column("power_w", sa.Double()),
        sa.Column("energy_ws", sa.BigInteger()),
        sa.Column("voltage_v", sa.Double()),
        sa.Column("current_a", sa.Double()),
        sa.Column("power_factor", sa.Double()),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("reactive_var", sa.Double()),
        sa.PrimaryKeyConstraint("series_key", "at_ms", name=op.f("pk_reading_archive")),
        postgresql_partition_by="RANGE (at_ms)",
    )


def _keep_latest(connection: sa.Connection) -> None:
    names = ", ".join(f"reading_archive.{name}" for name in FIELDS)
    query = (
        f"SELECT {names} FROM reading_latest JOIN reading_archive ON reading_archive.series_key ="  # noqa: S608
        " reading_latest.series_key AND reading_archive.at_ms = reading_latest.at_ms ORDER BY 2, 1"
    )
    rows = [tuple(row) for row in connection.execute(sa.text(query))]
    if rows:
        insert = sa.text("INSERT INTO reading_snapshot (id, batch_id, packed) VALUES (1, 0, :packed)")
        connection.execute(insert, {"packed": pack(ReadingColumns.of_rows(rows))})
