"""How many vehicles passed a road section, lane by lane, in a span of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TrafficCount:
    """Vehicles in the half-open span [from_ms, until_ms) of UTC milliseconds, one figure a lane.

    A lane that could not be counted in that span is NaN: it is no lane without traffic.
    """

    from_ms: int
    until_ms: int
    vehicles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrafficCounts:
    """Many counts of one section as columns, ascending by ``from_ms``; iterating gives each as a ``TrafficCount``.

    ``from_ms``, ``until_ms``: (n_counts,) int64. ``vehicles``: (n_counts, n_lanes) float64, 0 past a count's own
    ``lanes``: (n_counts,) int64.
    """

    from_ms: NDArray[np.int64]
    until_ms: NDArray[np.int64]
    vehicles: NDArray[np.float64]
    lanes: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.from_ms.size)

    def __iter__(self) -> Iterator[TrafficCount]:
        rows = zip(
            self.from_ms.tolist(), self.until_ms.tolist(), self.vehicles.tolist(), self.lanes.tolist(), strict=True
        )
        return (TrafficCount(begin, end, tuple(vehicles[:lanes])) for begin, end, vehicles, lanes in rows)

    def chosen(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> TrafficCounts:
        """Return some of them, in the order given."""
        return TrafficCounts(self.from_ms[rows], self.until_ms[rows], self.vehicles[rows], self.lanes[rows])


def counts_of(counts: Sequence[TrafficCount]) -> TrafficCounts:
    """Return counts in any order as columns. Several of one span stay in the order given."""
    ordered = sorted(counts, key=lambda count: count.from_ms)
    lanes = np.array([len(count.vehicles) for count in ordered], dtype=np.int64)
    width = int(lanes.max(initial=1))
    vehicles = np.zeros((len(ordered), width))
    for row, count in enumerate(ordered):
        vehicles[row, : len(count.vehicles)] = count.vehicles
    return TrafficCounts(
        np.array([count.from_ms for count in ordered], dtype=np.int64),
        np.array([count.until_ms for count in ordered], dtype=np.int64),
        vehicles,
        lanes,
    )


def spread_evenly(counts: TrafficCounts, longest_ms: int) -> TrafficCounts:
    """Return counts of which each that is longer is cut into equal parts no longer than that, with equal traffic."""
    length = counts.until_ms - counts.from_ms
    parts = np.maximum(1, -(-length // longest_ms))
    if not parts.size or parts.max() == 1:
        return counts
    row = np.repeat(np.arange(parts.size), parts)
    part = np.arange(row.size) - np.repeat(np.cumsum(parts) - parts, parts)
    begin = counts.from_ms[row] + length[row] * part // parts[row]
    end = counts.from_ms[row] + length[row] * (part + 1) // parts[row]
    vehicles = counts.vehicles[row] / parts[row][:, None]
    return TrafficCounts(begin, end, vehicles, counts.lanes[row])
