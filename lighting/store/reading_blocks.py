"""The packed part of the archive: what comes as history by the thousand, one packed block a series and stretch.

As rows a reading costs ten microseconds to write and to read back, packed a fifth of that, and a third of the disk.
Blocks of a series never overlap in time, and no reading of a block stands in the archive's rows too: whoever adds sees
to it (``lighting.store.archive_readings``). A block lies within one UTC month, so that a partition holds whole blocks.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, func, select, text

from lighting.store.engine import Database
from lighting.store.packing import unpack
from lighting.store.packing_many import pack_many, unpack_many
from lighting.store.partitions import BLOCKS, days_of, make_partitions_of
from lighting.store.reading_columns import ReadingColumns
from lighting.store.schema import reading_block

LEAST_IN_BLOCK = 24
_MOST_IN_BLOCK = 1_500
_LONGEST_MS = 31 * 86_400_000
_COLUMNS = "series_key, from_ms, until_ms, readings, packed"
_INSERT = f"INSERT INTO reading_block ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - names of our own
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_HEAD = struct.Struct(">hiqiqiqiii")
_WITHIN = "block.from_ms < {until_ms} AND block.from_ms >= {from_ms} - {longest_ms} AND block.until_ms >= {from_ms}"
"""No block is longer than a month: those that begin earlier than that need not be looked at."""

Block = tuple[int, int, int, int, bytes]
"""Series, first and last time, how many, packed."""


def blocks_of(readings: ReadingColumns) -> list[Block]:
    """Cut into blocks; the readings are ascending by series and time, and not none."""
    at_ms, key = readings.at_ms, readings.series_key
    months = at_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    begins = np.ones(len(key), np.bool_)
    begins[1:] = (key[1:] != key[:-1]) | (months[1:] != months[:-1])
    stretches = np.flatnonzero(begins)
    within = np.arange(len(key)) - np.repeat(stretches, np.diff(stretches, append=len(key)))
    starts = np.flatnonzero(within % _MOST_IN_BLOCK == 0)
    counts = np.diff(starts, append=len(key))
    columns = key[starts], at_ms[starts], at_ms[starts + counts - 1], counts
    return list(zip(*(column.tolist() for column in columns), pack_many(readings, starts), strict=True))


def add_blocks(database: Database, connection: Connection, readings: ReadingColumns) -> None:
    """Of series that have nothing in the time between their first and last reading."""
    if len(readings) == 0:
        return
    blocks = blocks_of(readings)
    driver: Any = connection.connection.driver_connection
    if database.is_sqlite:
        driver.executemany(_INSERT, blocks)
        return
    make_partitions_of(connection, days_of(readings.at_ms), BLOCKS)
    into = f"COPY reading_block ({_COLUMNS}) FROM STDIN WITH (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(b"".join([_SIGNATURE, *map(_binary_row, blocks), b"\xff\xff"]))


def _binary_row(block: Block) -> bytes:
    key, from_ms, until_ms, readings, packed = block
    return _HEAD.pack(5, 8, key, 8, from_ms, 8, until_ms, 4, readings, len(packed)) + packed


def blocked(
    database: Database, connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> ReadingColumns:
    """The readings of these series in the half-open span that lie in blocks."""
    found = unpack_many(_packed(database, connection, series_keys, from_ms, until_ms))
    if len(found) and (int(found.at_ms.min()) < from_ms or int(found.at_ms.max()) >= until_ms):
        return found.between(from_ms, until_ms)
    return found


def _packed(
    database: Database, connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> list[bytes]:
    driver: Any = connection.connection.driver_connection
    if database.is_sqlite:
        values = {"from_ms": from_ms, "until_ms": until_ms, "keys": json.dumps(series_keys.tolist())}
        return [row[0] for row in driver.execute(_PACKED_ON_SQLITE, values)]
    keys = ",".join(map(str, series_keys.tolist()))
    within = _WITHIN.format(from_ms=int(from_ms), until_ms=int(until_ms), longest_ms=_LONGEST_MS)
    query = (
        f"SELECT block.packed FROM reading_block AS block WHERE block.series_key = ANY('{{{keys}}}'::bigint[])"  # noqa: S608
        f" AND {within} ORDER BY block.series_key, block.from_ms"
    )
    # Bytes as text would be twice as many.
    with driver.cursor(binary=True) as cursor:
        return [row[0] for row in cursor.execute(query)]


_PACKED_ON_SQLITE = (
    "SELECT block.packed FROM json_each(:keys) AS wanted CROSS JOIN reading_block AS block"  # noqa: S608
    f" WHERE block.series_key = wanted.value"
    f" AND {_WITHIN.format(from_ms=':from_ms', until_ms=':until_ms', longest_ms=_LONGEST_MS)}"
)


def covered(
    database: Database, connection: Connection, series_keys: NDArray[np.int64], from_ms: int, until_ms: int
) -> NDArray[np.int64]:
    """Those of the series that have a block in the closed span, ascending."""
    query = _COVERED_ON_SQLITE if database.is_sqlite else _COVERED_ON_SERVER
    keys = json.dumps(series_keys.tolist()) if database.is_sqlite else series_keys.tolist()
    values = {"keys": keys, "from_ms": from_ms, "until_ms": until_ms}
    return np.array(sorted(connection.execute(query, values).scalars()), np.int64)


def _covered(wanted: str) -> Any:
    # Of disjoint blocks the one that begins last ends last.
    return text(
        f"SELECT wanted.value FROM {wanted} WHERE (SELECT block.until_ms FROM reading_block AS block"  # noqa: S608
        " WHERE block.series_key = wanted.value AND block.from_ms <= :until_ms"
        " ORDER BY block.from_ms DESC LIMIT 1) >= :from_ms"
    )


_COVERED_ON_SQLITE = _covered("json_each(:keys) AS wanted")
_COVERED_ON_SERVER = _covered("unnest(CAST(:keys AS bigint[])) AS wanted(value)")

_BEFORE = (
    select(reading_block.c.from_ms, reading_block.c.packed)
    .where(reading_block.c.series_key == bindparam("key"), reading_block.c.from_ms < bindparam("at_ms"))
    .order_by(reading_block.c.from_ms.desc())
    .limit(1)
)
_AFTER = (
    select(reading_block.c.from_ms, reading_block.c.packed)
    .where(reading_block.c.series_key == bindparam("key"), reading_block.c.from_ms >= bindparam("at_ms"))
    .order_by(reading_block.c.from_ms)
    .limit(1)
)


def counters_before(connection: Connection, series_key: int, at_ms: int, most: int, unbelieved: int) -> ReadingColumns:
    """The last believed counter readings of a series before an instant that lie in blocks."""
    found: list[ReadingColumns] = []
    bound = at_ms
    while sum(map(len, found)) < most:
        row = connection.execute(_BEFORE, {"key": series_key, "at_ms": bound}).one_or_none()
        if row is None:
            break
        bound = row.from_ms
        part = _counters(unpack(row.packed), unbelieved)
        found.insert(0, part.take(part.at_ms < at_ms))
    return ReadingColumns.joined(found).take(slice(-most, None))


def counters_from(connection: Connection, series_key: int, at_ms: int, most: int, unbelieved: int) -> ReadingColumns:
    """The first believed counter readings of a series from an instant on that lie in blocks."""
    found: list[ReadingColumns] = []
    row = connection.execute(_BEFORE, {"key": series_key, "at_ms": at_ms}).one_or_none()
    bound = at_ms
    while True:
        if row is not None:
            part = _counters(unpack(row.packed), unbelieved)
            found.append(part.take(part.at_ms >= at_ms))
            bound = max(bound, row.from_ms + 1)
        if sum(map(len, found)) >= most:
            break
        row = connection.execute(_AFTER, {"key": series_key, "at_ms": bound}).one_or_none()
        if row is None:
            break
    return ReadingColumns.joined(found).take(slice(0, most))


def _counters(readings: ReadingColumns, unbelieved: int) -> ReadingColumns:
    return readings.take((readings.energy_ws >= 0) & ((readings.quality & unbelieved) == 0))


def block_ends(connection: Connection, series_keys: Sequence[int] | None = None) -> dict[int, tuple[int, int]]:
    """(earliest, latest) by series of what lies in blocks."""
    query = select(reading_block.c.series_key, func.min(reading_block.c.from_ms), func.max(reading_block.c.until_ms))
    if series_keys is not None:
        query = query.where(reading_block.c.series_key.in_(series_keys))
    return {key: (first, last) for key, first, last in connection.execute(query.group_by(reading_block.c.series_key))}


def count_blocked(connection: Connection) -> int:
    """How many readings lie in blocks."""
    query = select(func.coalesce(func.sum(reading_block.c.readings), 0))
    return int(connection.execute(query).scalar_one())
