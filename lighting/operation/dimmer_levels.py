"""Which levels a dimmer can hold whose steps are not even: asked for another, it would be written to for ever. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.codec import decode, encode
from drivers.curve import curve_domain
from drivers.errors import Rejected
from drivers.profile import Point

_MOST_LEVELS = 4096
"""A finer curve has steps far under any dead band, and is taken for even."""

KnownLevels = dict[tuple[object, ...], tuple[float, ...]]
"""Levels by all of a point that decides them: the channels of a gateway share them."""


def uneven_levels(point: Point, known: KnownLevels) -> tuple[float, ...]:
    """All levels above 0 that may be written to this point, rising; empty where its steps are the even ones of raw."""
    if point.curve == "linear" and not point.write_step:
        return ()
    shape = (point.data_type, point.scale, point.offset, point.curve, point.curve_points, point.sentinels)
    key = (*shape, point.write_min, point.write_max, point.write_step, point.forbidden_raw)
    if key not in known:
        known[key] = tuple(sorted({held for level in _candidates(point) if (held := _held(point, level)) > 0}))
    return known[key]


def _candidates(point: Point) -> Iterator[float]:
    low, high = point.write_min or 0.0, 100.0 if point.write_max is None else point.write_max
    if point.write_step:
        yield from (low + float(point.write_step * n) for n in range(int((high - low) / point.write_step) + 1))
        return
    domain = curve_domain(point)
    if domain is None or domain[1] - domain[0] > _MOST_LEVELS:
        return
    for raw in range(domain[0], domain[1] + 1):
        level = decode(point, (raw,)).value if point.register_count == 1 else None
        if isinstance(level, float) and low <= level <= high:
            yield level


def _held(point: Point, level: float) -> float:
    """The level that the device shows when it was asked for this one; 0 when it cannot be."""
    try:
        held = decode(point, encode(point, level)).value
    except Rejected:
        return 0.0
    return held if isinstance(held, float) else 0.0
