"""The class of a section over a long time, by the rules of the live state machine but window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import TrafficSection
from lighting.schedule.inputs import UNKNOWN, Series, series
from lighting.schedule.traffic_counts import TrafficCount, TrafficCounts, counts_of, spread_evenly
from lighting.schedule.traffic_machine import (
    FULL_ENOUGH,
    LOW_SAMPLES,
    NEVER_MS,
    SILENT_MS,
    WINDOW_MS,
    Change,
    TrafficState,
    advance,
    overtaken,
    sampled,
    stale_after,
    steps_allowed,
)

_MS_PER_H = 3_600_000


def class_series(
    section: TrafficSection,
    counts: TrafficCounts | Sequence[TrafficCount],
    *,
    window_ms: int = WINDOW_MS,
    coarse: bool = False,
) -> Series:
    """Return the steps down of a section as the live state machine would have found them from these counts.

    Counts may be in any order; of two that overlap the earlier begun counts. ``window_ms`` is the length of the count
    window. With ``coarse`` longer counts (hourly ones) are taken as an even flow over their span, and each reason says
    so in ``coarse_s``; without it they are refused with a reason. For what-if only.
    """
    columns = _in_order(counts if isinstance(counts, TrafficCounts) else counts_of(counts))
    longest_ms = int((columns.until_ms - columns.from_ms).max(initial=0))
    spread = coarse and longest_ms > window_ms
    if spread:
        columns = spread_evenly(columns, window_ms)
    changes = _changes(section, columns, window_ms)
    if spread:
        changes = [(at, value, _coarse(fact, longest_ms)) for at, value, fact in changes]
    return series(changes)


def _coarse(fact: Fact, longest_ms: int) -> Fact:
    return Fact(fact.code, {**fact.values, "coarse_s": longest_ms / 1000})


def _in_order(counts: TrafficCounts) -> TrafficCounts:
    """Ascending, without what the live machine would leave aside: counts without length, and overlapping ones."""
    counts = counts.chosen(np.argsort(counts.from_ms, kind="stable"))
    counts = counts.chosen(counts.until_ms > counts.from_ms)
    if (counts.from_ms[1:] >= counts.until_ms[:-1]).all():
        return counts
    kept, until_ms = [], -NEVER_MS
    for row, (begin, end) in enumerate(zip(counts.from_ms.tolist(), counts.until_ms.tolist(), strict=True)):
        if begin >= until_ms:
            kept.append(row)
            until_ms = end
    return counts.chosen(np.array(kept, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class _Windows:
    """The windows that hold counts, as columns: the rows of each, and what a plain one says.

    ``plain``: whole, without a gap, of counts that can be used, so that its one sample tells all of it unless the class
    must rise within it.
    """

    first: NDArray[np.intp]
    after: NDArray[np.intp]
    plain: NDArray[np.bool_]
    flow_veh_h: NDArray[np.float64]
    allowed: NDArray[np.int64]
    seen_ms: NDArray[np.int64]


def _windows(section: TrafficSection, counts: TrafficCounts, window_ms: int) -> _Windows:
    length_ms = counts.until_ms - counts.from_ms
    number = counts.from_ms // window_ms
    first = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
    after = np.append(first[1:], len(counts))
    unusable = (length_ms > window_ms) | (~np.isfinite(counts.vehicles) | (counts.vehicles < 0)).any(axis=1)
    unusable |= counts.lanes != section.lanes if section.basis == "uni_11248" else counts.lanes < 1
    seen_ms = _seen_ms(counts, ~unusable)
    odd = unusable | np.append(True, counts.from_ms[1:] != counts.until_ms[:-1])
    odd |= (counts.until_ms[:, None] - seen_ms >= SILENT_MS).any(axis=1)
    # A run that begins after a count that could not be used does not cover the border before it.
    odd |= np.append(True, odd[:-1])
    covered_ms = np.add.reduceat(length_ms, first)
    closed = counts.until_ms[after - 1] >= (number[first] + 1) * window_ms
    plain = ~np.logical_or.reduceat(odd, first) & closed & (covered_ms >= FULL_ENOUGH * window_ms)
    of_window = np.repeat(np.arange(first.size), after - first)
    vehicles = counts.vehicles if section.basis == "uni_11248" else counts.vehicles.sum(axis=1, keepdims=True)
    so_far = _running(np.where(np.isfinite(vehicles), vehicles, 0.0), first, of_window).max(axis=1)
    so_far_ms = _running(length_ms[:, None], first, of_window)[:, 0]
    # What a part of a window is too much for stays so, however quiet the rest.
    parts = steps_allowed(section, so_far * _MS_PER_H / np.maximum(so_far_ms, window_ms))
    flow_veh_h = so_far[after - 1] * _MS_PER_H / covered_ms
    allowed = np.minimum(np.minimum.reduceat(parts, first), steps_allowed(section, flow_veh_h))
    return _Windows(first, after, plain, flow_veh_h, allowed, seen_ms)


def _running(figures: NDArray[Any], first: NDArray[np.intp], of_window: NDArray[np.intp]) -> NDArray[Any]:
    """Return the sums of (n, k) figures from the begin of each row's window on."""
    total = np.cumsum(figures, axis=0)
    before = total[first] - figures[first]
    return np.asarray(total - before[of_window])


def _seen_ms(counts: TrafficCounts, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return by count and lane the end of the newest usable count with a vehicle there, the first begin before any."""
    seen = np.where((counts.vehicles > 0) & usable[:, None], counts.until_ms[:, None], -NEVER_MS)
    newest: NDArray[np.int64] = np.maximum.accumulate(seen, axis=0)
    return np.asarray(np.maximum(newest, counts.from_ms[int(usable.argmax())]), dtype=np.int64)


def _changes(section: TrafficSection, counts: TrafficCounts, window_ms: int) -> list[Change]:
    if not len(counts):
        return []
    if (counts.lanes != counts.lanes[0]).any():
        state, changes = _one_by_one(section, TrafficState(), counts, window_ms)
    else:
        state, changes = _by_windows(section, counts, window_ms)
    if state.steps_down != UNKNOWN:
        changes += overtaken(section, state, stale_after(section, state, window_ms=window_ms), window_ms=window_ms)[1]
    return changes


def _one_by_one(
    section: TrafficSection, state: TrafficState, counts: TrafficCounts, window_ms: int
) -> tuple[TrafficState, list[Change]]:
    changes: list[Change] = []
    for count in counts:
        state, more = advance(section, state, count, window_ms=window_ms)
        changes += more
    return state, changes


def _by_windows(section: TrafficSection, counts: TrafficCounts, window_ms: int) -> tuple[TrafficState, list[Change]]:
    """Take whole windows at once, and the counts of one where it is not plain or the class rises within it."""
    windows = _windows(section, counts, window_ms)
    rows = zip(
        windows.first.tolist(),
        windows.after.tolist(),
        windows.plain.tolist(),
        windows.allowed.tolist(),
        windows.flow_veh_h.tolist(),
        counts.until_ms[windows.after - 1].tolist(),
        strict=True,
    )
    changes: list[Change] = []
    state = TrafficState()
    # What plain windows that change no class left: the end of the newest and the low samples; the counts not taken yet.
    quiet_ms: int | None = None
    low = taken = 0
    for first, after, plain, allowed, flow_veh_h, end_ms in rows:
        lowers = allowed > state.steps_down >= 0
        if plain and (allowed == state.steps_down or (lowers and low + 1 < LOW_SAMPLES)):
            quiet_ms, low = end_ms, low + 1 if lowers else 0
            continue
        state = replace(state, low_samples=low)
        if plain and allowed >= state.steps_down:
            state, change = sampled(section, state, end_ms, allowed, flow_veh_h)
            changes += [] if change is None else [change]
        else:
            state = _caught_up(state, counts, windows, quiet_ms, first if taken < first else 0)
            state, more = _one_by_one(section, state, counts.chosen(slice(first, after)), window_ms)
            changes += more
            taken = after
        quiet_ms, low = None, state.low_samples
    state = replace(state, low_samples=low)
    return _caught_up(state, counts, windows, quiet_ms, len(counts) if taken < len(counts) else 0), changes


def _caught_up(
    state: TrafficState, counts: TrafficCounts, windows: _Windows, quiet_ms: int | None, taken: int
) -> TrafficState:
    """Return the state with what the windows that were taken at once left in it: all but the class."""
    if quiet_ms is not None:
        state = replace(state, complete_ms=quiet_ms)
    if not taken:
        return state
    seen_ms = tuple(windows.seen_ms[taken - 1, : int(counts.lanes[0])].tolist())
    return replace(state, counted_until_ms=int(counts.until_ms[taken - 1]), seen_ms=seen_ms, window_from_ms=None)
