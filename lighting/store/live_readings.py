"""The batches in which readings come, and the newest reading of each series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from lighting.store.engine import Database, Run
from lighting.store.packing import pack, pick, unpack
from lighting.store.reading_columns import ReadingColumns
from lighting.store.schema import reading_batch, reading_snapshot

_NUMBERED = """
    INSERT INTO reading_batch (id, from_ms, until_ms, readings, packed) VALUES (
        1 + max(coalesce((SELECT max(id) FROM reading_batch), 0),
                coalesce((SELECT batch_id FROM reading_snapshot), 0)), ?, ?, ?, ?)
"""
"""On SQLite a number is counted up from what is there, without a table of counters to write to each time."""
_SERIAL = "INSERT INTO reading_batch (from_ms, until_ms, readings, packed) VALUES (?, ?, ?, ?)"

_LARGEST_TABLE = 20_000_000
_SINCE_MOST = 500_000
_SINCE_EACH = 60
"""The snapshot is written again after so many readings in all, or so many a series: it costs a flash card a byte each
for a cabinet, and a city's latest readings are still found in a glance."""


def add_batch(database: Database, run: Run, readings: ReadingColumns) -> None:
    """Keep these readings, which are ascending by series and time, and not none."""
    span = int(readings.at_ms.min()), int(readings.at_ms.max())
    run(_NUMBERED if database.is_sqlite else _SERIAL, (*span, len(readings), pack(readings)))


def batches_between(connection: Connection, from_ms: int, until_ms: int) -> ReadingColumns:
    """The live readings of the half-open span, in the order in which they came."""
    parts = [unpack(packed) for packed in _packed(connection, from_ms, until_ms)]
    return ReadingColumns.joined(parts).between(from_ms, until_ms)


def live_of_series(connection: Connection, series_key: int, from_ms: int, until_ms: int) -> list[tuple[Any, ...]]:
    """The live readings of one series in the half-open span, in the order in which they came."""
    found: list[tuple[Any, ...]] = []
    for packed in _packed(connection, from_ms, until_ms):
        found += pick(packed, series_key)
    return [row for row in found if from_ms <= row[0] < until_ms]


def _packed(connection: Connection, from_ms: int, until_ms: int) -> list[bytes]:
    query = (
        select(reading_batch.c.packed)
        .where(reading_batch.c.from_ms < until_ms, reading_batch.c.until_ms >= from_ms)
        .order_by(reading_batch.c.id)
    )
    return list(connection.execute(query).scalars())


def live_span(connection: Connection) -> tuple[int, int, int] | None:
    """(earliest, latest, how many) of the live readings; None where there are none."""
    query = select(
        func.min(reading_batch.c.from_ms), func.max(reading_batch.c.until_ms), func.sum(reading_batch.c.readings)
    )
    first, last, count = connection.execute(query).one()
    return None if first is None else (first, last, int(count))


def newest_readings(connection: Connection) -> ReadingColumns:
    """The newest reading of each series, in no order."""
    batch_id, kept = _snapshot(connection)
    query = select(reading_batch.c.packed).where(reading_batch.c.id > batch_id).order_by(reading_batch.c.id)
    return newest_of([kept, *(unpack(packed) for packed in connection.execute(query).scalars())])


def newest_of(parts: Sequence[ReadingColumns]) -> ReadingColumns:
    """The newest of each series; of two of one time the one that came first."""
    joined = ReadingColumns.joined(parts)
    if len(joined) == 0:
        return joined
    keys = joined.series_key
    if int(keys.min()) < 0 or int(keys.max()) >= _LARGEST_TABLE:
        return joined.newest()
    # Written in the order of time, the last of a series stays; of equal times the first comes last.
    order = (len(keys) - 1) - np.argsort(joined.at_ms[::-1], kind="stable")
    table = np.full(int(keys.max()) + 1, -1, np.int64)
    table[keys[order]] = order
    return joined.take(table[table >= 0])


def raise_newest(database: Database, connection: Connection, readings: ReadingColumns) -> None:
    """Take over into the snapshot what is newer; for readings that lie in no batch."""
    batch_id, kept = _snapshot(connection)
    newest = newest_of([kept, readings.newest()])
    if len(newest) != len(kept) or not np.array_equal(_by_key(newest), _by_key(kept)):
        _write_snapshot(database, connection, batch_id, newest)


def renew_snapshot(database: Database, connection: Connection, *, at_once: bool) -> bool:
    """Write the snapshot again where it is due. The caller holds off those who append."""
    batch_id, kept = _snapshot(connection)
    query = select(func.max(reading_batch.c.id), func.sum(reading_batch.c.readings)).where(
        reading_batch.c.id > batch_id
    )
    last_id, since = connection.execute(query).one()
    is_due = since is not None and (at_once or since >= min(_SINCE_MOST, _SINCE_EACH * max(1, len(kept))))
    if is_due:
        _write_snapshot(database, connection, last_id, newest_readings(connection))
    return bool(is_due)


def _by_key(readings: ReadingColumns) -> NDArray[np.int64]:
    found: NDArray[np.int64] = readings.at_ms[np.argsort(readings.series_key)]
    return found


def _snapshot(connection: Connection) -> tuple[int, ReadingColumns]:
    row = connection.execute(select(reading_snapshot.c.batch_id, reading_snapshot.c.packed)).one_or_none()
    return (0, ReadingColumns.of_rows([])) if row is None else (row.batch_id, unpack(row.packed))


def _write_snapshot(database: Database, connection: Connection, batch_id: int, newest: ReadingColumns) -> None:
    values = {"id": 1, "batch_id": batch_id, "packed": pack(newest.by_series())}
    connection.execute(database.upsert(reading_snapshot), values)
