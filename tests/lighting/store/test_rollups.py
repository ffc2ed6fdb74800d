"""Rollups: however readings arrive, and whatever dies meanwhile, they are what all readings together come to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lighting.energy.counters import CounterFacts
from lighting.energy.rollup import Readings, SeriesFacts, roll_up
from lighting.energy.slots import HOUR_MS, hour_edges_ms
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Reading
from lighting.store.rollup_rows import Row, rows_of
from lighting.store.store import Store
from tests.effort import examples

ZONE = "Europe/Berlin"
# Sunday 25 October 2026, when the clock goes back at 01:00 UTC.
START_MS = 1_792_872_000_000
STEP_MS = 600_000
N_STEPS = 80
COUNTED = SeriesFacts(CounterFacts(reset="never", rated_w=5000.0, is_counted=True), lit_above_w=20.0)
METER_OF_POWER = SeriesFacts(CounterFacts(is_counted=False))
FACTS = {1: COUNTED, 2: COUNTED, 3: METER_OF_POWER}


def _reading(step: int, key: int) -> Reading:
    """What that series tells at that step: a counter that falls back now and then, and a power."""
    energy_ws = None if key == 3 or step % 11 == 5 else 1_000_000 + step * 600_000 * key - (step // 23) * 9_000_000
    at_ms = START_MS + step * STEP_MS + key * 1000
    return Reading(at_ms, key, level_pct=float(step % 7 * 10), power_w=1000.0 + step % 5, energy_ws=energy_ws)


def _all_rows(store: Store) -> list[Row]:
    return rows_of(store.rollups.hours(None, 0, 2**60))


def _expected(readings: list[Reading], until_ms: int) -> list[Row]:
    """From all readings at once, with no store between."""
    columns = ReadingColumns.of(readings).by_series()
    if len(columns) == 0:
        return []
    keys = np.unique(columns.series_key)
    edges = hour_edges_ms(int(columns.at_ms.min()), until_ms, ZONE)
    edges = edges[edges <= until_ms]
    if len(edges) < 2:
        return []
    given = Readings(
        np.searchsorted(keys, columns.series_key),
        columns.at_ms,
        columns.level_pct,
        columns.power_w,
        columns.energy_ws,
        columns.voltage_v,
        columns.quality.astype(np.int64),
        columns.reactive_var,
    )
    every = np.ones((len(keys), len(edges) - 1), np.bool_)
    return sorted(rows_of(roll_up(given, keys, edges, [FACTS[key] for key in keys.tolist()], every)))


def _clear(store: Store) -> None:
    database = store.readings._database  # type: ignore[attr-defined]
    tables = (
        "reading_batch reading_archive reading_block reading_snapshot rollup_hour rollup_day rollup_dirty rollup_state"
    )
    with database.writing(durable=False) as connection:
        for table in (*tables.split(), "account_state"):
            connection.execute(text(f"DELETE FROM {table}"))


def _days_marked(store: Store) -> list[int]:
    database = store.readings._database  # type: ignore[attr-defined]
    with database.reading() as connection:
        query = text("SELECT start_ms FROM account_state WHERE is_dirty ORDER BY 1")
        return [start_ms for (start_ms,) in connection.execute(query)]


class _Died(Exception):
    """The program ends here."""


@contextmanager
def _dying(store: Store, after: int) -> Iterator[None]:
    """The writer's transaction of that number is the last that ends well; the next is lost."""
    database = store.rollups._database  # type: ignore[attr-defined]
    begun = 0
    writing = database.writing

    @contextmanager
    def counted(**options: Any) -> Iterator[Any]:
        nonlocal begun
        begun += 1
        with writing(**options) as connection:
            yield connection
            if begun > after:
                raise _Died

    database.writing = counted
    try:
        yield
    finally:
        del database.writing


@dataclass(frozen=True)
class _Step:
    kind: str
    steps: tuple[tuple[int, int], ...] = ()
    at: int = 0


_PAIRS = st.lists(st.tuples(st.integers(0, N_STEPS), st.sampled_from([1, 2, 3])), min_size=1, max_size=25).map(tuple)
_AT = st.integers(0, N_STEPS + 12)
_DOINGS = st.lists(
    st.one_of(
        st.builds(_Step, st.just("append"), _PAIRS),
        st.builds(_Step, st.just("bulk"), _PAIRS),
        st.builds(_Step, st.just("roll"), at=_AT),
        st.builds(_Step, st.just("die"), at=_AT),
        st.builds(_Step, st.just("reorder"), at=_AT),
    ),
    max_size=12,
)


def _do(store: Store, step: _Step) -> None:
    at_ms = START_MS + step.at * STEP_MS
    match step.kind:
        case "append":
            store.readings.append([_reading(*pair) for pair in step.steps])
        case "bulk":
            store.readings.append_columns(ReadingColumns.of([_reading(*pair) for pair in step.steps]))
        case "roll":
            store.rollups.roll(at_ms, ZONE, FACTS)
        case "die":
            with suppress(_Died), _dying(store, step.at % 4):
                store.rollups.roll(at_ms, ZONE, FACTS)
        case "reorder":
            store.readings.reorder(at_ms)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25), deadline=None)
@given(_DOINGS)
def test_rollups_are_what_all_readings_come_to_in_whatever_order_they_came(store: Store, doings: list[_Step]) -> None:
    _clear(store)
    given = {pair for step in doings for pair in step.steps}
    for step in doings:
        _do(store, step)
    until_ms = START_MS + (N_STEPS + 20) * STEP_MS
    store.rollups.roll(until_ms, ZONE, FACTS)
    assert store.rollups.dirty_count() == 0
    rows = _all_rows(store)
    over_ms = int(hour_edges_ms(until_ms, until_ms, ZONE)[0])
    assert sorted(rows) == _expected([_reading(*pair) for pair in given], over_ms)
    store.rollups.rebuild(0, 2**50)
    store.rollups.roll(until_ms, ZONE, FACTS)
    assert _all_rows(store) == rows
    days = store.rollups.days(None, 0, 2**60)
    hours = store.rollups.hours(None, 0, 2**60)
    assert days.known_ms.sum() == hours.known_ms.sum()
    assert days.readings.sum() == hours.readings.sum() == len(given)
    assert set(_days_marked(store)) == set(days.start_ms.tolist())


def test_the_hour_that_the_clock_repeats_is_two_hours_and_its_day_has_twenty_five(store: Store) -> None:
    store.readings.append([_reading(step, 3) for step in range(-20 * 6, 40 * 6)])
    store.rollups.roll(START_MS + 40 * HOUR_MS, ZONE, FACTS)
    days = store.rollups.days([3], 0, 2**60)
    whole = days.known_ms == 25 * HOUR_MS
    assert whole.sum() == 1
    of_day = store.rollups.hours([3], int(days.start_ms[whole][0]), int(days.start_ms[whole][0]) + 25 * HOUR_MS)
    assert len(of_day) == 25
    assert set(np.diff(of_day.start_ms).tolist()) == {HOUR_MS}


def test_a_late_reading_marks_its_day_and_only_what_changed_is_written(store: Store) -> None:
    store.readings.append([_reading(step, 1) for step in range(60) if step != 8])
    store.rollups.roll(START_MS + 20 * HOUR_MS, ZONE, FACTS)
    before = _all_rows(store)
    database = store.readings._database  # type: ignore[attr-defined]
    with database.writing(durable=False) as connection:
        connection.execute(text("UPDATE account_state SET is_dirty = false"))
    store.readings.append([_reading(8, 1)])
    assert store.rollups.dirty_count() == 1
    assert store.rollups.roll(START_MS + 20 * HOUR_MS, ZONE, FACTS).done > 0
    changed = [new for old, new in zip(before, _all_rows(store), strict=True) if old != new]
    assert [row[0] for row in changed] == [START_MS + HOUR_MS]
    assert len(_days_marked(store)) == 1


def test_with_once_it_is_a_portion_at_a_time(store: Store) -> None:
    store.readings.append([_reading(step, 1) for step in range(-6 * 400, 6 * 10)])
    calls = 1
    while store.rollups.roll(START_MS + 10 * HOUR_MS, ZONE, FACTS, once=True).is_more:
        calls += 1
    assert calls > 2
    assert len(store.rollups.hours([1], 0, 2**60)) == 410


def test_it_is_told_whether_there_is_anything_to_roll_up(store: Store) -> None:
    assert store.rollups.is_done(START_MS + HOUR_MS, ZONE), "a store without readings"
    store.readings.append([_reading(step, 1) for step in range(60)])
    until_ms = START_MS + 11 * HOUR_MS
    assert not store.rollups.is_done(until_ms, ZONE)
    store.rollups.roll(until_ms, ZONE, FACTS)
    assert store.rollups.is_done(until_ms, ZONE)
    assert not store.rollups.is_done(until_ms + HOUR_MS, ZONE), "an hour that is over"
    assert not store.rollups.is_done(until_ms, "Asia/Kolkata"), "hours of another zone"
    store.readings.append([_reading(60, 2)])
    assert not store.rollups.is_done(until_ms, ZONE), "a late reading"


def test_another_zone_cuts_every_hour_anew_and_says_so(store: Store) -> None:
    store.readings.append([_reading(step, 1) for step in range(60)])
    assert store.rollups.roll(START_MS + 11 * HOUR_MS, ZONE, FACTS).fact is None
    rolled = store.rollups.roll(START_MS + 11 * HOUR_MS, "Asia/Kolkata", FACTS)
    assert rolled.fact is not None
    assert rolled.fact.code == "rollups_timezone"
    hours = store.rollups.hours(None, 0, 2**60)
    assert set((hours.start_ms % HOUR_MS).tolist()) == {HOUR_MS // 2}
    days = store.rollups.days(None, 0, 2**60)
    assert set((days.start_ms % (24 * HOUR_MS)).tolist()) == {18 * HOUR_MS + HOUR_MS // 2}
    assert days.known_ms.sum() == hours.known_ms.sum()


def test_one_who_rolls_up_stops_when_another_has_taken_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.readings.append([_reading(step, 1) for step in range(30)])
    from lighting.store import rollup_work

    made = rollup_work.RollupWork._make
    turns = 0

    def overtaken(work: Any, *arguments: Any) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            store.rollups.roll(START_MS + 5 * HOUR_MS, ZONE, FACTS)
        made(work, *arguments)

    monkeypatch.setattr(rollup_work.RollupWork, "_make", overtaken)
    assert not store.rollups.roll(START_MS + 5 * HOUR_MS, ZONE, FACTS).is_more
    assert sorted(_all_rows(store)) == _expected([_reading(step, 1) for step in range(30)], START_MS + 5 * HOUR_MS)
    assert store.rollups.dirty_count() == 0


def test_a_replacement_without_figures_marks_the_hours_about_it(store: Store) -> None:
    hour_ms, until_ms = 3_600_000, START_MS + 6 * 3_600_000
    device = store.keys.ensure("device", ["CB01-M"], at_ms=0)["CB01-M"]
    meter = store.keys.ensure("meter", ["CB01-M:L1"], at_ms=0)["CB01-M:L1"]
    # Nothing was read for two hours about the replacement.
    minutes = [minute for minute in range(0, 360, 10) if not 100 < minute < 230]
    readings = [Reading(START_MS + minute * 60_000, meter, energy_ws=1000 * minute) for minute in minutes]
    store.readings.append(readings)
    facts = SeriesFacts(CounterFacts(reset="never", rated_w=5000.0, is_counted=True))
    store.rollups.roll(until_ms, ZONE, {meter: facts})
    known_ms = int(store.rollups.hours([meter], 0, 2**60).known_ms.sum())
    at_ms = START_MS + 150 * 60_000
    touched = [(meter, START_MS + 100 * 60_000), (meter, at_ms), (meter, until_ms + hour_ms)]
    store.keys.install(device, "B-2", from_utc=datetime.fromtimestamp(at_ms / 1000, UTC), touched=touched)
    assert store.rollups.dirty_count() == 2, "what is not rolled up yet needs no mark"
    assert store.keys.meters_replaced() == [(meter, at_ms)]
    store.rollups.roll(until_ms, ZONE, {meter: replace(facts, replaced_ms=(at_ms,))})
    assert store.rollups.dirty_count() == 0
    assert known_ms - int(store.rollups.hours([meter], 0, 2**60).known_ms.sum()) == 130 * 60_000


def _minutes(key: int, first: int, count: int) -> list[Reading]:
    return [
        Reading(START_MS + minute * 60_000 + key, key, level_pct=60.0, power_w=900.5, energy_ws=minute * 60_000)
        for minute in range(first, first + count)
    ]


def test_blocks_rows_and_live_readings_make_the_same_rollups(store: Store) -> None:
    until_ms = START_MS + 12 * 3_600_000
    parts = [_minutes(key, first, 60) for key in (1, 2) for first in (0, 60, 240, 480)]
    for part in parts:
        assert store.readings.append_columns(ReadingColumns.of(part)) == 60
    # Into the gaps: few, and some that lie over what is there.
    rows = [*_minutes(1, 130, 5), *_minutes(2, 470, 40)]
    assert store.readings.append_columns(ReadingColumns.of(rows)) == 5 + 10
    live = [*_minutes(1, 600, 3), *_minutes(2, 50, 3)]
    store.readings.append(live)
    every = ReadingColumns.of([*(one for part in parts for one in part), *rows, *live]).by_series()
    for _ in range(2):
        store.rollups.roll(until_ms, ZONE, FACTS)
        assert _all_rows(store) == _expected(every.readings(), until_ms)
        assert store.readings.count() == len(every)
        assert store.readings.span() == (int(every.at_ms.min()), int(every.at_ms.max()))
        assert [one for part in store.readings.between(0, 2**60) for one in part.readings()] == every.readings()
        of_two = [one for one in every.readings() if one.series_key == 2]
        assert store.readings.of_series(2, 0, 2**60) == of_two
        store.readings.reorder(2**60)
        store.rollups.rebuild(0, until_ms)
    assert store.readings.append_columns(every) == 0
