"""The days of a report: what was asked for, as local days, months and instants, and how much of it was accounted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.desk.refusal import WrongUsage
from lighting.energy.slots import day_start_ms, hour_edges_of_day
from lighting.schedule.night import night_span_ms
from lighting.store.account_records import AccountSpan

ONE_DAY = timedelta(days=1)
MOST_DAYS = 3653
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class DaySpan:
    """Local calendar days from ``first`` to ``last``, both included; ``cut_ms``: only the slots of these instants."""

    first: date
    last: date
    timezone: str
    cut_ms: tuple[int, int] | None = None

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every day of the span."""
        return tuple(self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1))

    @cached_property
    def day_edges_ms(self) -> Integers:
        """(n_days + 1,) where each day begins, and where the last ends."""
        return np.array([day_start_ms(day, self.timezone) for day in (*self.days, self.last + ONE_DAY)], np.int64)

    @cached_property
    def months(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each month in the span, cut to it."""
        found: list[tuple[date, date]] = []
        day = self.first
        while day <= self.last:
            end = min(month_end(day), self.last)
            found.append((day, end))
            day = end + ONE_DAY
        return tuple(found)

    @cached_property
    def slot_edges_ms(self) -> Integers:
        """Where the slots of all days begin, and where the last ends."""
        edges = {edge for day in self.days for edge in hour_edges_of_day(day, self.timezone)}
        return np.array(sorted(edges), np.int64)

    def to_read(self) -> AccountSpan:
        """Whole months, and single days at the edges; circuits have days, and nothing shorter."""
        begins, ends = int(self.day_edges_ms[0]), int(self.day_edges_ms[-1])
        if self.cut_ms is not None:
            return AccountSpan(*self.cut_ms, days_from_ms=begins)
        whole = [(a, b) for a, b in self.months if a.day == 1 and b == month_end(a)]
        edges = [(a, b) for a, b in self.months if (a, b) not in whole]
        begin = dict(zip((*self.days, self.last + ONE_DAY), self.day_edges_ms.tolist(), strict=True))
        return AccountSpan(
            begins,
            ends,
            begins,
            tuple(begin[a] for a, _ in whole),
            tuple((begin[a], begin[b + ONE_DAY]) for a, b in edges),
        )


def night_span(evening: date, timezone: str) -> DaySpan:
    """The lighting night of that evening, from noon to noon."""
    return DaySpan(evening, evening + ONE_DAY, timezone, night_span_ms(evening, timezone))


def month_end(day: date) -> date:
    """The last day of that day's month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - ONE_DAY


def checked_span(first: date, last: date, today: date, timezone: str) -> DaySpan:
    """The span of these days. Raises ``WrongUsage`` the wrong way round, in the future, or over ten years."""
    if last < first:
        raise WrongUsage(Fact("energy_ends_before", {"from_date": first.isoformat(), "to_date": last.isoformat()}))
    if last > today:
        code = "energy_begins_in_future" if first > today else "energy_ends_in_future"
        raise WrongUsage(
            Fact(code, {"from_date": first.isoformat(), "to_date": last.isoformat(), "today": today.isoformat()})
        )
    if (last - first).days >= MOST_DAYS:
        raise WrongUsage(Fact("energy_too_long", {"days": (last - first).days + 1, "most": MOST_DAYS}))
    return DaySpan(first, last, timezone)
