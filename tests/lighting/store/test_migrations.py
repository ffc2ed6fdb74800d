"""The schema has a version from the first commit, and each step is tried with data in it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import lighting.store.migrations.run as run_module
from lighting.assets.folder import read_accepted
from lighting.energy.slots import HOUR_MS
from lighting.store.account_hours import COLUMNS, pack_hours, read_hours
from lighting.store.engine import Database
from lighting.store.migrations.run import upgrade
from lighting.store.opening import make_schema
from lighting.store.packing import pack
from lighting.store.partitions import BLOCKS, make_partitions
from lighting.store.reading_columns import NO_ENERGY, ReadingColumns
from lighting.store.schema import SCHEMA_VERSION, metadata
from lighting.store.store import StoreUnavailable, open_store

SEEDS: dict[str, tuple[str, ...]] = {
    "0001": (
        "INSERT INTO asset (key, kind, text_id, since_ms, renamed_from) VALUES (3, 'circuit', 'C-1', 1, 'C-0')",
        "INSERT INTO asset_rename (id, at_ms, asset_key, renamed_from, text_id) VALUES (1, 1, 3, 'C-0', 'C-1')",
        "INSERT INTO installation (id, asset_key, serial_number, from_utc) VALUES (1, 3, 'SN-1', 1)",
        "INSERT INTO reading_live (at_ms, series_key, power_w, quality) VALUES (20, 3, 5.5, 0)",
        "INSERT INTO reading_archive (at_ms, series_key, energy_ws, quality) VALUES (10, 3, 10000000000000, 1)",
        "INSERT INTO reading_latest (series_key, at_ms) VALUES (3, 20)",
        """INSERT INTO instruction (id, layer, scope_kind, scope_id, level_pct, from_ms, "by", reason, below_floor)
           VALUES (4, 5, 'circuit', 'C-1', 40.0, 1, 'thu', 'road works', false)""",
        "INSERT INTO instruction_transition (id, instruction_id, at_ms, state) VALUES (1, 4, 1, 'recorded')",
        "INSERT INTO instruction_state (instruction_id, state, state_ms) VALUES (4, 'recorded', 1)",
        """INSERT INTO circuit_state
           (circuit_key, at_ms, layer, cause_code, cause_values, quality, local_control, pending, lit)
           VALUES (3, 1, 5, 'override_in_force', '{"id": 4}', 0, '', true, true)""",
        """INSERT INTO device_state (asset_key, at_ms, reachable, fault, consecutive_failures)
           VALUES (9, 1, true, '', 0)""",
        """INSERT INTO decision (id, circuit_key, at_ms, level_pct, layer, cause_code, cause_values, revision_id)
           VALUES (1, 3, 1, 40.0, 5, 'override_in_force', '{}', 1)""",
        """INSERT INTO device_write (id, at_ms, device_key, channel, quantity, value, outcome, latency_ms)
           VALUES (1, 1, 9, '2', 'dim_level', 40.0, 'verified', 31)""",
        """INSERT INTO alarm_transition (id, at_ms, kind, subject_kind, subject_id, state, fact_code, fact_values)
           VALUES (1, 1, 'bus_silent', 'bus', 'B-1', 'raised', 'bus_silent', '{}')""",
        """INSERT INTO alarm_state (alarm_id, kind, subject_kind, subject_id, raised_ms, fact_code, fact_values)
           VALUES (1, 'bus_silent', 'bus', 'B-1', 1, 'bus_silent', '{}')""",
        """INSERT INTO audit (id, at_ms, "by", act, subject, "values")
           VALUES (1, 1, 'thu', 'record_instruction', 'circuit:C-1', '{}')""",
        """INSERT INTO revision (id, at_ms, "by", note, content_hash) VALUES (1, 1, 'thu', 'first', 'abc')""",
        "INSERT INTO file_text (text_hash, text) VALUES ('def', 'name = 1')",
        "INSERT INTO revision_file (revision_id, path, text_hash) VALUES (1, 'site.toml', 'def')",
        """INSERT INTO controller_beat (id, holder, pid, host, started_ms, beat_ms, real_beat_ms, tick, tick_s,
           revision_id, trusted_ms, stopped) VALUES (1, 'run', 42, 'pc', 1, 2, 3, 4, 10.0, 1, 2, false)""",
        "INSERT INTO controller_lock (id, holder, pid, host, since_ms) VALUES (1, 'run', 42, 'pc', 1)",
        "INSERT INTO clock (id, real_start_ms, simulated_start_ms, speed) VALUES (1, 1, 2, 600.0)",
        "INSERT INTO change (topic, counter) VALUES ('instruction', 12)",
    ),
}
SEEDS["0002"] = (
    *SEEDS["0001"],
    """INSERT INTO task (id, kind, params, "by", reason, asked_ms) VALUES (1, 'read', '{}', 'thu', '', 1)""",
    """INSERT INTO task_state (task_id, state, state_ms, done, total, asker_beats) VALUES (1, 'waiting', 1, 0, 0, 0)""",
    "INSERT INTO task_output (id, task_id, at_ms, output) VALUES (1, 1, 1, '{}')",
    """INSERT INTO setting_write (id, at_ms, device_key, point, raw, "by") VALUES (1, 1, 9, 'baud', '0003', 'thu')""",
    "INSERT INTO failsafe_state (device_key, at_ms, verified, drift, found) VALUES (9, 1, true, false, '{}')",
    "INSERT INTO bus_counter (bus_key, at_ms, counters) VALUES (8, 1, '{}')",
)
SEEDS["0003"] = (
    *SEEDS["0002"],
    # Nobody has agreed to this one: it is in no force after any later step either.
    """INSERT INTO instruction (id, layer, scope_kind, scope_id, level_pct, from_ms, "by", reason, below_floor)
       VALUES (5, 5, 'district', 'centre', 0.0, 1, 'thu', 'festival', true)""",
    "INSERT INTO instruction_state (instruction_id, state, state_ms) VALUES (5, 'proposed', 1)",
    "INSERT INTO proposal (instruction_id, lapses_ms) VALUES (5, 3600001)",
)
SEEDS["0004"] = (
    *SEEDS["0003"],
    """INSERT INTO traffic_count (section, source, from_ms, until_ms, vehicles)
       VALUES ('S-1', 'push', 0, 600000, '[12,7.5]')""",
    """INSERT INTO input_change (id, kind, input_id, at_ms, value, fact_code, fact_values)
       VALUES (1, 'traffic', 'S-1', 600000, 0, 'traffic_class', '{}')""",
    """INSERT INTO input_state (kind, input_id, state, updated_ms)
       VALUES ('traffic', 'S-1', '{"steps_down": 0}', 600000)""",
)
SEEDS["0005"] = (
    *SEEDS["0004"],
    "INSERT INTO circuit_burning (circuit_key, burned_ms, at_ms) VALUES (3, 10000000000000, 1)",
)
_ACCOUNT_COLUMNS = """
    legacy_ws, full_ws, switched_ws, scheduled_ws, traffic_ws, output_ws, limited_ws, people_ws, asked_ws, burning_ws,
    actual_ws, metered_ws, undelivered_lamp_ms, undelivered_ws, lit_lamp_ms, daytime_ws, known_ms, spread_ms, unknown_ms
"""
_ACCOUNT_VALUES = "10000000000000, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 1, 0, 86400000, 0, 0"
SEEDS["0006"] = (
    *SEEDS["0005"],
    "INSERT INTO reading_live (at_ms, series_key, reactive_var, quality) VALUES (21, 3, -120.5, 0)",
    """INSERT INTO rollup_hour (start_ms, series_key, energy_ws, known_ms, spread_ms, integrated_ms, readings, flags)
       VALUES (0, 3, 10000000000000, 3600000, 0, 0, 60, 0)""",
    """INSERT INTO rollup_day (start_ms, series_key, energy_ws, known_ms, spread_ms, integrated_ms, readings, flags)
       VALUES (0, 3, 10000000000000, 86400000, 0, 0, 1440, 0)""",
    "INSERT INTO rollup_dirty (start_ms, series_key, marks) VALUES (3600000, 3, 1)",
    """INSERT INTO rollup_state (id, timezone, rolled_until_ms, raw_from_ms, roller)
       VALUES (1, 'Asia/Ho_Chi_Minh', 3600000, 0, 1)""",
    f"INSERT INTO account_day (start_ms, subject_key, kind, {_ACCOUNT_COLUMNS}) VALUES (0, 3, 1, {_ACCOUNT_VALUES})",
    f"INSERT INTO account_month (start_ms, subject_key, kind, {_ACCOUNT_COLUMNS}) VALUES (0, 3, 1, {_ACCOUNT_VALUES})",
    f"INSERT INTO account_hour (start_ms, district_key, kind, {_ACCOUNT_COLUMNS}) VALUES (0, 9, 1, {_ACCOUNT_VALUES})",
    "INSERT INTO account_state (start_ms, is_dirty, basis_hash) VALUES (0, true, '')",
    """INSERT INTO bill
       (id, supply, number, from_day, until_day, energy_ws, amount_e4, currency, entered_ms, "by", note)
       VALUES (1, 'main', 'B-1', '2026-01-01', '2026-01-31', 10000000000000, 10000000000000, 'VND', 1, 'thu', '')""",
)
_PACKED = pack(ReadingColumns.made([22], [3])).hex()
_BLOCK = pack(ReadingColumns.made([23], [3])).hex()
SEEDS["0007"] = (
    *(one for one in SEEDS["0006"] if "reading_live" not in one and "reading_latest" not in one),
    f"INSERT INTO reading_batch (id, from_ms, until_ms, readings, packed) VALUES (1, 22, 22, 1, {{blob:{_PACKED}}})",
    f"""INSERT INTO reading_block (series_key, from_ms, until_ms, readings, packed)
        VALUES (3, 23, 23, 1, {{blob:{_BLOCK}}})""",
    f"INSERT INTO reading_snapshot (id, batch_id, packed) VALUES (1, 1, {{blob:{_PACKED}}})",
)
_HOURS = pack_hours(np.arange(len(COLUMNS), dtype=np.int64)[:, np.newaxis]).hex()
SEEDS["0008"] = (
    *(one for one in SEEDS["0007"] if "account_hour" not in one),
    f"INSERT INTO account_hours (start_ms, last_ms, packed) VALUES (0, 0, {{blob:{_HOURS}}})",
)
"""Rows for every table, by the version whose schema they fit: a new migration begins with a new entry here."""


def _in_dialect(connection: Connection, statement: str) -> str:
    """Bytes are written in another way in each."""
    form = r"X'\1'" if connection.dialect.name == "sqlite" else r"decode('\1', 'hex')"
    return re.sub(r"\{blob:(\w+)\}", form, statement)


def make_older(connection: Connection, version: str) -> None:
    """An empty database becomes a filled store of an older program."""
    upgrade(connection, version)
    if version >= "0007" and connection.dialect.name == "postgresql":
        make_partitions(connection, 0, 100)
        make_partitions(connection, 0, 100, BLOCKS)
    for statement in SEEDS[version]:
        connection.execute(text(_in_dialect(connection, statement)))


def _versions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(run_module.__file__).parent))
    config.set_main_option("path_separator", "os")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def _rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {name: [tuple(row) for row in connection.execute(table.select())] for name, table in metadata.tables.items()}


def _plain(statement: str | None) -> str:
    return re.sub(r"\s+", " ", statement or "").replace("( ", "(").replace(" )", ")")


def test_versions_are_numbered_one_after_the_other_up_to_the_known_one() -> None:
    versions = _versions()
    assert versions == [f"{number:04}" for number in range(1, len(versions) + 1)]
    assert versions[-1] == SCHEMA_VERSION


def test_every_version_has_rows_for_all_its_tables() -> None:
    assert list(SEEDS) == _versions()
    seeded = {statement.split()[2] for statement in SEEDS[SCHEMA_VERSION]}
    assert seeded == set(metadata.tables)


def _seeded(version: str) -> set[str]:
    return {statement.split()[2] for statement in SEEDS[version]}


def _make(connection: Connection) -> None:
    make_schema(connection)


def _migrate(connection: Connection) -> None:
    upgrade(connection, SCHEMA_VERSION)


@pytest.mark.parametrize("build", [_make, _migrate])
def test_the_schema_made_and_the_schema_migrated_are_the_one_in_the_code(
    empty_url: str, tmp_path: Path, build: Callable[[Connection], None]
) -> None:
    (tmp_path / "state").mkdir()
    database = Database(empty_url)
    with database.writing(durable=True) as connection:
        build(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_made_and_migrated_are_the_same_text_on_sqlite(tmp_path: Path) -> None:
    found = []
    for name, build in (("made", _make), ("migrated", _migrate)):
        database = Database(f"sqlite:///{tmp_path / name}")
        with database.writing(durable=True) as connection:
            build(connection)
            rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"))
            found.append([(row.type, row.name, _plain(row.sql)) for row in rows])
        database.close()
    assert found[0] == found[1]


@pytest.mark.parametrize("version", list(SEEDS))
def test_every_older_store_is_brought_up_with_its_data(empty_url: str, tmp_path: Path, version: str) -> None:
    (tmp_path / "state").mkdir()
    database = Database(empty_url)
    with database.writing(durable=True) as connection:
        make_older(connection, version)
    with open_store(empty_url) as store:
        assert store.keys.known("circuit")["C-1"] == 3
        assert [found.id for found in store.instructions.in_force(5)] == [4]
        assert store.readings.count() == sum("INTO reading_" in one for one in SEEDS[version]) - 1, "all but the latest"
        latest = store.revisions.latest()
        assert latest is not None
        assert latest.files == {"site.toml": "name = 1"}
    with database.reading() as connection:
        rows = _rows(connection)
        held = {name for name, found in rows.items() if found}
        # What was live before 0007 lies in the archive after it, and the latest of each series in the snapshot.
        kept = _seeded(version) - {"reading_live", "reading_latest"} | {"reading_snapshot"}
        if "account_hour" in kept:  # packed since 0008
            kept = kept - {"account_hour"} | {"account_hours"}
        assert held == kept, "no table lost its rows"
    database.close()


def test_hours_of_accounts_are_packed_by_the_day_that_they_are_of(empty_url: str, tmp_path: Path) -> None:
    """Two days of two districts, an hour that no state is known of, and a gap of a month behind the last state."""
    (tmp_path / "state").mkdir()
    day_ms = 24 * HOUR_MS
    starts = [-HOUR_MS, 0, 23 * HOUR_MS, day_ms, 40 * day_ms]
    rows = [(start, key, 1, *range(1, 20), key * 7 if start else None) for start in starts for key in (8, 9)]
    names = f"start_ms, district_key, kind, {_ACCOUNT_COLUMNS}, reactive_vars"
    values = ", ".join(f":{n}" for n in range(len(COLUMNS)))
    database = Database(empty_url)
    with database.writing(durable=True) as connection:
        upgrade(connection, "0007")
        for row in reversed(rows):
            named = {str(n): value for n, value in enumerate(row)}
            connection.execute(text(f"INSERT INTO account_hour ({names}) VALUES ({values})"), named)
        for day in (0, day_ms):
            connection.execute(text(f"INSERT INTO account_state VALUES ({day}, false, '', 1, 1, NULL)"))
        upgrade(connection, SCHEMA_VERSION)
    with database.reading() as connection:
        packed = connection.execute(text("SELECT start_ms, last_ms FROM account_hours ORDER BY 1")).all()
        assert [row.last_ms for row in packed] == [-HOUR_MS, 23 * HOUR_MS, day_ms, 40 * day_ms]
        assert [row.start_ms for row in packed][:3] == [-HOUR_MS, 0, day_ms]
        found = read_hours(connection, -HOUR_MS, 41 * day_ms).T.tolist()
        assert found == [[*row[:-1], NO_ENERGY if row[-1] is None else row[-1]] for row in rows]
        assert read_hours(connection, 40 * day_ms, 40 * day_ms + 1).shape[1] == 2, "found from its own begin"
    database.close()


@pytest.fixture
def older_url(empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A filled store, and a program whose newest version is a step further: a table made anew under foreign keys."""
    (tmp_path / "state").mkdir(exist_ok=True)
    database = Database(empty_url)
    with database.writing(durable=True) as connection:
        upgrade(connection, "0001")
        for statement in SEEDS["0001"]:
            connection.execute(text(statement))
    database.close()
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    home = Path(run_module.__file__).parent
    (scripts / "env.py").write_text((home / "env.py").read_text())
    for step in (home / "versions").glob("m*.py"):
        (scripts / "versions" / step.name).write_text(step.read_text())
    (scripts / "versions" / "m9.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = '9000'\n"
        f"down_revision = {SCHEMA_VERSION!r}\nbranch_labels = None\ndepends_on = None\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('instruction', recreate='auto') as table:\n"
        "        table.alter_column('reason', nullable=True, existing_type=sa.Text())\n"
        "    op.execute('UPDATE instruction SET reason = NULL')\n"
    )
    monkeypatch.setattr(run_module, "__file__", str(scripts / "run.py"))
    monkeypatch.setattr("lighting.store.opening.SCHEMA_VERSION", "9000")
    return empty_url


def test_a_step_that_makes_a_table_anew_keeps_rows_and_what_points_at_them(older_url: str) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store(older_url, create=False)
    assert refused.value.fact.code == "store_needs_migration"
    open_store(older_url).close()
    database = Database(older_url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT id, reason FROM instruction")).all() == [(4, None)]
        assert connection.execute(text("SELECT instruction_id FROM instruction_state")).all() == [(4,)]
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [("9000",)]
    database.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(older_url: str, tmp_path: Path) -> None:
    step = tmp_path / "migrations" / "versions" / "m9.py"
    step.write_text(step.read_text() + "    op.execute('INSERT INTO no_such_table VALUES (1)')\n")
    with pytest.raises(Exception, match="store_"):
        open_store(older_url)
    database = Database(older_url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT reason FROM instruction")).all() == [("road works",)]
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [("0001",)]
    database.close()


# What the 0.1.0 program itself left on SQLite after an evening with its simulated cabinets, dumped as SQL.
STORED = Path(__file__).parent / "stored" / "store-0.1.0.sql"


def _stored_rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_a_store_that_the_first_release_left_is_brought_up_with_every_row(tmp_path: Path) -> None:
    file = tmp_path / "lighting.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(STORED.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode = WAL")
    before = _stored_rows(file)
    assert len(before["reading_live"]) == 38
    with open_store(f"sqlite:///{file}") as store:
        assert [found.scope_id for found in store.instructions.in_force(1_795_594_900_000)] == ["C-0101", "C-0103"]
        number = store.tasks.ask(kind="read", params={"device": "CB01-D"}, by="thu", reason="", at_ms=1)
        assert [status.task.id for status in store.tasks.unended()] == [number]
        revision = store.revisions.latest()
        assert revision is not None
        assert read_accepted(revision.files).site is not None
        latest = {key: reading.at_ms for key, reading in store.readings.latest().items()}
        assert set(latest.items()) == set(before["reading_latest"])
    after = _stored_rows(file)
    assert after.pop("alembic_version") == [(SCHEMA_VERSION,)]
    kept = {name: rows for name, rows in before.items() if name not in {"alembic_version", "sqlite_sequence", "change"}}
    # A later column stands behind those that were there.
    widths = {name: len(rows[0]) if rows else 0 for name, rows in kept.items()}
    live, _ = kept.pop("reading_live"), kept.pop("reading_latest")
    assert not kept.pop("reading_archive")
    archived = {(row[1], row[0], *row[2:-1]) for row in after["reading_archive"]}
    assert archived == set(live)
    assert {name: [row[: widths[name]] for row in after[name]] for name in kept} == kept
