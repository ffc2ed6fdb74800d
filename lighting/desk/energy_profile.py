"""Power over time: the night's profile noon to noon, the highest hour, load duration, and tan φ by tariff period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.desk.energy_answers import LoadProfile
from lighting.desk.energy_ledger import ALL_WORLDS, Ledger
from lighting.energy.tariff import local_minutes

Integers = NDArray[np.int64]
MOST_POINTS = 500
_NOON = 12
_HOURS = tuple((n + _NOON) % 24 for n in range(24))


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of which anything is known, all districts together; each array is (n,)."""

    start_ms: Integers
    length_ms: Integers
    used_ws: Integers
    baseline_ws: Integers
    hour: Integers

    @property
    def used_w(self) -> NDArray[np.float64]:
        """Mean power of each slot."""
        return self.used_ws * 1000 / self.length_ms


def slots_of(ledger: Ledger, world: str, slot_edges_ms: Integers, timezone: str) -> Slots:
    """Add up the districts. A slot of which nobody knows anything is left out, not taken for zero."""
    known = ledger.account.known_ms > 0
    start_ms, into = np.unique(ledger.start_ms[known], return_inverse=True)
    sums = ledger.where(known).summed(into, start_ms.size)
    at = np.searchsorted(slot_edges_ms, start_ms, "right") - 1
    return Slots(
        start_ms,
        slot_edges_ms[at + 1] - start_ms,
        sums.energy_ws[ALL_WORLDS.index("metered")],
        sums.energy_ws[ALL_WORLDS.index(world)],
        local_minutes(start_ms, timezone) // 60 % 24,
    )


def load_profile(slots: Slots) -> LoadProfile:
    """Mean power by hour of the lighting night; an hour that a clock change repeats counts in both its passes."""
    seconds = np.zeros(24, np.int64)
    used, baseline = np.zeros(24, np.int64), np.zeros(24, np.int64)
    for total, values in ((seconds, slots.length_ms), (used, slots.used_ws), (baseline, slots.baseline_ws)):
        np.add.at(total, slots.hour, values)

    def mean_w(total: Integers) -> tuple[float | None, ...]:
        return tuple(round(int(total[h]) * 1000 / int(seconds[h]), 3) if seconds[h] else None for h in _HOURS)

    return LoadProfile(_HOURS, mean_w(used), mean_w(baseline))


def load_duration_w(slots: Slots) -> tuple[tuple[float, float], ...]:
    """(share of the time, W): the site's mean power of each slot, highest first, at most 500 points.

    Each power is reached or passed for that share of the time that is known.
    """
    if not slots.start_ms.size:
        return ()
    power_w = slots.used_w
    order = np.lexsort((slots.start_ms, -power_w))
    reached = np.cumsum(slots.length_ms[order])
    shown = np.unique(np.linspace(0, order.size - 1, min(MOST_POINTS, order.size)).round().astype(np.intp))
    total = int(reached[-1])
    return tuple((round(int(reached[n]) / total, 6), round(float(power_w[order[n]]), 3)) for n in shown)


def peak(slots: Slots) -> tuple[float | None, int | None]:
    """The highest mean power of a slot, and when that began, the first of several; None where nothing is known."""
    if not slots.start_ms.size:
        return None, None
    at = int(np.argmax(slots.used_w))
    return round(float(slots.used_w[at]), 3), int(slots.start_ms[at])
