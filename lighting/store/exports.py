"""What can be taken out of a store as plain tables: rows in the order of their keys, with ids in the place of keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Table, select

from lighting.store.account_hours import COLUMNS as ACCOUNT_HOUR_COLUMNS
from lighting.store.account_hours import days_of_hours
from lighting.store.engine import Database
from lighting.store.reading_columns import FIELDS, NO_ENERGY
from lighting.store.readings import Readings
from lighting.store.schema import (
    SCHEMA_VERSION,
    account_day,
    account_month,
    alarm_transition,
    asset,
    audit,
    bill,
    decision,
    device_write,
    instruction,
    instruction_transition,
    rollup_day,
    rollup_hour,
    traffic_count,
)
from lighting.store.schema_at import Kind, shapes_at

What = Literal[
    "readings",
    "hours",
    "days",
    "accounts",
    "account-months",
    "account-hours",
    "bills",
    "decisions",
    "instructions",
    "transitions",
    "writes",
    "alarms",
    "traffic",
    "audit",
]
ROWS_AT_ONCE = 10_000

_TABLES: dict[What, tuple[Table, str]] = {
    "hours": (rollup_hour, "start_ms"),
    "days": (rollup_day, "start_ms"),
    "accounts": (account_day, "start_ms"),
    "account-months": (account_month, "start_ms"),
    "bills": (bill, "entered_ms"),
    "decisions": (decision, "at_ms"),
    "instructions": (instruction, "from_ms"),
    "transitions": (instruction_transition, "at_ms"),
    "writes": (device_write, "at_ms"),
    "alarms": (alarm_transition, "at_ms"),
    "traffic": (traffic_count, "from_ms"),
    "audit": (audit, "at_ms"),
}
WHATS: tuple[What, ...] = get_args(What)

# Times end in _ms, and so do these lengths of time.
_LENGTHS_MS = frozenset(
    {"known_ms", "spread_ms", "integrated_ms", "unknown_ms", "undelivered_lamp_ms", "lit_lamp_ms", "latency_ms"}
)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """``time``: UTC ms, an instant; the other kinds as stored. Units stand in the heading."""

    heading: str
    kind: Literal["time"] | Kind


@dataclass(frozen=True, slots=True)
class Export:
    """Columns and rows; the rows are read while they are taken, in one snapshot."""

    columns: tuple[ExportColumn, ...]
    rows: Iterator[list[tuple[Any, ...]]]


def export(database: Database, what: What, from_ms: int | None, until_ms: int | None) -> Export:
    """The rows of the half-open span, in bounded memory. A key becomes kind and id: ``series_kind``, ``series``."""
    if what == "readings":
        kinds: dict[str, Kind] = {"at_ms": "integer", "series_key": "integer", "energy_ws": "integer"}
        kinds |= {"quality": "integer"}
        names = ("series_key", *(name for name in FIELDS if name != "series_key"))
        stored = [(name, kinds.get(name, "real")) for name in names]
        return Export(_headings(stored), _readings(database, from_ms, until_ms))
    if what == "account-hours":
        integers: list[tuple[str, Kind]] = [(name, "integer") for name in ACCOUNT_HOUR_COLUMNS]
        return Export(_headings(integers), _account_hours(database, from_ms, until_ms))
    table, at = _TABLES[what]
    shape = next(shape for shape in shapes_at(SCHEMA_VERSION) if shape.name == table.name)
    kept = [(name, kind) for name, kind in zip(shape.columns, shape.kinds, strict=True) if kind != "bytes"]
    return Export(_headings(kept), _rows(database, table, [name for name, _kind in kept], at, from_ms, until_ms))


def _headings(stored: Sequence[tuple[str, Kind]]) -> tuple[ExportColumn, ...]:
    columns: list[ExportColumn] = []
    for name, kind in stored:
        if name.endswith("_key"):
            stem = name.removesuffix("_key")
            columns += [ExportColumn(f"{stem}_kind", "text"), ExportColumn(stem, "text")]
        elif name.endswith("_ms") and name not in _LENGTHS_MS:
            columns.append(ExportColumn(name, "time"))
        else:
            columns.append(ExportColumn(name, kind))
    return tuple(columns)


def _assets(database: Database) -> dict[int, tuple[str, str]]:
    with database.reading() as connection:
        rows = connection.execute(select(asset.c.key, asset.c.kind, asset.c.text_id)).all()
    return {row.key: (row.kind, row.text_id) for row in rows}


def _readings(database: Database, from_ms: int | None, until_ms: int | None) -> Iterator[list[tuple[Any, ...]]]:
    """By series and then by time; portions are of bounded size."""
    ids = _assets(database)
    nobody = ("", "")
    readings = Readings(database)
    span = readings.span()
    if span is None:
        return
    low, high = span[0] if from_ms is None else from_ms, span[1] + 1 if until_ms is None else until_ms
    for portion in readings.between(low, high):
        rows = portion.rows()
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            yield [(*ids.get(row[1], nobody), row[0], *row[2:]) for row in some]


def _account_hours(database: Database, from_ms: int | None, until_ms: int | None) -> Iterator[list[tuple[Any, ...]]]:
    ids = _assets(database)
    nobody = ("", "")
    with database.reading() as connection:
        for hours in days_of_hours(connection, from_ms, until_ms):
            rows = hours.T.tolist()
            yield [
                (row[0], *ids.get(row[1], nobody), *row[2:-1], None if row[-1] == NO_ENERGY else row[-1])
                for row in rows
            ]


def _rows(
    database: Database, table: Table, names: Sequence[str], at: str, from_ms: int | None, until_ms: int | None
) -> Iterator[list[tuple[Any, ...]]]:
    ids = _assets(database)
    query = select(*(table.c[name] for name in names)).order_by(*table.primary_key)
    if from_ms is not None:
        query = query.where(table.c[at] >= from_ms)
    if until_ms is not None:
        query = query.where(table.c[at] < until_ms)
    keys = [place for place, name in enumerate(names) if name.endswith("_key")]
    with database.reading() as connection:
        result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        for some in result.partitions():
            yield [_with_ids(tuple(row), keys, ids) for row in some]


def _with_ids(row: tuple[Any, ...], keys: Sequence[int], ids: dict[int, tuple[str, str]]) -> tuple[Any, ...]:
    cells: list[Any] = []
    for place, value in enumerate(row):
        if place in keys:
            cells += ids.get(value, ("", ""))
        else:
            cells.append(value)
    return tuple(cells)
