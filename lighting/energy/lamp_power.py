"""Power of circuits at whole levels, in whole microwatts: sums of them over time are exact.

The same figures as `lighting.energy.luminaire_power.CircuitPower`, made for millions of look-ups: levels are taken in
steps of 0.01 %, so that power is right to 0.01 % of the rated power at the steepest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.energy.luminaire_power import power_w
from lighting.energy.rule_levels import FULL_LEVEL, STEPS_PER_PCT

Integers = NDArray[np.int64]
Levels = NDArray[np.int32]

UW_PER_W = 1_000_000
WS = 1_000_000_000
"""Microwatts times milliseconds in a watt-second."""


def whole_ws(energy: Integers) -> Integers:
    """Return microwatts times milliseconds as the nearest whole watt-seconds."""
    return np.asarray((energy + WS // 2) // WS, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class LampPower:
    """``lit_uw`` (n_types, 10,001): one lamp by type and level; 0 stands for standby.

    Of circuits, in the order of ``site.circuits``: ``count`` and ``kind`` (n_circuits, n_groups) of their lamp groups,
    0 lamps where there are fewer; (n_circuits,) ``lamps``, ``has_dimmer``, ``has_relay``, ``legacy_uw``.
    """

    lit_uw: Integers
    count: Integers
    kind: NDArray[np.intp]
    lamps: Integers
    has_dimmer: NDArray[np.bool_]
    has_relay: NDArray[np.bool_]
    legacy_uw: Integers

    def at(self, circuit: NDArray[np.intp], level: Levels) -> Integers:
        """(n,) the power of some circuits at these levels, in microwatts, as their lamps and contactors make it."""
        effective = np.where((level > 0) & ~self.has_dimmer[circuit], FULL_LEVEL, level)
        total = np.zeros(circuit.shape, dtype=np.int64)
        for group in range(self.count.shape[1]):
            total += self.count[circuit, group] * self.lit_uw[self.kind[circuit, group], effective]
        total[self.has_relay[circuit] & (level <= 0)] = 0
        return total

    def full_uw(self) -> Integers:
        """(n_circuits,) the power at 100 %."""
        n = len(self.lamps)
        return self.at(np.arange(n, dtype=np.intp), np.full(n, FULL_LEVEL, dtype=np.int32))


def lamp_power(site: Site, legacy_w: Mapping[str, float | None] | None = None) -> LampPower:
    """Return the power of a site's circuits.

    ``legacy_w`` is, by luminaire type, what a lamp took before; else it is the types' own. A lamp of a type that states
    none was always what it is.
    """
    types = list(site.luminaire_types.values())
    numbers = {kind.id: number for number, kind in enumerate(types)}
    circuits = list(site.circuits.values())
    most = max((len(circuit.lamps) for circuit in circuits), default=0)
    count = np.zeros((len(circuits), max(1, most)), dtype=np.int64)
    kind = np.zeros(count.shape, dtype=np.intp)
    for row, circuit in enumerate(circuits):
        for column, group in enumerate(circuit.lamps):
            count[row, column], kind[row, column] = group.count, numbers[group.luminaire_type]
    levels = np.arange(FULL_LEVEL + 1, dtype=np.float64) / STEPS_PER_PCT
    table = [np.rint(power_w(one, levels) * UW_PER_W).astype(np.int64) for one in types]
    stated = {one.id: one.legacy_w for one in types} | dict(legacy_w or {})
    before = np.array([one.rated_w if (was := stated[one.id]) is None else was for one in types], dtype=np.float64)
    legacy_uw = (count * np.rint(before * UW_PER_W).astype(np.int64)[kind]).sum(axis=1) if types else count.sum(axis=1)
    return LampPower(
        lit_uw=np.stack(table) if table else np.zeros((1, FULL_LEVEL + 1), dtype=np.int64),
        count=count,
        kind=kind,
        lamps=count.sum(axis=1),
        has_dimmer=np.array([circuit.dimmer is not None for circuit in circuits], dtype=np.bool_),
        has_relay=np.array([circuit.relay is not None for circuit in circuits], dtype=np.bool_),
        legacy_uw=np.asarray(legacy_uw, dtype=np.int64),
    )
