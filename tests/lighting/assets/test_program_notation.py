"""Moments, seasons, n-th weekdays, places; programs that extend others; what is wrong with them, each at its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.model import Anchor, Calendar, CalendarRule, Place
from lighting.assets.notation import NotationError, parse_anchor, parse_nth_weekday, parse_place, parse_season
from lighting.assets.program_checks import lights_by_dusk, lit_till_dawn
from lighting.assets.template import template_texts
from lighting.assets.written import anchor_text
from lighting.schedule.calendars import matches, rule_of_night

TEN = Anchor(clock_minutes=22 * 60)
SUNSET_30 = Anchor(sun_event="sunset", offset_s=1800)


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("photocell", Anchor(photocell=True)),
        ("later of 22:00 and sunset+30m", Anchor(later_of=(TEN, SUNSET_30))),
        ("earlier of 22:00 and  sunset+00:30", Anchor(earlier_of=(TEN, SUNSET_30))),
        ("sunset+30m not before 22:00", Anchor(later_of=(SUNSET_30, TEN))),
        ("sunset+30m not after 22:00", Anchor(earlier_of=(SUNSET_30, TEN))),
        (
            "photocell not before 22:00 not after sunset+30m",
            Anchor(earlier_of=(Anchor(later_of=(Anchor(photocell=True), TEN)), SUNSET_30)),
        ),
    ],
)
def test_combined_moments(text: str, anchor: Anchor) -> None:
    assert parse_anchor(text) == anchor


@pytest.mark.parametrize(
    "text", ["later of 22:00", "later of", "sunset not before", "sunset not until 22:00", "lux+5m"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(NotationError):
        parse_anchor(text)


def test_what_is_written_is_read_again() -> None:
    for text in ("photocell", "later of 22:00 and sunset+00:30", "earlier of dawn and 07:00"):
        assert parse_anchor(anchor_text(parse_anchor(text))) == parse_anchor(text)


def test_a_combined_moment_is_by_dusk_only_where_that_is_sure() -> None:
    assert lights_by_dusk(parse_anchor("earlier of 22:00 and sunset"), -0.833)
    assert not lights_by_dusk(parse_anchor("later of 22:00 and sunset"), -0.833)
    assert not lights_by_dusk(parse_anchor("sunset not before 17:30"), -0.833)
    assert lit_till_dawn(parse_anchor("later of 06:00 and sunrise"), -0.833)
    assert not lit_till_dawn(parse_anchor("sunrise not after 07:00"), -0.833)


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_season_that_wraps_the_year_and_its_rest_are_the_whole_year(day: date) -> None:
    winter, rest = parse_season("10-15..03-15"), parse_season("03-16..10-14")

    def holds(season: tuple[tuple[int, int], tuple[int, int]]) -> bool:
        return matches(Calendar(), CalendarRule("x", {}, seasons=(season,)), day)

    assert holds(winter) != holds(rest)


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 1)))
def test_every_day_is_the_nth_of_its_weekday_and_one_a_week_is_the_last(day: date) -> None:
    n = (day.day - 1) // 7 + 1
    hits = [
        k
        for k in (1, 2, 3, 4, 5)
        if matches(Calendar(), CalendarRule("x", {}, nth_weekdays=((k, day.weekday()),)), day)
    ]
    assert hits == [n]
    assert parse_nth_weekday("last Sunday") == (-1, 6)
    is_last = matches(Calendar(), CalendarRule("x", {}, nth_weekdays=((-1, day.weekday()),)), day)
    assert is_last == all(date.fromordinal(day.toordinal() + 7 * k).month != day.month for k in (1,))


def test_the_form_of_an_nth_weekday_names_all_that_is_taken() -> None:
    assert parse_nth_weekday("5th mon") == parse_nth_weekday("fifth Monday") == (5, 0)
    with pytest.raises(NotationError) as found:
        parse_nth_weekday("6th mon")
    assert found.value.fact.values["form"] == "1st mon … 5th sun, last sun"


@pytest.mark.parametrize("text", ["13-01..14-01", "02-30", "10-15...03-15", "winter"])
def test_what_is_no_season(text: str) -> None:
    with pytest.raises(NotationError):
        parse_season(text)


def test_places() -> None:
    assert parse_place("C-0101") == Place("circuit", "C-0101")
    assert parse_place("road: Quay road") == Place("road", "Quay road")
    with pytest.raises(NotationError):
        parse_place("town:x")


def test_a_rule_with_places_is_for_circuits_inside_only() -> None:
    placed = CalendarRule("match", {"*": "full"}, places=(Place("district", "centre"),))
    calendar = Calendar(rules=(placed, CalendarRule("else", {})))
    night = date(2026, 5, 1)
    inside, outside = rule_of_night(calendar, night, lambda number: number == 0), rule_of_night(calendar, night)
    assert (inside and inside.name, outside and outside.name) == ("match", "else")


EXTENDING = """
[programs.base]
lit_from = "dusk"
lit_until = "dawn"
steps = [{ at = "dusk", lighting_class = "M3" }, { at = "22:00", level_pct = 60, adaptive = true, ramp_s = 300 }]

[programs.longer]
extends = "base"
lit_until = "dawn+10m"
"""


def programs_with(more: str) -> dict[str, str]:
    return {**template_texts(), "programs.toml": template_texts()["programs.toml"] + more}


def test_a_program_takes_what_it_does_not_say_from_the_one_it_extends() -> None:
    site = read_site(programs_with(EXTENDING)).site
    assert site is not None
    base, longer = site.programs["base"], site.programs["longer"]
    assert longer.steps == base.steps
    assert longer.lit_from == base.lit_from
    assert longer.lit_until == Anchor(sun_event="dawn", offset_s=600)
    assert base.steps[0].lighting_class == "M3"
    assert (base.steps[1].adaptive, base.steps[1].ramp_s) == (True, 300.0)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ('[programs.a]\nextends = "b"\n[programs.b]\nextends = "a"\n', "program_extends_itself"),
        ('[programs.a]\nextends = "full-nigth"\n', "unknown_program_nearest"),
        ('[programs.a]\nlit_from = "dusk"\n', "value_missing"),
        (
            '[programs.a]\nlit_from = "dusk"\nlit_until = "dawn"\nsteps = [{ at = "dusk" }]\n',
            "step_level_or_class",
        ),
        (
            (
                '[programs.a]\nlit_from = "dusk"\nlit_until = "dawn"\n'
                'steps = [{ at = "dusk", level_pct = 0, adaptive = true }]'
            ),
            "step_off_adaptive",
        ),
    ],
)
def test_what_is_wrong_with_a_program_is_said_at_its_line(more: str, code: str) -> None:
    reading = read_site(programs_with(more))
    assert reading.site is None
    found = [problem for problem in reading.problems if not problem.is_warning]
    assert found
    assert all(problem.file == "programs.toml" and problem.line > 0 for problem in found)
    assert code in {problem.fact.code for problem in found} or any("nearest" in p.fact.code for p in found)


@pytest.mark.parametrize("wrong", ["M7", "M", "m3", "X1"])
def test_a_class_that_does_not_exist_is_one_error_with_those_that_do(wrong: str) -> None:
    texts = template_texts()
    old = '{ at = "22:00", level_pct = 70 }'
    assert old in texts["programs.toml"]
    texts["programs.toml"] = texts["programs.toml"].replace(old, f'{{ at = "22:00", lighting_class = "{wrong}" }}')
    reading = read_site(texts)
    (problem,) = [problem for problem in reading.problems if not problem.is_warning]
    assert reading.site is None
    assert wrong in texts["programs.toml"].splitlines()[problem.line - 1]
    assert problem.fact.values["found"] == wrong
    assert "M1, M2" in str(problem.fact.values["allowed"])


def test_a_lowest_class_that_does_not_exist_does_not_stop_the_checks() -> None:
    texts = programs_with(EXTENDING)
    texts["circuits.csv"] = texts["circuits.csv"].replace("main-road,led-90:24", "base,led-90:24").replace("M5,", "M9,")
    assert "M9" in texts["circuits.csv"]
    reading = read_site(texts)
    assert ("M9", "circuits.csv") in {(p.fact.values.get("found"), p.file) for p in reading.problems}


@pytest.mark.parametrize("text", ["photocell+30m", "photocell-00:10", "later of 22:00 and photocell+5m"])
def test_a_photocell_takes_no_offset_and_is_told_so(text: str) -> None:
    with pytest.raises(NotationError) as refused:
        parse_anchor(text)
    assert refused.value.fact.code == "photocell_with_offset"
    assert str(refused.value.fact.values["found"]) in text


def test_errors_of_steps_are_told_together_with_those_of_keys_and_ramps() -> None:
    wrong = """
[programs.wrong]
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "22:00", level_pct = 70, ramp_s = -5 },
  { at = "23:00", levl_pct = 70 },
  { at = "23:30", level_pct = 70, lighting_class = "M3" },
  { at = "25:00", lighting_class = "M7" },
  { at = "02:00", level_pct = 130 },
]
"""
    texts = programs_with(wrong)
    lines = texts["programs.toml"].splitlines()
    first = lines.index("[programs.wrong]") + 5
    found = [(p.line - first, p.fact.code) for p in read_site(texts).problems if p.file == "programs.toml"]
    assert sorted(found) == [
        (0, "number_too_small"),
        (1, "unknown_key_nearest"),
        (2, "step_level_or_class"),
        (3, "not_in_form"),
        (3, "not_one_of"),
        (4, "number_too_large"),
    ]


def test_unknown_programs_and_roads_of_a_calendar_are_told_together_with_errors_of_form() -> None:
    rules = """
[[rules]]
name = "one"
use = { main-road = "festivl" }
seasons = ["winter"]

[[rules]]
name = "two"
use = { "*" = "festival" }
weekdays = ["someday"]
places = ["road:Nowhere"]
"""
    texts = template_texts()
    texts["calendar.toml"] = "schema_version = 1\n" + rules
    codes = [p.fact.code for p in read_site(texts).problems if p.file == "calendar.toml"]
    assert sorted(codes) == ["not_in_form", "not_one_of", "unknown_reference", "unknown_reference_nearest"]
