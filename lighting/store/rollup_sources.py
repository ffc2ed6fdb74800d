"""The readings of which rollups are made: those of a span, and the few around it that matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select, text

from lighting.energy.counters import NEIGHBOURS
from lighting.energy.rollup import Readings, SeriesFacts, counters_around, near
from lighting.store.archive_readings import archived
from lighting.store.engine import Database
from lighting.store.packing import unpack
from lighting.store.reading_columns import FIELDS, ReadingColumns
from lighting.store.schema import reading_batch

_COLUMNS = ", ".join(FIELDS)
_BELIEVED = "energy_ws >= 0 AND (quality & 13) = 0"
_SOME_COUNTER = text(f"SELECT 1 FROM reading_archive WHERE series_key = :key AND {_BELIEVED} LIMIT 1")  # noqa: S608
_EARLIER = text(
    f"SELECT {_COLUMNS} FROM reading_archive WHERE series_key = :key AND at_ms < :at_ms AND {_BELIEVED}"  # noqa: S608
    f" ORDER BY at_ms DESC LIMIT {NEIGHBOURS}"
)
_LATER = text(
    f"SELECT {_COLUMNS} FROM reading_archive WHERE series_key = :key AND at_ms >= :at_ms AND {_BELIEVED}"  # noqa: S608
    f" ORDER BY at_ms LIMIT {NEIGHBOURS}"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """One snapshot of the store: the live readings ascending by series and time, and who has no counter at all."""

    database: Database
    connection: Connection
    live: ReadingColumns
    uncounted: set[int]

    @classmethod
    def of(cls, database: Database, connection: Connection) -> Sources:
        packed = connection.execute(select(reading_batch.c.packed).order_by(reading_batch.c.id)).scalars()
        return cls(database, connection, ReadingColumns.joined([unpack(one) for one in packed]).by_series(), set())

    def around(
        self, keys: NDArray[np.int64], facts: list[SeriesFacts], from_ms: int, until_ms: int, around_ms: int
    ) -> Readings:
        """What matters for the span of these series, which are ascending."""
        begin_ms, end_ms = from_ms - around_ms, until_ms + around_ms
        rows = archived(self.database, self.connection, keys, begin_ms, end_ms)
        found = ReadingColumns.joined([rows, self._live_of(keys, begin_ms, end_ms)]).by_series()
        readings = _of(found, keys)
        # Further away the two tables do not hold the same time: what one has says nothing of the other.
        before, after = counters_around(readings, len(keys), from_ms, until_ms, around_ms)
        more = [found]
        for index in np.flatnonzero((before < NEIGHBOURS) | (after < NEIGHBOURS)).tolist():
            if facts[index].counter.is_counted is not False and self._has_counter(int(keys[index])):
                key = int(keys[index])
                more += self._archived_counters(_EARLIER, key, begin_ms) if before[index] < NEIGHBOURS else []
                more += self._archived_counters(_LATER, key, end_ms) if after[index] < NEIGHBOURS else []
        return _of(ReadingColumns.joined(more).by_series(), keys) if len(more) > 1 else readings

    def _live_of(self, keys: NDArray[np.int64], begin_ms: int, end_ms: int) -> ReadingColumns:
        """Those of the span, and the nearest counters before and after it."""
        first, last = np.searchsorted(self.live.series_key, (keys[0], keys[-1] + 1))
        mine = self.live.take(slice(int(first), int(last)))
        if len(mine) == 0:
            return mine
        known = np.searchsorted(keys, mine.series_key)
        mine = mine.take(keys[np.minimum(known, len(keys) - 1)] == mine.series_key)
        return mine.take(near(_of(mine, keys), begin_ms, end_ms))

    def _has_counter(self, key: int) -> bool:
        if key in self.uncounted:
            return False
        # Where there is none, every archived reading is looked at: once a pass.
        found = self.connection.execute(_SOME_COUNTER, {"key": key}).first() is not None
        if not found:
            self.uncounted.add(key)
        return found

    def _archived_counters(self, query: Any, key: int, at_ms: int) -> list[ReadingColumns]:
        rows = self.connection.execute(query, {"key": key, "at_ms": at_ms}).all()
        return [ReadingColumns.of_rows(rows)] if rows else []


def _of(readings: ReadingColumns, keys: NDArray[np.int64]) -> Readings:
    return Readings(
        np.searchsorted(keys, readings.series_key),
        readings.at_ms,
        readings.level_pct,
        readings.power_w,
        readings.energy_ws,
        readings.voltage_v,
        readings.quality.astype(np.int64),
        readings.reactive_var,
    )
