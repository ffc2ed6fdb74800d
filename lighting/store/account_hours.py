"""The hours of a local day's account, of all districts, packed column by column into one row.

A report of a year reads every hour of it. As rows those of twenty districts took a second to fetch, a third of the
whole report; as 365 packed days they take a twentieth of that, and a third of the disk.

Format 1, little-endian: a byte 1, the count (uint32), then each of ``COLUMNS`` as ``lighting.store.packing`` keeps
integers; ``reactive_vars`` is ``NO_ENERGY`` where no meter measures it. Other columns need another number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.slots import HOUR_MS
from lighting.store.packing import HEAD, packed_integers, unpacked_column
from lighting.store.schema import account_hours

Integers = NDArray[np.int64]

COLUMNS = ("start_ms", "district_key", "kind", *ACCOUNT_COLUMNS, "reactive_vars")
LONGEST_DAY_MS = 26 * HOUR_MS
"""No row reaches further: a local day of 25 hours, and one more for a zone that was corrected."""
FORMAT = 1


def pack_hours(hours: Integers) -> bytes:
    """Return (n_columns, n) hours packed, in their order."""
    return HEAD.pack(FORMAT, hours.shape[1]) + b"".join(chain.from_iterable(map(packed_integers, hours)))


def unpack_hours(packed: bytes) -> Integers:
    """Return what was packed, (n_columns, n). Raises ``ValueError`` for bytes that are no packed hours."""
    if len(packed) < HEAD.size or packed[0] != FORMAT:
        raise ValueError("these bytes are no packed hours of an account")
    count, place = HEAD.unpack_from(packed)[1], HEAD.size
    found = np.empty((len(COLUMNS), count), np.int64)
    for row in found:
        row[:], place = unpacked_column(packed, place, count)
    return found


def days_of_hours(connection: Connection, from_ms: int | None, until_ms: int | None) -> Iterator[Integers]:
    """(n_columns, n) by day: the hours that begin in the half-open span, ascending by time, district and kind."""
    of = account_hours.c
    query = select(of.packed).order_by(of.start_ms)
    if from_ms is not None:
        query = query.where(of.start_ms > from_ms - LONGEST_DAY_MS, of.last_ms >= from_ms)
    if until_ms is not None:
        query = query.where(of.start_ms < until_ms)
    for packed in connection.execute(query).scalars():
        hours = unpack_hours(packed)
        kept = np.ones(hours.shape[1], np.bool_)
        if from_ms is not None:
            kept &= hours[0] >= from_ms
        if until_ms is not None:
            kept &= hours[0] < until_ms
        yield hours if kept.all() else hours[:, kept]


def read_hours(connection: Connection, from_ms: int, until_ms: int) -> Integers:
    """(n_columns, n) the same in one."""
    none = np.zeros((len(COLUMNS), 0), np.int64)
    return np.concatenate([none, *days_of_hours(connection, from_ms, until_ms)], axis=1)


def replace_hours(connection: Connection, start_ms: int, end_ms: int, hours: Integers) -> None:
    """Put (n_columns, n) hours of the half-open span, in any order, in the place of those that are there."""
    _clear(connection, start_ms, end_ms)
    write_hours(connection, start_ms, hours[:, np.lexsort(hours[2::-1])])


def write_hours(connection: Connection, start_ms: int, hours: Integers) -> None:
    """Write hours, ascending, where there are none yet; ``start_ms`` is where their day begins."""
    if hours.size:
        row = {"start_ms": start_ms, "last_ms": int(hours[0, -1]), "packed": pack_hours(hours)}
        connection.execute(insert(account_hours), row)


def _clear(connection: Connection, start_ms: int, end_ms: int) -> None:
    """Days of another time zone begin elsewhere: what they have outside the span stays."""
    of = account_hours.c
    reached = of.start_ms > start_ms - LONGEST_DAY_MS, of.start_ms < end_ms, of.last_ms >= start_ms
    query = select(of.start_ms, of.packed).where(*reached, (of.start_ms < start_ms) | (of.last_ms >= end_ms))
    across = [(row.start_ms, unpack_hours(row.packed)) for row in connection.execute(query)]
    connection.execute(delete(account_hours).where(*reached))
    for begin_ms, hours in across:
        write_hours(connection, begin_ms, hours[:, hours[0] < start_ms])
        write_hours(connection, end_ms, hours[:, hours[0] >= end_ms])
