"""The readings of which rollups are made: those of a span, and the few around it that matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, TextClause, select, text

from lighting.energy.counters import NEIGHBOURS
from lighting.energy.rollup import Readings, SeriesFacts, counters_around, near
from lighting.store.archive_readings import archived
from lighting.store.engine import Database
from lighting.store.packing import unpack
from lighting.store.reading_blocks import counters_before, counters_from, covered
from lighting.store.reading_columns import FIELDS, ReadingColumns
from lighting.store.schema import reading_batch

_NEVER_MS = -(2**62)
_UNBELIEVED = 13
_BELIEVED = "nearest.energy_ws >= 0 AND (nearest.quality & 13) = 0"


def _nearest(wanted: str, beyond: str, order: str) -> TextClause:
    """The counter readings of each series next to an instant, one look into the index a series."""
    columns = ", ".join(f"archive.{name}" for name in FIELDS)
    return text(
        f"SELECT {columns} FROM {wanted} CROSS JOIN reading_archive AS archive"  # noqa: S608 - names of our own
        " WHERE archive.series_key = wanted.value AND archive.at_ms IN ("
        "SELECT nearest.at_ms FROM reading_archive AS nearest WHERE nearest.series_key = wanted.value"
        f" AND nearest.at_ms {beyond} :at_ms AND {_BELIEVED} ORDER BY nearest.at_ms {order} LIMIT {NEIGHBOURS})"
    )


_ON_SQLITE, _ON_SERVER = "json_each(:keys) AS wanted", "unnest(CAST(:keys AS bigint[])) AS wanted(value)"
_EARLIER = {True: _nearest(_ON_SQLITE, "<", "DESC"), False: _nearest(_ON_SERVER, "<", "DESC")}
_LATER = {True: _nearest(_ON_SQLITE, ">=", ""), False: _nearest(_ON_SERVER, ">=", "")}


@dataclass(frozen=True, slots=True)
class Sources:
    """One snapshot of the store: the live readings ascending by series and time."""

    database: Database
    connection: Connection
    live: ReadingColumns

    @classmethod
    def of(cls, database: Database, connection: Connection) -> Sources:
        packed = connection.execute(select(reading_batch.c.packed).order_by(reading_batch.c.id)).scalars()
        return cls(database, connection, ReadingColumns.joined([unpack(one) for one in packed]).by_series())

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
        may_count = np.array([one.counter.is_counted is not False for one in facts], np.bool_)
        alone, last = keys[may_count & (before < NEIGHBOURS)], keys[may_count & (after < NEIGHBOURS)]
        earlier = self._nearest(_EARLIER, counters_before, alone, begin_ms)
        later = self._nearest(_LATER, counters_from, last, end_ms)
        if len(earlier) + len(later) == 0:
            return readings
        return _of(ReadingColumns.joined([found, earlier, later]).by_series(), keys)

    def _live_of(self, keys: NDArray[np.int64], begin_ms: int, end_ms: int) -> ReadingColumns:
        """Those of the span, and the nearest counters before and after it."""
        first, last = np.searchsorted(self.live.series_key, (keys[0], keys[-1] + 1))
        mine = self.live.take(slice(int(first), int(last)))
        if len(mine) == 0:
            return mine
        known = np.searchsorted(keys, mine.series_key)
        mine = mine.take(keys[np.minimum(known, len(keys) - 1)] == mine.series_key)
        return mine.take(near(_of(mine, keys), begin_ms, end_ms))

    def _nearest(
        self,
        queries: dict[bool, TextClause],
        in_blocks: Callable[[Connection, int, int, int, int], ReadingColumns],
        keys: NDArray[np.int64],
        at_ms: int,
    ) -> ReadingColumns:
        if keys.size == 0:
            return ReadingColumns.of_rows([])
        wanted = json.dumps(keys.tolist()) if self.database.is_sqlite else keys.tolist()
        values = {"keys": wanted, "at_ms": at_ms}
        rows = ReadingColumns.of_rows(self.connection.execute(queries[self.database.is_sqlite], values).all())
        # What blocks hold further on: only of series that have any there.
        span = (_NEVER_MS, at_ms - 1) if in_blocks is counters_before else (at_ms, -_NEVER_MS)
        packed = [
            in_blocks(self.connection, key, at_ms, NEIGHBOURS, _UNBELIEVED)
            for key in covered(self.database, self.connection, keys, *span).tolist()
        ]
        return ReadingColumns.joined([rows, *packed])


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
