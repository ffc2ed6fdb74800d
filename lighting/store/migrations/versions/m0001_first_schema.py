"""The first schema: assets, readings, instructions, states, history, revisions, the controller, changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alarm_transition",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fact_code", sa.Text(), nullable=False),
        sa.Column("fact_values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_transition")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "asset",
        sa.Column("key", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("renamed_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_asset")),
        sa.UniqueConstraint("kind", "text_id", name=op.f("uq_asset_kind_text_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_change")),
    )
    op.create_table(
        "circuit_state",
        sa.Column("circuit_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("desired_pct", sa.Double(), nullable=True),
        sa.Column("accepted_pct", sa.Double(), nullable=True),
        sa.Column("actual_pct", sa.Double(), nullable=True),
        sa.Column("lit", sa.Boolean(), nullable=True),
        sa.Column("on_since_ms", sa.BigInteger(), nullable=True),
        sa.Column("power_w", sa.Double(), nullable=True),
        sa.Column("expected_power_w", sa.Double(), nullable=True),
        sa.Column("layer", sa.SmallInteger(), nullable=False),
        sa.Column("cause_code", sa.Text(), nullable=False),
        sa.Column("cause_values", sa.Text(), nullable=False),
        sa.Column("dark", sa.Boolean(), nullable=True),
        sa.Column("polled_ms", sa.BigInteger(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("local_control", sa.String(length=16), nullable=False),
        sa.Column("relay_commanded", sa.Boolean(), nullable=True),
        sa.Column("relay_closed", sa.Boolean(), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("circuit_key", name=op.f("pk_circuit_state")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("real_start_ms", sa.BigInteger(), nullable=False),
        sa.Column("simulated_start_ms", sa.BigInteger(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "controller_beat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("beat_ms", sa.BigInteger(), nullable=False),
        sa.Column("real_beat_ms", sa.BigInteger(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("tick_s", sa.Double(), nullable=False),
        sa.Column("revision_id", NUMBER, nullable=False),
        sa.Column("trusted_ms", sa.BigInteger(), nullable=False),
        sa.Column("doubt_code", sa.Text(), nullable=True),
        sa.Column("doubt_values", sa.Text(), nullable=True),
        sa.Column("fault_code", sa.Text(), nullable=True),
        sa.Column("fault_values", sa.Text(), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_controller_beat_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controller_beat")),
    )
    op.create_table(
        "controller_lock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_controller_lock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controller_lock")),
    )
    op.create_table(
        "decision",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("circuit_key", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("level_pct", sa.Double(), nullable=True),
        sa.Column("layer", sa.SmallInteger(), nullable=False),
        sa.Column("cause_code", sa.Text(), nullable=False),
        sa.Column("cause_values", sa.Text(), nullable=False),
        sa.Column("revision_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decision_circuit_key_at_ms"), "decision", ["circuit_key", "at_ms"], unique=False)
    op.create_table(
        "device_state",
        sa.Column("asset_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=True),
        sa.Column("last_ok_ms", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("consecutive_failures", sa.Integer(), nullable=False),
        sa.Column("uptime_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("asset_key", name=op.f("pk_device_state")),
    )
    op.create_table(
        "device_write",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("device_key", NUMBER, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.Column("instruction_id", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_write")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_device_write_at_ms"), "device_write", ["at_ms"], unique=False)
    op.create_index(op.f("ix_device_write_device_key_at_ms"), "device_write", ["device_key", "at_ms"], unique=False)
    op.create_table(
        "file_text",
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("text_hash", name=op.f("pk_file_text")),
    )
    op.create_table(
        "instruction",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("layer", sa.SmallInteger(), nullable=False),
        sa.Column("scope_kind", sa.String(length=16), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("level_pct", sa.Double(), nullable=True),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("below_floor", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_instruction_scope_kind_scope_id"), "instruction", ["scope_kind", "scope_id"], unique=False)
    op.create_table(
        "reading_archive",
        sa.Column("series_key", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("level_pct", sa.Double(), nullable=True),
        sa.Column("power_w", sa.Double(), nullable=True),
        sa.Column("energy_ws", sa.BigInteger(), nullable=True),
        sa.Column("voltage_v", sa.Double(), nullable=True),
        sa.Column("current_a", sa.Double(), nullable=True),
        sa.Column("power_factor", sa.Double(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series_key", "at_ms", name=op.f("pk_reading_archive")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading_latest",
        sa.Column("series_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series_key", name=op.f("pk_reading_latest")),
    )
    op.create_table(
        "reading_live",
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("series_key", sa.BigInteger(), nullable=False),
        sa.Column("level_pct", sa.Double(), nullable=True),
        sa.Column("power_w", sa.Double(), nullable=True),
        sa.Column("energy_ws", sa.BigInteger(), nullable=True),
        sa.Column("voltage_v", sa.Double(), nullable=True),
        sa.Column("current_a", sa.Double(), nullable=True),
        sa.Column("power_factor", sa.Double(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at_ms", "series_key", name=op.f("pk_reading_live")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alarm_state",
        sa.Column("alarm_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("returned_ms", sa.BigInteger(), nullable=True),
        sa.Column("fact_code", sa.Text(), nullable=False),
        sa.Column("fact_values", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm_transition.id"], name=op.f("fk_alarm_state_alarm_id")),
        sa.PrimaryKeyConstraint("alarm_id", name=op.f("pk_alarm_state")),
    )
    op.create_index(
        "uq_alarm_state_standing",
        "alarm_state",
        ["kind", "subject_kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("returned_ms IS NULL"),
        postgresql_where=sa.text("returned_ms IS NULL"),
    )
    op.create_table(
        "asset_rename",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asset_key", NUMBER, nullable=False),
        sa.Column("renamed_from", sa.Text(), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asset_key"], ["asset.key"], name=op.f("fk_asset_rename_asset_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_rename")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_asset_rename_asset_key"), "asset_rename", ["asset_key"], unique=False)
    op.create_table(
        "installation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("asset_key", NUMBER, nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.Column("from_utc", sa.BigInteger(), nullable=False),
        sa.Column("until_utc", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["asset_key"], ["asset.key"], name=op.f("fk_installation_asset_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_installation_asset_key"), "installation", ["asset_key"], unique=False)
    op.create_table(
        "instruction_state",
        sa.Column("instruction_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_ms", sa.BigInteger(), nullable=False),
        sa.Column("released_ms", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.BigInteger(), nullable=True),
        sa.Column("fact_code", sa.Text(), nullable=True),
        sa.Column("fact_values", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name=op.f("fk_instruction_state_instruction_id")
        ),
        sa.PrimaryKeyConstraint("instruction_id", name=op.f("pk_instruction_state")),
    )
    op.create_table(
        "instruction_transition",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("instruction_id", NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("latency_ms", sa.BigInteger(), nullable=True),
        sa.Column("fact_code", sa.Text(), nullable=True),
        sa.Column("fact_values", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name=op.f("fk_instruction_transition_instruction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_transition")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_instruction_transition_instruction_id"), "instruction_transition", ["instruction_id"], unique=False
    )
    op.create_table(
        "revision_file",
        sa.Column("revision_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_revision_file_revision_id")),
        sa.ForeignKeyConstraint(["text_hash"], ["file_text.text_hash"], name=op.f("fk_revision_file_text_hash")),
        sa.PrimaryKeyConstraint("revision_id", "path", name=op.f("pk_revision_file")),
    )
