"""Electric power of luminaires and circuits over the dim level, and the level that a measured power means.

The LED curve has a fixed loss and a linear-quadratic part, ``P = p0 + (rated - p0) * (a*d + (1 - a)*d²)`` with
d in 0…1; a table of points is interpolated linearly, as outdoor lighting controllers do (Echelon CPD 3000 guide).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import LuminaireType, Site

Floats = NDArray[np.float64]

_GRID_PCT: Floats = np.arange(1.0, 100.01, 1.0)
_LIT_SHARE = 0.5


def power_w(kind: LuminaireType, level_pct: Floats) -> Floats:
    """Power in W of one luminaire at each dim level in percent; same shape as ``level_pct``, NaN stays NaN.

    Level 0 is off: ``standby_w``. A level between 0 and the type's minimum gives the minimum; a type that cannot be
    dimmed gives its rated power at any level above 0.
    """
    level = np.asarray(level_pct, dtype=np.float64)
    lit = _lit_power_w(kind, np.clip(level, kind.minimum_level_pct, 100.0))
    return np.where(level > 0, lit, np.where(np.isnan(level), np.nan, kind.standby_w))


def _lit_power_w(kind: LuminaireType, level_pct: Floats) -> Floats:
    """Power in W at levels from the type's minimum to 100 %."""
    if kind.curve == "none":
        return np.where(np.isnan(level_pct), np.nan, kind.rated_w)
    if kind.curve == "table":
        levels, powers = np.array(kind.curve_points, dtype=np.float64).T
        return np.asarray(np.interp(level_pct, levels, powers), dtype=np.float64)
    fixed_w = kind.fixed_loss_share * kind.rated_w
    share = level_pct / 100.0
    return fixed_w + (kind.rated_w - fixed_w) * (kind.linear_share * share + (1.0 - kind.linear_share) * share**2)


class CircuitPower:
    """What each circuit of a site should use, all at once. The order of circuits is that of ``site.circuits``."""

    def __init__(self, site: Site) -> None:
        circuits = list(site.circuits.values())
        self.circuit_ids: tuple[str, ...] = tuple(circuit.id for circuit in circuits)
        self._index = {circuit: number for number, circuit in enumerate(self.circuit_ids)}
        self._has_dimmer = np.array([circuit.dimmer is not None for circuit in circuits], dtype=bool)
        self._has_relay = np.array([circuit.relay is not None for circuit in circuits], dtype=bool)
        self._groups: list[tuple[LuminaireType, NDArray[np.intp], Floats]] = []
        for kind in site.luminaire_types.values():
            counts = [sum(g.count for g in circuit.lamps if g.luminaire_type == kind.id) for circuit in circuits]
            having = np.flatnonzero(counts)
            if having.size:
                self._groups.append((kind, having, np.array(counts, dtype=np.float64)[having]))
        self._grid_w: Floats | None = None

    def index(self, circuit: str) -> int:
        """The place of a circuit in the arrays; raises KeyError for an unknown id."""
        return self._index[circuit]

    def expected_w(self, level_pct: Floats) -> Floats:
        """Expected power in W of warm, healthy circuits; ``level_pct`` is (n,) or (n_steps, n), the answer alike.

        Off (level 0) is the lamps' standby power, or 0 where a contactor cuts it too. A circuit without a dimmer is at
        full power at any level above 0. Permanent loads on its meter are not included. NaN stays NaN.
        """
        level = np.asarray(level_pct, dtype=np.float64)
        level = np.where(~self._has_dimmer & (level > 0), 100.0, level)
        total = np.zeros(level.shape)
        for kind, circuits, counts in self._groups:
            total[..., circuits] += counts * power_w(kind, level[..., circuits])
        return np.where(self._has_relay & (level <= 0), 0.0, total)

    def full_w(self) -> Floats:
        """Expected power in W of each circuit at 100 %, shape (n,)."""
        return self.expected_w(np.full(len(self.circuit_ids), 100.0))

    def minimum_lit_w(self) -> Floats:
        """Expected power in W of each circuit at its lowest lit level, shape (n,)."""
        lowest: Floats = self._grid()[0]
        return lowest

    def level_from_power(self, measured_w: Floats, circuits: NDArray[np.intp] | None = None) -> Floats:
        """The dim level in percent (0 to 100) that a measured power of each circuit means, shape (n,).

        With ``circuits`` (k,), their places in the arrays, it is (k,) powers of these to (k,) levels.

        Under half of the power at the lowest lit level it is 0. Where the power does not depend on the level
        (no dimmer, no dimmable lamps) it is 0 or 100. NaN stays NaN.
        """
        grid_w = self._grid() if circuits is None else self._grid()[:, circuits]
        return _levels_pct(grid_w, np.asarray(measured_w, dtype=np.float64))

    def circuit_level(self, circuit: str, measured_w: float) -> float:
        """``level_from_power`` for one circuit alone; raises KeyError for an unknown id."""
        return float(self.circuit_levels(circuit, np.array([measured_w], dtype=np.float64))[0])

    def circuit_levels(self, circuit: str, measured_w: Floats) -> Floats:
        """``level_from_power`` for many measured powers of one circuit, shape (n_readings,), the answer alike."""
        columns = self._grid()[:, [self._index[circuit]]].repeat(len(measured_w), axis=1)
        return _levels_pct(columns, np.asarray(measured_w, dtype=np.float64))

    def _grid(self) -> Floats:
        """Expected power at 1, 2 … 100 %, shape (100, n); made once."""
        if self._grid_w is None:
            self._grid_w = self.expected_w(np.repeat(_GRID_PCT[:, None], len(self.circuit_ids), axis=1))
        return self._grid_w


def level_from_power(power: CircuitPower, measured_w: Floats) -> Floats:
    """The dim level in percent that the measured power of each circuit means; see ``CircuitPower.level_from_power``."""
    return power.level_from_power(measured_w)


def _levels_pct(grid_w: Floats, measured_w: Floats) -> Floats:
    """Invert a grid of power at 1, 2 … 100 %, shape (100, n), for measured powers of shape (n,)."""
    at_minimum = (grid_w <= grid_w[0]).sum(axis=0)
    below = np.clip((grid_w <= measured_w).sum(axis=0), at_minimum, len(_GRID_PCT) - 1)
    below = np.maximum(below, 1)
    columns = np.arange(grid_w.shape[1])
    low_w, high_w = grid_w[below - 1, columns], grid_w[below, columns]
    step_w = high_w - low_w
    part = np.divide(measured_w - low_w, step_w, out=np.zeros_like(measured_w), where=step_w > 0)
    level = _GRID_PCT[below - 1] + np.clip(part, 0.0, 1.0)
    level = np.where(grid_w[-1] <= grid_w[0], 100.0, level)
    level = np.where(measured_w < _LIT_SHARE * grid_w[0], 0.0, level)
    return np.where(np.isnan(measured_w), np.nan, level)
