"""A point's value as plain JSON: the number, its unit, what it means and how far it can be used."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec import Sample, raw_number
from drivers.profile import Point


def point_value(point: Point, sample: Sample, raw: Sequence[int] | None = None) -> dict[str, object]:
    """``quality`` is good, out_of_range or unknown; ``meaning`` the word of a code, or the flags that are set."""
    told: dict[str, object] = {
        "point": point.name,
        "quantity": point.quantity.value,
        "channel": point.channel,
        "value": sample.value,
        "unit": point.unit_name,
        "quality": sample.quality.value,
        "meaning": _meaning(point, sample, raw),
        "class": point.point_class,
        "table": point.table,
        "address": point.address,
    }
    if raw is not None:
        told["raw"] = list(raw)
    return told


def _meaning(point: Point, sample: Sample, raw: Sequence[int] | None) -> str:
    if not (point.enumeration or point.flags) or not isinstance(sample.value, float):
        return ""
    if raw is not None and point.data_type != "string":
        number = int(raw_number(point, raw))
    else:
        number = round((sample.value - float(point.offset)) / float(point.scale))
    if point.enumeration:
        return point.enumeration.get(number, "")
    return ", ".join(name for bit, name in sorted(point.flags.items()) if number >> bit & 1)
