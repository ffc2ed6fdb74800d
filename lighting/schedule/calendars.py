"""Which control program a circuit follows in a lighting night: the calendar's first matching rule wins."""

from __future__ import annotations

from datetime import date

from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import Calendar, CalendarRule

EVERY_PROGRAM = "*"


def rule_of_night(calendar: Calendar, night: date) -> CalendarRule | None:
    """Return the first rule whose every condition holds for the night's date (that of its evening), or None.

    The whole lighting night follows that rule, its hours after midnight too: a rule for Saturdays holds until Sunday
    noon. A rule without conditions always matches.
    """
    return next((rule for rule in calendar.rules if _matches(calendar, rule, night)), None)


def program_of(rule: CalendarRule | None, own_program: str) -> str:
    """Return the program that ``rule`` puts in the place of a circuit's own one; without a rule, its own."""
    if rule is None:
        return own_program
    return rule.use.get(own_program, rule.use.get(EVERY_PROGRAM, own_program))


def _matches(calendar: Calendar, rule: CalendarRule, night: date) -> bool:
    iso = night.isoformat()
    if rule.dates and not any(first <= iso <= last for first, last in rule.dates):
        return False
    if rule.weekdays and night.weekday() not in rule.weekdays:
        return False
    return not rule.holidays or is_holiday(calendar, night)
