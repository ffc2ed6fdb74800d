"""Public holidays of a calendar: those of its country and region, with the site's own additions and removals."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from lighting.assets.model import Calendar


def is_holiday(calendar: Calendar, date: dt.date | str) -> bool:
    """Whether that (ISO) date is a holiday. Removals win over additions, both win over the country's list."""
    iso = date if isinstance(date, str) else date.isoformat()
    if iso in calendar.holidays_removed:
        return False
    if iso in calendar.holidays_added:
        return True
    if not calendar.holiday_country:
        return False
    return iso in _country_dates(calendar.holiday_country, calendar.holiday_region, int(iso[:4]))


def holidays_between(calendar: Calendar, first: dt.date, last: dt.date) -> frozenset[str]:
    """The ISO dates of the holidays of a span of days, both ends included."""
    if not calendar.has_holidays:
        return frozenset()
    days = ((first + dt.timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
    return frozenset(day for day in days if is_holiday(calendar, day))


@lru_cache(maxsize=1)
def known_countries() -> tuple[str, ...]:
    """The ISO codes of the countries that are known, from the registry: no country's table is loaded."""
    from holidays.registry import COUNTRIES

    return tuple(sorted({code for _, *codes in COUNTRIES.values() for code in codes if len(code) <= 3}))


def regions_of(country: str) -> tuple[str, ...]:
    """The regions that the table of one known country tells apart."""
    import holidays

    return tuple(holidays.country_holidays(country).subdivisions)


def holiday_name(calendar: Calendar, date: dt.date | str) -> str:
    """What the country calls that holiday; empty for a day that the site added, and for no holiday."""
    iso = date if isinstance(date, str) else date.isoformat()
    if not calendar.holiday_country or not is_holiday(calendar, iso):
        return ""
    return _country_dates(calendar.holiday_country, calendar.holiday_region, int(iso[:4])).get(iso, "")


@lru_cache(maxsize=64)
def _country_dates(country: str, region: str, year: int) -> dict[str, str]:
    """The ISO dates of one country's holidays in one year, with their names; imported late, for the package is slow to
    load.
    """
    import holidays

    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    return {date.isoformat(): str(name) for date, name in found.items()}
