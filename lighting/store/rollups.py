"""Hours and days of energy, made of what is stored and kept up with it.

What must be rolled up is a mark in the store: an hour that is over, an hour into which a reading came late, an hour
that somebody asks for again. A mark is written in the transaction of its readings and goes with the rollups that were
made of them, so that a program that dies at any moment leaves a mark more, and never a rollup that is wrong. Readings
are read outside of any writer's transaction; a mark that was set again meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, delete, func, select, text, update

from lighting.assets.fact import Fact
from lighting.energy.rollup import Rollups, SeriesFacts
from lighting.energy.slots import hour_edges_ms
from lighting.store.archive_readings import archive_span
from lighting.store.engine import Database
from lighting.store.late_marks import EVERY_SERIES, HOUR_MS, add_marks, hours_between
from lighting.store.live_readings import live_span, newest_readings
from lighting.store.rollup_check import check_hours
from lighting.store.rollup_records import HoursChecked, KnownFacts, Rolled
from lighting.store.rollup_rows import read_rollups
from lighting.store.rollup_sources import Sources
from lighting.store.rollup_work import Marks, RollupWork, Taken
from lighting.store.schema import rollup_day, rollup_dirty, rollup_hour, rollup_state

_HOURS_TOGETHER = 168
_PAIRS_TOGETHER = 20_000
_PAIRS_SPAN_MS = 7 * 24 * HOUR_MS
_TAKE = text("SELECT rolled_until_ms, raw_from_ms, roller, timezone FROM rollup_state")
_NEVER_MS = -(2**62)
_EVERY: Mapping[int, SeriesFacts] = {}


class RollupStore:
    """Any process may roll up; of two at a time the later takes over, and the earlier stops."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def roll(
        self,
        until_ms: int,
        timezone: str,
        facts: KnownFacts = _EVERY,
        *,
        once: bool = False,
    ) -> Rolled:
        """Roll up all hours that are over at ``until_ms``, and all that are marked; with ``once`` one portion of it.

        ``facts`` by series; a series without is one of which nothing is known. Facts that may change are given as what
        answers them: it is asked after the marks were read, so that whoever changes facts and marks the hours in one
        transaction either has new facts used, or the mark left for the next time. Another ``timezone`` than
        before marks every hour whose readings are kept, and says so.
        """
        fact = self._begin(until_ms, timezone)
        done = 0
        while True:
            worked, is_more = self._portion(timezone, facts)
            done += worked
            if once or not is_more:
                return Rolled(done, is_more, fact)

    def is_done(self, until_ms: int, timezone: str) -> bool:
        """Whether ``roll`` would find nothing to do: the question writes nothing and takes nothing over."""
        with self._database.reading() as connection:
            state = connection.execute(_TAKE).one_or_none()
            if state is None:
                return _first_ms(connection) is None
            is_over = state.timezone == timezone and state.rolled_until_ms >= _slot_before(until_ms, timezone)
            return is_over and connection.execute(select(rollup_dirty.c.start_ms).limit(1)).first() is None

    def rebuild(self, from_ms: int, until_ms: int) -> int:
        """Mark all hours of the span that are rolled up already; how many. ``roll`` makes them again."""
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_readings(connection)
            state = connection.execute(_TAKE).one_or_none()
            if state is None:
                return 0
            first_ms = _first_ms(connection)
            if first_ms is None:
                return 0
            marks = hours_between(max(from_ms, first_ms), min(until_ms, state.rolled_until_ms))
            add_marks(self._database.run_on(connection), marks)
            return len(marks)

    def check(
        self, spans: Sequence[tuple[int, int]], timezone: str, facts: Mapping[int, SeriesFacts]
    ) -> Iterator[HoursChecked]:
        """Hold the hours of these spans against what the raw readings give, one span at a time; nothing is written."""
        return check_hours(self._database, spans, timezone, facts)

    def dirty_count(self) -> int:
        """How many marks wait to be worked off."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(rollup_dirty)).scalar_one())

    def rolled_until_ms(self) -> int | None:
        """Hours before that are rolled up, or marked; None where nothing was ever rolled up."""
        with self._database.reading() as connection:
            return connection.execute(select(rollup_state.c.rolled_until_ms)).scalar_one_or_none()

    def hours(self, series_keys: NDArray[np.int64] | list[int] | None, from_ms: int, until_ms: int) -> Rollups:
        """Hours that begin in the half-open span, of these series or of all, ascending by time and series."""
        return self._read(rollup_hour, series_keys, from_ms, until_ms)

    def days(self, series_keys: NDArray[np.int64] | list[int] | None, from_ms: int, until_ms: int) -> Rollups:
        """The same of local days; they have no levels."""
        return self._read(rollup_day, series_keys, from_ms, until_ms)

    def _read(
        self, table: Table, series_keys: NDArray[np.int64] | list[int] | None, from_ms: int, until_ms: int
    ) -> Rollups:
        keys = None if series_keys is None else np.array(series_keys, np.int64)
        with self._database.reading() as connection:
            return read_rollups(self._database, connection, table, from_ms, until_ms, keys)

    def _begin(self, until_ms: int, timezone: str) -> Fact | None:
        """Take over, and mark the hours that are over: from then on what comes into them is late."""
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_readings(connection)
            state = connection.execute(_TAKE).one_or_none()
            over_ms = _slot_before(until_ms, timezone)
            if state is None:
                self._first(connection, over_ms, timezone)
                return None
            values = {"roller": state.roller + 1, "timezone": timezone}
            fact = None
            if state.timezone != timezone:
                fact = Fact("rollups_timezone", {"before": state.timezone, "timezone": timezone})
                self._cut_anew(connection, state.raw_from_ms, state.rolled_until_ms)
                values["rolled_until_ms"] = _slot_before(state.rolled_until_ms, timezone)
            rolled_ms = values.get("rolled_until_ms", state.rolled_until_ms)
            if over_ms > rolled_ms:
                add_marks(self._database.run_on(connection), hours_between(rolled_ms, over_ms))
                values["rolled_until_ms"] = over_ms
            connection.execute(update(rollup_state).values(values))
            return fact

    def _first(self, connection: Connection, over_ms: int, timezone: str) -> None:
        first_ms = _first_ms(connection)
        if first_ms is None:
            return
        add_marks(self._database.run_on(connection), hours_between(first_ms, over_ms))
        row = {"id": 1, "timezone": timezone, "rolled_until_ms": over_ms, "raw_from_ms": _NEVER_MS, "roller": 1}
        connection.execute(rollup_state.insert(), row)

    def _cut_anew(self, connection: Connection, raw_from_ms: int, rolled_until_ms: int) -> None:
        """Hours of another zone lie elsewhere. Those whose readings are gone stay as they were cut."""
        first = connection.execute(select(func.min(rollup_hour.c.start_ms))).scalar_one()
        if first is None:
            return
        from_ms = max(first, raw_from_ms)
        connection.execute(delete(rollup_hour).where(rollup_hour.c.start_ms >= from_ms))
        connection.execute(delete(rollup_day).where(rollup_day.c.start_ms >= from_ms - 24 * HOUR_MS))
        add_marks(self._database.run_on(connection), hours_between(from_ms, rolled_until_ms))

    def _portion(self, timezone: str, facts: KnownFacts) -> tuple[int, bool]:
        with self._database.reading() as connection:
            state = connection.execute(_TAKE).one_or_none()
            if state is None or state.timezone != timezone:
                return 0, False
            marks = _next_marks(connection)
            if not marks:
                return 0, False
            taken = Taken(state.roller, state.rolled_until_ms, state.raw_from_ms, timezone)
            sources = Sources.of(self._database, connection)
            work = RollupWork(self._database, sources, facts() if callable(facts) else facts, taken)
            newest = newest_readings(connection)
            done = 0
            for keys, from_ms, until_ms in _targets(marks, newest.series_key, newest.at_ms):
                done += work.roll(keys, from_ms, until_ms)
        is_mine = work.finish(marks)
        return max(done, 1), is_mine


def _first_ms(connection: Connection) -> int | None:
    """The earliest time of which there is a reading or a rollup."""
    spans = [span[0] for span in (archive_span(connection), live_span(connection)) if span is not None]
    rolled = connection.execute(select(func.min(rollup_hour.c.start_ms))).scalar_one()
    return min([*spans, *([] if rolled is None else [rolled])], default=None)


def _slot_before(at_ms: int, timezone: str) -> int:
    """The last edge of a slot at or before an instant."""
    return int(hour_edges_ms(at_ms, at_ms, timezone)[0])


def _next_marks(connection: Connection) -> Marks:
    """{(hour, series): marks}: whole hours that follow each other, or else single series of some days."""
    columns = rollup_dirty.c.start_ms, rollup_dirty.c.series_key, rollup_dirty.c.marks
    ordered = select(*columns).order_by(rollup_dirty.c.start_ms, rollup_dirty.c.series_key)
    first = connection.execute(ordered.limit(1)).one_or_none()
    if first is None:
        return {}
    if first.series_key != EVERY_SERIES:
        single = ordered.where(rollup_dirty.c.start_ms < first.start_ms + _PAIRS_SPAN_MS)
        rows = connection.execute(single.where(rollup_dirty.c.series_key != EVERY_SERIES).limit(_PAIRS_TOGETHER))
        return {(row.start_ms, row.series_key): row.marks for row in rows}
    whole = ordered.where(rollup_dirty.c.series_key == EVERY_SERIES)
    whole = whole.where(rollup_dirty.c.start_ms < first.start_ms + _HOURS_TOGETHER * HOUR_MS)
    found: Marks = {}
    for row in connection.execute(whole):
        if row.start_ms != first.start_ms + len(found) * HOUR_MS:
            break
        found[row.start_ms, EVERY_SERIES] = row.marks
    # Single series of these hours are worked off with them.
    until_ms = first.start_ms + len(found) * HOUR_MS
    single = ordered.where(rollup_dirty.c.start_ms < until_ms, rollup_dirty.c.series_key != EVERY_SERIES)
    return found | {(row.start_ms, row.series_key): row.marks for row in connection.execute(single)}


def _targets(
    marks: Marks, known_keys: NDArray[np.int64], newest_ms: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], int, int]]:
    """(series, from, until) of what the marks ask for: series that are marked for the same hours together."""
    hours = sorted(start_ms for start_ms, key in marks if key == EVERY_SERIES)
    if hours:
        # Whoever has not been read since has nothing there.
        yield np.sort(known_keys[newest_ms >= hours[0] - HOUR_MS * 2]), hours[0], hours[-1] + HOUR_MS
        return
    spans: dict[tuple[int, int], list[int]] = {}
    by_series: dict[int, list[int]] = {}
    for start_ms, key in marks:
        by_series.setdefault(key, []).append(start_ms)
    for key, starts in by_series.items():
        spans.setdefault((min(starts), max(starts) + HOUR_MS), []).append(key)
    for (from_ms, until_ms), keys in spans.items():
        yield np.array(sorted(keys), np.int64), from_ms, until_ms
