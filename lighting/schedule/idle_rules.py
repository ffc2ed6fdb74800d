"""Which rules of the calendar can never rule a night, and what exactly was looked at to say so.

Conditions on season, weekday and n-th weekday alone repeat: whether a date meets them depends on the kind of its year
(leap or not, and the weekday of its first day), and the 28 years from 2001 on have all 14 kinds. Nothing found there is
nothing found in any year. Dates are looked at one by one. Public holidays are looked at for the coming years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Calendar, CalendarRule, Site
from lighting.schedule.calendar_view import Days, matching, ordinals
from lighting.schedule.calendars import EVERY_PROGRAM
from lighting.schedule.site_index import ProgramColumn, site_index

YEARS_AHEAD = 10
_FIRST, _LAST = date(2001, 1, 1), date(2028, 12, 31)
_LAST_DAY = date(2200, 12, 31)


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A rule (numbered from 0) that never rules, or of whose programs no circuit has one, and why.

    ``is_over``: it ruled once, and its dates are past; that is no mistake.
    """

    rule: int
    fact: Fact
    is_over: bool = False


def idle_rules(site: Site, today: date) -> tuple[IdleRule, ...]:
    """Return the rules that rule no night from ``today`` on, in their order."""
    index = site_index(site)
    found = []
    for number in range(len(site.calendar.rules)):
        idle = _Judged(site.calendar, index.columns, number, today).idle()
        if idle is not None:
            found.append(idle)
    return tuple(found)


@lru_cache(maxsize=1)
def _every_kind_of_year() -> Days:
    return ordinals(_FIRST, _LAST)


class _Judged:
    """One rule, beside those before it."""

    def __init__(self, calendar: Calendar, columns: Sequence[ProgramColumn], number: int, today: date) -> None:
        self.calendar, self.columns, self.number, self.today = calendar, columns, number, today
        self.rule: CalendarRule = calendar.rules[number]
        self.horizon = min(_years_later(today), _LAST_DAY)
        self.inside = [column for column in columns if self._reaches(number, column)]

    def _reaches(self, number: int, column: ProgramColumn) -> bool:
        return not self.calendar.rules[number].places or number in column.inside

    def idle(self) -> IdleRule | None:
        if not self.columns:
            return None
        if not self.inside:
            places = ", ".join(f"{place.kind}:{place.id}" for place in self.rule.places)
            return self._as("rule_place_empty", {"places": places})
        days = self._own_days()
        matched = days[matching(self.calendar, self.rule, days)]
        coming = matched if self._is_every_year() else matched[matched >= self.today.toordinal()]
        if not coming.size:
            return self._matches_nothing(matched)
        return self._set_aside(coming) or self._without_programs()

    def _is_every_year(self) -> bool:
        return not self.rule.dates and not self.rule.holidays

    def _own_days(self) -> Days:
        """The dates on which the rule could match at all: they need be looked at, and no others."""
        if self._is_every_year():
            return _every_kind_of_year()
        if not self.rule.dates:
            return ordinals(self.today, self.horizon)
        spans = [
            ordinals(date.fromisoformat(first), min(date.fromisoformat(last), _LAST_DAY))
            for first, last in self.rule.dates
        ]
        return np.unique(np.concatenate(spans))

    def _matches_nothing(self, matched: Days) -> IdleRule:
        if matched.size:
            last = date.fromordinal(int(matched[-1])).isoformat()
            return self._as("rule_over", {"last": last}, is_over=True)
        if self.rule.dates:
            return self._as("rule_dates_meet_nothing", {})
        if self.rule.holidays:
            return self._as("rule_holidays_meet_nothing", self._span())
        return self._as("rule_meets_no_night", {})

    def _span(self) -> dict[str, Value]:
        return {"from_date": self.today.isoformat(), "to_date": self.horizon.isoformat()}

    def _set_aside(self, coming: Days) -> IdleRule | None:
        """Whether earlier rules win on every night and at every place where this one matches."""
        earlier = [n for n in range(self.number) if any(self._reaches(n, column) for column in self.inside)]
        if not self._is_every_year():
            by = self._winners(coming, earlier)
            if not by:
                return None
            if self.rule.holidays:
                return self._as("rule_set_aside_between", {"by": by, **self._span()})
            return self._as("rule_set_aside_on_dates", {"by": by})
        by = self._winners(coming, [number for number in earlier if not self._is_dated(number)])
        if by:
            return self._as("rule_set_aside", {"by": by})
        days = ordinals(self.today, self.horizon)
        by = self._winners(days[matching(self.calendar, self.rule, days)], earlier)
        return self._as("rule_set_aside_between", {"by": by, **self._span()}) if by else None

    def _winners(self, coming: Days, earlier: Sequence[int]) -> str:
        """The names of the rules that win in its place, where they do so on every one of these dates; empty where not.

        Of no dates nothing can be said.
        """
        matched = {number: matching(self.calendar, self.calendar.rules[number], coming) for number in earlier}
        winners: set[int] = set()
        for column in self.inside:
            left = np.ones(coming.shape, dtype=np.bool_)
            for number in earlier:
                if self._reaches(number, column) and (left & matched[number]).any():
                    winners.add(number)
                    left &= ~matched[number]
            if left.any():
                return ""
        return ", ".join(f"“{self.calendar.rules[number].name}”" for number in sorted(winners))

    def _is_dated(self, number: int) -> bool:
        rule = self.calendar.rules[number]
        return bool(rule.dates) or rule.holidays

    def _without_programs(self) -> IdleRule | None:
        """Whether no circuit that it reaches has one of the programs that it names."""
        own = {column.own_program for column in self.inside}
        missing = [program for program in self.rule.use if program != EVERY_PROGRAM and program not in own]
        if not missing or EVERY_PROGRAM in self.rule.use or len(missing) < len(self.rule.use):
            return None
        return self._as("rule_programs_unused", {"programs": ", ".join(missing)})

    def _as(self, code: str, values: dict[str, Value], *, is_over: bool = False) -> IdleRule:
        return IdleRule(self.number, Fact(code, {"rule": self.rule.name, **values}), is_over)


def _years_later(day: date) -> date:
    try:
        return day.replace(year=day.year + YEARS_AHEAD)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + YEARS_AHEAD, day=28)
