"""Coordinates of an inventory's rows as degrees of latitude and longitude."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.assets.position_checks import distance_km
from lighting.exchange.inventory import WGS84, InventoryError, InventoryMapping, RawRow

FAR_AWAY = "position_far_away"
_FAR_KM = 1000.0
"""What the check of a site refuses."""


def positions_of(rows: Sequence[RawRow], mapping: InventoryMapping) -> list[tuple[float, float] | Fact | None]:
    """(latitude_deg, longitude_deg) of each row; None where it has no coordinates; a fact where they make no sense.

    Coordinates that are far from the middle of the others are such a fact too, with the code ``FAR_AWAY``: the lamp
    can be used without them. Raises InventoryError for a coordinate reference system that is not known.
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
    return _without_far(found)


def _without_far(found: list[tuple[float, float] | Fact | None]) -> list[tuple[float, float] | Fact | None]:
    """One pole in another country must not move the site, whose sun is that of the middle of its lamps."""
    points = [point for point in found if isinstance(point, tuple)]
    if not points:
        return found
    middle = (statistics.median_low(p[0] for p in points), statistics.median_low(p[1] for p in points))
    kept: list[tuple[float, float] | Fact | None] = []
    for point in found:
        far_km = distance_km(middle, point) if isinstance(point, tuple) else 0.0
        kept.append(Fact("position_far_away", {"distance_km": round(far_km)}) if far_km > _FAR_KM else point)
    return kept


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
