"""Hours made anew from the raw readings and held against those that are stored. Nothing is written."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from lighting.assets.fact import Fact
from lighting.energy.counters import NEIGHBOURS
from lighting.energy.rollup import Rollups, SeriesFacts
from lighting.store.engine import Database
from lighting.store.late_marks import EVERY_SERIES
from lighting.store.live_readings import newest_readings
from lighting.store.rollup_records import HourDiffers, HoursChecked
from lighting.store.rollup_rows import Row, read_rows, rollups_of, rows_of
from lighting.store.rollup_sources import Sources
from lighting.store.rollup_work import RollupWork, Taken
from lighting.store.schema import rollup_dirty, rollup_hour, rollup_state

Pair = tuple[int, int]
"""(start of an hour, series)."""

UNREADABLE = (zlib.error, struct.error, ValueError, IndexError, EOFError)
"""What unpacking raises where the bytes of packed readings are not those that were written."""

_NEVER_MS = 2**62


@dataclass(slots=True)
class _Anew(RollupWork):
    """Keeps what it makes instead of writing it."""

    made: dict[Pair, Row] = field(default_factory=dict, init=False)
    judged: set[Pair] = field(default_factory=set, init=False)

    def _write(self, rollups: Rollups, slots: set[Pair], edges: NDArray[np.int64]) -> None:
        self.judged |= slots
        self.made |= {row[:2]: row for row in rows_of(rollups)}


def check_hours(
    database: Database, spans: Sequence[Pair], timezone: str, facts: Mapping[int, SeriesFacts]
) -> Iterator[HoursChecked]:
    """Compare the hours of these half-open spans (UTC ms), all in one snapshot. Raises ``StoreError``.

    An hour that readings which are not rolled up yet may still change is not judged.
    """
    with database.reading() as connection:
        state = connection.execute(select(rollup_state)).one_or_none()
        if state is None or state.timezone != timezone:
            return
        taken = Taken(state.roller, state.rolled_until_ms, state.raw_from_ms, timezone)
        marked = set(connection.execute(select(rollup_dirty.c.series_key).distinct()).scalars())
        check = _Check(database, connection, facts, taken, marked)
        for from_ms, until_ms in spans:
            yield check.of(from_ms, until_ms)


@dataclass(slots=True)
class _Check:
    database: Database
    connection: Connection
    facts: Mapping[int, SeriesFacts]
    taken: Taken
    marked: set[int]
    sources: Sources | None = None

    def of(self, from_ms: int, until_ms: int) -> HoursChecked:
        stored = {
            row[:2]: row for row in read_rows(self.database, self.connection, rollup_hour, from_ms, until_ms, None)
        }
        try:
            anew = self._anew(from_ms, until_ms, stored)
            judged = {pair for pair in anew.judged if from_ms <= pair[0] < until_ms}
            differing = {pair for pair in judged if anew.made.get(pair) != stored.get(pair)}
            differing -= self._still_open(differing)
        except UNREADABLE as error:
            fault = Fact("verify_raw_unreadable", {"from_ms": from_ms, "detail": str(error) or type(error).__name__})
            return HoursChecked(from_ms, until_ms, 0, 0, 0, (), rollups_of(list(stored.values())), 0, fault)
        waiting = {pair for pair in differing if EVERY_SERIES in self.marked or pair[1] in self.marked}
        told = sorted(differing - waiting)
        rows = {pair: row for pair, row in stored.items() if pair not in told}
        rows |= {pair: anew.made[pair] for pair in told if pair in anew.made}
        return HoursChecked(
            from_ms,
            until_ms,
            len(judged),
            sum(pair[0] < self.taken.raw_from_ms for pair in stored),
            len(waiting),
            tuple(HourDiffers(*pair, _energy(stored.get(pair)), _energy(anew.made.get(pair))) for pair in told),
            rollups_of([rows[pair] for pair in sorted(rows)]),
            self.taken.raw_from_ms,
        )

    def _anew(self, from_ms: int, until_ms: int, stored: Mapping[Pair, Row]) -> _Anew:
        if self.sources is None:
            self.sources = Sources.of(self.database, self.connection)
        anew = _Anew(self.database, self.sources, self.facts, self.taken)
        begin, end = max(from_ms, self.taken.raw_from_ms), min(until_ms, self.taken.rolled_until_ms)
        newest = newest_readings(self.connection).series_key
        keys = np.union1d(newest, np.array([key for _, key in stored], np.int64))
        if begin < end and keys.size:
            anew.roll(keys, begin, end)
        anew.judged = {pair for pair in anew.judged if begin <= pair[0] < end}
        return anew

    def _still_open(self, pairs: set[Pair]) -> set[Pair]:
        """Those that a reading after all that is rolled up may have changed, by what an hour is made of."""
        keys = np.array(sorted({key for _, key in pairs}), np.int64)
        if keys.size == 0 or self.sources is None:
            return set()
        facts = [self.facts.get(key, SeriesFacts()) for key in keys.tolist()]
        around_ms = max(one.around_ms for one in facts)
        until_ms = self.taken.rolled_until_ms
        near = self.sources.around(keys, facts, until_ms, until_ms, around_ms)
        open_from = np.full(keys.size, _NEVER_MS, np.int64)
        for number in range(keys.size):
            mine = near.series == number
            at_ms, counters = near.at_ms[mine], near.at_ms[mine & near.has_counter]
            if bool((at_ms >= until_ms).any()):
                open_from[number] = until_ms - around_ms
            if bool((counters >= until_ms).any()):
                before = counters[counters < until_ms][-NEIGHBOURS:]
                open_from[number] = min(open_from[number], before[0] if before.size == NEIGHBOURS else -_NEVER_MS)
        at = {int(key): int(open_ms) for key, open_ms in zip(keys, open_from, strict=True)}
        # An hour ends at most so long after its beginning.
        return {pair for pair in pairs if pair[0] + 3_600_000 > at[pair[1]]}


def _energy(row: Row | None) -> int | None:
    return None if row is None else row[2]
