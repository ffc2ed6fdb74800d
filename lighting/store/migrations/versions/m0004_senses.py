"""Counts of traffic, what the senses said, and the state of each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "traffic_count",
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("vehicles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("section", "source", "from_ms", name=op.f("pk_traffic_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "input_change",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("input_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("fact_code", sa.Text(), nullable=False),
        sa.Column("fact_values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_input_change_kind_input_id_at_ms"), "input_change", ["kind", "input_id", "at_ms"], unique=False
    )
    op.create_table(
        "input_state",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("input_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "input_id", name=op.f("pk_input_state")),
    )
