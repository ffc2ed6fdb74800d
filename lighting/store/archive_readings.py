"""The archive of readings: rows that lie together by series."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, select, text

from lighting.store.binary_copy import copy_readings
from lighting.store.engine import Database
from lighting.store.many_rows import portions
from lighting.store.partitions import make_partitions
from lighting.store.reading_columns import FIELDS, ReadingColumns
from lighting.store.schema import reading_archive

_COLUMNS = ", ".join(FIELDS)
_OF_ARCHIVE = ", ".join(f"archive.{name}" for name in FIELDS)
# From each series to its place in the archive, whatever the planner believes.
_WINDOW_SQLITE = text(
    f"SELECT {_OF_ARCHIVE} FROM json_each(:keys) AS wanted CROSS JOIN reading_archive AS archive"  # noqa: S608
    " WHERE archive.series_key = wanted.value AND archive.at_ms >= :from_ms AND archive.at_ms < :until_ms"
)
_WINDOW_SERVER = text(
    f"SELECT {_COLUMNS} FROM reading_archive WHERE series_key = ANY(:keys)"  # noqa: S608 - names of our own columns
    " AND at_ms >= :from_ms AND at_ms < :until_ms"
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
    keys: Any = series_keys.tolist()
    values = {"keys": json.dumps(keys) if database.is_sqlite else keys, "from_ms": from_ms, "until_ms": until_ms}
    result = connection.execute(_WINDOW_SQLITE if database.is_sqlite else _WINDOW_SERVER, values)
    parts = []
    while rows := result.fetchmany(50_000):
        parts.append(ReadingColumns.of_rows(rows))
    return ReadingColumns.joined(parts)


def archived_of_series(connection: Connection, series_key: int, from_ms: int, until_ms: int) -> list[tuple[Any, ...]]:
    """The archived readings of one series in the half-open span, ascending by time, as rows."""
    span = {"series_key": series_key, "from_ms": from_ms, "until_ms": until_ms}
    return [tuple(row) for row in connection.execute(_OF_SERIES, span)]


def archive_span(connection: Connection) -> tuple[int, int] | None:
    """(earliest, latest) of the archive, None where it is empty. Looks at every series."""
    # The keys one by one, for there is no index on time alone.
    keys = archive_keys(connection)
    spans = [connection.execute(_SPAN_OF_SERIES, {"series_key": key}).one() for key in keys]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


_SPAN_OF_SERIES = text("""
    SELECT (SELECT min(at_ms) FROM reading_archive WHERE series_key = :series_key),
           (SELECT max(at_ms) FROM reading_archive WHERE series_key = :series_key)
""")
_NEXT_KEY = text("SELECT min(series_key) FROM reading_archive WHERE series_key > :series_key")


def archive_keys(connection: Connection) -> list[int]:
    """The series that have archived readings, ascending: from each to the next, without reading what lies between."""
    found: list[int] = []
    key: int | None = -(2**62)
    while (key := connection.execute(_NEXT_KEY, {"series_key": key}).scalar_one()) is not None:
        found.append(key)
    return found
