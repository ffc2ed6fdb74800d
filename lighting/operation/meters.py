"""What measured power means for a circuit: its actual level, whether it is lit, and what it should draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.energy.luminaire_power import CircuitPower
from lighting.operation.live import Live, LiveCircuit

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
        self._power = CircuitPower(site)
        self._lit_above_w = LIT_SHARE * self._power.minimum_lit_w()

    def expected_w(self, level_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_circuits,) levels to (n_circuits,) watts."""
        return np.asarray(self._power.expected_w(level_pct), dtype=np.float64)

    def judge(self, live: Live) -> None:
        """Set expected power, actual level and whether it is lit on every circuit."""
        circuits = list(live.circuits.values())
        levels = np.array([_level_for_power(circuit) for circuit in circuits], dtype=np.float64)
        known = ~np.isnan(levels)
        expected = self.expected_w(np.where(known, levels, 0.0))
        for circuit, watts, is_known in zip(circuits, expected, known, strict=True):
            circuit.expected_power_w = round(float(watts), 1) if is_known else None
            circuit.lit = self._is_lit(circuit)
        self._judge_actual(circuits)

    def _judge_actual(self, circuits: list[LiveCircuit]) -> None:
        measured = [circuit.power_w if circuit.power_w is not None else float("nan") for circuit in circuits]
        levels = self._power.level_from_power(np.array(measured, dtype=np.float64))
        for circuit, level in zip(circuits, levels, strict=True):
            circuit.actual_pct = None if np.isnan(level) else round(float(level), 1)

    def _is_lit(self, circuit: LiveCircuit) -> bool | None:
        if circuit.power_w is not None:
            return bool(circuit.power_w > self._lit_above_w[circuit.wiring.index])
        accepted = circuit.accepted_pct
        return None if accepted is None else accepted > 0


def _level_for_power(circuit: LiveCircuit) -> float:
    level = circuit.accepted_pct if circuit.accepted_pct is not None else circuit.asked_pct
    return float("nan") if level is None else level
