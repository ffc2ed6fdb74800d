"""Schedules of 12 months by 24 hours, of weekdays and of weekends, as seasons and stretches of the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lighting.assets.tariff import MonthDay, Season

Rows: TypeAlias = tuple[tuple[int, ...], ...]
WEEK = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which period holds in each hour of each month (12, 24), on weekdays and at weekends."""

    weekday: Rows
    weekend: Rows

    def hours(self) -> dict[int, int]:
        """By period, in how many hours of an average month's week it holds."""
        found: dict[int, int] = {}
        for rows, days in ((self.weekday, 5), (self.weekend, 2)):
            for row in rows:
                for period in row:
                    found[period] = found.get(period, 0) + days
        return found


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of some months and days in which one period holds."""

    period: int
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    from_minutes: int
    until_minutes: int


def stretches(schedule: Schedule, base: int | None) -> Iterator[Stretch]:
    """All stretches but those of the period ``base``; months of one form are together."""
    forms: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for month in range(12):
        forms.setdefault((schedule.weekday[month], schedule.weekend[month]), []).append(month + 1)
    for (week, weekend), months in forms.items():
        every = () if len(months) == 12 else tuple(months)
        days: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
        days = (((), week),) if week == weekend else ((WEEK, week), (WEEKEND, weekend))
        for weekdays, row in days:
            for period, begin, end in _runs(row):
                if period != base:
                    yield Stretch(period, every, weekdays, begin * 60, end * 60)


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(period, first hour, hour after the last) of a day; over midnight as one."""
    if len(set(row)) == 1:
        yield row[0], 0, 24
        return
    begin = next(hour for hour in range(24) if row[hour] != row[hour - 1])
    start = begin
    for hour in range(begin + 1, begin + 25):
        if row[hour % 24] != row[start % 24]:
            yield row[start % 24], start % 24, (hour - 1) % 24 + 1
            start = hour


def month_seasons(months: Sequence[int]) -> Season:
    """A season of whole months, named by them: ``Jan-Apr + Nov-Dec``."""
    spans: list[list[int]] = []
    for month in sorted(months):
        if spans and spans[-1][1] == month - 1:
            spans[-1][1] = month
        else:
            spans.append([month, month])
    dates: tuple[tuple[MonthDay, MonthDay], ...] = tuple(
        ((first, 1), (last, _LAST_DAY[last - 1])) for first, last in spans
    )
    names = (_MONTHS[a - 1] if a == b else f"{_MONTHS[a - 1]}-{_MONTHS[b - 1]}" for a, b in spans)
    return Season(" + ".join(names), dates)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
