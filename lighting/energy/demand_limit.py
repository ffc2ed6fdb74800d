"""What a cap on the level means in power, by the model of the lamps: how far it is missed, which cap a power needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.energy.luminaire_power import CircuitPower

Floats = NDArray[np.float64]


def over_cap_w(power: CircuitPower, minimum_pct: Floats, level_pct: Floats, cap_pct: float) -> Floats:
    """Return the power in W that each circuit uses above what it would at the cap; 0 where it is not above.

    ``minimum_pct`` is (n,), the lowest level that a circuit's lamps keep, 100 where they cannot be dimmed;
    ``level_pct`` is (n,) or (n_steps, n), and the answer alike; NaN stays NaN. Lamps that cannot burn so low as the cap
    are taken as if their power were in proportion to it, for else nothing would seem missing where they burn on.
    """
    level = np.asarray(level_pct, dtype=np.float64)
    used_w = power.expected_w(level)
    at_cap_w = power.expected_w(np.minimum(level, cap_pct))
    in_proportion_w = np.broadcast_to(power.full_w() * cap_pct / 100.0, level.shape)
    at_cap_w = np.where(minimum_pct > cap_pct, in_proportion_w, at_cap_w)
    over = np.where(level > cap_pct, np.maximum(used_w - at_cap_w, 0.0), 0.0)
    return np.where(np.isnan(level), np.nan, over)


def cap_for_power(
    power: CircuitPower, least_pct: Floats, circuits: NDArray[np.intp], target_w: float
) -> tuple[int, float]:
    """Return the highest whole level whose modelled power of these circuits is at most ``target_w``, and that power.

    ``least_pct`` (n,) is what each circuit is held at, whatever the cap (its floor, its lamps' minimum). Where even the
    lowest level uses more, it is the highest one that uses no more than that.
    """
    caps = np.arange(0.0, 101.0)
    levels = np.full((caps.size, least_pct.size), np.nan)
    levels[:, circuits] = np.maximum(caps[:, None], least_pct[circuits])
    total_w = power.expected_w(levels)[:, circuits].sum(axis=1)
    allowed_w = max(target_w, float(total_w[0]))
    best = int(np.flatnonzero(total_w <= allowed_w + 1e-6)[-1])
    return best, float(total_w[best])
