"""What makes the city darker is said before it is accepted; what does not is not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.desk.darkening import darkening

TODAY = "2026-11-23"
Edits = list[tuple[str, str, str]]


def site_of(texts: Mapping[str, str]) -> Site:
    reading = read_site(texts)
    assert reading.site is not None, reading.problems
    return reading.site


def edited(edits: Edits, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    found = dict(template_texts() if texts is None else texts)
    for file, old, new in edits:
        assert old in found[file], (file, old)
        found[file] = found[file].replace(old, new)
    return found


def told(before: Site, after: Site) -> list[tuple[str, object]]:
    facts = darkening(before, after, lambda site: {}, today=TODAY, renamed={})
    return [(fact.code, fact.values.get("names", "")) for fact in facts]


LAKE_PATH = next(row for row in template_texts()["circuits.csv"].splitlines(keepends=True) if row.startswith("C-0201"))
DARKER: dict[str, tuple[Edits, list[tuple[str, object]]]] = {
    "the site's floor": (
        [("site.toml", "floor_level_pct = 30.0", "floor_level_pct = 20.0")],
        [("darker_floor", "C-0103")],
    ),
    "a lowest class": (
        [("circuits.csv", "M3,M5,1.1", "M3,M6,1.1")],
        [("darker_floor", "C-0101"), ("darker_class", "C-0101")],
    ),
    "a design class": ([("circuits.csv", "M3,M5,1.1", "M4,M5,1.1")], [("darker_class", "C-0101")]),
    "a crossing that may be dimmed": (
        [("circuits.csv", "C2,C2,22,yes", "C2,C2,22,no")],
        [("darker_floor", "C-0102"), ("darker_never_dim", "C-0102")],
    ),
    "part-night off of a program": (
        [("programs.toml", '"00:00", level_pct = 50 }', '"00:00", level_pct = 0, part_night = true }')],
        [("darker_part_night", "C-0101")],  # C-0102 is never dimmed
    ),
    "part-night off by a rule": (
        [
            (
                "calendar.toml",
                'weekdays = ["fri", "sat"]\nuse = { park-path = "festival" }',
                'weekdays = ["fri"]\nuse = { full-night = "park-path" }',
            )
        ],
        [("darker_part_night", "C-0103")],
    ),
    "another dusk": (
        [("site.toml", "dusk_elevation_deg = -0.833", "dusk_elevation_deg = -3.0")],
        [("darker_dusk", "")],
    ),
    "a circuit left out": ([("circuits.csv", LAKE_PATH, "")], [("darker_left_alone", "C-0201")]),
    "no fallback of the cabinet": (
        [("cabinets.csv", "astronomical_switch", "none")],
        [],
    ),
}


@pytest.mark.parametrize("case", [one for one in DARKER if one != "no fallback of the cabinet"])
def test_what_makes_it_darker(case: str) -> None:
    edits, facts = DARKER[case]
    before, after = site_of(template_texts()), site_of(edited(edits))
    assert [one for one in told(before, after) if one[0] != "darker_without_us"] == facts
    ids = set(after.circuits)
    back = [one for one in told(after, before) if one[0] != "darker_without_us" and str(one[1]) in {"", *ids}]
    assert back == [], "what makes it brighter is no warning"


def test_a_cabinet_without_its_fallback_would_go_dark_without_us() -> None:
    before = site_of(template_texts())
    after = site_of(edited(DARKER["no fallback of the cabinet"][0]))
    (found,) = told(before, after)
    assert found[0] == "darker_without_us"
    assert str(found[1]).startswith("C-0101")
    assert told(after, before) == []


def test_part_night_off_in_a_place_is_told_of_circuits_there_alone() -> None:
    rule = '\n[[rules]]\nname = "quiet"\nplaces = ["road:Quay road"]\nuse = { "*" = "park-path" }\n'
    texts = template_texts()
    after = site_of(texts | {"calendar.toml": texts["calendar.toml"] + rule})
    assert told(site_of(texts), after) == [("darker_part_night", "C-0103")]


def test_a_circuit_under_another_name_is_compared_with_itself() -> None:
    before = site_of(template_texts())
    after = site_of(edited([("circuits.csv", "C-0102,", "C-0112,"), ("circuits.csv", "C2,C2,22,yes", "C2,C2,22,no")]))
    facts = darkening(before, after, lambda site: {}, today=TODAY, renamed={"C-0112": "C-0102"})
    assert [fact.code for fact in facts] == ["darker_floor", "darker_never_dim"]


def test_the_same_is_not_darker() -> None:
    assert told(site_of(template_texts()), site_of(template_texts())) == []
