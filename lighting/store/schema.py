"""The tables. Times are UTC integer milliseconds, energy integer watt-seconds, power and level floats, facts JSON text.

Event tables are append-only; state tables have one row a subject and can be built again from the events. A change here
needs a migration in ``migrations/versions``; a test holds the two together.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from lighting.energy.worlds import WORLDS

SCHEMA_VERSION = "0008"
"""The newest migration; compared with the one number that a store carries."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
Number = BigInteger().with_variant(Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime kept as UTC integer milliseconds; a naive one is refused, for nobody knows what it means."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


def _events(name: str, *columns: Column[object] | Index | UniqueConstraint) -> Table:
    """An append-only table: its numbers are never used again, whatever is deleted."""
    return Table(name, metadata, Column("id", Number, primary_key=True), *columns, sqlite_autoincrement=True)


def _reading_columns() -> tuple[Column[object], ...]:
    return (
        Column("level_pct", Double),
        Column("power_w", Double),
        Column("energy_ws", BigInteger),
        Column("voltage_v", Double),
        Column("current_a", Double),
        Column("power_factor", Double),
        Column("quality", SmallInteger, nullable=False),
        Column("reactive_var", Double),
    )


# --- assets ---------------------------------------------------------------------------------------------------------

asset = Table(
    "asset",
    metadata,
    Column("key", Number, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("text_id", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("renamed_from", Text),
    UniqueConstraint("kind", "text_id"),
    sqlite_autoincrement=True,
)

asset_rename = _events(
    "asset_rename",
    Column("at_ms", BigInteger, nullable=False),
    Column("asset_key", Number, ForeignKey("asset.key"), nullable=False, index=True),
    Column("renamed_from", Text, nullable=False),
    Column("text_id", Text, nullable=False),
)

installation = _events(
    "installation",
    Column("asset_key", Number, ForeignKey("asset.key"), nullable=False, index=True),
    Column("serial_number", Text, nullable=False),
    Column("from_utc", UtcTime, nullable=False),
    Column("until_utc", UtcTime),
)

# --- readings: packed as they come, moved later to an archive of rows that is clustered by series ---------------------

# One row an append: ``packed`` is what ``lighting.store.packing`` makes of its readings.
reading_batch = Table(
    "reading_batch",
    metadata,
    Column("id", Number, primary_key=True),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("readings", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# PostgreSQL keeps it in partitions, one a UTC month, which are made when they are needed.
reading_archive = Table(
    "reading_archive",
    metadata,
    Column("series_key", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    *_reading_columns(),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (at_ms)",
)

# History that came in bulk, packed likewise: one row a series and stretch of time. On PostgreSQL in monthly partitions.
reading_block = Table(
    "reading_block",
    metadata,
    Column("series_key", BigInteger, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True),
    Column("until_ms", BigInteger, nullable=False),
    Column("readings", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    postgresql_partition_by="RANGE (from_ms)",
)

# The newest reading of each series as of the batch ``batch_id``, packed likewise; later batches are read beside it.
reading_snapshot = Table(
    "reading_snapshot",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="one_row"),
    Column("batch_id", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# --- instructions ----------------------------------------------------------------------------------------------------

instruction = _events(
    "instruction",
    Column("layer", SmallInteger, nullable=False),
    Column("scope_kind", String(16), nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("level_pct", Double),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("below_floor", Boolean, nullable=False),
    Index(None, "scope_kind", "scope_id"),
)

instruction_transition = _events(
    "instruction_transition",
    Column("instruction_id", Number, ForeignKey("instruction.id"), nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("latency_ms", BigInteger),
    Column("fact_code", Text),
    Column("fact_values", Text),
)

instruction_state = Table(
    "instruction_state",
    metadata,
    Column("instruction_id", Number, ForeignKey("instruction.id"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("state_ms", BigInteger, nullable=False),
    Column("released_ms", BigInteger),
    Column("latency_ms", BigInteger),
    Column("fact_code", Text),
    Column("fact_values", Text),
)

# One row for each instruction that had to wait for a second person: until one has agreed it is in no force at all.
proposal = Table(
    "proposal",
    metadata,
    Column("instruction_id", Number, ForeignKey("instruction.id"), primary_key=True, autoincrement=False),
    Column("lapses_ms", BigInteger, nullable=False),
    Column("agreed_by", Text),
    Column("agreed_ms", BigInteger),
)

# --- states ----------------------------------------------------------------------------------------------------------

circuit_state = Table(
    "circuit_state",
    metadata,
    Column("circuit_key", Number, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("desired_pct", Double),
    Column("accepted_pct", Double),
    Column("actual_pct", Double),
    Column("lit", Boolean),
    Column("on_since_ms", BigInteger),
    Column("power_w", Double),
    Column("expected_power_w", Double),
    Column("layer", SmallInteger, nullable=False),
    Column("cause_code", Text, nullable=False),
    Column("cause_values", Text, nullable=False),
    Column("dark", Boolean),
    Column("polled_ms", BigInteger),
    Column("quality", SmallInteger, nullable=False),
    Column("local_control", String(16), nullable=False),
    Column("relay_commanded", Boolean),
    Column("relay_closed", Boolean),
    Column("pending", Boolean, nullable=False),
)

device_state = Table(
    "device_state",
    metadata,
    Column("asset_key", Number, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("reachable", Boolean),
    Column("last_ok_ms", BigInteger),
    Column("fault", Text, nullable=False),
    Column("consecutive_failures", Integer, nullable=False),
    Column("uptime_s", Double),
)

circuit_burning = Table(
    "circuit_burning",
    metadata,
    Column("circuit_key", Number, primary_key=True, autoincrement=False),
    Column("burned_ms", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# --- tasks: work on devices that a person asked for -------------------------------------------------------------------

task = _events(
    "task",
    Column("kind", String(32), nullable=False),
    Column("params", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
)

task_state = Table(
    "task_state",
    metadata,
    Column("task_id", Number, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False, index=True),
    Column("state_ms", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    # How often the one who asked has said that it still waits: its clock need not be the controller's.
    Column("asker_beats", Integer, nullable=False),
    Column("result", Text),
    Column("fact_code", Text),
    Column("fact_values", Text),
)

task_output = _events(
    "task_output",
    Column("task_id", Number, ForeignKey("task.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("output", Text, nullable=False),
    Index(None, "task_id", "id"),
)

# --- devices: what outlives a restart of the controller ---------------------------------------------------------------

# Settings live in a memory that wears out: each write counts towards its interval and its budget of the day.
setting_write = _events(
    "setting_write",
    Column("at_ms", BigInteger, nullable=False),
    Column("device_key", Number, nullable=False),
    Column("point", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("by", Text, nullable=False),
    Index(None, "device_key", "at_ms"),
)

failsafe_state = Table(
    "failsafe_state",
    metadata,
    Column("device_key", Number, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("drift", Boolean, nullable=False),
    Column("found", Text, nullable=False),
)

bus_counter = Table(
    "bus_counter",
    metadata,
    Column("bus_key", Number, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("counters", Text, nullable=False),
)

# --- senses: counts of traffic, and what was made of them and of the photocells ---------------------------------------

# Keyed so that counts that are pushed twice are there once. ``vehicles`` is JSON, one figure a lane.
traffic_count = Table(
    "traffic_count",
    metadata,
    Column("section", Text, primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("vehicles", Text, nullable=False),
    sqlite_with_rowid=False,
)

input_change = _events(
    "input_change",
    Column("kind", String(16), nullable=False),
    Column("input_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("value", SmallInteger, nullable=False),
    Column("fact_code", Text, nullable=False),
    Column("fact_values", Text, nullable=False),
    Index(None, "kind", "input_id", "at_ms"),
)

input_state = Table(
    "input_state",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("input_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)

# --- history ---------------------------------------------------------------------------------------------------------

decision = _events(
    "decision",
    Column("circuit_key", Number, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("level_pct", Double),
    Column("layer", SmallInteger, nullable=False),
    Column("cause_code", Text, nullable=False),
    Column("cause_values", Text, nullable=False),
    Column("revision_id", Number, nullable=False),
    Index(None, "circuit_key", "at_ms"),
)

device_write = _events(
    "device_write",
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("device_key", Number, nullable=False),
    Column("channel", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("latency_ms", BigInteger, nullable=False),
    Column("instruction_id", Number),
    Index(None, "device_key", "at_ms"),
)

alarm_transition = _events(
    "alarm_transition",
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("fact_code", Text, nullable=False),
    Column("fact_values", Text, nullable=False),
)

# One row an alarm, from raised to returned; its number is that of the transition that raised it.
alarm_state = Table(
    "alarm_state",
    metadata,
    Column("alarm_id", Number, ForeignKey("alarm_transition.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("returned_ms", BigInteger),
    Column("fact_code", Text, nullable=False),
    Column("fact_values", Text, nullable=False),
)

Index(
    "uq_alarm_state_standing",
    alarm_state.c.kind,
    alarm_state.c.subject_kind,
    alarm_state.c.subject_id,
    unique=True,
    sqlite_where=text("returned_ms IS NULL"),
    postgresql_where=text("returned_ms IS NULL"),
)

audit = _events(
    "audit",
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("values", Text, nullable=False),
)

# --- energy: what readings come to. All of it can be built again from readings, decisions and revisions ---------------


def _rollup_columns() -> tuple[Column[object], ...]:
    return (
        Column("energy_ws", BigInteger),
        Column("known_ms", Integer, nullable=False),
        Column("spread_ms", Integer, nullable=False),
        Column("integrated_ms", Integer, nullable=False),
        Column("reactive_vars", BigInteger),
        Column("power_max_w", Double),
        Column("voltage_min_v", Double),
        Column("voltage_max_v", Double),
        Column("readings", Integer, nullable=False),
        Column("flags", Integer, nullable=False),
    )


# Hours of the local clock, cut where it is changed; keyed by time first, so that an hour is appended in one place.
rollup_hour = Table(
    "rollup_hour",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("series_key", BigInteger, primary_key=True, autoincrement=False),
    *_rollup_columns(),
    # Of a circuit's series: the levels and whether it was lit, as runs (``lighting.energy.level_runs``).
    Column("levels", LargeBinary),
    sqlite_with_rowid=False,
)

rollup_day = Table(
    "rollup_day",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("series_key", BigInteger, primary_key=True, autoincrement=False),
    *_rollup_columns(),
    sqlite_with_rowid=False,
)

# Hours of UTC in which something must be rolled up (again), of one series or, with series 0, of all; written with the
# readings that came after them. ``marks`` is raised at each, so that nobody takes a new mark for one worked off.
rollup_dirty = Table(
    "rollup_dirty",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("series_key", BigInteger, primary_key=True, autoincrement=False),
    Column("marks", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Hours before ``rolled_until_ms`` are rolled up, or marked. ``raw_from_ms``: raw readings before it may be gone.
# ``roller`` is the number of the one who rolls up now: one that finds another there stops.
rollup_state = Table(
    "rollup_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="one_row"),
    Column("timezone", Text, nullable=False),
    Column("rolled_until_ms", BigInteger, nullable=False),
    Column("raw_from_ms", BigInteger, nullable=False),
    Column("roller", BigInteger, nullable=False),
)


def _account_columns() -> tuple[Column[object], ...]:
    """Energies of the worlds of ``lighting.energy.worlds`` in Ws, and what stands beside them."""
    worlds: list[Column[object]] = [Column(f"{world}_ws", BigInteger, nullable=False) for world in WORLDS]
    return (
        *worlds,
        Column("undelivered_lamp_ms", BigInteger, nullable=False),
        Column("undelivered_ws", BigInteger, nullable=False),
        Column("lit_lamp_ms", BigInteger, nullable=False),
        Column("daytime_ws", BigInteger, nullable=False),
        Column("known_ms", BigInteger, nullable=False),
        Column("spread_ms", BigInteger, nullable=False),
        Column("unknown_ms", BigInteger, nullable=False),
    )


# One row a circuit or permanent load and local calendar day; the month is their sum.
account_day = Table(
    "account_day",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("subject_key", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    *_account_columns(),
    sqlite_with_rowid=False,
)

account_month = Table(
    "account_month",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("subject_key", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    *_account_columns(),
    sqlite_with_rowid=False,
)

# One row a local day: of each district, kind of energy and hour what money is worked out from, packed
# (``lighting.store.account_hours``). ``last_ms`` is where its last hour begins.
account_hours = Table(
    "account_hours",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# Days whose account is to be made (again), and what those that are made were made with.
account_state = Table(
    "account_state",
    metadata,
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("is_dirty", Boolean, nullable=False),
    Column("basis_hash", String(64), nullable=False),
    Column("revision_id", Number),
    Column("made_ms", BigInteger),
    # What a reader of the day has to know: JSON, a list of codes with their values.
    Column("notes", Text),
)

# What a utility has billed. A bill is never changed: a wrong one is withdrawn, with its reason in the audit.
bill = _events(
    "bill",
    Column("supply", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("from_day", String(10), nullable=False),
    Column("until_day", String(10), nullable=False),
    Column("energy_ws", BigInteger, nullable=False),
    Column("reactive_vars", BigInteger),
    Column("peak_w", Double),
    Column("amount_e4", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("entered_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("withdrawn_ms", BigInteger),
)

# --- revisions -------------------------------------------------------------------------------------------------------

revision = _events(
    "revision",
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
)

# A file that did not change between two revisions is kept once.
file_text = Table(
    "file_text", metadata, Column("text_hash", String(64), primary_key=True), Column("text", Text, nullable=False)
)

revision_file = Table(
    "revision_file",
    metadata,
    Column("revision_id", Number, ForeignKey("revision.id"), primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("text_hash", String(64), ForeignKey("file_text.text_hash"), nullable=False),
)

# --- the controller: one row each ------------------------------------------------------------------------------------

controller_beat = Table(
    "controller_beat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="one_row"),
    Column("holder", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("beat_ms", BigInteger, nullable=False),
    Column("real_beat_ms", BigInteger, nullable=False),
    Column("tick", BigInteger, nullable=False),
    Column("tick_s", Double, nullable=False),
    Column("revision_id", Number, nullable=False),
    Column("trusted_ms", BigInteger, nullable=False),
    Column("doubt_code", Text),
    Column("doubt_values", Text),
    Column("fault_code", Text),
    Column("fault_values", Text),
    Column("stopped", Boolean, nullable=False),
)

# Who holds the lines on a server; on SQLite the lock file itself says it, for it can be read when the disk is full.
controller_lock = Table(
    "controller_lock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="one_row"),
    Column("holder", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="one_row"),
    Column("real_start_ms", BigInteger, nullable=False),
    Column("simulated_start_ms", BigInteger, nullable=False),
    Column("speed", Double, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("topic", String(32), primary_key=True),
    Column("counter", BigInteger, nullable=False),
)
