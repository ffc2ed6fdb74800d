"""One pass of rolling up: the slots that some hours of some series reach, made anew, and written where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from lighting.energy.rollup import Readings, Rollups, SeriesFacts, reach_ms, roll_up, summed
from lighting.energy.slots import day_start_ms, hour_edges_ms, local_day
from lighting.store.engine import Database
from lighting.store.rollup_rows import (
    Row,
    keep_fuller,
    mark_days,
    read_rows,
    rollups_of,
    rows_of,
    write_days,
    write_hours,
)
from lighting.store.rollup_sources import Sources
from lighting.store.schema import rollup_hour

Marks = dict[tuple[int, int], int]
"""{(start of an hour of UTC, series): how often it was marked}."""

_READINGS_TOGETHER = 1_000_000
_CELLS_TOGETHER = 500_000
_A_MINUTE_MS = 60_000
_WRITTEN_AT_ONCE = 4_000
"""Rows of one transaction, so that nobody waits long for the database meanwhile."""
_DAY_MS = 86_400_000
_UNKNOWN_FACTS = SeriesFacts()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pass began with."""

    roller: int
    rolled_until_ms: int
    raw_from_ms: int
    timezone: str


@dataclass(slots=True)
class RollupWork:
    """``is_mine`` turns False when another has taken over: then nothing more is written."""

    database: Database
    sources: Sources
    facts: Mapping[int, SeriesFacts]
    taken: Taken
    is_mine: bool = field(default=True, init=False)

    def roll(self, keys: NDArray[np.int64], from_ms: int, until_ms: int) -> int:
        """Make the slots again that readings of these hours may change; how many hours of series were asked for."""
        edges = hour_edges_ms(from_ms, until_ms, self.taken.timezone)
        begin, end = int(edges[0]), min(int(edges[-1]), self.taken.rolled_until_ms)
        if end <= begin:
            return 0
        # One slot more on either side, where most of what is reached lies.
        around = hour_edges_ms(begin - 1, end + 1, self.taken.timezone)
        span_ms = int(around[-1] - around[0])
        at_once = max(1, _READINGS_TOGETHER // max(1, span_ms // _A_MINUTE_MS))
        for start in range(0, len(keys), at_once):
            if self.is_mine:
                self._roll_some(keys[start : start + at_once], begin, end, int(around[0]), int(around[-1]))
        return len(keys) * (len(edges) - 1)

    def finish(self, marks: Marks) -> bool:
        """Take off the marks that were not set again meanwhile; False where another has taken over."""
        if not self.is_mine:
            return False
        pairs = list(marks.items())
        for start in range(0, len(pairs), _WRITTEN_AT_ONCE):
            with self.database.writing(durable=False) as connection:
                if not self._still_mine(connection):
                    return False
                for (start_ms, key), count in pairs[start : start + _WRITTEN_AT_ONCE]:
                    connection.execute(_UNMARK, {"start_ms": start_ms, "key": key, "marks": count})
        return True

    def _roll_some(self, keys: NDArray[np.int64], begin: int, end: int, first: int, last: int) -> None:
        """``first`` to ``last`` holds the slots around; series that reach further are made by themselves."""
        facts = self._facts_of(keys)
        around_ms = max((one.around_ms for one in facts), default=0)
        readings = self.sources.around(keys, facts, first, last, around_ms)
        from_ms, until_ms = reach_ms(readings, len(keys), begin, end, around_ms)
        silent = np.ones(len(keys), np.bool_)
        silent[readings.series[(readings.at_ms >= begin) & (readings.at_ms < end)]] = False
        from_ms[silent], until_ms[silent] = begin, end
        until_ms = np.minimum(until_ms, self.taken.rolled_until_ms)
        is_far = (from_ms < first) | (until_ms > last)
        self._make(readings, keys, facts, from_ms, until_ms, first, last, ~is_far)
        for few in _few_slots(from_ms, until_ms, np.flatnonzero(is_far)):
            far_first = int(hour_edges_ms(int(from_ms[few].min()), int(from_ms[few].min()), self.taken.timezone)[0])
            far_last = int(hour_edges_ms(far_first, int(until_ms[few].max()), self.taken.timezone)[-1])
            far_facts = [facts[index] for index in few.tolist()]
            far = self.sources.around(keys[few], far_facts, far_first, far_last, around_ms)
            every = np.ones(len(few), np.bool_)
            self._make(far, keys[few], far_facts, from_ms[few], until_ms[few], far_first, far_last, every)

    def _make(
        self,
        readings: Readings,
        keys: NDArray[np.int64],
        facts: Sequence[SeriesFacts],
        from_ms: NDArray[np.int64],
        until_ms: NDArray[np.int64],
        first: int,
        last: int,
        chosen: NDArray[np.bool_],
    ) -> None:
        edges = hour_edges_ms(first, last, self.taken.timezone)
        edges = edges[edges <= self.taken.rolled_until_ms]
        if len(edges) < 2 or not bool(chosen.any()):
            return
        touched = (edges[None, 1:] > from_ms[:, None]) & (edges[None, :-1] < until_ms[:, None])
        wanted = touched & chosen[:, None]
        rollups = roll_up(readings, keys, edges, list(facts), wanted)
        slots = {(int(edges[slot]), int(keys[series])) for series, slot in np.argwhere(wanted).tolist()}
        self._write(rollups, slots, edges)

    def _write(self, rollups: Rollups, slots: set[tuple[int, int]], edges: NDArray[np.int64]) -> None:
        """Replace what differs. Of ``slots`` there is nothing else than these."""
        keys = np.unique(np.fromiter((key for _, key in slots), np.int64, len(slots)))
        with self.database.reading() as connection:
            rows = read_rows(self.database, connection, rollup_hour, int(edges[0]), int(edges[-1]), keys)
        old = {row[:2]: row for row in rows if row[:2] in slots}
        new = rows_of(rollups)
        kept = [row for row in new if row[0] >= self.taken.raw_from_ms]
        fuller = keep_fuller([row for row in new if row[0] < self.taken.raw_from_ms], old)
        changed = [row for row in (*kept, *fuller) if old.get(row[:2]) != row]
        made = {row[:2] for row in new}
        gone = [pair for pair in old if pair not in made and pair[0] >= self.taken.raw_from_ms]
        for some, others in _portions_by_series(changed, gone):
            with self.database.writing(durable=False) as connection:
                if not self._still_mine(connection):
                    return
                write_hours(self.database, connection, some, others)
                self._sum_days(connection, {row[:2] for row in some} | set(others))

    def _sum_days(self, connection: Connection, pairs: set[tuple[int, int]]) -> None:
        """Sum up the days of these hours again, and mark their accounts, with the hours themselves."""
        days = {start_ms: self._day_of(start_ms) for start_ms in {pair[0] for pair in pairs}}
        for begin in sorted(set(days.values())):
            end = self._day_of(begin + _DAY_MS + _DAY_MS // 4)
            keys = sorted({key for start_ms, key in pairs if days[start_ms] == begin})
            rows = read_rows(self.database, connection, rollup_hour, begin, end, np.array(keys, np.int64))
            hours = rollups_of(rows)
            sums = rows_of(summed(hours, np.full(len(hours), begin, np.int64)))
            there = {row[1] for row in sums}
            write_days(self.database, connection, sums, [(begin, key) for key in keys if key not in there])
        mark_days(self.database, connection, list(days.values()))

    def _day_of(self, at_ms: int) -> int:
        return day_start_ms(local_day(at_ms, self.taken.timezone), self.taken.timezone)

    def _facts_of(self, keys: NDArray[np.int64]) -> list[SeriesFacts]:
        return [self.facts.get(key, _UNKNOWN_FACTS) for key in keys.tolist()]

    def _still_mine(self, connection: Connection) -> bool:
        if self.is_mine:
            query = _ROLLER if self.database.is_sqlite else _ROLLER_LOCKED
            self.is_mine = connection.execute(query).scalar_one() == self.taken.roller
        return self.is_mine


_ROLLER = text("SELECT roller FROM rollup_state")
_ROLLER_LOCKED = text("SELECT roller FROM rollup_state FOR UPDATE")
_UNMARK = text("DELETE FROM rollup_dirty WHERE start_ms = :start_ms AND series_key = :key AND marks = :marks")


def _few_slots(
    from_ms: NDArray[np.int64], until_ms: NDArray[np.int64], indices: NDArray[np.intp]
) -> Iterator[NDArray[np.intp]]:
    """Series in portions whose slots are not too many, those that reach over the same span together."""
    ordered = indices[np.lexsort((until_ms[indices], from_ms[indices]))]
    few: list[int] = []
    first, last = 0, 0
    for index in ordered.tolist():
        begin, end = int(from_ms[index]), int(until_ms[index])
        hours = (max(last, end) - first) // 3_600_000 + 2
        if few and (hours * (len(few) + 1) > _CELLS_TOGETHER or begin - first > _DAY_MS):
            yield np.array(sorted(few), np.intp)
            few = []
        if not few:
            first, last = begin, end
        few.append(index)
        last = max(last, end)
    if few:
        yield np.array(sorted(few), np.intp)


def _portions_by_series(
    changed: list[Row], gone: list[tuple[int, int]]
) -> Iterator[tuple[list[Row], list[tuple[int, int]]]]:
    """Together what is of one series: the sums of its days go with its hours."""
    by_series: dict[int, tuple[list[Row], list[tuple[int, int]]]] = {}
    for row in changed:
        by_series.setdefault(row[1], ([], []))[0].append(row)
    for pair in gone:
        by_series.setdefault(pair[1], ([], []))[1].append(pair)
    some: list[Row] = []
    others: list[tuple[int, int]] = []
    for key in sorted(by_series):
        some += by_series[key][0]
        others += by_series[key][1]
        if len(some) + len(others) >= _WRITTEN_AT_ONCE:
            yield some, others
            some, others = [], []
    if some or others:
        yield some, others
