"""Where a tariff can change its mind: spans of time cut at every local clock time, day and instant that it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lighting.assets.tariff import DAY_MINUTES, Series, TariffVersion, Window
from lighting.energy.local_minutes import local_minutes
from lighting.energy.slots import HOUR_MS, day_start_ms, hour_edges_ms

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

_THURSDAY = 3  # 1970-01-01
_EPOCH_DAY = date(1970, 1, 1)
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """What the local calendar and clock show at instants, each array (n,): ``day`` is days since 1970-01-01."""

    day: Integers
    clock: Integers
    weekday: Integers
    month: Integers
    month_day: Integers
    is_holiday: Flags

    @staticmethod
    def of(at_ms: Integers, timezone: str, holidays: Collection[str] = ()) -> LocalTimes:
        """At instants (UTC ms, ascending); ``holidays`` are ISO dates."""
        day, clock = np.divmod(local_minutes(at_ms, timezone), DAY_MINUTES)
        dates = day.astype("datetime64[D]")
        month = dates.astype("datetime64[M]").astype(np.int64)
        # A code of the day in the year that compares as (month, day) does.
        month_day = (month % 12 + 1) * 100 + (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
        holiday_days = np.array([(date.fromisoformat(one) - _EPOCH_DAY).days for one in holidays], dtype=np.int64)
        return LocalTimes(day, clock, (day + _THURSDAY) % 7, month, month_day, np.isin(day, holiday_days))

    def holds(self, window: Window, version: TariffVersion) -> Flags:
        """(n,) where a window of that version holds."""
        first, last = window.from_minutes, window.until_minutes
        begun, ended = self.clock >= first, self.clock >= last
        inside: Flags = begun & ~ended if first < last else begun | ~ended
        if window.weekdays:
            kind = np.where(self.is_holiday, 7, self.weekday) if version.knows_holidays else self.weekday
            inside &= np.isin(kind, window.weekdays)
        if window.seasons:
            inside &= self._of_seasons(window.seasons, version)
        return inside

    def _of_seasons(self, names: Sequence[str], version: TariffVersion) -> Flags:
        found = np.zeros(self.day.shape, dtype=np.bool_)
        for season in version.seasons:
            if season.name not in names:
                continue
            for begin, end in season.dates:
                first, last = begin[0] * 100 + begin[1], end[0] * 100 + end[1]
                after, before = self.month_day >= first, self.month_day <= last
                found |= after & before if first <= last else after | before
        return found

    def period_index(self, version: TariffVersion) -> Integers:
        """(n,) the first period that holds, −1 where none does."""
        index = np.full(self.day.shape, -1, dtype=np.int64)
        for number, period in reversed(list(enumerate(version.periods))):
            index[self.holds(period, version)] = number
        return index

    def of_dates(self, valid_from: str, valid_to: str) -> Flags:
        """(n,) within ISO dates, both included; empty: without end."""
        found = np.ones(self.day.shape, dtype=np.bool_)
        if valid_from:
            found &= self.day >= (date.fromisoformat(valid_from) - _EPOCH_DAY).days
        if valid_to:
            found &= self.day <= (date.fromisoformat(valid_to) - _EPOCH_DAY).days
        return found


def version_index(versions: Sequence[TariffVersion], times: LocalTimes) -> Integers:
    """(n,) the first version that holds, −1 where none does."""
    index = np.full(times.day.shape, -1, dtype=np.int64)
    for number, version in reversed(list(enumerate(versions))):
        index[times.of_dates(version.valid_from, version.valid_to)] = number
    return index


def series_index(series: Series, at_ms: Integers) -> Integers:
    """(n,) which value of a series holds at each instant, −1 in a gap."""
    begin, end = np.array(series.from_ms, dtype=np.int64), np.array(series.until_ms, dtype=np.int64)
    if not begin.size:
        return np.full(at_ms.shape, -1, dtype=np.int64)
    found = np.searchsorted(begin, at_ms, "right").astype(np.int64) - 1
    return np.where((found >= 0) & (at_ms < end[found]), found, -1)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of slots within which nothing of the tariff changes, each (k,). ``slot`` says of which slot each is."""

    slot: Indices
    start_ms: Integers
    until_ms: Integers
    times: LocalTimes

    @property
    def length_ms(self) -> Integers:
        return self.until_ms - self.start_ms

    def shared(self, values: Integers, edges_ms: Integers) -> Integers:
        """(…, n) integers of slots → (…, k) of pieces: even in time within a slot, whole, and exact in sum."""
        if self.slot.size == edges_ms.size - 1:
            return values
        slot_ms = np.diff(edges_ms)
        begin, end = self.start_ms - edges_ms[self.slot], self.until_ms - edges_ms[self.slot]
        step = max(1, int(np.gcd.reduce(np.concatenate([slot_ms, begin, end]))))
        begin, end, whole = begin // step, end // step, (slot_ms // step)[self.slot]
        of_slot = values[..., self.slot]
        if float(np.abs(of_slot).max(initial=0)) * float(end.max(initial=1)) >= 2.0**62:
            of_slot = of_slot.astype(object)
        found = of_slot * end // whole - of_slot * begin // whole
        return found.astype(np.int64)


def cut(
    edges_ms: Integers,
    timezone: str,
    windows: Sequence[Window],
    holidays: Collection[str] = (),
    instants_ms: Collection[int] = (),
) -> Pieces:
    """Cut slots (edges (n+1,), UTC ms, ascending) at local midnight, where a window begins or ends, at the instants
    named, and where the clock is changed.
    """
    minutes = {0, *(minute % DAY_MINUTES for one in windows for minute in (one.from_minutes, one.until_minutes))}
    edges = _with_hours(edges_ms, timezone)
    start, length = edges[:-1], np.diff(edges)
    # From here the local clock runs evenly through each slot, which is an hour at the longest.
    seconds_in = start % _MINUTE_MS
    shown = local_minutes(start, timezone) % DAY_MINUTES
    found = [edges]
    for minute in sorted(minutes):
        ahead = (minute - shown) % DAY_MINUTES * _MINUTE_MS - seconds_in
        inside = (ahead > 0) & (ahead < length)
        found.append(start[inside] + ahead[inside])
    at = np.array(sorted(instants_ms), dtype=np.int64)
    found.append(at[(at > edges_ms[0]) & (at < edges_ms[-1])])
    every = np.unique(np.concatenate(found))
    begin, end = every[:-1], every[1:]
    slot = np.searchsorted(edges_ms, begin, "right").astype(np.intp) - 1
    return Pieces(slot, begin, end, LocalTimes.of(begin, timezone, holidays))


def _with_hours(edges_ms: Integers, timezone: str) -> Integers:
    """The edges, with those of local hours where a slot is longer than one or the clock is changed in it."""
    first, last = edges_ms[:-1], edges_ms[1:]
    shown = local_minutes(np.stack([first, last - 1], axis=1).ravel(), timezone).reshape(-1, 2)
    uneven = shown[:, 1] - shown[:, 0] != (last - 1) // _MINUTE_MS - first // _MINUTE_MS
    coarse = np.flatnonzero(uneven | (last - first > HOUR_MS))
    if not coarse.size:
        return edges_ms
    parts = [hour_edges_ms(int(first[n]), int(last[n]), timezone) for n in coarse]
    inner = [part[(part > first[n]) & (part < last[n])] for part, n in zip(parts, coarse, strict=True)]
    return np.unique(np.concatenate([edges_ms, *inner]))


def day_ms(day: int, timezone: str) -> int:
    """How long that local day is (days since 1970-01-01), 23 to 25 hours."""
    on = _EPOCH_DAY + timedelta(days=day)
    return day_start_ms(on + timedelta(days=1), timezone) - day_start_ms(on, timezone)


def month_text(month: int) -> str:
    """``2026-01`` of months since 1970-01."""
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}"


def days_in_month(month: int) -> int:
    """How many days the month has (months since 1970-01)."""
    begin = date(1970 + month // 12, month % 12 + 1, 1)
    after = date(1970 + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return (after - begin).days


def exact_digits(values: Collection[float]) -> int:
    """The power of ten that makes all of them whole, as they are written."""
    digits = 0
    for value in values:
        mantissa, _, exponent = repr(float(value)).partition("e")
        decimals = mantissa.partition(".")[2].rstrip("0")
        digits = max(digits, len(decimals) - int(exponent or 0))
    return digits
