"""Which rule rules which night, and which can never rule: the same as night by night, and no claim without a proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import Calendar, CalendarRule, Circuit, Place, Site
from lighting.schedule.calendar_view import NO_RULE, matching, nights_ruled, ordinals
from lighting.schedule.calendars import matches, program_of, rule_of_night
from lighting.schedule.idle_rules import idle_rules
from lighting.schedule.site_index import site_index
from tests.effort import examples
from tests.lighting.schedule.conftest import SiteBuilder

CircuitBuilder = Callable[..., Circuit]
TODAY = date(2026, 11, 28)
USE = {"dimmed": "full"}

days = st.integers(1, 31)
month_days = st.tuples(st.integers(1, 12), days)
iso = st.dates(date(2025, 1, 1), date(2029, 1, 1)).map(date.isoformat)
rules = st.builds(
    CalendarRule,
    name=st.sampled_from(["a", "b", "c"]),
    use=st.just(USE),
    dates=st.lists(st.tuples(iso, iso).map(lambda pair: (min(pair), max(pair))), max_size=1).map(tuple),
    weekdays=st.lists(st.integers(0, 6), max_size=3).map(tuple),
    holidays=st.booleans(),
    seasons=st.lists(st.tuples(month_days, month_days), max_size=2).map(tuple),
    nth_weekdays=st.lists(st.tuples(st.sampled_from([-1, 1, 2, 3, 4, 5]), st.integers(0, 6)), max_size=2).map(tuple),
    places=st.sampled_from([(), (), (Place("district", "south"),)]),
)


def calendar_of(*made: CalendarRule) -> Calendar:
    return Calendar(made, holiday_country="VN", holidays_added=("2026-06-06",), holidays_removed=("2027-01-01",))


def site_of(build_site: SiteBuilder, build_circuit: CircuitBuilder, calendar: Calendar) -> Site:
    made = [
        build_circuit("A"),
        build_circuit("B"),
        build_circuit("C", cabinet="K2", district="south", program="park"),
    ]
    return build_site(made, calendar=calendar)


@given(rule=rules, first=st.dates(date(2024, 1, 1), date(2029, 1, 1)))
@settings(max_examples=examples(40))
def test_many_nights_match_as_one_does(rule: CalendarRule, first: date) -> None:
    calendar = calendar_of(rule)
    nights = ordinals(first, first + timedelta(days=400))
    expected = [matches(calendar, rule, date.fromordinal(day)) for day in nights.tolist()]
    assert matching(calendar, rule, nights).tolist() == expected


@given(made=st.lists(rules, max_size=4), first=st.dates(date(2024, 1, 1), date(2029, 1, 1)))
@settings(max_examples=examples(25))
def test_each_night_has_the_rules_that_the_decision_takes(
    build_site: SiteBuilder, build_circuit: CircuitBuilder, made: list[CalendarRule], first: date
) -> None:
    site = site_of(build_site, build_circuit, calendar_of(*made))
    column_of = [site_index(site).traits[kind].column for kind in site_index(site).kind]
    for night in nights_ruled(site, first, first + timedelta(days=30)):
        told: dict[int, set[tuple[str, str]]] = {}
        counted: dict[int, int] = {}
        for position, circuit in enumerate(site.circuits.values()):
            inside = site_index(site).columns[column_of[position]].inside
            rule = rule_of_night(site.calendar, night.night, inside.__contains__)
            number = NO_RULE if rule is None else next(i for i, one in enumerate(made) if one is rule)
            told.setdefault(number, set()).add((circuit.program, program_of(rule, circuit.program)))
            counted[number] = counted.get(number, 0) + 1
        assert {part.rule: set(part.programs) for part in night.parts} == told
        assert {part.rule: part.circuits for part in night.parts} == counted


@given(made=st.lists(rules, min_size=1, max_size=4))
@settings(max_examples=examples(25))
def test_a_rule_that_is_said_to_be_idle_rules_no_night(
    build_site: SiteBuilder, build_circuit: CircuitBuilder, made: list[CalendarRule]
) -> None:
    site = site_of(build_site, build_circuit, calendar_of(*made))
    idle = {one.rule for one in idle_rules(site, TODAY) if one.fact.code != "rule_programs_unused"}
    ruled = {
        part.rule
        for night in nights_ruled(site, TODAY, TODAY.replace(year=TODAY.year + 9))
        for part in night.parts
    }  # fmt: skip
    assert not idle & ruled
    undated = {n for n, rule in enumerate(made) if not rule.dates and not rule.holidays}
    if undated == set(range(len(made))):
        assert set(range(len(made))) - idle <= ruled | {n for n, rule in enumerate(made) if _is_rare(rule)}


def _is_rare(rule: CalendarRule) -> bool:
    """Whether ten years may be too short for it to occur: the 29th of February on a given weekday."""
    return bool(rule.seasons)


@given(rule=rules)
@settings(max_examples=examples(15))
def test_what_28_years_do_not_have_no_year_has(rule: CalendarRule) -> None:
    alone = replace(rule, dates=(), holidays=False, places=())
    cycle = matching(Calendar(), alone, ordinals(date(2001, 1, 1), date(2028, 12, 31)))
    whole = matching(Calendar(), alone, ordinals(date(2001, 1, 1), date(2400, 12, 31)))
    assert bool(cycle.any()) == bool(whole.any())


WEEKEND = CalendarRule("weekend", USE, weekdays=(4, 5))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (CalendarRule("x", USE, nth_weekdays=((2, 4),)), "rule_set_aside"),
        (CalendarRule("x", USE, seasons=(((2, 1), (2, 28)),), nth_weekdays=((5, 0),)), "rule_meets_no_night"),
        (CalendarRule("x", USE, seasons=(((2, 30), (2, 30)),)), "rule_meets_no_night"),
        (CalendarRule("x", USE, seasons=(((2, 29), (2, 29)),)), None),
        (CalendarRule("x", USE, dates=(("2024-12-31", "2024-12-31"),)), "rule_over"),
        (CalendarRule("x", USE, dates=(("2026-12-01", "2026-12-03"),), weekdays=(6,)), "rule_dates_meet_nothing"),
        (CalendarRule("x", USE, dates=(("2026-12-04", "2026-12-05"),)), "rule_set_aside_on_dates"),
        (CalendarRule("x", USE, dates=(("2026-12-04", "2026-12-06"),)), None),
        (CalendarRule("x", USE, holidays=True, seasons=(((7, 1), (7, 31)),)), "rule_holidays_meet_nothing"),
        (CalendarRule("x", USE, holidays=True, weekdays=(4,)), "rule_set_aside_between"),
        (CalendarRule("x", {"festival": "full"}), "rule_programs_unused"),
        (CalendarRule("x", {"park": "full"}), None),
        (CalendarRule("x", USE, places=(Place("area", "1,1,10m"),)), "rule_place_empty"),
        (CalendarRule("x", {"dimmed": "full"}, places=(Place("district", "south"),)), "rule_programs_unused"),
    ],
)
def test_why_a_rule_never_rules(
    build_site: SiteBuilder, build_circuit: CircuitBuilder, rule: CalendarRule, code: str | None
) -> None:
    site = site_of(build_site, build_circuit, Calendar((WEEKEND, rule), holiday_country="VN"))
    found = [idle for idle in idle_rules(site, TODAY) if idle.rule == 1]
    assert [idle.fact.code for idle in found] == ([] if code is None else [code])
    assert all(idle.is_over is (code == "rule_over") for idle in found)


def test_a_rule_is_set_aside_only_where_that_holds_at_all_its_places(
    build_site: SiteBuilder, build_circuit: CircuitBuilder
) -> None:
    south = CalendarRule("south", USE, weekdays=(4,), places=(Place("district", "south"),))
    north = replace(south, name="north", places=(Place("district", "north"),))
    late = CalendarRule("late", USE, weekdays=(4,))
    site = site_of(build_site, build_circuit, Calendar((south, late)))
    assert [idle.rule for idle in idle_rules(site, TODAY)] == [0], "the south has no such program"
    both = site_of(build_site, build_circuit, Calendar((south, north, late)))
    found = {idle.rule: idle.fact for idle in idle_rules(both, TODAY)}
    assert found[2].code == "rule_set_aside"
    assert found[2].values["by"] == "“south”, “north”"


def test_some_circuits_alone(build_site: SiteBuilder, build_circuit: CircuitBuilder) -> None:
    site = site_of(build_site, build_circuit, Calendar((WEEKEND,)))
    (night,) = nights_ruled(site, date(2026, 12, 4), date(2026, 12, 4), np.array([2]))
    assert [(part.rule, part.circuits, part.programs) for part in night.parts] == [(0, 1, (("park", "park"),))]
