"""Runs of levels: what a rollup keeps of an hour of a circuit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.energy.level_runs import (
    LIT,
    LIT_UNKNOWN,
    UNLIT,
    Before,
    LevelRunsError,
    lit_of,
    many_runs,
    pack_runs,
    runs_of_hour,
    unpack_many,
    unpack_runs,
)

START = 1_764_288_000_000
HOUR = 3_600_000


def test_lit_is_judged_by_power_and_by_the_report_without_any() -> None:
    level = [50.0, 0.0, np.nan, 50.0, 0.0, np.nan]
    power = [900.0, 900.0, 900.0, 3.0, np.nan, np.nan]
    assert lit_of(level, power, 40.0).tolist() == [LIT, LIT, LIT, UNLIT, UNLIT, LIT_UNKNOWN]
    assert lit_of([70.0], [np.nan], 40.0).tolist() == [LIT]


def test_an_hour_at_one_level_is_one_run_of_six_bytes() -> None:
    at = START + np.arange(0, HOUR, 60_000)
    blob = runs_of_hour(
        at,
        np.full(60, 70.0),
        np.ones(60),
        START,
        START + HOUR,
        Before(np.array([START - 60_000]), np.array([70.0]), np.array([LIT], dtype=np.uint8)),
        hold_ms=180_000,
    )
    assert len(blob) == 6
    runs = unpack_runs(blob, START)
    assert (runs.at_ms.tolist(), runs.level_pct.tolist(), runs.lit.tolist()) == ([START], [70.0], [LIT])


def test_unknown_stands_before_the_first_reading_and_when_a_device_is_silent() -> None:
    blob = runs_of_hour([START + 600_000], [40.0], [LIT], START, START + HOUR, hold_ms=180_000)
    runs = unpack_runs(blob, START)
    assert (runs.at_ms - START).tolist() == [0, 600_000, 780_000]
    assert np.array_equal(runs.level_pct, [np.nan, 40.0, np.nan], equal_nan=True)
    assert runs.lit.tolist() == [LIT_UNKNOWN, LIT, LIT_UNKNOWN]


def test_a_reading_from_before_holds_for_the_rest_of_its_time() -> None:
    before = Before(np.array([START - 100_000]), np.array([55.25]), np.array([LIT], dtype=np.uint8))
    runs = unpack_runs(runs_of_hour([], [], [], START, START + HOUR, before, hold_ms=180_000), START)
    assert (runs.at_ms - START).tolist() == [0, 80_000]
    assert runs.level_pct[0] == 55.25
    long_ago = Before(before.at_ms - HOUR, before.level_pct, before.lit)
    runs = unpack_runs(runs_of_hour([], [], [], START, START + HOUR, long_ago, hold_ms=180_000), START)
    assert runs.lit.tolist() == [LIT_UNKNOWN]


def test_a_blob_that_is_cut_off_is_refused() -> None:
    with pytest.raises(LevelRunsError):
        unpack_runs(b"1234567", START)
    with pytest.raises(LevelRunsError):
        unpack_many([b"", b"12"], np.array([START, START]))


_reading = st.tuples(
    st.integers(0, 2),
    st.integers(-HOUR, 2 * HOUR),
    st.one_of(st.just(float("nan")), st.integers(0, 10_000).map(lambda steps: steps / 100)),
    st.integers(0, 2),
)


@given(st.lists(_reading, max_size=30), st.integers(1, HOUR))
def test_many_series_are_as_each_alone_at_every_instant(readings: list[tuple[int, int, float, int]], hold: int) -> None:
    """What the runs say at an instant is what the last reading before it says, while that is believed."""
    rows = {(series, at): (level, lit) for series, at, level, lit in readings}
    inside = sorted((series, at, *value) for (series, at), value in rows.items() if at >= 0)
    latest = {series: at for series, at in sorted(rows) if at < 0}
    before = Before.nothing(3)
    for series, at in latest.items():
        before.at_ms[series], (before.level_pct[series], before.lit[series]) = START + at, rows[series, at]
    blobs = many_runs(
        np.array([row[0] for row in inside], dtype=np.intp),
        [START + row[1] for row in inside],
        [row[2] for row in inside],
        [row[3] for row in inside],
        3,
        START,
        START + HOUR,
        before,
        hold_ms=hold,
    )
    of_blob, runs = unpack_many(blobs, np.full(3, START))
    for series in range(3):
        mine = of_blob == series
        at = runs.at_ms[mine] - START
        assert at[0] == 0
        assert (np.diff(at) > 0).all()
        assert pack_runs(at, runs.level_pct[mine], runs.lit[mine]) == blobs[series]
        for now in (0, 1, HOUR // 2, HOUR - 1, *(row[1] for row in inside if row[1] < HOUR)):
            known = [row_at for row_series, row_at in rows if row_series == series and row_at <= now]
            expected = (float("nan"), LIT_UNKNOWN)
            if known and now < max(known) + hold:
                expected = rows[series, max(known)]
            found = int(np.searchsorted(at, now, "right")) - 1
            assert np.array_equal(runs.level_pct[mine][found], expected[0], equal_nan=True)
            assert runs.lit[mine][found] == expected[1]
