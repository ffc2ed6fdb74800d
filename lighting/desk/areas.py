"""A circle that a person writes: what is wrong with it, and how far the nearest circuit is from one that has none."""

from __future__ import annotations

import re

import numpy as np

from lighting.assets.area import AREA_FORM, LARGEST_RADIUS_M, Area, parse_area
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.desk.refusal import WrongUsage
from lighting.schedule.places import distance_m, position_of

_NUMBER = r"\s*([+-]?\d{1,30}(?:\.\d{1,30})?)\s*"
_LOOSE = re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER}(m|km)?\s*\Z", re.ASCII)


def area_wanted(text: str) -> Area:
    """Return the circle. Raises ``WrongUsage`` that says which of its parts is wrong."""
    area = parse_area(text)
    if area is not None:
        return area
    loose = _LOOSE.match(text)
    if loose is None:
        raise WrongUsage(Fact("area_not_in_form", {"found": text, "form": AREA_FORM}))
    for name, found, most in (("latitude", loose[1], 90), ("longitude", loose[2], 180)):
        if abs(float(found)) > most:
            raise WrongUsage(Fact("area_coordinate_out_of_range", {"name": name, "found": found, "most": most}))
    radius_m = float(loose[3]) * (1000.0 if loose[4] == "km" else 1.0)
    if not 0 < radius_m <= LARGEST_RADIUS_M:
        found = loose[3] + (loose[4] or "m")
        raise WrongUsage(Fact("area_radius_out_of_range", {"found": found}))
    raise WrongUsage(Fact("area_not_in_form", {"found": text, "form": AREA_FORM}))


def nothing_there(site: Site, area_text: str) -> Fact:
    """Return why an area covers no circuit: how far it is to the nearest one, or that none has a position."""
    values: dict[str, Value] = {"target": f"area:{area_text}"}
    area = parse_area(area_text)
    placed = [(circuit.id, found) for circuit in site.circuits.values() if (found := position_of(site, circuit))]
    if area is None or not placed:
        return Fact("no_circuit_has_a_position", values)
    latitude, longitude = np.array([found for _, found in placed], dtype=np.float64).T
    metres = distance_m(area, latitude, longitude)
    nearest = int(np.argmin(metres))
    return Fact("area_is_empty", {**values, "circuit": placed[nearest][0], "distance_m": round(float(metres[nearest]))})
