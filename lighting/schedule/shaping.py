"""What is done to a level after the layers have spoken, once and in this order: floor, lamp minimum, warm-up.

Ramp, stagger and dead band concern how a device is brought to the level and live in ``operation``. Constant light
output, when it comes, belongs between floor and lamp minimum. NaN (nothing may be written) passes through unchanged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]
Bools = NDArray[np.bool_]

_FULL_PCT = np.float32(100.0)


def with_floor(level_pct: Levels, floor_pct: Levels, dark: Bools, may_be_under: Bools) -> Levels:
    """Return the levels, raised to the floor where it is dark and nothing excuses them. All broadcast."""
    return np.where(dark & ~may_be_under, np.maximum(level_pct, floor_pct), level_pct)


def with_minimum(level_pct: Levels, minimum_pct: Levels) -> Levels:
    """Return the levels, those above 0 raised to what the lamps can keep."""
    return np.where(level_pct > 0.0, np.maximum(level_pct, minimum_pct), level_pct)


def with_warm_up(
    level_pct: Levels,
    at_ms: NDArray[np.int64],
    warm_up_ms: NDArray[np.int64],
    on_since_ms: NDArray[np.int64] | None,
) -> Levels:
    """Return the levels (n_steps, n), at 100 % until the lamps have been on for ``warm_up_ms`` (n,).

    ``on_since_ms`` (n,) says since when they are on at the first step, −1 where they are off or it is unknown; None
    takes lamps that are on at the first step for warm. Later steps follow from the levels; NaN counts as on.
    """
    n_steps = level_pct.shape[0]
    if n_steps == 0 or not (warm_up_ms > 0).any():
        return level_pct
    on = ~(level_pct <= 0.0)
    switched_on = np.zeros_like(on)
    switched_on[1:] = on[1:] & ~on[:-1]
    if on_since_ms is None:
        first_ms = np.full(level_pct.shape[1], np.iinfo(np.int64).min // 2)
    else:
        first_ms = np.where(on_since_ms >= 0, on_since_ms, at_ms[0])
    steps = np.where(switched_on, np.arange(n_steps)[:, None], -1)
    latest = np.maximum.accumulate(steps, axis=0)
    since_ms = np.where(latest >= 0, at_ms[latest], first_ms)
    warming = (level_pct > 0.0) & (at_ms[:, None] < since_ms + warm_up_ms)
    return np.where(warming, _FULL_PCT, level_pct)
