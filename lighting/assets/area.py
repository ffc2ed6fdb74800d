"""A circle on the earth, as a person writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

AREA_FORM = "LATITUDE,LONGITUDE,RADIUS_M"
LARGEST_RADIUS_M = 100_000.0
_NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,12})?"
_AREA = re.compile(rf"({_NUMBER}),({_NUMBER}),({_NUMBER})(m|km)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Area:
    """A circle on the earth."""

    latitude_deg: float
    longitude_deg: float
    radius_m: float

    def __str__(self) -> str:
        """As a person would write it: degrees to a tenth of a metre on the ground, and metres."""
        return f"{_short(self.latitude_deg)},{_short(self.longitude_deg)},{_short(self.radius_m)}m"


def _short(number: float) -> str:
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def parse_area(text: str) -> Area | None:
    """Return the circle written ``LATITUDE,LONGITUDE,RADIUS`` (metres, or with ``m`` or ``km``); None for anything
    else.

    The radius is above 0 and at most 100 km.
    """
    found = _AREA.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    latitude, longitude, radius = (float(number) for number in found.groups()[:3])
    radius *= 1000.0 if found.group(4) == "km" else 1.0
    if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < radius <= LARGEST_RADIUS_M:
        return None
    return Area(latitude, longitude, radius)
