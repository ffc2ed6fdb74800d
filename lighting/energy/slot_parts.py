"""Cuts intervals at the edges of slots, so that the parts of an amount sum to it exactly. Vectorised."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_EXACT_MS = 3_000_000_000
"""Up to this length (35 days) the product of two rests of a division by it stays within 63 bits."""
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Intervals:
    """Amounts between two times, all (n,). ``amount`` counts only where ``is_known``; ``flags`` in any case."""

    series: Integers
    from_ms: Integers
    until_ms: Integers
    amount: Integers
    is_known: NDArray[np.bool_]
    is_spread: NDArray[np.bool_]
    flags: Integers

    def at(self, rows: NDArray[np.intp]) -> Intervals:
        return Intervals(*(getattr(self, one.name)[rows] for one in fields(self)))


def cut(intervals: Intervals, edges: Integers, n_series: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Return (amount, known_ms, spread_ms, flags), each (n_series * n_slots,), series by series."""
    n_slots = edges.size - 1
    sums = [np.zeros(n_series * n_slots, np.int64) for _ in range(4)]
    first = np.searchsorted(edges, intervals.from_ms, "right") - 1
    last = np.searchsorted(edges, intervals.until_ms, "left") - 1
    within = (first == last) & (first >= 0) & (first < n_slots)
    rows = None if within.all() else np.flatnonzero(within)
    part = intervals if rows is None else intervals.at(rows)
    target = part.series * n_slots + (first if rows is None else first[rows])
    _add_up(sums, target, part, part.until_ms - part.from_ms, part.amount)
    across = np.flatnonzero((last > first) & (last >= 0) & (first < n_slots))
    if across.size:
        _cut_across(sums, intervals.at(across), first[across], last[across], edges)
    return sums[0], sums[1], sums[2], sums[3]


def _cut_across(sums: list[Integers], intervals: Intervals, first: Integers, last: Integers, edges: Integers) -> None:
    """Cut those that lie in more than one slot, or partly in none."""
    n_slots = edges.size - 1
    first, last = np.maximum(first, 0), np.minimum(last, n_slots - 1)
    pieces = last - first + 1
    row = np.repeat(np.arange(pieces.size), pieces)
    # Counted on from the first slot of each interval.
    slot = first[row] + np.arange(row.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    whole = intervals.at(row)
    begin, end = np.maximum(whole.from_ms, edges[slot]), np.minimum(whole.until_ms, edges[slot + 1])
    length = whole.until_ms - whole.from_ms
    amount = _reached(whole.amount, end - whole.from_ms, length) - _reached(whole.amount, begin - whole.from_ms, length)
    _add_up(sums, whole.series * n_slots + slot, whole, end - begin, amount)


def _add_up(sums: list[Integers], target: Integers, intervals: Intervals, length: Integers, amount: Integers) -> None:
    """Add each interval's part at its place; ``sums`` in the order of what ``cut`` returns."""
    if not intervals.is_known.all():
        length, amount = np.where(intervals.is_known, length, 0), np.where(intervals.is_known, amount, 0)
    begins = run_begins(target)
    _add_runs(sums[0], target, begins, amount)
    _add_runs(sums[1], target, begins, length)
    spread = np.flatnonzero(intervals.is_spread)
    np.add.at(sums[2], target[spread], length[spread])
    marked = np.flatnonzero(intervals.flags)
    np.bitwise_or.at(sums[3], target[marked], intervals.flags[marked])


def run_begins(target: Integers) -> NDArray[np.intp]:
    """Where each run of equal places begins."""
    if not target.size:
        return np.zeros(0, np.intp)
    return np.concatenate(([0], np.flatnonzero(target[1:] != target[:-1]) + 1))


def _add_runs(sums: Integers, target: Integers, begins: NDArray[np.intp], value: Integers) -> None:
    # Runs are summed first, since places come in order almost always: many times faster than one by one.
    if begins.size:
        np.add.at(sums, target[begins], np.add.reduceat(value, begins))


def _reached(total: Integers, elapsed: Integers, length: Integers) -> Integers:
    """``total * elapsed // length``, exact."""
    whole, rest = np.divmod(total, length)
    long = length > _EXACT_MS
    of_rest = np.floor_divide(np.where(long, 0, rest) * np.where(long, 0, elapsed), length, dtype=np.int64)
    reached: Integers = whole * elapsed + of_rest
    for at in np.flatnonzero(long):
        reached[at] = int(total[at]) * int(elapsed[at]) // int(length[at])
    return reached


def micro_to_unit(micro: Integers) -> Integers:
    """Millionths to whole units, rounded to the nearest."""
    whole: Integers = (micro + _MICRO // 2) // _MICRO
    return whole


class Slots:
    """In which slot of which series each reading lies, of readings ascending by series and time."""

    def __init__(self, series: Integers, at_ms: Integers, edges: Integers, n_series: int) -> None:
        self._size = n_series * (edges.size - 1)
        slot = np.searchsorted(edges, at_ms, "right") - 1
        self._inside = (slot >= 0) & (slot < edges.size - 1)
        self._target = series * (edges.size - 1) + slot

    def count(self) -> Integers:
        """How many there are in each slot, (n_series * n_slots,)."""
        return np.bincount(self._target[self._inside], minlength=self._size).astype(np.int64)

    def extremes(self, value: Floats, usable: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """The least and the greatest usable value in each slot, (n_series * n_slots,); NaN where there is none."""
        found = np.full(self._size, np.nan), np.full(self._size, np.nan)
        rows = np.flatnonzero(self._inside & usable)
        if rows.size:
            target, values = self._target[rows], value[rows]
            begins = run_begins(target)
            found[0][target[begins]] = np.minimum.reduceat(values, begins)
            found[1][target[begins]] = np.maximum.reduceat(values, begins)
        return found
