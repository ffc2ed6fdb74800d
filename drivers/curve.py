"""Dimming curves: the light that a raw level gives, and the raw level whose light is nearest.

DALI: light % = 10 ** ((n - 1) / (253 / 3) - 1) for the arc levels n = 1 ... 254 (IEC 62386-102, 9.3), 0 is dark, and
255 is no level at all but "no change".
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from drivers.profile import Point
from drivers.registers import INTEGER_RANGES, raw_range

DALI_TOP = 254
Curve = Callable[[int], float | None]


def curve_of(point: Point) -> Curve:
    """The light (in the unit of the point's quantity) of a raw number, never falling; None outside the curve.

    ``dali_log`` and ``dali_log_pct`` take ``raw * scale + offset`` as the arc level, or as percent of 254; ``table``
    takes the raw number itself.
    """
    if point.curve == "table":
        return _table(point)
    whole = Fraction(1) if point.curve == "dali_log" else Fraction(DALI_TOP, 100)
    scale, offset = point.scale * whole, point.offset * whole
    divisor = scale.denominator * offset.denominator
    factor, added = int(scale * divisor), int(offset * divisor)

    def light(raw: int) -> float | None:
        level = raw * factor + added
        if level == 0:
            return 0.0
        if not 0 < level <= DALI_TOP * divisor:
            return None
        # (level - 1) / (253 / 3) - 1 in whole numbers, so that 254 gives 100 to the bit.
        return math.pow(10.0, (3 * (level - divisor) - 253 * divisor) / (253 * divisor))

    return light


def raw_of_light(point: Point, light: float) -> int | None:
    """The raw number whose light is nearest, halves to more light; None when the curve has no such light.

    What is above 0 never becomes a raw number that is dark.
    """
    domain = curve_domain(point)
    if domain is None:
        return None
    low, high = domain
    curve = curve_of(point)

    def lit(raw: int) -> float:
        value = curve(raw)
        assert value is not None, "inside its domain a curve has a value"
        return value

    if not lit(low) <= light <= lit(high):
        return None
    above = bisect.bisect_left(range(low, high + 1), light, key=lit) + low
    below = max(low, above - 1)
    is_nearer = Fraction(light) - Fraction(lit(below)) < Fraction(lit(above)) - Fraction(light)
    if is_nearer and not (lit(below) == 0 and light > 0):
        return below
    return above


def curve_domain(point: Point) -> tuple[int, int] | None:
    """The lowest and highest raw number that the curve gives a light for, None when there is none.

    Raw numbers rise with light: the scale of a point with a curve is above 0.
    """
    low, high = raw_range(point)
    if point.curve == "table":
        if not point.curve_points:
            return None
        first, last = point.curve_points[0][0], point.curve_points[-1][0]
    else:
        top = DALI_TOP if point.curve == "dali_log" else 100
        first, last = -(point.offset // point.scale), (top - point.offset) // point.scale
    low, high = max(low, first), min(high, last)
    return (low, high) if low <= high else None


def curve_is_sound(point: Point) -> bool:
    """Whether the curve can be gone both ways: it rises, and the type can hold some of it. A linear point has none."""
    if point.curve == "linear":
        return True
    if point.data_type not in INTEGER_RANGES or point.data_type == "bit" or point.scale <= 0:
        return False
    rises = all(raw < next_raw and value < next_value for (raw, value), (next_raw, next_value) in pairs(point))
    return rises and (point.curve != "table" or len(point.curve_points) > 1) and curve_domain(point) is not None


def pairs(point: Point) -> Iterator[tuple[tuple[int, float], tuple[int, float]]]:
    """The neighbours among the points of a table curve."""
    return itertools.pairwise(point.curve_points)


def _table(point: Point) -> Curve:
    raws = [raw for raw, _ in point.curve_points]
    values = [value for _, value in point.curve_points]

    def light(raw: int) -> float | None:
        if not raws or not raws[0] <= raw <= raws[-1]:
            return None
        at = bisect.bisect_right(raws, raw) - 1
        if raw == raws[at]:
            return values[at]
        return values[at] + (values[at + 1] - values[at]) * (raw - raws[at]) / (raws[at + 1] - raws[at])

    return light
