"""Coordinates of an inventory's rows as degrees of latitude and longitude."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.exchange.inventory import WGS84, InventoryError, InventoryMapping, RawRow


def positions_of(rows: Sequence[RawRow], mapping: InventoryMapping) -> list[tuple[float, float] | Fact | None]:
    """(latitude_deg, longitude_deg) of each row; None where it has no coordinates; a fact where they make no sense.

    Raises InventoryError for a coordinate reference system that is not known.
    """
    if not (mapping.x and mapping.y):
        return [None] * len(rows)
    raw = [_numbers(row, mapping) for row in rows]
    places = [index for index, point in enumerate(raw) if isinstance(point, tuple)]
    points = [point for point in raw if isinstance(point, tuple)]
    degrees = _to_degrees(points, mapping.crs)
    found: list[tuple[float, float] | Fact | None] = list(raw)
    for index, (longitude, latitude) in zip(places, degrees, strict=True):
        if math.isfinite(longitude) and math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180:
            found[index] = (latitude, longitude)
        else:
            x, y = float(rows[index].cells[mapping.x]), float(rows[index].cells[mapping.y])
            found[index] = Fact("position_out_of_range", {"x": x, "y": y})
    return found


def _numbers(row: RawRow, mapping: InventoryMapping) -> tuple[float, float] | Fact | None:
    """The row's x and y; None when both are empty or both 0, which inventories write for «not surveyed»."""
    x, y = row.cells.get(mapping.x, ""), row.cells.get(mapping.y, "")
    if not x and not y:
        return None
    try:
        point = (float(x), float(y))
    except ValueError:
        return Fact("position_not_understood", {"x": shown(x), "y": shown(y)})
    if not all(map(math.isfinite, point)):
        return Fact("position_not_understood", {"x": shown(x), "y": shown(y)})
    return None if point == (0.0, 0.0) else point


def _to_degrees(points: Sequence[tuple[float, float]], crs: str) -> list[tuple[float, float]]:
    """Points as (longitude, latitude) in WGS 84."""
    if not points or crs in ("", WGS84):
        return list(points)
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        transformer = Transformer.from_crs(crs, WGS84, always_xy=True)
    except ProjError:
        raise InventoryError(Fact("unknown_crs", {"found": shown(crs)})) from None
    longitudes, latitudes = transformer.transform([p[0] for p in points], [p[1] for p in points])
    return list(zip(longitudes, latitudes, strict=True))
