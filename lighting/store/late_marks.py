"""Marks of hours that must be rolled up again, written in the transaction of the readings that came late."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lighting.store.engine import Run
from lighting.store.many_rows import portions
from lighting.store.reading_columns import ReadingColumns

EVERY_SERIES = 0
HOUR_MS = 3_600_000
_MANY = 200
"""From so many series of an hour on, the hour is marked for all: it is read once, whatever it holds."""
_UNTIL = "SELECT rolled_until_ms FROM rollup_state"
_MARK = (
    "INSERT INTO rollup_dirty (start_ms, series_key, marks) VALUES {values}"
    " ON CONFLICT (start_ms, series_key) DO UPDATE SET marks = rollup_dirty.marks + 1"
)


def mark_late(run: Run, readings: ReadingColumns) -> None:
    """Mark the hours of those that are older than what was rolled up."""
    state = run(_UNTIL)
    if not state:
        return
    late = readings.at_ms < state[0][0]
    if not bool(late.any()):
        return
    hours = readings.at_ms[late] // HOUR_MS
    pairs = np.unique(np.stack([hours, readings.series_key[late]], axis=1), axis=0)
    starts, counts = np.unique(pairs[:, 0], return_counts=True)
    whole = starts[counts >= _MANY]
    single = pairs[~np.isin(pairs[:, 0], whole)]
    marks = [(hour * HOUR_MS, EVERY_SERIES) for hour in whole.tolist()]
    marks += [(hour * HOUR_MS, key) for hour, key in single.tolist()]
    add_marks(run, marks)


def mark_hours(run: Run, touched: Sequence[tuple[int, int]]) -> None:
    """Mark the hours of these (series, UTC ms) that were rolled up, though no reading has come into them."""
    state = run(_UNTIL)
    if state:
        hours = {(at_ms // HOUR_MS * HOUR_MS, key) for key, at_ms in touched if at_ms < state[0][0]}
        add_marks(run, sorted(hours))


def add_marks(run: Run, marks: list[tuple[int, int]]) -> None:
    """(start of an hour of UTC, series or ``EVERY_SERIES``), no two the same."""
    for portion in portions(sorted(marks)):
        values = ", ".join(["(?, ?, 1)"] * len(portion))
        run(_MARK.format(values=values), [value for pair in portion for value in pair])


def hours_between(from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Marks of all series for the hours that reach into the half-open span."""
    return [(hour * HOUR_MS, EVERY_SERIES) for hour in range(from_ms // HOUR_MS, -(-until_ms // HOUR_MS))]
