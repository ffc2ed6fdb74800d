"""Readings: packed as they come, and moved later to an archive where each series lies together.

As rows keyed by series, every append would touch a page a series and wear out a cabinet's flash card; as rows keyed by
time, each would be written in full twice. So an append is one packed batch, and housekeeping reorders the batches of
a day into the archive. Everyone reads both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, select

from lighting.store.archive_readings import (
    add_history,
    add_rows,
    archive_keys,
    archive_span,
    archived,
    archived_of_series,
)
from lighting.store.engine import Database
from lighting.store.failures import as_store_error
from lighting.store.late_marks import mark_late
from lighting.store.live_readings import (
    add_batch,
    batches_between,
    live_of_series,
    live_span,
    newest_readings,
    raise_newest,
    renew_snapshot,
)
from lighting.store.packing import unpack
from lighting.store.reading_blocks import count_blocked
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Quality, Reading
from lighting.store.schema import reading_archive, reading_batch, reading_block

_MOVED_AT_ONCE = 50_000
"""Readings moved in one transaction, so that nobody waits long for the database meanwhile."""
_MOVED_TOGETHER = 2_000_000
"""Readings of a reordering that are held in memory; more are reordered in several turns."""
_LOOKED_UP_AT_ONCE = 500
_READ_AT_ONCE = 200_000

_UNBELIEVED = int(Quality.OUT_OF_RANGE | Quality.MISSING)
_MICRO = 1_000_000
_END_OF_TIME = 2**62


class Readings:
    """Not synced to disk at each append: a cut of power may cost the last seconds of measurement, never the order."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._moving: Iterator[int] | None = None

    def append(self, readings: Sequence[Reading]) -> None:
        """Keep what was read, in one transaction.

        The first reading of a series at one time stands: the same again is one reading. What is older than what is
        rolled up marks its hours.
        """
        if not readings:
            return
        try:
            columns = ReadingColumns.of(readings).by_series()
        except OverflowError as error:
            raise as_store_error(error, self._database.place) from error
        with self._database.appending() as run:
            add_batch(self._database, run, columns)
            mark_late(run, columns)

    def append_columns(self, readings: ReadingColumns) -> int:
        """Keep a bulk of history, of any order, straight in the archive and in one transaction; how many were new.

        Others wait meanwhile: 100,000 at a time are a fifth of a second. What is there already stands.
        """
        if len(readings) == 0:
            return 0
        ordered = readings.by_series()
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_readings(connection)
            self._database.alone_with_archive(connection)
            ordered = _not_live(connection, ordered)
            added = add_history(self._database, connection, ordered)
            mark_late(self._database.run_on(connection), ordered)
            raise_newest(self._database, connection, ordered)
        return added

    def of_same_instants(self, readings: ReadingColumns) -> ReadingColumns:
        """What is stored of the series and instants of these readings, ascending by series and time.

        For a portion of history, some 100,000: it looks at what these series have in the span of the portion.
        """
        if len(readings) == 0:
            return readings
        span = int(readings.at_ms.min()), int(readings.at_ms.max()) + 1
        keys = np.intersect1d(readings.series_key, self.latest_columns().series_key)
        found = [part.take(part.among(readings)) for part in self.between(*span, keys.tolist())] if keys.size else []
        return ReadingColumns.joined(found)

    def latest(self, series_keys: Sequence[int] | None = None) -> dict[int, Reading]:
        """The newest reading of each of these series, or of all; a series that has none is absent."""
        found = self.latest_columns()
        if series_keys is not None:
            found = found.of_keys(np.array(series_keys, np.int64))
        return dict(zip(found.series_key.tolist(), found.readings(), strict=True))

    def latest_columns(self) -> ReadingColumns:
        """The newest reading of each series, ascending by series."""
        with self._database.reading() as connection:
            return newest_readings(connection)

    def of_series(self, series_key: int, from_ms: int, until_ms: int) -> list[Reading]:
        """One series, ascending by time, both ends included."""
        with self._database.reading() as connection:
            live = live_of_series(connection, series_key, from_ms, until_ms + 1)
            rows = archived_of_series(self._database, connection, series_key, from_ms, until_ms + 1)
        ascending = all(row[0] < after[0] for row, after in pairwise(live))
        if live and (not ascending or (rows and rows[-1][0] >= live[0][0])):
            # What came first stands: the archive, then the batches in their order.
            merged = {row[0]: row for row in (*reversed(live), *rows)}
            return [Reading(*merged[at_ms]) for at_ms in sorted(merged)]
        return [Reading(*row) for row in (*rows, *live)]

    def between(
        self, from_ms: int, until_ms: int, series_keys: Sequence[int] | None = None
    ) -> Iterator[ReadingColumns]:
        """The readings of these series, or of all, in the half-open span: portions of whole series, ascending by
        series and time, each reading once.
        """
        with self._database.reading() as connection:
            keys = _known_keys(connection) if series_keys is None else np.unique(np.array(series_keys, np.int64))
            live = batches_between(connection, from_ms, until_ms)
            at_once = max(1, _READ_AT_ONCE * len(keys) // max(1, self._guess(connection, keys, from_ms, until_ms)))
            for start in range(0, len(keys), at_once):
                portion = keys[start : start + at_once]
                rows = archived(self._database, connection, portion, from_ms, until_ms)
                found = ReadingColumns.joined([rows, live.of_keys(portion)]).by_series()
                if len(found):
                    yield found

    def span(self) -> tuple[int, int] | None:
        """(earliest, latest) of all readings, UTC ms; None where there are none."""
        with self._database.reading() as connection:
            spans = [span for span in (archive_span(connection), live_span(connection)) if span is not None]
        return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None

    def totals(
        self, series_keys: Sequence[int], from_ms: int, until_ms: int, *, known_only: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(times, summed power in W) on the union of the times of these series, both ends included.

        A series holds its power until its next reading. The sum is NaN while any series is unknown (before its first
        reading of the span, and after one with no believable power); ``known_only`` sums those that are known.
        """
        wanted = np.unique(np.array(series_keys, np.int64))
        with self._database.reading() as connection:
            live = batches_between(connection, from_ms, until_ms + 1).of_keys(wanted)
            rows = archived(self._database, connection, wanted, from_ms, until_ms + 1)
        found = ReadingColumns.joined([rows, live]).by_series()
        return _sum_held(found, len(wanted), known_only=known_only)

    def count(self) -> int:
        """How many readings are stored. Looks at every one of them."""
        with self._database.reading() as connection:
            rows = int(connection.execute(select(func.count()).select_from(reading_archive)).scalar_one())
            rows += count_blocked(connection)
            live = batches_between(connection, -_END_OF_TIME, _END_OF_TIME).by_series()
            return rows + len(live) - _archived_of(self._database, connection, live)

    def reorder(self, before_ms: int, *, once: bool = False) -> int:
        """Move batches whose readings are all older than that to the archive; how many readings were moved.

        With ``once`` it is one portion, in one transaction; 0 when there is nothing left.
        """
        moved = 0
        while True:
            if self._moving is None:
                self._moving = self._move(before_ms)
            portion = next(self._moving, 0)
            if portion == 0:
                self._moving = None
                return moved
            moved += portion
            if once:
                return moved

    def waiting(self) -> tuple[int, int] | None:
        """(earliest, how many) of the readings that were not reordered yet; None where there are none."""
        with self._database.reading() as connection:
            found = live_span(connection)
        return None if found is None else (found[0], found[2])

    def renew_latest(self, *, at_once: bool = False) -> bool:
        """Keep the newest reading of each series in one place, where it is due; whether it was."""
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_readings(connection)
            return renew_snapshot(self._database, connection, at_once=at_once)

    def _move(self, before_ms: int) -> Iterator[int]:
        """Each step is one transaction; the batches go when all they hold is in the archive."""
        self.renew_latest(at_once=True)
        while True:
            numbers, batches = self._oldest(before_ms)
            if not numbers:
                return
            for start in range(0, len(batches), _MOVED_AT_ONCE):
                is_last = start + _MOVED_AT_ONCE >= len(batches)
                portion = batches.take(slice(start, start + _MOVED_AT_ONCE))
                with self._database.writing(durable=False) as connection:
                    # Who adds history meanwhile would see neither these rows nor, later, that we saw none of its own.
                    self._database.alone_with_archive(connection)
                    add_rows(self._database, connection, portion)
                    if is_last:
                        connection.execute(delete(reading_batch).where(reading_batch.c.id.in_(numbers)))
                yield len(portion)

    def _oldest(self, before_ms: int) -> tuple[list[int], ReadingColumns]:
        query = select(reading_batch.c.id, reading_batch.c.readings).where(reading_batch.c.until_ms < before_ms)
        with self._database.reading() as connection:
            numbers: list[int] = []
            held = 0
            for number, readings in connection.execute(query.order_by(reading_batch.c.id)):
                if numbers and held + readings > _MOVED_TOGETHER:
                    break
                numbers.append(number)
                held += readings
            packed = connection.execute(
                select(reading_batch.c.packed)
                .where(reading_batch.c.id >= min(numbers, default=0), reading_batch.c.id <= max(numbers, default=-1))
                .where(reading_batch.c.until_ms < before_ms)
                .order_by(reading_batch.c.id)
            ).scalars()
            return numbers, ReadingColumns.joined([unpack(one) for one in packed]).by_series()

    def _guess(self, connection: Connection, keys: NDArray[np.int64], from_ms: int, until_ms: int) -> int:
        """About how many readings these series have in the span, from that of one of them in the middle."""
        if len(keys) == 0:
            return 0
        key = int(keys[len(keys) // 2])
        within = reading_archive.c.at_ms >= from_ms, reading_archive.c.at_ms < until_ms
        query = select(func.count()).where(reading_archive.c.series_key == key, *within)
        blocks = reading_block.c.from_ms < until_ms, reading_block.c.until_ms >= from_ms
        packed = select(func.coalesce(func.sum(reading_block.c.readings), 0)).where(
            reading_block.c.series_key == key, *blocks
        )
        return int(connection.execute(query).scalar_one() + connection.execute(packed).scalar_one()) * len(keys)


def _known_keys(connection: Connection) -> NDArray[np.int64]:
    newest = newest_readings(connection).series_key
    return np.union1d(newest, np.array(archive_keys(connection), np.int64))


def _not_live(connection: Connection, readings: ReadingColumns) -> ReadingColumns:
    """Those that do not stand in a batch yet."""
    live = batches_between(connection, int(readings.at_ms.min()), int(readings.at_ms.max()) + 1)
    return readings.take(~readings.among(live)) if len(live) else readings


def _archived_of(database: Database, connection: Connection, live: ReadingColumns) -> int:
    if len(live) == 0:
        return 0
    keys = np.unique(live.series_key)
    span = int(live.at_ms.min()), int(live.at_ms.max()) + 1
    found = 0
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        rows = archived(database, connection, keys[start : start + _LOOKED_UP_AT_ONCE], *span)
        found += int(live.among(rows).sum()) if len(rows) else 0
    return found


def _sum_held(
    readings: ReadingColumns, series_count: int, *, known_only: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Running sum of the changes of every series: exact in integer microwatts, so that off is 0 and not 1e-12.

    The readings are ascending by series and time, each once.
    """
    if len(readings) == 0:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    believed = (readings.quality & _UNBELIEVED) == 0
    known = (believed & np.isfinite(readings.power_w)).astype(np.int64)
    power_uw = np.rint(np.where(known == 1, readings.power_w, 0.0) * _MICRO).astype(np.int64)
    begins = np.ones(len(readings), np.bool_)
    begins[1:] = readings.series_key[1:] != readings.series_key[:-1]
    by_time = np.argsort(readings.at_ms, kind="stable")
    total_uw = np.cumsum(_changes(power_uw, begins)[by_time])
    known_count = np.cumsum(_changes(known, begins)[by_time])
    ordered_ms = readings.at_ms[by_time]
    last_of_time = np.append(ordered_ms[1:] != ordered_ms[:-1], True)
    total_w = total_uw[last_of_time] / _MICRO
    enough = known_count[last_of_time] >= (1 if known_only else series_count)
    return ordered_ms[last_of_time], np.where(enough, total_w, np.nan)


def _changes(values: NDArray[np.int64], begins: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Each value less the one before it of the same series; the first of a series as it is."""
    before = np.append(np.int64(0), values[:-1])
    return values - np.where(begins, 0, before)
