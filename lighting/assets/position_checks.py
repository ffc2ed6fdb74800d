"""Are the coordinates believable? From a wrong place the sun is wrong, and a city is dark by a plan that looks right.

The longitude is held against the time zone's standard offset (15° an hour), the latitude against the zone's own place
in the tz database, cabinets and circuits against the site.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Mapping
from functools import cache
from importlib import resources

from lighting.assets.draft import CABINETS_FILE, CIRCUITS_FILE, SITE_FILE, Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.model import Cabinet, Circuit
from lighting.assets.shapes import SiteTable

MOST_OFF_ZONE_S = 3.5 * 3600
"""No inhabited place is further from the sun's own time: western China keeps it 3.1 h ahead."""

_MIRRORED_OFF_ZONE_S = 2 * 3600
_MOST_LATITUDES_DEG = 25.0
_FAR_KM, _ABSURD_KM = 100, 1000
_EARTH_RADIUS_KM = 6371.0
_DAY_S = 86_400
_YEAR = 2026
_PLACE = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?[+-]\d{5}(?:\d{2})?")


def check_positions(draft: Draft, site: SiteTable) -> None:
    """Check the site's place, then that of every cabinet and circuit that has one."""
    is_believable = _check_site(draft, site)
    here = (site.latitude_deg, site.longitude_deg)
    tables: tuple[tuple[str, Mapping[str, Cabinet] | Mapping[str, Circuit]], ...] = (
        (CABINETS_FILE, draft.cabinets),
        (CIRCUITS_FILE, draft.circuits),
    )
    for file, rows in tables:
        for row in rows.values():
            if row.latitude_deg is None or row.longitude_deg is None:
                continue
            there = (row.latitude_deg, row.longitude_deg)
            if there == (0.0, 0.0):
                draft.problem(Fact("position_zero"), file, row.id, "latitude_deg")
            elif is_believable and (far_km := distance_km(here, there)) > _FAR_KM:
                values: dict[str, Value] = {"distance_km": round(far_km), "maximum_km": _FAR_KM}
                fact = Fact("position_far_from_site", values)
                draft.problem(fact, file, row.id, "latitude_deg", is_warning=far_km <= _ABSURD_KM)


def _check_site(draft: Draft, site: SiteTable) -> bool:
    """Report what is wrong with the site's own place; whether distances from it mean anything."""
    if (site.latitude_deg, site.longitude_deg) == (0.0, 0.0):
        _site_problem(draft, Fact("position_zero"), "latitude_deg")
        return False
    try:
        zone_s = standard_offset_s(site.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return True  # an unknown zone is reported where zones are
    off_s = off_zone_s(site.longitude_deg, zone_s)
    values: dict[str, Value] = {"longitude_deg": site.longitude_deg, "timezone": site.timezone}
    values |= {"sun_offset_s": round(site.longitude_deg * 240 / 60) * 60, "zone_offset_s": round(zone_s)}
    if off_s > MOST_OFF_ZONE_S:
        _site_problem(draft, Fact("longitude_not_of_zone", values), "longitude_deg")
        return False
    if off_s > _MIRRORED_OFF_ZONE_S and off_zone_s(-site.longitude_deg, zone_s) < off_s - 3600:
        _site_problem(draft, Fact("longitude_looks_mirrored", values), "longitude_deg", is_warning=True)
    zone_latitude = zone_latitudes_deg().get(site.timezone)
    if zone_latitude is not None and abs(site.latitude_deg - zone_latitude) > _MOST_LATITUDES_DEG:
        found: dict[str, Value] = {"latitude_deg": site.latitude_deg, "timezone": site.timezone}
        fact = Fact("latitude_far_from_zone", {**found, "zone_latitude_deg": round(zone_latitude, 1)})
        _site_problem(draft, fact, "latitude_deg", is_warning=True)
    return True


def _site_problem(draft: Draft, fact: Fact, key: str, *, is_warning: bool = False) -> None:
    line = draft.toml_lines[SITE_FILE].line_of(("site", key))
    draft.problems.append(Problem(fact, SITE_FILE, line, f"site.{key}", is_warning))


def standard_offset_s(timezone: str) -> float:
    """Seconds that a zone's winter time is ahead of UTC. Raises as ``ZoneInfo`` does for a name that is none."""
    zone = zoneinfo.ZoneInfo(timezone)
    offsets = (dt.datetime(_YEAR, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset.total_seconds() for offset in offsets if offset is not None)


def off_zone_s(longitude_deg: float, zone_s: float) -> float:
    """How far the sun's mean time at a longitude is from a zone's, in seconds, at most half a day."""
    difference = (longitude_deg * 240 - zone_s) % _DAY_S
    return min(difference, _DAY_S - difference)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two (latitude_deg, longitude_deg) along a great circle of a round earth (haversine)."""
    (lat_1, lon_1), (lat_2, lon_2) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((lat_2 - lat_1) / 2) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


@cache
def zone_latitudes_deg() -> Mapping[str, float]:
    """The latitude of each zone's own place, from the tables of the tz database; empty where they are not installed."""
    found: dict[str, float] = {}
    for name in ("zone.tab", "zone1970.tab"):
        try:
            text = (resources.files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
        except (ModuleNotFoundError, OSError):
            continue
        for line in text.splitlines():
            cells = line.split("\t")
            place = _PLACE.fullmatch(cells[1]) if len(cells) > 2 and not line.startswith("#") else None
            if place is not None:
                sign, degrees, minutes, seconds = place.groups()
                latitude = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
                found[cells[2]] = -latitude if sign == "-" else latitude
    return found
