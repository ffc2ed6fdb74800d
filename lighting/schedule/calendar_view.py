"""Which rule of the calendar rules which lighting night, for which circuits, and what it makes of their programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.holiday_dates import holiday_name, is_holiday
from lighting.assets.model import Calendar, CalendarRule, Site
from lighting.schedule.calendars import program_of
from lighting.schedule.site_index import ProgramColumn, SiteIndex, site_index

Days = NDArray[np.int64]
"""Dates as ordinals (1 is 0001-01-01), as ``date.toordinal`` gives them."""

NO_RULE = -1
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class RulePart:
    """A rule in one night: for how many of the circuits asked about it is the first that matches, and what they follow.

    ``rule`` numbers the rules of the calendar from 0, ``NO_RULE``: none matches. ``programs``: each circuit's own
    program with the one that it follows that night.
    """

    rule: int
    circuits: int
    programs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NightRules:
    """One lighting night. ``parts`` are in the order of the rules, no rule last; nights that are alike share theirs.

    ``holiday`` is the name of the public holiday, empty for one that the site added and for none.
    """

    night: date
    parts: tuple[RulePart, ...]
    is_holiday: bool
    holiday: str


def nights_ruled(
    site: Site, first: date, last: date, positions: NDArray[np.intp] | None = None
) -> tuple[NightRules, ...]:
    """Return which rules rule each night from ``first`` to ``last``, both included, for circuits at these positions.

    None is every circuit.
    """
    index = site_index(site)
    calendar = site.calendar
    days = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int64)
    columns, counts = columns_of(index, positions)
    ruled = first_rules(calendar, index.columns, columns, days)
    patterns, which = np.unique(ruled, axis=0, return_inverse=True)
    made = [_parts(calendar, index.columns, columns, counts, pattern.tolist()) for pattern in patterns]
    nights = [date.fromordinal(day) for day in days.tolist()]
    return tuple(
        NightRules(night, made[number], is_holiday(calendar, night), holiday_name(calendar, night))
        for night, number in zip(nights, which.ravel().tolist(), strict=True)
    )


def columns_of(index: SiteIndex, positions: NDArray[np.intp] | None) -> tuple[list[int], list[int]]:
    """Return the program columns that some circuits are in, and how many of them each has."""
    kinds = index.kind if positions is None else index.kind[positions]
    column = np.array([trait.column for trait in index.traits], dtype=np.intp)[kinds]
    used, counts = np.unique(column, return_counts=True)
    return used.tolist(), counts.tolist()


def first_rules(
    calendar: Calendar, columns: Sequence[ProgramColumn], wanted: Sequence[int], days: Days
) -> NDArray[np.int64]:
    """Return the number of the first rule that matches, (n_days, n_wanted columns); ``NO_RULE`` where none does."""
    ruled = np.full((days.size, len(wanted)), NO_RULE, dtype=np.int64)
    for number in reversed(range(len(calendar.rules))):
        rule = calendar.rules[number]
        matched = matching(calendar, rule, days)
        for at, column in enumerate(wanted):
            if not rule.places or number in columns[column].inside:
                ruled[matched, at] = number
    return ruled


def _parts(
    calendar: Calendar,
    columns: Sequence[ProgramColumn],
    wanted: Sequence[int],
    counts: Sequence[int],
    pattern: Sequence[int],
) -> tuple[RulePart, ...]:
    parts = []
    for number in sorted(set(pattern), key=lambda number: (number == NO_RULE, number)):
        rule = None if number == NO_RULE else calendar.rules[number]
        here = [at for at, found in enumerate(pattern) if found == number]
        own = sorted({columns[wanted[at]].own_program for at in here})
        programs = tuple((program, program_of(rule, program)) for program in own)
        parts.append(RulePart(number, sum(counts[at] for at in here), programs))
    return tuple(parts)


def matching(calendar: Calendar, rule: CalendarRule, days: Days) -> NDArray[np.bool_]:
    """Return on which dates every condition of the rule holds, its places left aside: ``calendars.matches`` of many."""
    found = np.ones(days.shape, dtype=np.bool_)
    if rule.dates:
        within = np.zeros(days.shape, dtype=np.bool_)
        for first, last in rule.dates:
            within |= (days >= _ordinal(first)) & (days <= _ordinal(last))
        found &= within
    if rule.seasons:
        found &= _in_seasons(rule, days)
    if rule.weekdays:
        found &= np.isin((days - 1) % 7, rule.weekdays)  # the first of January of the year 1 was a Monday
    if rule.nth_weekdays:
        found &= _nth_weekdays(rule, days)
    if rule.holidays:
        for at in np.flatnonzero(found).tolist():
            found[at] = is_holiday(calendar, date.fromordinal(int(days[at])))
    return found


def _ordinal(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


def _month_and_day(days: Days) -> tuple[Days, Days]:
    dates = (days - _DAY_ZERO).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    return month, (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _in_seasons(rule: CalendarRule, days: Days) -> NDArray[np.bool_]:
    month, day = _month_and_day(days)
    code = month * 100 + day
    found = np.zeros(days.shape, dtype=np.bool_)
    for first, last in rule.seasons:
        begin, end = first[0] * 100 + first[1], last[0] * 100 + last[1]
        found |= (code >= begin) & (code <= end) if begin <= end else (code >= begin) | (code <= end)
    return found


def _nth_weekdays(rule: CalendarRule, days: Days) -> NDArray[np.bool_]:
    month, day = _month_and_day(days)
    is_last = _month_and_day(days + 7)[0] != month
    weekday, n = (days - 1) % 7, (day - 1) // 7 + 1
    found = np.zeros(days.shape, dtype=np.bool_)
    for wanted, on in rule.nth_weekdays:
        found |= (weekday == on) & (is_last if wanted == -1 else n == wanted)
    return found


def ordinals(first: date, last: date) -> Days:
    """Return the dates from one to another, both included."""
    return np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int64)
