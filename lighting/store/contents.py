"""What a store holds: how much of each group of tables, from when to when, what waits to be worked out again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy import column as column_clause
from sqlalchemy import table as table_clause

from lighting.assets.fact import Fact
from lighting.store.archive_readings import archived_rows_span
from lighting.store.engine import Database
from lighting.store.errors import StoreUnavailable
from lighting.store.opening import stored_version
from lighting.store.schema import (
    SCHEMA_VERSION,
    account_state,
    audit,
    reading_archive,
    reading_batch,
    reading_block,
    rollup_dirty,
)
from lighting.store.schema_at import TableShape, shapes_at

MOST_COUNTED = 1_000_000
"""Rows of a table that are counted without being asked to: a table of a hundred million takes minutes."""

BACKUP_ACT, RESTORE_ACT = "db_backup", "db_restore"

Group = Literal[
    "assets",
    "readings",
    "rollups",
    "accounts",
    "bills",
    "instructions",
    "decisions",
    "device_writes",
    "alarms",
    "tasks",
    "senses",
    "states",
    "audit",
    "revisions",
]
GROUPS: dict[Group, tuple[str, ...]] = {
    "assets": ("asset", "asset_rename", "installation"),
    "readings": ("reading_live", "reading_batch", "reading_archive", "reading_block"),
    "rollups": ("rollup_hour", "rollup_day", "rollup_dirty", "rollup_state"),
    "accounts": ("account_day", "account_month", "account_hours", "account_state"),
    "bills": ("bill",),
    "instructions": ("instruction", "instruction_transition", "instruction_state", "proposal"),
    "decisions": ("decision",),
    "device_writes": ("device_write", "setting_write"),
    "alarms": ("alarm_transition", "alarm_state"),
    "tasks": ("task", "task_state", "task_output"),
    "senses": ("traffic_count", "input_change", "input_state"),
    "states": (
        *("circuit_state", "device_state", "circuit_burning", "failsafe_state", "bus_counter"),
        *("controller_beat", "controller_lock", "clock", "change"),
        *("reading_latest", "reading_snapshot"),
    ),
    "audit": ("audit",),
    "revisions": ("revision", "revision_file", "file_text"),
}

# Whose rows are what a group is about, and the column that says when.
_TIMES = {
    **dict.fromkeys(
        (
            "reading_live",
            "reading_batch",
            "reading_archive",
            "reading_block",
            "decision",
            "device_write",
            "setting_write",
        ),
        "at_ms",
    ),
    **dict.fromkeys(
        ("setting_write", "alarm_transition", "audit", "revision", "input_change", "instruction_transition"), "at_ms"
    ),
    **dict.fromkeys(("rollup_hour", "rollup_day", "account_day", "account_month", "account_hours"), "start_ms"),
    "instruction": "from_ms",
    "task": "asked_ms",
    "bill": "entered_ms",
    "asset": "since_ms",
}


@dataclass(frozen=True, slots=True)
class GroupContent:
    """Rows of a group's tables. With ``rows_at_least`` there are more: they were not counted to the end."""

    group: Group
    rows: int
    rows_at_least: bool
    first_ms: int | None
    last_ms: int | None


@dataclass(frozen=True, slots=True)
class StoreContent:
    """A store as it stands. ``bytes_on_disk`` counts the write-ahead log of a SQLite file too."""

    place: str
    database: str
    schema_version: str
    known_version: str
    bytes_on_disk: int | None
    groups: tuple[GroupContent, ...]
    dirty_rollups: int
    oldest_dirty_rollup_ms: int | None
    dirty_accounts: int
    oldest_dirty_account_ms: int | None
    last_backup_ms: int | None
    last_backup_file: str | None


def store_content(url: str, *, count_all: bool = False) -> StoreContent:
    """Look at the store at ``url``, of whatever known schema. Raises ``StoreError``."""
    database = Database(url)
    try:
        if database.is_sqlite and not database.file.is_file():
            raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
        with database.reading() as connection:
            return _content(database, connection, None if count_all else MOST_COUNTED)
    finally:
        database.close()


def _content(database: Database, connection: Connection, most: int | None) -> StoreContent:
    version = stored_version(connection)
    if version is None:
        raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
    shapes = {shape.name: shape for shape in shapes_at(version)} if int(version) <= int(SCHEMA_VERSION) else {}
    groups = tuple(_group(connection, group, shapes, most) for group in GROUPS) if shapes else ()
    has_energy = "account_state" in shapes
    backup_ms, backup_file = _last_backup(connection) if shapes else (None, None)
    rollups = _waiting(connection, rollup_dirty, every=True) if has_energy else (0, None)
    accounts = _waiting(connection, account_state, every=False) if has_energy else (0, None)
    return StoreContent(
        database.place,
        database.url.get_backend_name(),
        version,
        SCHEMA_VERSION,
        _bytes_on_disk(database, connection),
        groups,
        *rollups,
        *accounts,
        backup_ms,
        backup_file,
    )


def _group(connection: Connection, group: Group, shapes: dict[str, TableShape], most: int | None) -> GroupContent:
    rows, is_more = 0, False
    first: list[int] = []
    last: list[int] = []
    for name in GROUPS[group]:
        if name not in shapes:
            continue
        found = _rows(connection, name, most)
        rows += found
        is_more = is_more or found == most
        if found and name in _TIMES:
            ends = _ends(connection, shapes[name], _TIMES[name])
            first += [one for one in ends[:1] if one is not None]
            last += [one for one in ends[1:] if one is not None]
    ends_ms = first + last
    return GroupContent(group, rows, is_more, min(ends_ms, default=None), max(ends_ms, default=None))


def _rows(connection: Connection, name: str, most: int | None) -> int:
    for table in (reading_batch, reading_block):
        if name == table.name:
            return int(connection.execute(select(func.coalesce(func.sum(table.c.readings), 0))).scalar_one())
    limit = "" if most is None else f" LIMIT {most}"
    query = f'SELECT count(*) FROM (SELECT 1 FROM "{name}"{limit}) AS some'  # noqa: S608 - a name of our own schema
    return int(connection.exec_driver_sql(query).scalar_one())


def _ends(connection: Connection, shape: TableShape, column: str) -> tuple[int | None, int | None]:
    """The first and last time, found by a key and never by looking at every row."""
    if shape.name == reading_archive.name:
        return archived_rows_span(connection) or (None, None)
    for packed in (reading_batch, reading_block):
        if shape.name == packed.name:
            found = connection.execute(select(func.min(packed.c.from_ms), func.max(packed.c.until_ms))).one()
            return found[0], found[1]
    table = table_clause(shape.name, *(column_clause(name) for name in shape.columns))
    at = table.c[column]
    if shape.numbered is not None:
        number = table.c[shape.numbered]
        ends = [connection.execute(select(at).order_by(order).limit(1)).scalar() for order in (number, number.desc())]
        return ends[0], ends[1]
    row = connection.execute(select(select(func.min(at)).scalar_subquery(), select(func.max(at)).scalar_subquery()))
    low, high = row.one()
    return low, high


def _waiting(connection: Connection, table: Table, *, every: bool) -> tuple[int, int | None]:
    query = select(func.count(), func.min(table.c.start_ms)).select_from(table)
    count, oldest = connection.execute(query if every else query.where(table.c.is_dirty)).one()
    return int(count), oldest


def _last_backup(connection: Connection) -> tuple[int | None, str | None]:
    """The newest that was made, or that this store was read back from."""
    acts = (BACKUP_ACT, RESTORE_ACT)
    query = select(audit.c.at_ms, audit.c["values"]).where(audit.c.act.in_(acts)).order_by(audit.c.id.desc())
    found = connection.execute(query.limit(1)).one_or_none()
    if found is None:
        return None, None
    try:
        values = json.loads(found[1])
        return int(values.get("made_ms", found[0])), str(values.get("file", ""))
    except (ValueError, TypeError, AttributeError):
        return found[0], None


def _bytes_on_disk(database: Database, connection: Connection) -> int | None:
    if not database.is_sqlite:
        query = """
            SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'm')
        """
        found = connection.execute(text(query)).scalar_one()
        return None if found is None else int(found)
    files = [database.file.with_name(database.file.name + end) for end in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())
