"""The calendar's first matching rule wins, for the whole lighting night."""

from __future__ import annotations

from datetime import date

from lighting.assets.model import Calendar, CalendarRule
from lighting.schedule.calendars import program_of, rule_of_night

SATURDAY = date(2026, 11, 21)


def name_of(calendar: Calendar, night: date) -> str | None:
    rule = rule_of_night(calendar, night)
    return None if rule is None else rule.name


def test_the_first_matching_rule_wins() -> None:
    calendar = Calendar(
        rules=(
            CalendarRule("festival", {"*": "full"}, dates=(("2026-11-20", "2026-11-21"),)),
            CalendarRule("weekend", {"*": "late"}, weekdays=(4, 5)),
            CalendarRule("autumn", {"dimmed": "autumn"}),
        )
    )
    assert name_of(calendar, date(2026, 11, 20)) == "festival"
    assert name_of(calendar, SATURDAY) == "festival"
    assert name_of(calendar, date(2026, 11, 27)) == "weekend"
    assert name_of(calendar, date(2026, 11, 24)) == "autumn"


def test_every_condition_that_is_set_must_hold() -> None:
    rule = CalendarRule("a Saturday in November", {"*": "x"}, dates=(("2026-11-01", "2026-11-30"),), weekdays=(5,))
    calendar = Calendar(rules=(rule,))
    assert name_of(calendar, SATURDAY) is not None
    assert name_of(calendar, date(2026, 11, 22)) is None
    assert name_of(calendar, date(2026, 12, 5)) is None


def test_date_ranges_include_both_ends() -> None:
    calendar = Calendar(rules=(CalendarRule("x", {}, dates=(("2026-02-16", "2026-02-20"),)),))
    matching = [day for day in range(14, 23) if name_of(calendar, date(2026, 2, day)) is not None]
    assert matching == [16, 17, 18, 19, 20]


def test_holidays_are_those_of_the_country_with_the_sites_changes() -> None:
    calendar = Calendar(
        rules=(CalendarRule("holiday", {"*": "full"}, holidays=True),),
        holiday_country="VN",
        holidays_added=("2026-11-23",),
        holidays_removed=("2026-01-01",),
    )
    assert name_of(calendar, date(2026, 2, 17)) == "holiday"
    assert name_of(calendar, date(2026, 11, 23)) == "holiday"
    assert name_of(calendar, date(2026, 1, 1)) is None


def test_a_rule_names_programs_or_all_others_and_leaves_the_rest_alone() -> None:
    rule = CalendarRule("x", {"dimmed": "full", "*": "late"})
    assert program_of(rule, "dimmed") == "full"
    assert program_of(rule, "park") == "late"
    assert program_of(CalendarRule("y", {"dimmed": "full"}), "park") == "park"
    assert program_of(None, "park") == "park"
