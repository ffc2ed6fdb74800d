"""Tasks with their outputs, writes to settings, failsafe states and the counters of buses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_tasks()
    op.create_table(
        "setting_write",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("device_key", NUMBER, nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_write")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_setting_write_device_key_at_ms"), "setting_write", ["device_key", "at_ms"], unique=False)
    op.create_table(
        "failsafe_state",
        sa.Column("device_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("drift", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device_key", name=op.f("pk_failsafe_state")),
    )
    op.create_table(
        "bus_counter",
        sa.Column("bus_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("counters", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bus_key", name=op.f("pk_bus_counter")),
    )


def _make_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_state",
        sa.Column("task_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_ms", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asker_beats", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("fact_code", sa.Text(), nullable=True),
        sa.Column("fact_values", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_state_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_state")),
    )
    op.create_index(op.f("ix_task_state_state"), "task_state", ["state"], unique=False)
    op.create_table(
        "task_output",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_output_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_output")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_task_output_task_id_id"), "task_output", ["task_id", "id"], unique=False)
