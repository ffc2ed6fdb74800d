"""Reactive power of readings; rollups, accounts and bills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORLDS = (
    "legacy full switched scheduled traffic output limited people asked burning actual metered".split()  # noqa: SIM905
)


def upgrade() -> None:
    for table in ("reading_live", "reading_archive"):
        op.add_column(table, sa.Column("reactive_var", sa.Double()))
    _rollup("rollup_hour", sa.Column("levels", sa.LargeBinary()))
    _rollup("rollup_day")
    op.create_table(
        "rollup_dirty",
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("start_ms", "series_key", name=op.f("pk_rollup_dirty")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("rolled_until_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollup_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_state")),
    )
    for name in ("account_day", "account_month"):
        op.create_table(
            name,
            sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("subject_key", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("kind", sa.SmallInteger(), nullable=False),
            *_account(),
            sa.PrimaryKeyConstraint("start_ms", "subject_key", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "account_hour",
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("district_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        *_account(),
        sa.Column("reactive_vars", sa.BigInteger()),
        sa.PrimaryKeyConstraint("start_ms", "district_key", "kind", name=op.f("pk_account_hour")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account_state",
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_dirty", sa.Boolean(), nullable=False),
        sa.Column("basis_hash", sa.String(length=64), nullable=False),
        sa.Column("revision_id", NUMBER),
        sa.Column("made_ms", sa.BigInteger()),
        sa.Column("notes", sa.Text()),
        sa.PrimaryKeyConstraint("start_ms", name=op.f("pk_account_state")),
    )
    op.create_table(
        "bill",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("supply", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("from_day", sa.String(length=10), nullable=False),
        sa.Column("until_day", sa.String(length=10), nullable=False),
        sa.Column("energy_ws", sa.BigInteger(), nullable=False),
        sa.Column("reactive_vars", sa.BigInteger()),
        sa.Column("peak_w", sa.Double()),
        sa.Column("amount_e4", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("entered_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
        sqlite_autoincrement=True,
    )


def _rollup(name: str, *more: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("energy_ws", sa.BigInteger()),
        sa.Column("known_ms", sa.Integer(), nullable=False),
        sa.Column("spread_ms", sa.Integer(), nullable=False),
        sa.Column("integrated_ms", sa.Integer(), nullable=False),
        sa.Column("reactive_vars", sa.BigInteger()),
        sa.Column("power_max_w", sa.Double()),
        sa.Column("voltage_min_v", sa.Double()),
        sa.Column("voltage_max_v", sa.Double()),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("start_ms", "series_key", name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _account() -> list[sa.Column[object]]:
    names = [f"{world}_ws" for world in WORLDS]
    names += ["undelivered_lamp_ms", "undelivered_ws", "lit_lamp_ms", "daytime_ws"]
    names += ["known_ms", "spread_ms", "unknown_ms"]
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
