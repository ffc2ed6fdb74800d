"""What measured power means for a circuit: its actual level, whether it is lit, and what it should draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.energy.luminaire_power import CircuitPower
from lighting.operation.live import LiveCircuit

LIT_SHARE = 0.2
"""A circuit that draws more than this share of what it should at its lowest level gives light (Echelon: lamp
failed under 20 %).
"""

WATT_SECONDS_PER_KWH = 3_600_000


def energy_ws(energy_kwh: float | None) -> int | None:
    """A counter in kWh as integer watt-seconds, so that sums are exact."""
    return None if energy_kwh is None else round(energy_kwh * WATT_SECONDS_PER_KWH)


class CircuitMeters:
    """Expected power and the meaning of measured power, for every circuit of a site at once."""

    def __init__(self, site: Site) -> None:
        self._count = len(site.circuits)
        self._power = CircuitPower(site)
        self._lit_above_w = LIT_SHARE * self._power.minimum_lit_w()

    def expected_w(self, level_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_circuits,) levels to (n_circuits,) watts."""
        return np.asarray(self._power.expected_w(level_pct), dtype=np.float64)

    def judge(self, circuits: Sequence[LiveCircuit]) -> None:
        """Set expected power, actual level and whether it is lit on these circuits, each for itself."""
        if not circuits:
            return
        columns = np.fromiter((circuit.wiring.index for circuit in circuits), np.intp, len(circuits))
        levels = [_level_for_power(circuit) for circuit in circuits]
        of_all = np.zeros(self._count)
        of_all[columns] = [0.0 if level is None else level for level in levels]
        expected_w = self.expected_w(of_all)[columns].tolist()
        for circuit, level, watts in zip(circuits, levels, expected_w, strict=True):
            circuit.expected_power_w = None if level is None else round(watts, 1)
            circuit.lit = self._is_lit(circuit)
            circuit.actual_pct = None
        self._judge_actual([circuit for circuit in circuits if circuit.power_w is not None])

    def _judge_actual(self, circuits: list[LiveCircuit]) -> None:
        if not circuits:
            return
        columns = np.fromiter((circuit.wiring.index for circuit in circuits), np.intp, len(circuits))
        measured_w = np.array([circuit.power_w for circuit in circuits], dtype=np.float64)
        levels = self._power.level_from_power(measured_w, columns).tolist()
        for circuit, level in zip(circuits, levels, strict=True):
            circuit.actual_pct = None if level != level else round(level, 1)

    def _is_lit(self, circuit: LiveCircuit) -> bool | None:
        if circuit.power_w is not None:
            return bool(circuit.power_w > self._lit_above_w[circuit.wiring.index])
        accepted = circuit.accepted_pct
        return None if accepted is None else accepted > 0


def _level_for_power(circuit: LiveCircuit) -> float | None:
    accepted = circuit.accepted_pct
    return accepted if accepted is not None else circuit.asked_pct
