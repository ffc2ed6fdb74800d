"""What each interval between two neighbouring readings of a channel tells of its energy. Vectorised over channels."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lighting.energy.counter_facts import EnergyFlag, FactTable
from lighting.energy.slot_parts import Intervals

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

MARGIN = 1.25
"""A circuit may draw this much more than its rated power: overvoltage, lamps above their nameplate, meter class."""
_LATENCY_MS = 10_000
"""A meter's counter may be as old as this when it is read, so that an interval can hold that much more."""
_NO_SUPPLY_W = 1e7
"""More than any supply of street lighting: what is believed at most where the rated power is not known."""
_NEAR_END = 100
"""Where the rated power is not known, a counter runs over only from its last hundredth into its first."""
_SWAP_MS = 1
"""Closing and opening figures of a replaced meter lie this far apart; nothing was used in between."""
_NEGATIVE_W = 5.0
"""An idle channel may show so much less than nothing; more is a transformer that is mounted the wrong way round."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """Pairs of neighbouring readings of a counter, (n,)."""

    of: Integers
    begin: Integers
    end: Integers
    before: Integers
    now: Integers
    limit: Floats

    def at(self, rows: NDArray[np.intp]) -> _Steps:
        return _Steps(*(getattr(self, one.name)[rows] for one in fields(self)))


def counted(
    series: Integers,
    at_ms: Integers,
    energy_ws: Integers,
    usable: Booleans,
    begins_anew: Booleans,
    facts: FactTable,
    replaced: Integers,
) -> Intervals:
    """Return the intervals between counter readings, of readings ascending by series and time.

    ``begins_anew``: readings from which a counter of summed intervals begins again; what was used before is not known.
    ``replaced`` is (2, n): series, and time from which another meter counts.
    """
    of, begin, end = _pairs(series, at_ms, usable)
    counter = energy_ws if usable.all() else energy_ws[usable]
    steps = _Steps(of, begin, end, counter[:-1], counter[1:], _limit_ws(facts, of, end - begin))
    step = steps.now - steps.before
    same = end > begin
    is_spread = end - begin > facts.gap_limit_ms[of]
    swapped = _swapped(of, begin, end, replaced)
    anew = begins_anew[usable][1:]
    usual = (step >= 0) & (step <= steps.limit) & ~swapped & ~anew & same
    if facts.modulus_ws.any():
        usual &= (facts.modulus_ws[of] == 0) | (step + facts.modulus_ws[of] > steps.limit)
    intervals = Intervals(of, begin, end, step, same, is_spread, is_spread * np.int64(EnergyFlag.SPREAD))
    rest = np.flatnonzero(~usual & same)
    return _judged(intervals, rest, steps.at(rest), swapped, anew, facts) if rest.size else intervals


def _judged(
    intervals: Intervals,
    rows: NDArray[np.intp],
    steps: _Steps,
    all_swapped: Booleans,
    all_anew: Booleans,
    facts: FactTable,
) -> Intervals:
    """Judge the intervals in which the counter did not simply go on by what can be drawn."""
    of, now, before, replaced = steps.of, steps.now, steps.before, all_swapped[rows]
    anew = all_anew[rows] & ~replaced
    # In both cases the two readings are of different counters.
    swapped = replaced | anew
    modulus, is_rated = facts.modulus_ws[of], np.isfinite(facts.rated_w[of])
    fell = (now < before) & ~swapped
    wrapped = fell & _has_wrapped(steps, modulus, is_rated)
    reset = fell & ~wrapped & facts.may_reset[of] & (now <= steps.limit) & (now < before // 2)
    step = np.where(swapped, 0, now - before + np.where(wrapped, modulus, 0))
    absurd = (step > steps.limit) & ~swapped
    ambiguous = (modulus > 0) & is_rated & (step >= 0) & (step + modulus <= steps.limit) & ~swapped
    silent = swapped & (steps.end - steps.begin > _SWAP_MS)
    flags = (
        wrapped * int(EnergyFlag.WRAPPED)
        | (reset | anew) * int(EnergyFlag.RESET)
        | replaced * int(EnergyFlag.REPLACED)
        | absurd * int(EnergyFlag.IMPLAUSIBLE)
        | ambiguous * int(EnergyFlag.AMBIGUOUS)
    )
    intervals.flags[rows] |= flags.astype(np.int64)
    intervals.amount[rows] = step
    intervals.is_known[rows] = ~(reset | absurd | ambiguous | silent)
    doubtful = _beside(intervals, rows[fell & ~wrapped & ~reset])
    intervals.flags[doubtful] |= int(EnergyFlag.BACKWARDS)
    intervals.is_known[doubtful] = False
    intervals.is_spread[:] &= intervals.is_known
    intervals.flags[~intervals.is_spread] &= ~int(EnergyFlag.SPREAD)
    since = reset & facts.counts_since_reset[of] & is_rated & ~np.isin(rows, doubtful)
    return _with_counts_since(intervals, rows[since], now[since], facts.rated_w[of[since]])


def _pairs(series: Integers, at_ms: Integers, usable: Booleans) -> tuple[Integers, Integers, Integers]:
    """(series, begin, end) from each usable reading to the next; of no length where that is another series'."""
    if not usable.all():
        series, at_ms = series[usable], at_ms[usable]
    of, begin = series[:-1], at_ms[:-1]
    return of, begin, np.where(of == series[1:], at_ms[1:], begin)


def _limit_ws(facts: FactTable, of: Integers, length_ms: Integers) -> Floats:
    """The most that an interval can hold, (n,) Ws."""
    most_w = np.where(np.isfinite(facts.rated_w), MARGIN * facts.rated_w, _NO_SUPPLY_W) / 1000
    limit: Floats = most_w[of] * (length_ms + _LATENCY_MS) + (2.0 * facts.resolution_ws)[of]
    return limit


def _has_wrapped(steps: _Steps, modulus: Integers, is_rated: Booleans) -> Booleans:
    used = steps.now - steps.before + modulus
    near = (steps.before >= modulus - modulus // _NEAR_END) & (steps.now <= modulus // _NEAR_END)
    found: Booleans = (modulus > steps.before) & np.where(is_rated, used <= steps.limit, near)
    return found


def _swapped(of: Integers, begin: Integers, end: Integers, replaced: Integers) -> Booleans:
    """Whether another meter was mounted after the first reading of each interval, and not after its second."""
    found = np.zeros(of.size, np.bool_)
    for series, at_ms in replaced.T:
        first, last = np.searchsorted(of, (series, series + 1))
        found[first:last] |= (begin[first:last] < at_ms) & (at_ms <= end[first:last])
    return found


def _beside(intervals: Intervals, falls: NDArray[np.intp]) -> NDArray[np.intp]:
    """The falls, and the intervals of the same series on both sides of each."""
    rows = np.concatenate((falls, falls - 1, falls + 1))
    series = np.tile(intervals.series[falls], 3)
    inside = (rows >= 0) & (rows < intervals.series.size)
    rows, series = rows[inside], series[inside]
    same = (intervals.series[rows] == series) & (intervals.until_ms[rows] > intervals.from_ms[rows])
    beside: NDArray[np.intp] = rows[same]
    return beside


def _with_counts_since(intervals: Intervals, since: NDArray[np.intp], now: Integers, rated_w: Floats) -> Intervals:
    """Add what was counted since a reset: in sum, over the shortest time in which it can have been used."""
    if not since.size:
        return intervals
    shortest = np.ceil(now * 1000 / np.maximum(rated_w, 1e-3))
    end = intervals.until_ms[since]
    begin = end - np.minimum(shortest, end - intervals.from_ms[since]).astype(np.int64)
    some = end > begin
    n, kept, counts = int(some.sum()), since[some], now[some]
    return Intervals(
        np.concatenate((intervals.series, intervals.series[kept])),
        np.concatenate((intervals.from_ms, begin[some])),
        np.concatenate((intervals.until_ms, end[some])),
        np.concatenate((intervals.amount, counts)),
        np.concatenate((intervals.is_known, np.ones(n, np.bool_))),
        np.concatenate((intervals.is_spread, np.ones(n, np.bool_))),
        np.concatenate((intervals.flags, np.full(n, int(EnergyFlag.SPREAD), np.int64))),
    )


def integrated(series: Integers, at_ms: Integers, power_w: Floats, usable: Booleans, facts: FactTable) -> Intervals:
    """Return power integrated by trapezoids, in micro-watt-seconds, between readings no further apart than a gap."""
    most_w = np.where(np.isfinite(facts.rated_w), MARGIN * facts.rated_w, _NO_SUPPLY_W) + _NEGATIVE_W
    of, begin, end = _pairs(series, at_ms, usable)
    absurd = (power_w < -_NEGATIVE_W) | (power_w > most_w[series])
    return _trapezoids(of, begin, end, np.maximum(power_w, 0.0)[usable], absurd[usable], facts.gap_limit_ms)


def of_reactive_power(
    series: Integers, at_ms: Integers, reactive_var: Floats, usable: Booleans, facts: FactTable
) -> Intervals:
    """Return reactive power integrated likewise, in micro-var-seconds, with its sign."""
    of, begin, end = _pairs(series, at_ms, usable)
    value = reactive_var[usable]
    return _trapezoids(of, begin, end, value, np.abs(value) > _NO_SUPPLY_W, facts.reactive_gap_ms)


def _trapezoids(
    of: Integers, begin: Integers, end: Integers, value: Floats, absurd: Booleans, gap_ms: Integers
) -> Intervals:
    """``value`` and ``absurd`` are of the readings, one more than there are intervals."""
    odd = absurd[:-1] | absurd[1:]
    known = ~odd & (end > begin) & (end - begin <= gap_ms[of])
    milli = np.rint(np.where(absurd, 0.0, value) * 1000).astype(np.int64)
    amount = (milli[:-1] + milli[1:]) * (end - begin) // 2
    flags = (odd & (end > begin)) * np.int64(EnergyFlag.IMPLAUSIBLE)
    return Intervals(of, begin, end, amount, known, np.zeros(of.size, np.bool_), flags)
