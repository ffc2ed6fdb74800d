"""Energy of intervals, as utilities tell it, as a counter: what everything else reads.

The intervals of a series that follow each other without a gap become one run of readings: the sum of the energies so
far, at the begin of each interval and at the end of the last. Every reading has the quality ``SUMMED``. At a gap the
sum begins anew, with ``AFTER_GAP``: what was used in the gap is unknown, and never 0. A run that begins where one that
is stored has ended goes on with its sum, so that the files of two months join without a gap, and the same file again is
the same readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.exchange.reading_roles import ENERGY
from lighting.exchange.reading_rows import Integers, Refusals, RowChunk

Sums = Mapping[int, int]
"""Summed counters that are stored of a series: Ws by time."""


@dataclass(frozen=True, slots=True)
class CounterRun:
    """Readings of one series, (n,) each: times UTC ms, the sum Ws; ``begins_anew``: the first one is after a gap."""

    series: int
    at_ms: Integers
    energy_ws: Integers
    begins_anew: bool


def sorted_intervals(rows: RowChunk, interval_ms: int, refusals: Refusals) -> RowChunk:
    """Ascending by series and begin, without what cannot stand beside the interval before it, which is refused."""
    order = np.lexsort((rows.line, rows.at_ms, rows.series))
    rows = rows.take(order)
    good = ~np.isnan(rows.values[ENERGY])
    for row in np.flatnonzero(~good).tolist():
        refusals.add(int(rows.line[row]), "", Fact("interval_without_energy"))
    rows = rows.take(good)
    while True:
        follows = (np.diff(rows.series) == 0) & (np.diff(rows.at_ms) < interval_ms)
        if not follows.any():
            return rows
        kept = np.ones(len(rows), np.bool_)
        # Only the first of those that overlap in a chain is surely beside one that stands.
        late = np.flatnonzero(follows & ~np.append(False, follows[:-1])) + 1
        for row in late.tolist():
            refusals.add(int(rows.line[row]), "", _why(rows, row))
        kept[late] = False
        rows = rows.take(kept)


def _why(rows: RowChunk, row: int) -> Fact:
    before = int(rows.line[row - 1])
    if rows.at_ms[row] == rows.at_ms[row - 1]:
        return Fact("interval_twice", {"other_line": before})
    return Fact("interval_overlaps", {"other_line": before})


def counter_runs(
    series: int, begins_ms: Integers, energy_ws: Integers, interval_ms: int, stored: Sums
) -> list[CounterRun]:
    """The runs of one series, from intervals that are ascending and do not overlap."""
    starts = np.flatnonzero(np.diff(begins_ms, prepend=begins_ms[0] - 2 * interval_ms) != interval_ms)
    edges = np.append(starts, begins_ms.size)
    return [
        _run(series, begins_ms[low:high], energy_ws[low:high], interval_ms, stored)
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def _run(series: int, begins_ms: Integers, energy_ws: Integers, interval_ms: int, stored: Sums) -> CounterRun:
    base = stored.get(int(begins_ms[0]))
    sums = np.concatenate([[0], np.cumsum(energy_ws)]).astype(np.int64) + (base or 0)
    end_ms = int(begins_ms[-1]) + interval_ms
    if stored.get(end_ms, int(sums[-1])) != int(sums[-1]):
        # Another sum begins there: a millisecond before it this one ends, as the figure of a meter that is replaced.
        end_ms -= 1
    return CounterRun(series, np.append(begins_ms, end_ms), sums, base is None)


def contradicted_ms(run: CounterRun, stored: Sums) -> int | None:
    """The first time within a run at which another sum is stored; None where all agree."""
    ours = dict(zip(run.at_ms.tolist(), run.energy_ws.tolist(), strict=True))
    first_ms, last_ms = int(run.at_ms[0]), int(run.at_ms[-1])
    wrong = (at for at, sum_ws in stored.items() if first_ms <= at <= last_ms and ours.get(at) != sum_ws)
    return min(wrong, default=None)


def by_series(rows: RowChunk) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """(series, its rows) of rows that are ascending by series."""
    keys, starts = np.unique(rows.series, return_index=True)
    yield from zip(keys.tolist(), np.split(np.arange(len(rows)), starts[1:]), strict=True)
