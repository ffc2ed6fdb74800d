"""What an hour of a series comes to: its energy, its levels and how much of it is known. Pure.

A rollup of an hour is a function of the readings around it and of nothing else: of those in it, of the two counter
readings before and after it, and of those that a gap's length lies before and after it. So it may be made again at any
time, in whatever portions, and comes out the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lighting.energy.counters import NEIGHBOURS, CounterFacts, many_series_energy
from lighting.energy.level_runs import Before, lit_of, many_runs

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

UNKNOWN = int(np.iinfo(np.int64).min)
"""Stands in ``energy_ws`` and ``reactive_vars`` for what is not known at all, and in readings for no counter."""

LEAST_AROUND_MS = 2_100_000
_UNBELIEVED = 1 | 4 | 8
"""Out of range, clock doubted, stale (``lighting.store.records.Quality``), as in ``lighting.energy.counters``."""


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What must be known of a series to roll it up.

    ``lit_above_w``: more power than this means light; None for a series that is not a circuit's, whose levels are not
    kept. ``hold_ms``: for how long a level is believed when nothing more is read.
    """

    counter: CounterFacts = field(default_factory=CounterFacts)
    replaced_ms: tuple[int, ...] = ()
    lit_above_w: float | None = None
    hold_ms: int = 900_000

    @property
    def around_ms(self) -> int:
        """How far before and after an hour readings matter, beside those of the counter."""
        return max(LEAST_AROUND_MS, self.counter.gap_limit_ms, self.hold_ms)


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings ascending by series and time, each once: (n,). ``series`` counts from 0; unknown is NaN or negative."""

    series: Integers
    at_ms: Integers
    level_pct: Floats
    power_w: Floats
    energy_ws: Integers
    voltage_v: Floats
    quality: Integers
    reactive_var: Floats

    @property
    def has_counter(self) -> NDArray[np.bool_]:
        """Which of them bear a counter that is believed."""
        found: NDArray[np.bool_] = (self.energy_ws >= 0) & ((self.quality & _UNBELIEVED) == 0)
        return found


@dataclass(frozen=True, slots=True)
class Rollups:
    """Hours or days of series, (n,) each, as in ``lighting.energy.counters.SeriesEnergy``.

    ``energy_ws`` and ``reactive_vars`` are ``UNKNOWN`` where nothing is known of them. ``levels`` are runs
    (``lighting.energy.level_runs``), None for what is not a circuit's hour.
    """

    start_ms: Integers
    series_key: Integers
    energy_ws: Integers
    known_ms: Integers
    spread_ms: Integers
    integrated_ms: Integers
    reactive_vars: Integers
    power_max_w: Floats
    voltage_min_v: Floats
    voltage_max_v: Floats
    readings: Integers
    flags: Integers
    levels: Sequence[bytes | None]

    def __len__(self) -> int:
        return len(self.start_ms)


FIGURES = tuple(one.name for one in fields(Rollups) if one.name != "levels")


def roll_up(
    readings: Readings,
    series_keys: Integers,
    edges_ms: Integers,
    facts: Sequence[SeriesFacts],
    wanted: NDArray[np.bool_],
) -> Rollups:
    """Return the slots between ``edges_ms`` (n_slots + 1,) of which there is anything to tell.

    ``series_keys`` and ``facts`` are one a series, (n_series,); ``wanted`` (n_series, n_slots) says which to make.
    """
    n_series = len(series_keys)
    replaced = [(index, at_ms) for index, one in enumerate(facts) for at_ms in one.replaced_ms]
    energy = many_series_energy(
        readings.series,
        readings.at_ms,
        np.maximum(readings.energy_ws, -1),
        readings.power_w,
        readings.quality,
        readings.reactive_var,
        readings.voltage_v,
        n_series,
        edges_ms,
        [one.counter for one in facts],
        replaced_series=[index for index, _ in replaced],
        replaced_ms=[at_ms for _, at_ms in replaced],
    )
    told = wanted & ((energy.readings > 0) | (energy.known_ms > 0) | (energy.flags != 0))
    series, slots = np.nonzero(told)
    levels = _levels(readings, edges_ms, facts, told)
    return Rollups(
        start_ms=edges_ms[slots],
        series_key=series_keys[series],
        energy_ws=np.where(energy.known_ms > 0, energy.energy_ws, UNKNOWN)[told],
        known_ms=energy.known_ms[told],
        spread_ms=energy.spread_ms[told],
        integrated_ms=energy.integrated_ms[told],
        reactive_vars=np.where(energy.reactive_ms > 0, energy.reactive_vars, UNKNOWN)[told],
        power_max_w=energy.power_max_w[told],
        voltage_min_v=energy.voltage_min_v[told],
        voltage_max_v=energy.voltage_max_v[told],
        readings=energy.readings[told],
        flags=energy.flags[told],
        levels=[levels.get(pair) for pair in zip(series.tolist(), slots.tolist(), strict=True)],
    )


def reach_ms(
    readings: Readings, n_series: int, from_ms: int, until_ms: int, around_ms: int
) -> tuple[Integers, Integers]:
    """Return from when until when, (n_series,) each, a reading within the span may change what is made of others."""
    with_counter = readings.has_counter
    series, at_ms = readings.series[with_counter], readings.at_ms[with_counter]
    first = np.full(n_series, from_ms - around_ms, np.int64)
    last = np.full(n_series, until_ms + around_ms, np.int64)
    before = at_ms < from_ms
    np.minimum.at(first, series[before], np.where(_from_end(series[before]) < NEIGHBOURS, at_ms[before], from_ms))
    after = at_ms >= until_ms
    np.maximum.at(last, series[after], np.where(_from_begin(series[after]) < NEIGHBOURS, at_ms[after] + 1, until_ms))
    return first, last


def counters_around(
    readings: Readings, n_series: int, from_ms: int, until_ms: int, around_ms: int
) -> tuple[Integers, Integers]:
    """Return how many counter readings each series has just before and just after the span, (n_series,) each."""
    with_counter = readings.has_counter
    series, at_ms = readings.series[with_counter], readings.at_ms[with_counter]
    just_before = (at_ms >= from_ms - around_ms) & (at_ms < from_ms)
    just_after = (at_ms >= until_ms) & (at_ms < until_ms + around_ms)
    before = np.bincount(series[just_before], minlength=n_series)
    after = np.bincount(series[just_after], minlength=n_series)
    return before.astype(np.int64), after.astype(np.int64)


def near(readings: Readings, from_ms: int, until_ms: int) -> NDArray[np.bool_]:
    """Return which readings matter for a span that is given with what lies around it."""
    within = (readings.at_ms >= from_ms) & (readings.at_ms < until_ms)
    counters = np.flatnonzero(readings.has_counter)
    at_ms = readings.at_ms[counters]
    before, after = counters[at_ms < from_ms], counters[at_ms >= until_ms]
    within[before[_from_end(readings.series[before]) < NEIGHBOURS]] = True
    within[after[_from_begin(readings.series[after]) < NEIGHBOURS]] = True
    return within


def _from_begin(series: Integers) -> Integers:
    """How many of the same series stand before each, of an ascending array."""
    starts = np.searchsorted(series, series, "left")
    return np.arange(len(series), dtype=np.int64) - starts


def _from_end(series: Integers) -> Integers:
    ends = np.searchsorted(series, series, "right")
    return ends - 1 - np.arange(len(series), dtype=np.int64)


def _levels(
    readings: Readings, edges_ms: Integers, facts: Sequence[SeriesFacts], told: NDArray[np.bool_]
) -> dict[tuple[int, int], bytes]:
    """By series and slot: the levels of circuits."""
    circuits = np.flatnonzero([one.lit_above_w is not None for one in facts])
    if circuits.size == 0:
        return {}
    place = np.full(len(facts), -1, np.intp)
    place[circuits] = np.arange(circuits.size)
    mine = (place[readings.series] >= 0) & ((readings.quality & _UNBELIEVED) == 0)
    of, at_ms, level_pct = place[readings.series[mine]], readings.at_ms[mine], readings.level_pct[mine]
    above_w = np.array([facts[index].lit_above_w for index in circuits], np.float64)
    lit = lit_of(level_pct, readings.power_w[mine], above_w[of])
    hold_ms = np.array([facts[index].hold_ms for index in circuits], np.int64)
    found: dict[tuple[int, int], bytes] = {}
    for slot in np.flatnonzero(told[circuits].any(axis=0)).tolist():
        start_ms, until_ms = int(edges_ms[slot]), int(edges_ms[slot + 1])
        before = _before(of, at_ms, level_pct, lit, circuits.size, start_ms)
        inside = (at_ms >= start_ms) & (at_ms < until_ms)
        blobs = many_runs(
            of[inside],
            at_ms[inside],
            level_pct[inside],
            lit[inside],
            circuits.size,
            start_ms,
            until_ms,
            before,
            hold_ms=hold_ms,
        )
        found |= {(int(circuits[index]), slot): blobs[index] for index in np.flatnonzero(told[circuits, slot])}
    return found


def _before(
    of: NDArray[np.intp], at_ms: Integers, level_pct: Floats, lit: NDArray[np.uint8], n_series: int, start_ms: int
) -> Before:
    """The last reading of each series before an instant."""
    earlier = np.flatnonzero(at_ms < start_ms)
    before = Before.nothing(n_series)
    last = np.full(n_series, -1, np.intp)
    last[of[earlier]] = earlier  # ascending by time: the last one stays
    known = np.flatnonzero(last >= 0)
    before.at_ms[known], before.level_pct[known] = at_ms[last[known]], level_pct[last[known]]
    before.lit[known] = lit[last[known]]
    return before


def summed(hours: Rollups, into_ms: Integers) -> Rollups:
    """Return the sums of hours: ``into_ms`` (n,) is when the day of each begins."""
    order = np.lexsort((hours.series_key, into_ms))
    days, keys = into_ms[order], hours.series_key[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (days[1:] != days[:-1]) | (keys[1:] != keys[:-1])
    starts = np.flatnonzero(first)

    def of(name: str, how: np.ufunc) -> NDArray[np.generic]:
        column = getattr(hours, name)[order]
        return how.reduceat(column, starts) if starts.size else column

    def known(name: str) -> Integers:
        column = getattr(hours, name)[order]
        if not starts.size:
            return np.asarray(column, np.int64)
        is_known = column != UNKNOWN
        total = np.add.reduceat(np.where(is_known, column, 0), starts)
        return np.where(np.add.reduceat(is_known.astype(np.int64), starts) > 0, total, UNKNOWN)

    return Rollups(
        start_ms=days[starts],
        series_key=keys[starts],
        energy_ws=known("energy_ws"),
        known_ms=_integers(of("known_ms", np.add)),
        spread_ms=_integers(of("spread_ms", np.add)),
        integrated_ms=_integers(of("integrated_ms", np.add)),
        reactive_vars=known("reactive_vars"),
        power_max_w=_floats(of("power_max_w", np.fmax)),
        voltage_min_v=_floats(of("voltage_min_v", np.fmin)),
        voltage_max_v=_floats(of("voltage_max_v", np.fmax)),
        readings=_integers(of("readings", np.add)),
        flags=_integers(of("flags", np.bitwise_or)),
        levels=[None] * starts.size,
    )


def _integers(column: NDArray[np.generic]) -> Integers:
    return column.astype(np.int64)


def _floats(column: NDArray[np.generic]) -> Floats:
    return column.astype(np.float64)
