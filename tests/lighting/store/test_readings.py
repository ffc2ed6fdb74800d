"""Readings: one row a series and time, in whichever table they lie; the latest never goes back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighting.store import readings as module
from lighting.store.records import Quality, Reading
from lighting.store.store import Store
from tests.effort import examples

HOUR_MS = 3_600_000
NIGHT_MS = 1_790_000_000_000


def _clear(store: Store) -> None:
    database = store.readings._database  # type: ignore[attr-defined]
    with database.writing(durable=False) as connection:
        for table in ("reading_batch", "reading_archive", "reading_block", "reading_snapshot"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def test_a_reading_is_read_back_as_it_was_and_unknown_stays_unknown(store: Store) -> None:
    whole = Reading(NIGHT_MS, 7, 60.0, 1234.5, 10_000_000_000_123, 230.1, 5.5, 0.97, int(Quality.SIMULATED))
    unknown = Reading(NIGHT_MS + 1, 7, quality=int(Quality.MISSING))
    mixed = Reading(NIGHT_MS + 2, 7, level_pct=60, power_w=0)
    store.readings.append([whole, unknown, mixed])
    assert store.readings.of_series(7, NIGHT_MS, NIGHT_MS + 2) == [whole, unknown, mixed]
    assert store.readings.latest() == {7: mixed}


def test_a_value_that_is_no_number_is_unknown(store: Store) -> None:
    store.readings.append([Reading(1, 7, power_w=math.nan)])
    assert store.readings.of_series(7, 0, 9) == [Reading(1, 7)]


def test_the_same_reading_twice_is_one_row_wherever_it_lies(store: Store) -> None:
    reading = Reading(100, 7, power_w=5.0)
    store.readings.append([reading, reading])
    store.readings.append([reading])
    assert store.readings.count() == 1
    store.readings.reorder(HOUR_MS)
    store.readings.append([reading])
    assert store.readings.count() == 1
    assert store.readings.of_series(7, 0, 200) == [reading]
    store.readings.reorder(HOUR_MS)
    assert store.readings.count() == 1
    assert store.readings.latest() == {7: reading}


def test_an_older_reading_never_replaces_a_newer_one(store: Store) -> None:
    newer, older = Reading(200, 7, power_w=2.0), Reading(100, 7, power_w=1.0)
    store.readings.append([newer])
    store.readings.append([older])
    assert store.readings.latest() == {7: newer}
    store.readings.append([Reading(300, 8), Reading(250, 8), Reading(300, 7)])
    assert {key: reading.at_ms for key, reading in store.readings.latest().items()} == {7: 300, 8: 300}


def test_latest_of_some_series_and_of_one_long_silent(store: Store) -> None:
    store.readings.append([Reading(100, 7), Reading(5 * HOUR_MS, 8), Reading(5 * HOUR_MS, 9)])
    store.readings.reorder(HOUR_MS)
    assert store.readings.latest([7, 8, 99]) == {7: Reading(100, 7), 8: Reading(5 * HOUR_MS, 8)}
    assert store.readings.latest([]) == {}
    many = store.readings.latest(range(2000))
    assert set(many) == {7, 8, 9}


def test_nothing_is_appended_from_nothing(store: Store) -> None:
    store.readings.append([])
    assert store.readings.count() == 0
    assert store.readings.latest() == {}
    assert store.readings.of_series(1, 0, 10) == []
    assert store.readings.reorder(10) == 0


def test_reorder_moves_what_is_older_and_only_that(store: Store) -> None:
    for at_ms in range(10):
        store.readings.append([Reading(at_ms, key) for key in (1, 2)])
    assert store.readings.reorder(4) == 8
    assert store.readings.reorder(4) == 0
    assert store.readings.count() == 20
    assert [reading.at_ms for reading in store.readings.of_series(2, 2, 6)] == [2, 3, 4, 5, 6]


def test_a_large_backlog_is_moved_in_portions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOVED_AT_ONCE", 7)
    monkeypatch.setattr(module, "_MOVED_TOGETHER", 20)
    for at_ms in range(10):
        store.readings.append([Reading(at_ms, key) for key in range(5)])
    assert store.readings.reorder(9, once=True) == 7
    assert store.readings.count() == 50
    assert store.readings.reorder(9) == 38
    assert store.readings.count() == 50
    assert store.readings.of_series(3, 0, 99) == [Reading(at_ms, 3) for at_ms in range(10)]


_READINGS = st.lists(
    st.builds(Reading, at_ms=st.integers(0, 12), series_key=st.integers(1, 3), power_w=st.none() | st.floats(0, 1e6)),
    max_size=12,
)
_STEPS = st.lists(st.tuples(_READINGS, st.integers(0, 13)), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30), deadline=None)
@given(_STEPS)
def test_any_order_of_appends_and_reorders_reads_like_one_table(
    store: Store, steps: list[tuple[list[Reading], int]]
) -> None:
    _clear(store)
    times: dict[int, set[int]] = {1: set(), 2: set(), 3: set()}
    for readings, before_ms in steps:
        store.readings.append(readings)
        store.readings.reorder(before_ms)
        for reading in readings:
            times[reading.series_key].add(reading.at_ms)
    for key, known in times.items():
        assert [reading.at_ms for reading in store.readings.of_series(key, 0, 99)] == sorted(known)
        within = [at_ms for at_ms in sorted(known) if 3 <= at_ms <= 8]
        assert [reading.at_ms for reading in store.readings.of_series(key, 3, 8)] == within
    latest = {key: reading.at_ms for key, reading in store.readings.latest().items()}
    assert latest == {key: max(known) for key, known in times.items() if known}
    assert store.readings.count() == sum(map(len, times.values()))


def _totals(store: Store, *arguments: Any, **options: Any) -> list[tuple[int, float | None]]:
    times, totals = store.readings.totals(*arguments, **options)
    assert times.dtype == np.int64
    assert totals.dtype == np.float64
    return [(int(at), None if np.isnan(total) else float(total)) for at, total in zip(times, totals, strict=True)]


def test_totals_hold_each_series_until_its_next_reading(store: Store) -> None:
    store.readings.append([Reading(10, 1, power_w=100.5), Reading(20, 2, power_w=50.0), Reading(30, 1, power_w=0.0)])
    store.readings.append([Reading(40, 2, power_w=0.0), Reading(15, 3, power_w=9e9)])
    expected = [(10, None), (20, 150.5), (30, 50.0), (40, 0.0)]
    assert _totals(store, [1, 2], 0, 99) == expected
    store.readings.reorder(25)
    assert _totals(store, [1, 2], 0, 99) == expected
    assert _totals(store, [1, 2, 2], 10, 30) == expected[:3]


def test_a_series_that_is_unknown_leaves_no_total_unless_asked(store: Store) -> None:
    store.readings.append([Reading(10, 1, power_w=100.0), Reading(10, 2, power_w=50.0)])
    store.readings.append([Reading(20, 2, quality=int(Quality.MISSING)), Reading(30, 1, power_w=70.0)])
    store.readings.append(
        [Reading(40, 2, power_w=60.0), Reading(50, 2, power_w=1e9, quality=int(Quality.OUT_OF_RANGE))]
    )
    assert _totals(store, [1, 2], 0, 99) == [(10, 150.0), (20, None), (30, None), (40, 130.0), (50, None)]
    known = [(10, 150.0), (20, 100.0), (30, 70.0), (40, 130.0), (50, 70.0)]
    assert _totals(store, [1, 2, 3], 0, 99, known_only=True) == known
    assert _totals(store, [1, 3], 0, 99) == [(10, None), (30, None)]


def test_totals_of_nothing_are_empty(store: Store) -> None:
    assert _totals(store, [], 0, 99) == []
    assert _totals(store, [1], 0, 99) == []


def test_totals_of_more_series_than_one_query_takes(store: Store) -> None:
    store.readings.append([Reading(10, key, power_w=0.1) for key in range(1, 1201)])
    assert _totals(store, range(1, 1201), 0, 99) == [(10, 120.0)]
