"""What is done to a level after the layers have spoken, once and in this order.

Floor, constant light output, lamp minimum, shortest times on and off, warm-up and restrike, stagger. The dead band
concerns what is sent to a device and lives in ``operation``. NaN (nothing may be written) passes through unchanged.

Ramps come before people speak: they belong to what sun, program and traffic ask. Up is at once: how fast a lamp can
follow is its device's own affair. Down is a ramp: a level falls from what it was at the rate given, so that the level
at t is the greatest of all earlier ones less what they have fallen since. It follows from what was asked alone, not
from when somebody looked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]
Bools = NDArray[np.bool_]
Instants = NDArray[np.int64]

_FULL_PCT = np.float32(100.0)
ALWAYS_MS = -(2**62)


def with_floor(level_pct: Levels, floor_pct: Levels, dark: Bools, may_be_under: Bools) -> Levels:
    """Return the levels, raised to the floor where it is dark and nothing excuses them. All broadcast."""
    return np.where(dark & ~may_be_under, np.maximum(level_pct, floor_pct), level_pct)


def with_output_share(level_pct: Levels, share: NDArray[np.float32]) -> Levels:
    """Return the levels for lamps that are brighter than they will be: ``share`` (n,) of full power is enough."""
    return level_pct * share if (share < 1).any() else level_pct


def with_minimum(level_pct: Levels, minimum_pct: Levels) -> Levels:
    """Return the levels, those above 0 raised to what the lamps can keep."""
    return np.where(level_pct > 0.0, np.maximum(level_pct, minimum_pct), level_pct)


def with_short_gaps_lit(
    level_pct: Levels, off_for_ms: NDArray[np.int64], min_off_ms: NDArray[np.int64], minimum_pct: Levels
) -> Levels:
    """Return the levels with lamps kept at their minimum where the program would have them off too short a time."""
    if not (min_off_ms > 0).any():
        return level_pct
    return np.where((level_pct == 0.0) & (off_for_ms < min_off_ms), minimum_pct, level_pct)


def lit_since(
    level_pct: Levels, at_ms: Instants, min_on_ms: NDArray[np.int64], restrike_ms: NDArray[np.int64]
) -> Instants:
    """Return since when lamps give light, (n_grid, n) UTC ms; meaningless where they are off.

    ``ALWAYS_MS`` for lamps that are on in the first row. Lamps that are switched on again before ``restrike_ms`` give
    light only then. A lamp that stays on for its ``min_on_ms`` counts as on until then.
    """
    on = ~(level_pct <= 0.0)
    switched_on = np.zeros_like(on)
    switched_on[1:] = on[1:] & ~on[:-1]
    since = np.where(switched_on, at_ms[:, None], ALWAYS_MS)
    np.maximum.accumulate(since, axis=0, out=since)
    careful = np.flatnonzero((min_on_ms > 0) | (restrike_ms > 0))
    if careful.size:
        # Columns that switch alike are looked at once.
        times = np.stack([min_on_ms[careful], restrike_ms[careful]], axis=1)
        rows = np.hstack([times.view(np.uint8), np.packbits(on[:, careful], axis=0).T])
        keys = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
        _, first, of_column = np.unique(keys, return_index=True, return_inverse=True)
        each = [
            _since_by_edges(on[:, column], at_ms, int(min_on_ms[column]), int(restrike_ms[column]))
            for column in careful[first].tolist()
        ]
        since[:, careful] = np.stack(each, axis=1)[:, of_column]
    return since


def _since_by_edges(on: Bools, at_ms: Instants, min_on_ms: int, restrike_ms: int) -> Instants:
    since = np.full(on.shape, ALWAYS_MS, dtype=np.int64)
    lit_ms, off_ms = ALWAYS_MS, ALWAYS_MS
    edges = np.flatnonzero(on[1:] != on[:-1]) + 1
    for row in edges.tolist():
        now_ms = int(at_ms[row])
        if not on[row]:
            off_ms = max(now_ms, lit_ms + min_on_ms) if lit_ms != ALWAYS_MS else now_ms
        elif now_ms >= off_ms:  # otherwise it was kept on and never went out
            lit_ms = max(now_ms, off_ms + restrike_ms) if off_ms != ALWAYS_MS else now_ms
        since[row:] = lit_ms
    return since


def kept_on(
    level_pct: Levels, at_ms: Instants, since_ms: Instants, min_on_ms: NDArray[np.int64], minimum_pct: Levels
) -> Levels:
    """Return the levels with lamps kept at their minimum that have not been on long enough to go out."""
    if not (min_on_ms > 0).any():
        return level_pct
    young = (level_pct == 0.0) & (since_ms != ALWAYS_MS) & (since_ms <= at_ms) & (at_ms < since_ms + min_on_ms)
    return np.where(young, minimum_pct, level_pct)


def with_warm_up(
    level_pct: Levels,
    at_ms: Instants,
    since_ms: Instants,
    warm_up_ms: NDArray[np.int64],
    rate_pct_ms: NDArray[np.float64],
) -> Levels:
    """Return the levels, at 100 % until lamps have given light for ``warm_up_ms``, and falling from there. All
    broadcast.
    """
    if not (warm_up_ms > 0).any():
        return level_pct
    warm_ms = since_ms + warm_up_ms
    falling = (100.0 - rate_pct_ms * np.maximum(at_ms - warm_ms, 0)).astype(np.float32)
    applies = (level_pct > 0.0) & (warm_up_ms > 0) & (since_ms != ALWAYS_MS)
    return np.where(applies & (falling > level_pct), np.minimum(falling, _FULL_PCT), level_pct)


def with_ramp(level_pct: Levels, at_ms: Instants, rate_pct_ms: NDArray[np.float64]) -> Levels:
    """Return the levels (n_grid, n) with every fall slowed to ``rate_pct_ms`` (n_grid, n), percent a millisecond.

    The grid must hold both ends of every fall. To switch off is no dimming: level 0 is at once.
    """
    if len(level_pct) < 2 or not (level_pct[1:] < level_pct[:-1]).any():
        return level_pct
    fall = (rate_pct_ms[1:] * np.diff(at_ms)[:, None]).astype(np.float32)
    ramped = level_pct.copy()
    for row in range(1, len(ramped)):
        asked = level_pct[row]
        np.fmax(asked, ramped[row - 1] - fall[row - 1], out=ramped[row], where=asked > 0.0)
    return ramped
