"""Rollups as rows: written where they differ from what is there, and read as columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, TextClause, text

from lighting.energy.rollup import FIGURES, UNKNOWN, Rollups
from lighting.store.engine import Database
from lighting.store.many_rows import ManyRows, raw_columns
from lighting.store.schema import account_state, rollup_day, rollup_hour

Row = tuple[Any, ...]
_FLOATS = ("power_max_w", "voltage_min_v", "voltage_max_v")
_HOUR_COLUMNS = (*FIGURES, "levels")
_HOURS = ManyRows(rollup_hour, _HOUR_COLUMNS, replaces=True)
_DAYS = ManyRows(rollup_day, FIGURES, replaces=True)
_FULLNESS = FIGURES.index("readings"), FIGURES.index("known_ms")


def rows_of(rollups: Rollups) -> list[Row]:
    """One tuple a rollup, None for what is unknown, with the levels last."""
    columns = []
    for name in FIGURES:
        column = getattr(rollups, name)
        values: list[Any] = column.tolist()
        unknown = np.isnan(column) if name in _FLOATS else column == UNKNOWN
        for index in np.flatnonzero(unknown).tolist():
            values[index] = None
        columns.append(values)
    return list(zip(*columns, rollups.levels, strict=True))


def rollups_of(rows: Sequence[Row]) -> Rollups:
    """The opposite; rows without levels have none."""
    return _of_columns(list(zip(*rows, strict=True)) if rows else [()] * len(_HOUR_COLUMNS))


def _of_columns(columns: Sequence[Sequence[Any]]) -> Rollups:
    levels: Sequence[Any] = columns[len(FIGURES)] if len(columns) > len(FIGURES) else [None] * len(columns[0])
    arrays: list[Any] = []
    for name, values in zip(FIGURES, columns, strict=False):
        if name in _FLOATS:
            arrays.append(np.array(values, np.float64))
        elif name in ("energy_ws", "reactive_vars"):
            arrays.append(np.array([UNKNOWN if value is None else value for value in values], np.int64))
        else:
            arrays.append(np.array(values, np.int64))
    return Rollups(**dict(zip(FIGURES, arrays, strict=True)), levels=levels)


def read_rows(
    database: Database,
    connection: Connection,
    table: Table,
    from_ms: int,
    until_ms: int,
    keys: NDArray[np.int64] | None,
) -> list[Row]:
    """The rows that begin in the half-open span, of these series or of all, ascending by time and series."""
    query, _width = _query(database, table, from_ms, until_ms, keys)
    return [tuple(row) for row in connection.execute(query)]


def read_rollups(
    database: Database,
    connection: Connection,
    table: Table,
    from_ms: int,
    until_ms: int,
    keys: NDArray[np.int64] | None,
) -> Rollups:
    """The same as columns, without a row of Python's for each of a city's day."""
    return _of_columns(raw_columns(connection, *_query(database, table, from_ms, until_ms, keys)))


def _query(
    database: Database, table: Table, from_ms: int, until_ms: int, keys: NDArray[np.int64] | None
) -> tuple[TextClause, int]:
    """The question, and how many columns its answer has."""
    names = _HOUR_COLUMNS if table is rollup_hour else FIGURES
    columns = ", ".join(f"rolled.{name}" for name in names)
    span = "rolled.start_ms >= :from_ms AND rolled.start_ms < :until_ms"
    values: dict[str, Any] = {"from_ms": from_ms, "until_ms": until_ms}
    if keys is None:
        query = f"SELECT {columns} FROM {table.name} AS rolled WHERE {span}"  # noqa: S608 - names of our own
    elif database.is_sqlite:
        # From each hour to the series in it, for the rows of an hour lie together.
        values["keys"] = json.dumps(keys.tolist())
        starts = f"SELECT DISTINCT start_ms FROM {table.name} WHERE start_ms >= :from_ms AND start_ms < :until_ms"  # noqa: S608
        query = (
            f"SELECT {columns} FROM ({starts}) AS slot CROSS JOIN json_each(:keys) AS wanted"  # noqa: S608
            f" CROSS JOIN {table.name} AS rolled"
            " WHERE rolled.start_ms = slot.start_ms AND rolled.series_key = wanted.value"
        )
    else:
        values["keys"] = keys.tolist()
        query = f"SELECT {columns} FROM {table.name} AS rolled WHERE {span} AND series_key = ANY(:keys)"  # noqa: S608
    return text(query + " ORDER BY 1, 2").bindparams(**values), len(names)


def write_hours(database: Database, connection: Connection, changed: list[Row], gone: list[tuple[int, int]]) -> None:
    """Replace these rows and delete those."""
    _HOURS.write(database, connection, changed)
    _delete(database, connection, rollup_hour, gone)


def write_days(database: Database, connection: Connection, days: list[Row], gone: list[tuple[int, int]]) -> None:
    """The same for days."""
    _DAYS.write(database, connection, [row[: len(FIGURES)] for row in days])
    _delete(database, connection, rollup_day, gone)


def mark_days(database: Database, connection: Connection, starts_ms: Sequence[int]) -> None:
    """The accounts of these days are to be made again."""
    insert = database.insert(account_state)
    statement = insert.on_conflict_do_update(index_elements=["start_ms"], set_={"is_dirty": True})
    for start_ms in sorted(set(starts_ms)):
        connection.execute(statement, {"start_ms": start_ms, "is_dirty": True, "basis_hash": ""})


def _delete(database: Database, connection: Connection, table: Table, gone: list[tuple[int, int]]) -> None:
    run = database.run_on(connection)
    for start_ms, key in gone:
        run(f"DELETE FROM {table.name} WHERE start_ms = ? AND series_key = ?", (start_ms, key))  # noqa: S608


def keep_fuller(new: list[Row], old: dict[tuple[int, int], Row]) -> list[Row]:
    """Those that know no less than what is there: raw readings may be gone already."""
    return [row for row in new if (found := old.get(row[:2])) is None or all(row[at] >= found[at] for at in _FULLNESS)]
