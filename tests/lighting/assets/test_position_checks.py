"""A place that cannot be the site's is found: from it the plan would leave a city dark at night."""

from __future__ import annotations

import math
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.fact import Problem
from lighting.assets.folder import read_site
from lighting.assets.position_checks import (
    MOST_OFF_ZONE_S,
    distance_km,
    off_zone_s,
    standard_offset_s,
    zone_latitudes_deg,
)
from lighting.assets.template import template_texts
from lighting.wording.speech import say


def site_at(latitude_deg: float, longitude_deg: float, zone: str) -> list[Problem]:
    """The problems of the example's site.toml, moved there (its cabinets are moved nowhere)."""
    texts = template_texts()
    site = texts["site.toml"].replace("21.0285", str(latitude_deg)).replace("105.8542", str(longitude_deg))
    texts["site.toml"] = site.replace("Asia/Ho_Chi_Minh", zone)
    return [problem for problem in read_site(texts).problems if problem.file == "site.toml"]


def found(problems: list[Problem]) -> list[tuple[str, bool, str]]:
    return [(problem.fact.code, problem.is_warning, problem.field) for problem in problems]


WRONG_ZONE = [("longitude_not_of_zone", False, "site.longitude_deg")]
MIRRORED = [("longitude_looks_mirrored", True, "site.longitude_deg")]
FAR_LATITUDE = [("latitude_far_from_zone", True, "site.latitude_deg")]
ZERO = [("position_zero", False, "site.latitude_deg")]


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "zone", "expected"),
    [
        (21.0285, 105.8542, "Asia/Ho_Chi_Minh", []),
        (21.0285, -105.8542, "Asia/Ho_Chi_Minh", WRONG_ZONE),
        (40.1, 88.26, "America/Chicago", WRONG_ZONE),
        (40.1, -88.26, "Etc/GMT+6", []),
        (40.1, -88.26, "Etc/GMT-6", WRONG_ZONE),
        (21.0285, 105.8542, "UTC", WRONG_ZONE),
        (52.2, -21.0, "Europe/Warsaw", MIRRORED),
        (43.2, -8.4, "Europe/Madrid", []),
        (39.5, 76.0, "Asia/Shanghai", []),
        (1.9, -157.4, "Pacific/Kiritimati", []),
        (-13.8, -171.8, "Pacific/Apia", []),
        (-21.0285, 105.8542, "Asia/Ho_Chi_Minh", FAR_LATITUDE),
        (33.9, 151.2, "Australia/Sydney", FAR_LATITUDE),
        (-80.0, 105.8542, "Etc/GMT-7", []),
        (0, 0, "Asia/Ho_Chi_Minh", ZERO),
        (0.0, 0.0, "Africa/Accra", ZERO),
    ],
)
def test_the_sites_own_place(
    latitude_deg: float, longitude_deg: float, zone: str, expected: list[tuple[str, bool, str]]
) -> None:
    assert found(site_at(latitude_deg, longitude_deg, zone)) == expected


def test_the_problem_of_a_longitude_names_both_offsets_its_line_and_the_remedy() -> None:
    (problem,) = site_at(21.0285, -105.8542, "Asia/Ho_Chi_Minh")
    line = template_texts()["site.toml"].splitlines()[problem.line - 1]
    assert line.startswith("longitude_deg")
    sentence = say(problem.fact)
    for part in ("-7 h 03 min", "Asia/Ho_Chi_Minh is 7 h", "dark at night", "west is negative"):
        assert part in sentence


def zone_places() -> dict[str, float]:
    """The longitude of each zone of the tz database."""
    text = (resources.files("tzdata") / "zoneinfo" / "zone1970.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    places = {}
    for row in rows:
        at = max(row[1].rfind("+"), row[1].rfind("-"))
        places[row[2]] = float(row[1][at : at + 4]) + math.copysign(int(row[1][at + 4 : at + 6]) / 60, int(row[1][at:]))
    return places


def test_every_zones_own_place_is_believed() -> None:
    places = zone_places()
    assert len(places) > 250
    off = {zone: off_zone_s(longitude, standard_offset_s(zone)) for zone, longitude in places.items()}
    assert {zone: seconds for zone, seconds in off.items() if seconds > MOST_OFF_ZONE_S} == {}
    assert set(places) <= set(zone_latitudes_deg())


def test_latitudes_of_zones() -> None:
    assert zone_latitudes_deg()["Asia/Ho_Chi_Minh"] == 10.75
    assert zone_latitudes_deg()["Australia/Sydney"] == pytest.approx(-33.867, abs=0.001)
    assert "Etc/GMT-7" not in zone_latitudes_deg()


def test_a_known_distance() -> None:
    hanoi, saigon = (21.0285, 105.8542), (10.7769, 106.7009)
    assert distance_km(hanoi, saigon) == pytest.approx(1144, abs=5)
    assert distance_km((0.0, 179.9), (0.0, -179.9)) == pytest.approx(22.2, abs=0.1)


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(PLACES, PLACES)
def test_distances_are_the_same_both_ways_and_never_beyond_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert distance_km(one, other) == pytest.approx(distance_km(other, one), abs=1e-6)
    assert 0 <= distance_km(one, other) <= 20016


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("21.1,105.9", []),
        ("21.9,105.85", []),
        ("22.0,105.85", [("position_far_from_site", True)]),
        ("29.9,105.85", [("position_far_from_site", True)]),
        ("30.1,105.85", [("position_far_from_site", False)]),
        ("-21.0285,105.8542", [("position_far_from_site", False)]),
        ("21.0285,-105.8542", [("position_far_from_site", False)]),
        ("0,0", [("position_zero", False)]),
    ],
)
@pytest.mark.parametrize("file", ["cabinets.csv", "circuits.csv"])
def test_a_cabinet_and_a_circuit_far_from_the_site(file: str, place: str, expected: list[tuple[str, bool]]) -> None:
    texts = template_texts()
    header = next(line for line in texts[file].splitlines() if not line.startswith("#"))
    first = texts[file].splitlines()[texts[file].splitlines().index(header) + 1]
    columns, cells = header.split(","), first.split(",")
    for name, value in zip(("latitude_deg", "longitude_deg"), place.split(","), strict=True):
        cells[columns.index(name)] = value
    texts[file] = texts[file].replace(first, ",".join(cells))
    reading = read_site(texts)
    assert [(p.fact.code, p.is_warning) for p in reading.problems] == expected
    assert all(p.file == file and p.line > 0 and p.field == "latitude_deg" for p in reading.problems)
    assert (reading.site is None) == any(not is_warning for _, is_warning in expected)
