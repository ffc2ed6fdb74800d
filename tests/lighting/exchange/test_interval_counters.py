"""Energies of intervals become a counter whose differences are these energies, and in whose gaps nothing is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lighting.exchange.interval_counters import contradicted_ms, counter_runs, sorted_intervals
from lighting.exchange.reading_rows import Refusals, RowChunk

STEP = 900_000
INTERVALS = st.dictionaries(st.integers(0, 40), st.integers(0, 10**9), min_size=1, max_size=30)


def rows_of(intervals: list[tuple[int, int, float]]) -> RowChunk:
    """Rows of (series, begin, energy) in the order of the file."""
    series, begins, energy = zip(*intervals, strict=True)
    lines = np.arange(2, 2 + len(intervals))
    return RowChunk(lines, np.array(begins, np.int64), np.array(series, np.int64), {"energy": np.array(energy, float)})


def runs_of(intervals: dict[int, int], stored: dict[int, int] | None = None) -> dict[int, int]:
    begins = np.array(sorted(intervals), np.int64) * STEP
    energy = np.array([intervals[at] for at in sorted(intervals)], np.int64)
    found = dict(stored or {})
    for run in counter_runs(7, begins, energy, STEP, stored or {}):
        assert contradicted_ms(run, stored or {}) is None
        for at_ms, sum_ws in zip(run.at_ms.tolist(), run.energy_ws.tolist(), strict=True):
            found.setdefault(at_ms, sum_ws)
    return found


@given(INTERVALS)
def test_differences_within_a_run_are_the_energies(intervals: dict[int, int]) -> None:
    begins = np.array(sorted(intervals), np.int64) * STEP
    energy = np.array([intervals[at] for at in sorted(intervals)], np.int64)
    runs = counter_runs(7, begins, energy, STEP, {})
    assert np.concatenate([np.diff(run.energy_ws) for run in runs]).tolist() == energy.tolist()
    assert all(run.begins_anew and run.energy_ws[0] == 0 for run in runs)
    assert all(after.at_ms[0] > before.at_ms[-1] for before, after in pairwise(runs))


@given(INTERVALS)
def test_the_same_again_is_the_same_readings(intervals: dict[int, int]) -> None:
    once = runs_of(intervals)
    assert runs_of(intervals, once) == once


@given(INTERVALS, st.integers(0, 40), st.booleans())
def test_parts_in_any_order_lose_no_energy(intervals: dict[int, int], cut: int, later_first: bool) -> None:
    """Two files that meet at any time: what each interval used can be read from what is stored."""
    parts = [{at: e for at, e in intervals.items() if at < cut}, {at: e for at, e in intervals.items() if at >= cut}]
    stored: dict[int, int] = {}
    for part in reversed(parts) if later_first else parts:
        if part:
            stored = runs_of(part, stored)
    for at, energy in intervals.items():
        end = (at + 1) * STEP
        # Where another sum begins at the end, this one's last figure stands a millisecond before it.
        last = stored[end - 1] if end - 1 in stored else stored[end]
        assert last - stored[at * STEP] == energy


def test_what_cannot_stand_beside_another_is_refused_with_its_line() -> None:
    refusals = Refusals("f.csv")
    rows = [(1, 0, 1.0), (1, STEP, 2.0), (1, STEP, 2.0), (1, STEP + 60_000, 3.0), (1, 3 * STEP, np.nan), (2, STEP, 4.0)]
    kept = sorted_intervals(rows_of(rows), STEP, refusals)
    assert kept.line.tolist() == [2, 3, 7]
    assert sorted((one.line, one.fact.code) for one in refusals.rows) == [
        (4, "interval_twice"),
        (5, "interval_overlaps"),
        (6, "interval_without_energy"),
    ]


def test_other_energies_in_a_stored_span_are_contradicted() -> None:
    stored = runs_of({0: 10, 1: 20, 2: 30})
    (run,) = counter_runs(7, np.array([0, STEP, 2 * STEP], np.int64), np.array([10, 21, 30], np.int64), STEP, stored)
    assert contradicted_ms(run, stored) == 2 * STEP
