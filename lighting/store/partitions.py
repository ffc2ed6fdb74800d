"""The monthly partitions of the archive on PostgreSQL, of rows and of blocks: made when needed, dropped when old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
ROWS, BLOCKS = "reading_archive", "reading_block"
_KEPT_WHOLE = " WITH (toast_tuple_target = 8160)"
"""An hour's block is 2 kB: cut up into a table of its own it would be written twice."""
_NAMES = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:table AS regclass)")


def make_partitions(connection: Connection, first_ms: int, last_ms: int, table: str = ROWS) -> None:
    """Make the partitions of all months from the one to the other instant that are not there."""
    _make(connection, _months(first_ms, last_ms), table)


def make_partitions_of(connection: Connection, days: Iterable[int], table: str = ROWS) -> None:
    """Make the partitions of these days, counted from 1970, that are not there, and none of months between them."""
    starts = {month_start_ms(day * _DAY_MS) for day in days}
    _make(connection, (one for start_ms in sorted(starts) for one in _months(start_ms, start_ms)), table)


def days_of(at_ms: NDArray[np.int64]) -> set[int]:
    """The days of these instants, as ``make_partitions_of`` takes them."""
    return set(np.unique(at_ms // _DAY_MS).tolist())


def _make(connection: Connection, months: Iterable[tuple[str, int, int]], table: str) -> None:
    there = set(partitions(connection, table))
    for month, from_ms, until_ms in months:
        name = f"{table}_{month}"
        if name not in there:
            kept = _KEPT_WHOLE if table == BLOCKS else ""
            connection.exec_driver_sql(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table}"
                f" FOR VALUES FROM ({from_ms}) TO ({until_ms}){kept}"
            )


def partitions(connection: Connection, table: str = ROWS) -> list[str]:
    """The names of those that are there, ascending by month."""
    return sorted(name.rpartition(".")[2] for (name,) in connection.execute(_NAMES, {"table": table}))


def drop_partitions(connection: Connection, before_ms: int) -> int:
    """Drop the months that are over before that time; how many."""
    dropped = 0
    for table in (ROWS, BLOCKS):
        for name in partitions(connection, table):
            if _end_of(name, table) <= before_ms:
                connection.exec_driver_sql(f"DROP TABLE {name}")
                dropped += 1
    return dropped


def month_start_ms(at_ms: int) -> int:
    """When the UTC month of an instant begins."""
    return _ms((_EPOCH + timedelta(milliseconds=at_ms)).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def _months(first_ms: int, last_ms: int) -> Iterator[tuple[str, int, int]]:
    start_ms = month_start_ms(first_ms)
    while start_ms <= last_ms:
        month = _EPOCH + timedelta(milliseconds=start_ms)
        end_ms = _ms(_next_month(month))
        yield f"{month:%Y_%m}", start_ms, end_ms
        start_ms = end_ms


def _end_of(name: str, table: str) -> int:
    year, month = name.removeprefix(f"{table}_").split("_")
    return _ms(_next_month(datetime(int(year), int(month), 1, tzinfo=UTC)))


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _ms(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)
