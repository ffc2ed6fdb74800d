"""Readings to PostgreSQL in the binary form of COPY, made of whole columns at once.

Reference: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from lighting.store.reading_columns import FIELDS, INTEGERS, NO_ENERGY, ReadingColumns

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_COLUMNS = ", ".join(FIELDS)
_INTO = f"COPY {{table}} ({_COLUMNS}) FROM STDIN WITH (FORMAT BINARY)"
_MOVE = f"INSERT INTO reading_archive ({_COLUMNS}) SELECT {_COLUMNS} FROM reading_arrival ON CONFLICT DO NOTHING"  # noqa: S608


def copy_readings(connection: Connection, readings: ReadingColumns) -> int:
    """Into the archive; where some of them are there already, by way of a table of their own. How many were added."""
    from psycopg import errors

    driver: Any = connection.connection.driver_connection
    stream = binary_rows(readings)
    try:
        with driver.transaction():
            _copy(driver, "reading_archive", stream)
    except errors.UniqueViolation:
        driver.execute("CREATE TEMP TABLE reading_arrival (LIKE reading_archive) ON COMMIT DROP")
        _copy(driver, "reading_arrival", stream)
        added = int(driver.execute(_MOVE).rowcount)
        driver.execute("DROP TABLE reading_arrival")
        return added
    return len(readings)


def _copy(driver: Any, table: str, stream: bytes) -> None:
    with driver.cursor() as cursor, cursor.copy(_INTO.format(table=table)) as copy:
        copy.write(stream)


def copied_readings(
    connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> ReadingColumns:
    """The archived readings of these series in the half-open span."""
    keys = ",".join(map(str, series_keys.tolist()))
    query = (
        f"COPY (SELECT {_NONE_ABSENT} FROM reading_archive WHERE series_key = ANY('{{{keys}}}'::bigint[])"  # noqa: S608
        f" AND at_ms >= {int(from_ms)} AND at_ms < {int(until_ms)}) TO STDOUT WITH (FORMAT BINARY)"
    )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(query) as copy:
        stream = b"".join(map(bytes, copy))
    count = (len(stream) - len(_SIGNATURE) - len(_TRAILER)) // _ROW.itemsize
    rows = np.frombuffer(stream, _ROW, count, len(_SIGNATURE))
    columns = {name: rows[name].astype(rows[name].dtype.newbyteorder("=")) for name in FIELDS}
    return ReadingColumns(*columns.values())


def _absent_as(name: str) -> str:
    """What stands for unknown in columns, so that every row is of the same length."""
    if name in ("at_ms", "series_key", "quality"):
        return name
    return f"coalesce({name}, {NO_ENERGY})" if name == "energy_ws" else f"coalesce({name}, 'NaN')"


def _row_type() -> np.dtype[np.void]:
    kinds = [">i8" if name in INTEGERS else ">i2" if name == "quality" else ">f8" for name in FIELDS]
    places, place = [], 2
    for kind in kinds:
        places.append(place + 4)
        place += 4 + int(kind[2])
    return np.dtype({"names": list(FIELDS), "formats": kinds, "offsets": places, "itemsize": place})


_NONE_ABSENT = ", ".join(map(_absent_as, FIELDS))
_ROW = _row_type()


def binary_rows(readings: ReadingColumns) -> bytes:
    """Return the whole stream: a field is its length and its bytes, big-endian, and -1 alone where it is unknown."""
    n = len(readings)
    sizes = [2 if name == "quality" else 8 for name in FIELDS]
    width = 2 + sum(4 + size for size in sizes)
    rows = np.zeros((n, width), np.uint8)
    keep = np.ones((n, width), np.bool_)
    rows[:, 1] = len(FIELDS)
    place = 2
    for name, size in zip(FIELDS, sizes, strict=True):
        column = getattr(readings, name)
        unknown = _unknown(name, column)
        rows[:, place + 3] = size
        kind = ">f8" if column.dtype == np.float64 else f">i{size}"
        rows[:, place + 4 : place + 4 + size] = column.astype(kind).view(np.uint8).reshape(n, size)
        if unknown is not None:
            rows[unknown, place : place + 4] = 0xFF
            keep[unknown, place + 4 : place + 4 + size] = False
        place += 4 + size
    return _SIGNATURE + rows[keep].tobytes() + _TRAILER


def _unknown(name: str, column: NDArray[Any]) -> NDArray[np.bool_] | None:
    if name in ("at_ms", "series_key", "quality"):
        return None
    found: NDArray[np.bool_] = column == NO_ENERGY if name == "energy_ws" else np.isnan(column)
    return found if bool(found.any()) else None
