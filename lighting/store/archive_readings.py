"""The archive of readings: rows that lie together by series."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, select, text

from lighting.store.binary_copy import copied_readings, copy_readings
from lighting.store.engine import Database
from lighting.store.many_rows import portions
from lighting.store.partitions import make_partitions
from lighting.store.reading_columns import FIELDS, ReadingColumns
from lighting.store.schema import reading_archive

_COLUMNS = ", ".join(FIELDS)
_FETCHED_AT_ONCE = 50_000
_OF_ARCHIVE = ", ".join(f"archive.{name}" for name in FIELDS)
# From each series to its place in the archive, whatever the planner believes.
_WINDOW = (
    f"SELECT {_OF_ARCHIVE} FROM json_each(?) AS wanted CROSS JOIN reading_archive AS archive"  # noqa: S608
    " WHERE archive.series_key = wanted.value AND archive.at_ms >= ? AND archive.at_ms < ?"
)
_OF_SERIES = (
    select(*(reading_archive.c[name] for name in FIELDS))
    .where(reading_archive.c.series_key == bindparam("series_key"))
    .where(reading_archive.c.at_ms >= bindparam("from_ms"), reading_archive.c.at_ms < bindparam("until_ms"))
    .order_by(reading_archive.c.at_ms)
)


def add_rows(database: Database, connection: Connection, readings: ReadingColumns) -> int:
    """Into the archive, inside a transaction of the caller's; what is there already stands. How many were added.

    The readings are ascending by series and time, and no two are of one series and time.
    """
    if len(readings) == 0:
        return 0
    if database.is_sqlite:
        driver: Any = connection.connection.driver_connection
        return sum(
            driver.execute(_insert(len(portion)), tuple(chain.from_iterable(portion))).rowcount
            for portion in portions(readings.rows())
        )
    make_partitions(connection, int(readings.at_ms.min()), int(readings.at_ms.max()))
    return copy_readings(connection, readings)


@cache
def _insert(count: int) -> str:
    """One statement for so many rows: ``many_rows`` says why."""
    values = ", ".join([f"({', '.join('?' * len(FIELDS))})"] * count)
    return f"INSERT INTO reading_archive ({_COLUMNS}) VALUES {values} ON CONFLICT DO NOTHING"  # noqa: S608


def archived(
    database: Database, connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> ReadingColumns:
    """The archived readings of these series in the half-open span."""
    if len(series_keys) == 0:
        return ReadingColumns.of_rows([])
    if not database.is_sqlite:
        return copied_readings(connection, series_keys, from_ms, until_ms)
    driver: Any = connection.connection.driver_connection
    cursor = driver.execute(_WINDOW, (json.dumps(series_keys.tolist()), from_ms, until_ms))
    parts = []
    while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
        parts.append(ReadingColumns.of_rows(rows))
    return ReadingColumns.joined(parts)


def archived_of_series(connection: Connection, series_key: int, from_ms: int, until_ms: int) -> list[tuple[Any, ...]]:
    """The archived readings of one series in the half-open span, ascending by time, as rows."""
    span = {"series_key": series_key, "from_ms": from_ms, "until_ms": until_ms}
    return [tuple(row) for row in connection.execute(_OF_SERIES, span)]


# The series one after the other, without reading what lies between: there is no index on time alone.
_KEYS = """
    WITH RECURSIVE found(key) AS (
        SELECT min(series_key) FROM reading_archive
        UNION ALL
        SELECT (SELECT min(series_key) FROM reading_archive WHERE series_key > found.key)
        FROM found WHERE found.key IS NOT NULL
    )
"""
_ALL_KEYS = text(f"{_KEYS} SELECT key FROM found WHERE key IS NOT NULL ORDER BY 1")  # noqa: S608
_SPAN = text(f"""{_KEYS}
    SELECT min((SELECT min(at_ms) FROM reading_archive WHERE series_key = found.key)),
           max((SELECT max(at_ms) FROM reading_archive WHERE series_key = found.key))
    FROM found
""")  # noqa: S608


def archive_span(connection: Connection) -> tuple[int, int] | None:
    """(earliest, latest) of the archive, None where it is empty. Looks at every series."""
    first, last = connection.execute(_SPAN).one()
    return None if first is None else (first, last)


def archive_keys(connection: Connection) -> list[int]:
    """The series that have archived readings, ascending."""
    return list(connection.execute(_ALL_KEYS).scalars())
