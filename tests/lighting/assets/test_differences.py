"""What differs between two states of a site is told by meaning: nothing is left out, nothing is told twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

import pytest

from drivers.profile_file import built_in_texts
from lighting.assets.difference import PARTS
from lighting.assets.differences import differences, files_of_words_alone
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.wording.templates import all_words

Texts = dict[str, str]


def site_of(texts: Mapping[str, str]) -> Site:
    reading = read_site(texts)
    assert reading.site is not None, reading.problems
    return reading.site


def changed(*edits: tuple[str, str, str]) -> Texts:
    texts = dict(template_texts())
    for file, old, new in edits:
        assert old in texts[file], (file, old)
        texts[file] = texts[file].replace(old, new)
    return texts


def told(*edits: tuple[str, str, str]) -> list[tuple[str, dict[str, object], tuple[str, ...]]]:
    found = differences(site_of(template_texts()), site_of(changed(*edits)))
    return [(one.fact.code, dict(one.fact.values), one.circuits) for one in found]


MAIN = ("C-0101", "C-0102")
ONE: dict[str, tuple[list[tuple[str, str, str]], str, dict[str, object], tuple[str, ...]]] = {
    "a level of a step": (
        [("programs.toml", '"00:00", level_pct = 50', '"00:00", level_pct = 40')],
        "program_step_changed",
        {"program": "main-road", "at": "00:00", "before": "50 %", "after": "40 %", "circuits": 2},
        MAIN,
    ),
    "the hour of a step": (
        [("programs.toml", '"00:00", level_pct = 50', '"00:30", level_pct = 50')],
        "program_step_moved",
        {"program": "main-road", "before": "00:00", "after": "00:30", "step": "50 %", "circuits": 2},
        MAIN,
    ),
    "a step less": (
        [("programs.toml", '  { at = "00:00", level_pct = 50 },\n', "")],
        "program_step_removed",
        {"program": "main-road", "at": "00:00", "before": "50 %", "circuits": 2},
        MAIN,
    ),
    "a step more": (
        [
            (
                "programs.toml",
                '  { at = "00:00", level_pct = 50 },\n',
                '  { at = "00:00", level_pct = 50 },\n{at="03:00",level_pct=45},',
            )
        ],
        "program_step_added",
        {"program": "main-road", "at": "03:00", "after": "45 %", "circuits": 2},
        MAIN,
    ),
    "a control setting": (
        [("site.toml", "floor_level_pct = 30.0", "floor_level_pct = 25.0")],
        "control_changed",
        {"field": "floor_level_pct", "before": "30", "after": "25"},
        ("C-0101", "C-0102", "C-0103", "C-0201"),
    ),
    "a circuit's program": (
        [("circuits.csv", "centre,full-night", "centre,main-road")],
        "circuits_program",
        {"before": "full-night", "after": "main-road", "count": 1, "names": "C-0103"},
        ("C-0103",),
    ),
    "a circuit renamed": (
        [("circuits.csv", "C-0103,", "C-0113,")],
        "circuit_renamed",
        {"before": "C-0103", "after": "C-0113"},
        ("C-0113",),
    ),
    "a weekday of a rule": (
        [("calendar.toml", '"fri", "sat"', '"fri"')],
        "rule_changed",
        {
            "rule": "Weekend evenings at the lake",
            "field": "weekdays",
            "before": "fri, sat",
            "after": "fri",
            "circuits": 1,
        },
        ("C-0201",),
    ),
    "a line's address": (
        [("buses.csv", "127.0.0.1:15022", "127.0.0.1:15029")],
        "assets_of_circuits_changed",
        {"kind": "bus", "names": "CB02-bus", "field": "url", "circuits": 1},
        ("C-0201",),
    ),
    "a lamp's power": (
        [("luminaire_types.csv", "LED path light 40 W,40,", "LED path light 40 W,41,")],
        "assets_of_circuits_changed",
        {"kind": "luminaire type", "field": "rated_w", "before": "40", "after": "41", "circuits": 1},
        ("C-0201",),
    ),
    "a user's role": (
        [("site.toml", 'name = "Crew on the road"\nrole = "crew"', 'name = "Crew on the road"\nrole = "viewer"')],
        "assets_changed",
        {"kind": "user", "names": "crew", "field": "role", "before": "crew", "after": "viewer"},
        (),
    ),
    "a group": (
        [("groups.csv", "group,circuit\n", "group,circuit\nmarket,C-0102\n")],
        "group_changed",
        {"group": "market", "added": 1, "removed": 0},
        ("C-0102",),
    ),
    "the country of the holidays": (
        [("calendar.toml", 'country = "VN"', 'country = "NL"')],
        "holidays_changed",
        {"field": "holiday_country", "before": "VN", "after": "NL"},
        ("C-0101", "C-0102", "C-0201"),
    ),
}


@pytest.mark.parametrize("case", ONE)
def test_one_edit_is_one_difference_that_names_whom_it_concerns(case: str) -> None:
    edits, code, values, circuits = ONE[case]
    (found,) = told(*edits)
    assert found[0] == code
    assert {name: found[1][name] for name in values} == values
    assert found[2] == circuits


def test_what_changes_alike_for_many_is_told_once() -> None:
    found = told(("circuits.csv", "Market street,centre", "High street,centre"))
    (only,) = [one for one in found if one[1].get("field") == "road"]
    assert only[1]["count"] == 2


def test_a_cabinet_that_goes_is_told_with_all_that_goes_with_it() -> None:
    texts = template_texts()
    less = {name: "".join(r for r in text.splitlines(keepends=True) if "CB02" not in r) for name, text in texts.items()}
    found = differences(site_of(texts), site_of(less))
    codes = [(one.fact.code, one.fact.values.get("kind")) for one in found]
    assert ("circuits_removed", None) in codes
    assert ("assets_of_circuits_removed", "cabinet") in codes
    assert ("assets_of_circuits_removed", "bus") in codes
    back = differences(site_of(less), site_of(texts))
    assert [one.fact.code for one in back if one.part == "circuits"] == ["circuits_added"]


def test_the_same_differs_in_nothing_and_comments_are_no_difference() -> None:
    site, remarked = template_texts(), changed(("programs.toml", "# Steps set", "# The steps set"))
    assert differences(site_of(site), site_of(site)) == ()
    found = differences(site_of(site), site_of(remarked))
    assert found == ()
    assert files_of_words_alone(site, remarked, found) == ("programs.toml",)


WHOLE: dict[str, Callable[[], Texts]] = {
    "id": lambda: changed(("site.toml", 'id = "example"', 'id = "other"')),
    "name": lambda: changed(("site.toml", '"Example town"', '"Other town"')),
    "timezone": lambda: changed(("site.toml", "Asia/Ho_Chi_Minh", "Asia/Bangkok")),
    "latitude_deg": lambda: changed(("site.toml", "latitude_deg = 21.0285", "latitude_deg = 21.03")),
    "longitude_deg": lambda: changed(("site.toml", "longitude_deg = 105.8542", "longitude_deg = 105.86")),
    "control": lambda: changed(("site.toml", "poll_s = 60.0 ", "poll_s = 50.0 ")),
    "store_url": lambda: changed(("site.toml", '# url = "postgresql:', 'url = "postgresql:')),
    "users": lambda: changed(("site.toml", 'id = "crew"', 'id = "night-crew"')),
    "districts": lambda: changed(("districts.csv", "Town centre", "Old town")),
    "buses": lambda: changed(("buses.csv", "15022", "15029")),
    "cabinets": lambda: changed(("cabinets.csv", "Market square", "Square")),
    "devices": lambda: changed(("devices.csv", "CB02-bus,3,", "CB02-bus,9,")),
    "luminaire_types": lambda: changed(("luminaire_types.csv", "hps-150,Sodium lamp", "hps-150,Old lamp")),
    "circuits": lambda: changed(("circuits.csv", "Old quay", "New quay")),
    "permanent_loads": lambda: changed(("permanent_loads.csv", "heater,18", "heater,20")),
    "failsafe_exceptions": lambda: changed(
        ("failsafe_exceptions.csv", "reason,until\n", "reason,until\nC-0201,,An,2026-01-01,no watchdog there,\n")
    ),
    "programs": lambda: changed(("programs.toml", "level_pct = 80", "level_pct = 70")),
    "calendar": lambda: changed(("calendar.toml", "added = []", 'added = ["2026-12-01"]')),
    "groups": lambda: changed(("groups.csv", "group,circuit\n", "group,circuit\nmarket,C-0102\n")),
    "traffic_sections": lambda: (
        template_texts() | {"traffic_sections.csv": "id,name,basis,capacity_veh_h\nS1,Quay,uni_11248,1000\n"}
    ),
    "photocells": lambda: changed(
        (
            "devices.csv",
            "id,cabinet,bus,unit_id,profile\n",
            "id,cabinet,bus,unit_id,profile\nL1,CB01,CB01-bus,9,wb-ms2\n",
        ),
        ("photocells.csv", "elevation_deg\n", "elevation_deg\nP1,centre,L1:1,35,70,120,-6\n"),
    ),
    "tariff": lambda: changed(("tariff.toml", "price_per_kwh = 2000.0", "price_per_kwh = 2100.0")),
    "baseline": lambda: changed(("baseline.toml", "format = 1", "format = 1\n[model]\nerror_pct = 3.0")),
    "supplies": lambda: changed(("supplies.csv", "id,name,kind,tariff\n", "id,name,kind,tariff\nS1,Square,metered,\n")),
    "retention": lambda: changed(("site.toml", "readings_days = 400", "readings_days = 500")),
    "reports": lambda: changed(("site.toml", "# monthly = true", "monthly = true")),
    "profiles": lambda: (
        template_texts()
        | {"profiles/wb-mao4.toml": built_in_texts()["wb-mao4.toml"].replace('name = "WB-MAO4', 'name = "MAO4')}
    ),
}


def test_no_part_of_a_site_is_forgotten() -> None:
    assert set(WHOLE) == {field.name for field in fields(Site)}, "a new part of the site needs its difference"


@pytest.mark.parametrize("part", WHOLE)
def test_each_part_of_a_site_is_told(part: str) -> None:
    before, after = site_of(template_texts()), site_of(WHOLE[part]())
    assert getattr(before, part) != getattr(after, part)
    found = differences(before, after)
    assert found
    assert {one.part for one in found} <= set(PARTS)
    assert all(one.fact.code in all_words() for one in found)
