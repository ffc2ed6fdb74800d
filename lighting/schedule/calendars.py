"""Which control program a circuit follows in a lighting night: the calendar's first matching rule wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import Calendar, CalendarRule

EVERY_PROGRAM = "*"


def rule_of_night(
    calendar: Calendar, night: date, is_inside: Callable[[int], bool] = lambda _: False
) -> CalendarRule | None:
    """Return the first rule whose every condition holds for the night's date (that of its evening), or None.

    The whole lighting night follows that rule, its hours after midnight too: a rule for Saturdays holds until Sunday
    noon. A rule without conditions always matches. ``is_inside`` says of the rule with that number whether the circuit
    in question is in one of its places; it is asked only for rules that have places.
    """
    return next(
        (
            rule
            for number, rule in enumerate(calendar.rules)
            if matches(calendar, rule, night) and (not rule.places or is_inside(number))
        ),
        None,
    )


def program_of(rule: CalendarRule | None, own_program: str) -> str:
    """Return the program that ``rule`` puts in the place of a circuit's own one; without a rule, its own."""
    if rule is None:
        return own_program
    return rule.use.get(own_program, rule.use.get(EVERY_PROGRAM, own_program))


def matches(calendar: Calendar, rule: CalendarRule, night: date) -> bool:
    """Return whether the date of the night meets every condition of the rule; places are left aside."""
    iso = night.isoformat()
    if rule.dates and not any(first <= iso <= last for first, last in rule.dates):
        return False
    if rule.seasons and not any(_in_season(night, first, last) for first, last in rule.seasons):
        return False
    if rule.weekdays and night.weekday() not in rule.weekdays:
        return False
    if rule.nth_weekdays and not any(_is_nth(night, n, weekday) for n, weekday in rule.nth_weekdays):
        return False
    return not rule.holidays or is_holiday(calendar, night)


def _in_season(night: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether the day is from ``first`` to ``last`` (month, day), both included; a season may wrap the year."""
    day = (night.month, night.day)
    return first <= day <= last if first <= last else day >= first or day <= last


def _is_nth(night: date, n: int, weekday: int) -> bool:
    """Whether it is the n-th such weekday of its month; −1 is the last."""
    if night.weekday() != weekday:
        return False
    return (night + timedelta(days=7)).month != night.month if n == -1 else (night.day - 1) // 7 + 1 == n
