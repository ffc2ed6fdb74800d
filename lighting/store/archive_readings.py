"""The archive of readings: rows that lie together by series, and blocks of history (``reading_blocks``)."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, TextClause, bindparam, select, text

from lighting.store.binary_copy import copied_readings, copy_readings
from lighting.store.engine import Database
from lighting.store.many_rows import portions
from lighting.store.partitions import days_of, make_partitions_of
from lighting.store.reading_blocks import LEAST_IN_BLOCK, add_blocks, block_ends, blocked, covered
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
    readings = _not_blocked(database, connection, readings)
    if len(readings) == 0:
        return 0
    if database.is_sqlite:
        driver: Any = connection.connection.driver_connection
        return sum(
            driver.execute(_insert(len(portion)), tuple(chain.from_iterable(portion))).rowcount
            for portion in portions(readings.rows())
        )
    make_partitions_of(connection, days_of(readings.at_ms))
    return copy_readings(connection, readings)


def add_history(database: Database, connection: Connection, readings: ReadingColumns) -> int:
    """The same for many readings of a series: packed, where nothing of it is stored in their time."""
    if len(readings) == 0:
        return 0
    keys, counts = np.unique(readings.series_key, return_counts=True)
    taken = _taken(database, connection, keys, int(readings.at_ms.min()), int(readings.at_ms.max()))
    is_packed = np.repeat((counts >= LEAST_IN_BLOCK) & ~np.isin(keys, taken), counts)
    if bool(is_packed.all()):
        add_blocks(database, connection, readings)
        return len(readings)
    packed = readings.take(is_packed)
    add_blocks(database, connection, packed)
    return len(packed) + add_rows(database, connection, readings.take(~is_packed))


def _taken(
    database: Database, connection: Connection, keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> NDArray[np.int64]:
    """Those of the series of which something is archived in the closed span."""
    query = _WITH_ROWS_ON_SQLITE if database.is_sqlite else _WITH_ROWS_ON_SERVER
    wanted = json.dumps(keys.tolist()) if database.is_sqlite else keys.tolist()
    values = {"keys": wanted, "from_ms": from_ms, "until_ms": until_ms}
    rows = np.array(list(connection.execute(query, values).scalars()), np.int64)
    return np.union1d(rows, covered(database, connection, keys, from_ms, until_ms))


def _with_rows(wanted: str) -> TextClause:
    return text(
        f"SELECT wanted.value FROM {wanted} WHERE EXISTS (SELECT 1 FROM reading_archive AS archive"  # noqa: S608
        " WHERE archive.series_key = wanted.value AND archive.at_ms >= :from_ms AND archive.at_ms <= :until_ms)"
    )


_WITH_ROWS_ON_SQLITE = _with_rows("json_each(:keys) AS wanted")
_WITH_ROWS_ON_SERVER = _with_rows("unnest(CAST(:keys AS bigint[])) AS wanted(value)")


def _not_blocked(database: Database, connection: Connection, readings: ReadingColumns) -> ReadingColumns:
    """Those that no block holds."""
    span = int(readings.at_ms.min()), int(readings.at_ms.max())
    keys = covered(database, connection, np.unique(readings.series_key), *span)
    if keys.size == 0:
        return readings
    there = blocked(database, connection, keys, span[0], span[1] + 1)
    return readings.take(~readings.among(there)) if len(there) else readings


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
    packed = blocked(database, connection, series_keys, from_ms, until_ms)
    rows = _archived_rows(database, connection, series_keys, from_ms, until_ms)
    return ReadingColumns.joined([one for one in (rows, packed) if len(one)])


def _archived_rows(
    database: Database, connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> ReadingColumns:
    if not database.is_sqlite:
        return copied_readings(connection, series_keys, from_ms, until_ms)
    driver: Any = connection.connection.driver_connection
    cursor = driver.execute(_WINDOW, (json.dumps(series_keys.tolist()), from_ms, until_ms))
    parts = []
    while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
        parts.append(ReadingColumns.of_rows(rows))
    return ReadingColumns.joined(parts)


def archived_of_series(
    database: Database, connection: Connection, series_key: int, from_ms: int, until_ms: int
) -> list[tuple[Any, ...]]:
    """The archived readings of one series in the half-open span, ascending by time, as rows."""
    span = {"series_key": series_key, "from_ms": from_ms, "until_ms": until_ms}
    rows = [tuple(row) for row in connection.execute(_OF_SERIES, span)]
    packed = blocked(database, connection, np.array([series_key], np.int64), from_ms, until_ms).by_series().rows()
    if rows and packed:
        # The two hold no time twice.
        return sorted((*rows, *packed), key=itemgetter(0))
    return rows or packed


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


def archived_rows_span(connection: Connection) -> tuple[int, int] | None:
    """The same of the rows alone; also in a store that has no blocks yet."""
    first, last = connection.execute(_SPAN).one()
    return None if first is None else (first, last)


def archive_span(connection: Connection) -> tuple[int, int] | None:
    """(earliest, latest) of the archive, None where it is empty. Looks at every series."""
    rows = archived_rows_span(connection)
    spans = [*block_ends(connection).values(), *([] if rows is None else [rows])]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


def archive_keys(connection: Connection) -> list[int]:
    """The series that have archived readings, ascending."""
    return sorted({*connection.execute(_ALL_KEYS).scalars(), *block_ends(connection)})
