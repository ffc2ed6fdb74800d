"""Grams of CO₂ of energies, by the dated factors or the hourly series of the tariff file. Exact, rounded once a factor.

Where no factor holds nothing is reckoned, and the time and energy are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lighting.assets.currency import decimal_fraction
from lighting.assets.tariff import CarbonFactor, Tariff
from lighting.energy.tariff_clock import cut, exact_digits, series_index

Integers = NDArray[np.int64]
_KWH_WS = 3_600_000


@dataclass(frozen=True, slots=True)
class Carbon:
    """``grams`` of each world; None where some hour has no factor. ``unknown_ms`` is how long none holds.

    ``sources`` are the factors that were used, in the order of the file.
    """

    grams: tuple[int | None, ...]
    unknown_ms: int
    sources: tuple[CarbonFactor, ...]


def co2_g(tariff: Tariff | None, edges_ms: Integers, energy_ws: Integers, timezone: str) -> Carbon:
    """Return the CO₂ of energies (n,) or (n_worlds, n) in Ws between edges (n+1,) UTC ms."""
    worlds = np.atleast_2d(energy_ws)
    factors = () if tariff is None else tariff.carbon
    instants: set[int] = set()
    for factor in factors:
        if factor.series is not None:
            instants.update((*factor.series.from_ms, *factor.series.until_ms))
    pieces = cut(edges_ms, timezone, (), (), instants)
    energy = pieces.shared(worlds, edges_ms)
    free = np.ones(pieces.start_ms.shape, dtype=np.bool_)
    used: list[CarbonFactor] = []
    totals = [0] * len(worlds)
    for factor in factors:
        mine = free & pieces.times.of_dates(factor.valid_from, factor.valid_to)
        values = _values(factor, pieces.start_ms)
        mine &= ~np.isnan(values)
        if not mine.any():
            continue
        free &= ~mine
        used.append(factor)
        grams = _grams(values[mine], energy[:, mine])
        totals = [total + round(one) for total, one in zip(totals, grams, strict=True)]
    unknown_ms = int(pieces.length_ms[free].sum())
    return Carbon(tuple(None if unknown_ms else total for total in totals), unknown_ms, tuple(used))


def _values(factor: CarbonFactor, at_ms: Integers) -> NDArray[np.float64]:
    if factor.series is None:
        return np.full(at_ms.shape, factor.g_per_kwh)
    return np.array([*factor.series.values, np.nan])[series_index(factor.series, at_ms)]


def _grams(values: NDArray[np.float64], energy_ws: Integers) -> list[Fraction]:
    """The exact grams of each world, (n_worlds, k) energies times (k,) g/kWh."""
    distinct, which = np.unique(values, return_inverse=True)
    digits = exact_digits(distinct.tolist())
    whole = [int(decimal_fraction(value) * 10**digits) for value in distinct.tolist()]
    order = np.argsort(which, kind="stable")
    _, starts = np.unique(which[order], return_index=True)
    sums = np.add.reduceat(energy_ws[:, order], starts, axis=1)
    return [
        Fraction(sum(int(ws) * number for ws, number in zip(row, whole, strict=True)), _KWH_WS * 10**digits)
        for row in sums.tolist()
    ]
