"""Which programs are warned of because they may leave a road unlit while it is dark."""

from __future__ import annotations

import pytest

from lighting.assets.folder import read_site
from lighting.assets.notation import parse_anchor
from lighting.assets.program_checks import lights_by_dusk, lit_till_dawn
from lighting.assets.template import template_texts
from lighting.assets.written import anchor_text
from lighting.wording.speech import say


@pytest.mark.parametrize(
    ("anchor", "dusk_elevation_deg", "is_in_time"),
    [
        ("dusk", -0.833, True),
        ("dusk", -6.0, True),
        ("dusk-5m", -6.0, True),
        ("dusk+1m", -6.0, False),
        ("sunset", -0.833, True),
        ("sunset-00:15", -0.833, True),
        ("sunset+00:01", -0.833, False),
        # 5.167° at no more than 15°/h: 20 min 40 s pass at least between sunset and civil dusk.
        ("sunset+00:20", -6.0, True),
        ("sunset+00:21", -6.0, False),
        ("civil_dusk", -6.0, True),
        ("civil_dusk", -0.833, False),
        ("nautical_dusk", -6.0, False),
        ("nautical_dusk-01:00", -6.0, False),
        ("sunrise", -0.833, False),
        ("17:00", -0.833, False),
    ],
)
def test_lit_from(anchor: str, dusk_elevation_deg: float, is_in_time: bool) -> None:
    assert lights_by_dusk(parse_anchor(anchor), dusk_elevation_deg) is is_in_time


@pytest.mark.parametrize(
    ("anchor", "dusk_elevation_deg", "is_late_enough"),
    [
        ("dawn", -6.0, True),
        ("dawn-1m", -6.0, False),
        ("sunrise", -0.833, True),
        ("sunrise+10m", -0.833, True),
        ("sunrise-00:20", -6.0, True),
        ("sunrise-00:21", -6.0, False),
        ("civil_dawn", -0.833, False),
        ("sunset", -0.833, False),
        ("23:30", -0.833, False),
    ],
)
def test_lit_until(anchor: str, dusk_elevation_deg: float, is_late_enough: bool) -> None:
    assert lit_till_dawn(parse_anchor(anchor), dusk_elevation_deg) is is_late_enough


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("level_pct = 0, part_night = true", "level_pct = 0", ["program_step_unlit"]),
        ("level_pct = 0, part_night = true", "level_pct = 5, part_night = true", ["part_night_step_lit"]),
        ('lit_from = "dusk"', 'lit_from = "sunset+00:30"', ["program_lit_late"]),
        ('lit_until = "dawn"', 'lit_until = "23:30"', ["program_unlit_early"]),
    ],
)
def test_an_unlit_road_is_warned_of_and_the_site_still_read(old: str, new: str, codes: list[str]) -> None:
    texts = template_texts()
    assert old in texts["programs.toml"]
    texts["programs.toml"] = texts["programs.toml"].replace(old, new, 1)
    reading = read_site(texts)
    assert reading.site is not None
    assert [p.fact.code for p in reading.problems] == codes
    line = texts["programs.toml"].splitlines()[reading.problems[0].line - 1]
    assert new in line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('lit_from = "dusk"', 'lit_from = "18:00"', ("from dusk until lit_from 18:00", "dusk or earlier")),
        ('lit_until = "dawn"', 'lit_until = "05:30"', ("from lit_until 05:30 until dawn", "dawn or later")),
        ("level_pct = 50", "level_pct = 0", ("in the dark from 00:00 until", "part_night = true")),
    ],
)
def test_the_warning_says_what_would_be_unlit_and_the_remedy(old: str, new: str, told: tuple[str, ...]) -> None:
    texts = template_texts()
    before, header, program = texts["programs.toml"].partition("[programs.main-road]")
    texts["programs.toml"] = before + header + program.replace(old, new, 1)
    texts["calendar.toml"] = "schema_version = 1\n"
    (problem,) = read_site(texts).problems
    sentence = say(problem.fact)
    assert all(part in sentence for part in ("main-road (2 circuits)", "only the floor (as low as 45.5 %)", *told)), (
        sentence
    )


def test_circuits_that_follow_a_program_by_the_calendar_are_counted() -> None:
    texts = template_texts()
    texts["programs.toml"] = texts["programs.toml"].replace('lit_from = "dusk"', 'lit_from = "18:00"', 1)
    texts["calendar.toml"] = (
        'schema_version = 1\n[[rules]]\nname = "Tet"\nuse = { "*" = "full-night" }\nweekdays = ["sun"]\n'
    )
    (problem,) = read_site(texts).problems
    assert problem.fact.values["circuit_count"] == 4


@pytest.mark.parametrize("text", ["17:05", "dusk", "sunset+00:15", "civil_dawn-01:30", "dawn-90s"])
def test_an_anchor_is_written_as_it_is_read(text: str) -> None:
    assert anchor_text(parse_anchor(text)) == text


def test_a_part_night_off_names_the_circuits_that_stay_lit_because_they_are_never_dimmed() -> None:
    texts = template_texts()
    assert [p.fact.code for p in read_site(texts).problems] == []
    texts["circuits.csv"] = texts["circuits.csv"].replace("centre,main-road,led-90:6", "centre,park-path,led-90:6")
    reading = read_site(texts)
    (problem,) = reading.problems
    assert reading.site is not None
    assert problem.fact.code == "part_night_never_dim"
    assert problem.is_warning
    assert "part_night = true" in texts["programs.toml"].splitlines()[problem.line - 1]
    assert "(1 circuit: C-0102)" in say(problem.fact)


@pytest.mark.parametrize(("lit_from", "lit_until"), [("22:00", "21:00"), ("22:00", "22:00"), ("06:00", "22:00")])
def test_a_program_that_two_clock_times_light_by_day_is_told(lit_from: str, lit_until: str) -> None:
    texts = template_texts()
    texts["programs.toml"] = texts["programs.toml"].replace(
        'lit_from = "dusk"\nlit_until = "dawn"', f'lit_from = "{lit_from}"\nlit_until = "{lit_until}"', 1
    )
    assert "program_lit_by_day" in [p.fact.code for p in read_site(texts).problems]


@pytest.mark.parametrize(
    ("lit_from", "lit_until", "is_told"),
    [
        ("sunrise", "sunset", True),
        ("dusk", "12:00", True),
        ("later of 22:00 and sunset", "21:00", True),
        ("22:00", "earlier of 21:00 and dawn", True),
        ("21:00", "22:00", False),
        ("22:00", "06:00", False),
        ("dusk", "21:00", False),
        ("sunrise", "sunset+3h", False),
    ],
)
def test_a_program_that_is_never_lit_is_told_instead_of_its_borders(
    lit_from: str, lit_until: str, is_told: bool
) -> None:
    texts = template_texts()
    old = 'lit_from = "dusk"\nlit_until = "dawn"'
    texts["programs.toml"] = texts["programs.toml"].replace(
        old, f'lit_from = "{lit_from}"\nlit_until = "{lit_until}"', 1
    )
    reading = read_site(texts)
    assert reading.site is not None
    codes = [p.fact.code for p in reading.problems]
    assert codes == ["program_never_lit"] if is_told else "program_never_lit" not in codes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '{ at = "22:00", level_pct = 70 },',
            '{ at = "22:00", level_pct = 50 }, { at = "22:00", level_pct = 40 },',
            "step 3 of program main-road begins at 22:00 as step 2 does",
        ),
        (
            '{ at = "22:00", level_pct = 70 }',
            '{ at = "sunset not before 19:00 not after 17:30", level_pct = 70 }',
            "is 17:30 in every night",
        ),
        (
            '{ at = "22:00", level_pct = 70 }',
            '{ at = "22:00", lighting_class = "P4" }',
            "circuits with a design class of another family stay at full light there (2 circuits: C-0101",
        ),
    ],
)
def test_what_a_program_says_against_itself_is_told_at_its_line(old: str, new: str, told: str) -> None:
    texts = template_texts()
    assert old in texts["programs.toml"]
    texts["programs.toml"] = texts["programs.toml"].replace(old, new, 1)
    reading = read_site(texts)
    assert reading.site is not None
    (problem,) = reading.problems
    assert told in say(problem.fact)
    assert problem.is_warning
    assert new.split("}, {")[0].strip(" {}") in texts["programs.toml"].splitlines()[problem.line - 1]


def test_a_photocell_in_a_district_without_one_is_told_with_the_circuits() -> None:
    texts = template_texts()
    before, header, park = texts["programs.toml"].partition("[programs.park-path]")
    texts["programs.toml"] = before + header + park.replace('lit_from = "dusk"', 'lit_from = "photocell"', 1)
    (problem,) = read_site(texts).problems
    assert problem.fact.code == "program_without_photocell"
    assert "C-0201" in say(problem.fact)


def test_a_program_without_lowest_classes_is_told_with_the_floor_of_the_site() -> None:
    texts = template_texts()
    texts["programs.toml"] = texts["programs.toml"].replace('lit_from = "dusk"', 'lit_from = "18:00"', 1)
    texts["calendar.toml"] = "schema_version = 1\n"
    (problem,) = read_site(texts).problems
    assert "only the floor (as low as 30 %) from dusk until lit_from 18:00" in say(problem.fact)
