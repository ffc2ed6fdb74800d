"""Checks of what ``site.toml`` and the calendar say: zone, country, the programs that rules use."""

from __future__ import annotations

import zoneinfo

from lighting.assets.draft import CALENDAR_FILE, PROGRAMS_FILE, SITE_FILE, Draft
from lighting.assets.fact import Fact, Problem
from lighting.assets.holiday_dates import known_countries, regions_of
from lighting.assets.model import LEAST_STAGGER_S
from lighting.assets.nearest import nearest, not_one_of, shown, unknown_reference
from lighting.assets.settings import SiteSettings

ANY_PROGRAM = "*"

LEAST_READINGS_DAYS = 40
"""The accounts of a month can be made again while it and the days around it are there."""


def check_settings(draft: Draft, settings: SiteSettings) -> None:
    """Check the site's own values."""
    lines = draft.toml_lines[SITE_FILE]
    if not is_known_zone(settings.site.timezone):
        line = lines.line_of(("site", "timezone"))
        draft.problems.append(Problem(_unknown_zone(settings.site.timezone), SITE_FILE, line, "site.timezone"))
    if settings.control.night_safe_level_pct < settings.control.floor_level_pct:
        values = {
            "night_safe_level_pct": settings.control.night_safe_level_pct,
            "floor_level_pct": settings.control.floor_level_pct,
        }
        line = lines.line_of(("control", "night_safe_level_pct"))
        fact = Fact("night_safe_under_floor", values)
        draft.problems.append(Problem(fact, SITE_FILE, line, "control.night_safe_level_pct"))
    days = settings.retention.readings_days
    if 0 < days < LEAST_READINGS_DAYS:
        fact = Fact("readings_kept_too_short", {"found": days, "least": LEAST_READINGS_DAYS})
        line = lines.line_of(("retention", "readings_days"))
        draft.problems.append(Problem(fact, SITE_FILE, line, "retention.readings_days"))
    if settings.control.contactor_stagger_s < LEAST_STAGGER_S:
        fact = Fact("stagger_too_short", {"found": settings.control.contactor_stagger_s, "least": LEAST_STAGGER_S})
        line = lines.line_of(("control", "contactor_stagger_s"))
        draft.problems.append(Problem(fact, SITE_FILE, line, "control.contactor_stagger_s"))


def is_known_zone(name: str) -> bool:
    """Whether the time zone database knows that name."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _unknown_zone(name: str) -> Fact:
    guess = nearest(name, zoneinfo.available_timezones())
    if guess:
        return Fact("unknown_timezone_nearest", {"found": shown(name), "nearest": guess})
    return Fact("unknown_timezone", {"found": shown(name)})


def check_calendar(draft: Draft) -> None:
    """Check the country and region of the holidays, and that every rule uses programs that exist."""
    calendar = draft.calendar
    if calendar.holiday_country:
        _check_country(draft, calendar.holiday_country, calendar.holiday_region)
    elif (calendar.holiday_region or any(rule.holidays for rule in calendar.rules)) and not calendar.holidays_added:
        line = draft.toml_lines[CALENDAR_FILE].line_of(("holidays",))
        draft.problems.append(Problem(Fact("holiday_country_missing"), CALENDAR_FILE, line, "holidays.country"))
    for index, rule in enumerate(calendar.rules):
        for replaced, program in rule.use.items():
            if replaced != ANY_PROGRAM:
                _check_program(draft, index, replaced, replaced)
            _check_program(draft, index, replaced, program)


def _check_country(draft: Draft, country: str, region: str) -> None:
    known = known_countries()
    lines = draft.toml_lines[CALENDAR_FILE]
    if country not in known:
        line = lines.line_of(("holidays", "country"))
        draft.problems.append(Problem(not_one_of(country, known), CALENDAR_FILE, line, "holidays.country"))
    elif region and region not in regions_of(country):
        line = lines.line_of(("holidays", "region"))
        fact = not_one_of(region, regions_of(country))
        draft.problems.append(Problem(fact, CALENDAR_FILE, line, "holidays.region"))


def _check_program(draft: Draft, index: int, key: str, program: str) -> None:
    if not draft.is_known(PROGRAMS_FILE, program, draft.programs):
        line = draft.toml_lines[CALENDAR_FILE].line_of(("rules", index, "use", key))
        fact = unknown_reference("program", program, draft.programs)
        draft.problems.append(Problem(fact, CALENDAR_FILE, line, f"rules.{index}.use"))
