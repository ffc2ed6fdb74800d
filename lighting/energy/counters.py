"""Energy of meter channels from their readings, in parts: a pure function of the set of readings, in whatever order.

A meter counts energy; between two readings of the counter the difference is what was used, however far they lie apart.
Where an edge of a slot lies between them, the difference is cut in proportion to time, in whole Ws, so that the parts
sum to it exactly. What the counter cannot tell is unknown, and its mark says why:

===============  ====================================================================================================
wrapped          the counter ran over: resolved, unless more would have been used than can be drawn
reset            the counter began again at 0: what was used before is lost. Where it is known to do so when its power
                 comes back, what it has counted since is known, as a sum; else nothing of the interval is
                 Likewise where a counter of summed intervals begins anew after a gap: unknown, whatever it shows
replaced         another meter was mounted: what lies between its last and the other's first reading is unknown
backwards        the counter fell, and none of these explains it: unknown, and so are the intervals beside it, for
                 nobody knows which of the two readings is wrong
implausible      more than the circuits can draw, or a counter that stands still while power flows: unknown
ambiguous        so long a gap that the counter may have run over once more than it seems: unknown
spread           a gap: the energy is right in sum, and nobody knows when in the gap it was used
integrated       the channel has no counter: measured power, integrated between neighbouring readings
===============  ====================================================================================================

A counter that runs over and one that falls back are told apart by what can be drawn (``CounterFacts.rated_w``). A reset
within an interval in which the counter would also have run over is taken for running over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lighting.energy.counter_facts import CounterFacts, EnergyFlag, FactTable
from lighting.energy.counter_intervals import counted, integrated, of_reactive_power
from lighting.energy.slot_parts import Slots, cut, micro_to_unit

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

__all__ = ["NEIGHBOURS", "CounterFacts", "EnergyFlag", "SeriesEnergy", "many_series_energy", "series_energy"]

NEIGHBOURS = 2
"""So many readings of the counter before the span and after it are needed, where there are any: the nearest bounds the
first interval, and the one beyond it shows whether that reading is itself at a fall. More change nothing."""

_STAND_STILL_MS = 1_800_000
"""A counter that stands still for this long while power flows is frozen (the alarm's threshold)."""
_STAND_STILL_STEPS = 3
"""And only if the power would have moved it by this many of its steps."""
_READINGS_AT_ONCE = 100_000
"""Worked out in portions of whole series, so that the memory is bounded and stays near the processor."""


@dataclass(frozen=True, slots=True)
class SeriesEnergy:
    """What was used in each slot: arrays (n_slots,), or (n_series, n_slots) of many; ``edges_ms`` is (n_slots + 1,).

    ``energy_ws`` is what is known, never negative. ``known_ms``: for how long it is known; ``spread_ms``: the part of
    that in gaps, known only as a sum; ``integrated_ms``: the part that is power integrated. The rest of the slot is
    unknown. ``flags``: see ``EnergyFlag``. ``reactive_vars``: integral of reactive power in var·s, positive where the
    current lags, known for ``reactive_ms``. ``power_max_w``, ``voltage_min_v``, ``voltage_max_v``: of the believed
    readings within the slot, NaN where there is none. ``readings``: how many there are in it, each time once.
    """

    edges_ms: Integers
    energy_ws: Integers
    known_ms: Integers
    spread_ms: Integers
    integrated_ms: Integers
    flags: Integers
    reactive_vars: Integers
    power_max_w: Floats
    voltage_min_v: Floats
    voltage_max_v: Floats
    readings: Integers
    reactive_ms: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def unknown_ms(self) -> Integers:
        """The part of each slot whose energy is not known."""
        return np.diff(self.edges_ms) - self.known_ms


def series_energy(
    at_ms: ArrayLike,
    energy_ws: ArrayLike,
    power_w: ArrayLike,
    quality: ArrayLike,
    reactive_var: ArrayLike,
    voltage_v: ArrayLike,
    edges_ms: ArrayLike,
    facts: CounterFacts,
    replaced_ms: Sequence[int] = (),
) -> SeriesEnergy:
    """Return the energy of one series in the slots between ``edges_ms`` (ascending).

    The readings are arrays of one length, in any order; the same time twice counts once. A value that is missing is -1
    in ``energy_ws`` and NaN in the others; ``quality`` is that of ``lighting.store.records.Quality``. Readings around
    the span are given too (``NEIGHBOURS``). ``replaced_ms``: when another meter was mounted; a reading at that time is
    of the new one, and one a millisecond before, which is how closing figures are kept, leaves nothing unknown.
    """
    times = np.asarray(at_ms, np.int64)
    many = many_series_energy(
        np.zeros(times.size, np.int64),
        times,
        energy_ws,
        power_w,
        quality,
        reactive_var,
        voltage_v,
        1,
        edges_ms,
        [facts],
        replaced_series=[0] * len(replaced_ms),
        replaced_ms=replaced_ms,
    )
    return SeriesEnergy(many.edges_ms, *(getattr(many, one.name)[0] for one in fields(many)[1:]))


def many_series_energy(
    series_index: ArrayLike,
    at_ms: ArrayLike,
    energy_ws: ArrayLike,
    power_w: ArrayLike,
    quality: ArrayLike,
    reactive_var: ArrayLike,
    voltage_v: ArrayLike,
    n_series: int,
    edges_ms: ArrayLike,
    facts: Sequence[CounterFacts],
    *,
    replaced_series: Sequence[int] = (),
    replaced_ms: Sequence[int] = (),
) -> SeriesEnergy:
    """Return the same for many series at once: ``series_index`` (0 … n_series - 1) says whose each reading is.

    Arrays that are ascending by series and then by time are the fastest. ``replaced_series`` and ``replaced_ms`` are
    pairs. Raises ``ValueError`` where ``facts`` are not one a series.
    """
    if len(facts) != n_series:
        raise ValueError(f"{len(facts)} facts for {n_series} series")
    edges = np.asarray(edges_ms, np.int64)
    readings = _Readings(
        np.asarray(series_index, np.int64),
        np.asarray(at_ms, np.int64),
        np.asarray(energy_ws, np.int64),
        np.asarray(power_w, np.float64),
        np.asarray(quality, np.int64),
        np.asarray(reactive_var, np.float64),
        np.asarray(voltage_v, np.float64),
    ).in_order()
    table = FactTable.of(facts)
    replaced = np.array([replaced_series, replaced_ms], np.int64).reshape(2, -1)
    size = edges.size - 1
    found = _Sums.empty(n_series, size)
    for first, last in _portions(readings.series, n_series):
        begin, end = np.searchsorted(readings.series, (first, last))
        part = readings.part(int(begin), int(end), first)
        mine = replaced[:, (replaced[0] >= first) & (replaced[0] < last)] - np.array([[first], [0]])
        found.put(first, last, _sums(part, last - first, edges, table.part(first, last), mine))
    return SeriesEnergy(edges, *found.shaped(size))


@dataclass(frozen=True, slots=True)
class _Readings:
    series: Integers
    at_ms: Integers
    energy_ws: Integers
    power_w: Floats
    quality: Integers
    reactive_var: Floats
    voltage_v: Floats

    def in_order(self) -> _Readings:
        """By series and time, each time once: of two readings at one time that differ, the same one whatever came
        first (the believed one, then the one with the lower counter).
        """
        same = np.diff(self.series)
        after = np.diff(self.at_ms)
        if bool(((same > 0) | ((same == 0) & (after > 0))).all()):
            return self
        order = np.lexsort((self.at_ms, self.series))
        if not _is_repeated(self.series[order], self.at_ms[order]).any():
            return self._at(order)
        counter = np.where(self.energy_ws < 0, np.iinfo(np.int64).max, self.energy_ws)
        ties = (self.voltage_v, self.reactive_var, self.power_w, counter, self.quality)
        order = np.lexsort((*ties, self.at_ms, self.series))
        return self._at(order[~_is_repeated(self.series[order], self.at_ms[order])])

    def _at(self, rows: Integers) -> _Readings:
        return _Readings(*(getattr(self, one.name)[rows] for one in fields(self)))

    def part(self, begin: int, end: int, first_series: int) -> _Readings:
        columns = [getattr(self, one.name)[begin:end] for one in fields(self)]
        return _Readings(columns[0] - first_series, *columns[1:])


def _is_repeated(series: Integers, at_ms: Integers) -> NDArray[np.bool_]:
    """Which of these ordered readings are at the same time as the one before them."""
    found = np.zeros(series.size, np.bool_)
    found[1:] = (np.diff(series) == 0) & (np.diff(at_ms) == 0)
    return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """In the order of ``SeriesEnergy`` without the edges, each (n_series * n_slots,)."""

    energy_ws: Integers
    known_ms: Integers
    spread_ms: Integers
    integrated_ms: Integers
    flags: Integers
    reactive_vars: Integers
    power_max_w: Floats
    voltage_min_v: Floats
    voltage_max_v: Floats
    readings: Integers
    reactive_ms: Integers

    @classmethod
    def empty(cls, n_series: int, n_slots: int) -> _Sums:
        floats = {"power_max_w", "voltage_min_v", "voltage_max_v"}
        shape = n_series, n_slots
        columns: list[Any] = [
            np.full(shape, np.nan) if one.name in floats else np.zeros(shape, np.int64) for one in fields(cls)
        ]
        return cls(*columns)

    def put(self, first: int, last: int, part: _Sums) -> None:
        for one in fields(self):
            whole = getattr(self, one.name)
            whole[first:last] = getattr(part, one.name).reshape(last - first, whole.shape[1])

    def shaped(self, n_slots: int) -> list[Any]:
        return [getattr(self, one.name).reshape(-1, n_slots) for one in fields(self)]


def _portions(series: Integers, n_series: int) -> list[tuple[int, int]]:
    """Whole series, by (first, last + 1), with about so many readings in each portion."""
    ends = np.searchsorted(series, np.arange(1, n_series + 1))
    bounds, first = [], 0
    while first < n_series:
        begin = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, begin + _READINGS_AT_ONCE, "right")))
        bounds.append((first, min(last, n_series)))
        first = last
    return bounds


_OUT_OF_RANGE, _CLOCK_DOUBTED, _STALE = 1, 4, 8
_AFTER_GAP = 128
_UNBELIEVED = _OUT_OF_RANGE | _CLOCK_DOUBTED | _STALE


def _sums(readings: _Readings, n_series: int, edges: Integers, facts: FactTable, replaced: Integers) -> _Sums:
    series, at_ms = readings.series, readings.at_ms
    slots = Slots(series, at_ms, edges, n_series)
    believed = (readings.quality & _UNBELIEVED) == 0
    has_counter = believed & (readings.energy_ws >= 0)
    has_power = believed & ~np.isnan(readings.power_w)
    is_counted = facts.is_counted > 0
    is_counted[series[has_counter & (facts.is_counted[series] < 0)]] = True
    of_counter = counted(
        series,
        at_ms,
        readings.energy_ws,
        has_counter & is_counted[series],
        (readings.quality & _AFTER_GAP) != 0,
        facts,
        replaced,
    )
    energy_ws, known_ms, spread_ms, flags = cut(of_counter, edges, n_series)
    _, power_max_w = slots.extremes(readings.power_w, has_power)
    low_v, high_v = slots.extremes(readings.voltage_v, believed & ~np.isnan(readings.voltage_v))
    found = _Sums(
        energy_ws=energy_ws,
        known_ms=known_ms,
        spread_ms=spread_ms,
        integrated_ms=np.zeros_like(known_ms),
        flags=flags,
        reactive_vars=np.zeros_like(known_ms),
        power_max_w=power_max_w,
        voltage_min_v=low_v,
        voltage_max_v=high_v,
        readings=slots.count(),
        reactive_ms=np.zeros_like(known_ms),
    )
    _integrate_power(found, readings, has_power, is_counted, edges, facts)
    _integrate_reactive_power(found, readings, believed, edges, n_series, facts)
    return found


def _integrate_power(
    found: _Sums,
    readings: _Readings,
    has_power: NDArray[np.bool_],
    is_counted: NDArray[np.bool_],
    edges: Integers,
    facts: FactTable,
) -> None:
    """Take power where there is no counter, and where a counter stands still, to see whether it should."""
    n_series, n_slots = is_counted.size, edges.size - 1
    least_ws = np.repeat(_STAND_STILL_STEPS * np.maximum(facts.resolution_ws, 1), n_slots)
    still = (found.energy_ws == 0) & (found.known_ms >= _STAND_STILL_MS)
    # Nothing but zeros of power moves no counter: whoever has no power in the slot is not looked at.
    still &= found.power_max_w * np.tile(np.diff(edges), n_series) / 1000 >= least_ws
    uncounted = np.repeat(~is_counted, n_slots)
    wanted = (~is_counted | still.reshape(n_series, n_slots).any(axis=1))[readings.series]
    if not wanted.any():
        return
    power = integrated(readings.series, readings.at_ms, readings.power_w, has_power & wanted, facts)
    micro, power_ms, _, flags = cut(power, edges, n_series)
    power_ws = micro_to_unit(micro)
    # Judged in each slot for itself, so that it is the same whatever else is worked out with it.
    frozen = still & (power_ms >= _STAND_STILL_MS) & (power_ws >= least_ws)
    found.known_ms[frozen] = 0
    found.spread_ms[frozen] = 0
    found.flags[frozen] = (found.flags[frozen] & ~int(EnergyFlag.SPREAD)) | int(EnergyFlag.IMPLAUSIBLE)
    found.energy_ws[uncounted] = power_ws[uncounted]
    found.known_ms[uncounted] = power_ms[uncounted]
    found.integrated_ms[uncounted] = power_ms[uncounted]
    flags |= (power_ms > 0) * np.int64(EnergyFlag.INTEGRATED)
    found.flags[uncounted] |= flags[uncounted]


def _integrate_reactive_power(
    found: _Sums, readings: _Readings, believed: NDArray[np.bool_], edges: Integers, n_series: int, facts: FactTable
) -> None:
    has_reactive = believed & ~np.isnan(readings.reactive_var)
    if has_reactive.any():
        reactive = of_reactive_power(readings.series, readings.at_ms, readings.reactive_var, has_reactive, facts)
        micro, known_ms, _, _ = cut(reactive, edges, n_series)
        found.reactive_vars[:] = micro_to_unit(micro)
        found.reactive_ms[:] = known_ms
