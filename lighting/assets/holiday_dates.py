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


def known_countries() -> dict[str, list[str]]:
    """The country codes that the holiday tables know, with their regions. Loads no country's table."""
    import holidays

    return {
        str(code): [str(region) for region in regions] for code, regions in holidays.list_supported_countries().items()
    }


@lru_cache(maxsize=64)
def _country_dates(country: str, region: str, year: int) -> frozenset[str]:
    """The ISO dates of one country's holidays in one year; imported late, for the package is slow to load."""
    import holidays

    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    return frozenset(date.isoformat() for date in found)
