"""A typical week of a section, learnt from its counts: what a plan and a what-if may expect of days to come.

It serves those two only. A live decision never sees it, for no habit of the past is a reason to dim a road now: missing
counts mean the design class (``operation`` may not import this file; the import law holds that).

Local time rules the bins, so that the morning peak stays where people have it when clocks change. The hour that clocks
show twice is one bin of two hours; the hour that they skip has no sample that day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.local_bins import Times, date_of, local_bins
from lighting.schedule.traffic_counts import TrafficCount, TrafficCounts, counts_of

Floats = NDArray[np.float64]
IsHoliday = Callable[[date], bool]

WEEKDAYS = 7
HOLIDAY = 7
"""The row of a typical week that stands for public holidays; rows 0 to 6 are Monday to Sunday."""

LEAST_WEEKS = 4
"""Of fewer samples no median is drawn: such a bin is unknown, and unknown means the design class."""

HIGH_PCT = 90.0
COUNT_MINUTES = 10
"""The length of the counts that it gives: those of UNI 11248:2016."""

_PIECE_MS = 5 * 60_000
_LEAST_COVERED = 0.5
_HOUR_MS = 3_600_000


class TooLittleHistory(Exception):
    """No bin has enough samples. ``fact`` says how much there is and how much is needed."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class TypicalWeek:
    """Flow by local day and time of day, in vehicles an hour, of each lane.

    ``median_veh_h`` and ``high_veh_h`` (the ``high_pct`` percentile) are (8, n_bins, n_lanes) float64, NaN where there
    are fewer than ``least_weeks`` samples; ``samples`` (8, n_bins) int64. Row 7 is of public holidays. ``weeks`` is how
    many weeks the history touches, ``days`` and ``holiday_days`` how many days it has samples of.
    """

    bin_minutes: int
    median_veh_h: Floats
    high_veh_h: Floats
    samples: NDArray[np.int64]
    weeks: int
    days: int
    holiday_days: int
    from_ms: int
    until_ms: int
    least_weeks: int
    high_pct: float

    @property
    def coverage_pct(self) -> float:
        """The share of the bins of Monday to Sunday that are known."""
        return 100.0 * float(np.mean(~np.isnan(self.median_veh_h[:WEEKDAYS, :, 0])))

    @property
    def knows_holidays(self) -> bool:
        """Whether holidays have a row of their own; else they are taken as their weekday, which is seldom darker."""
        return bool(np.any(~np.isnan(self.median_veh_h[HOLIDAY])))


def learn_week(
    counts: TrafficCounts | Sequence[TrafficCount],
    timezone: str,
    *,
    bin_minutes: int = 60,
    is_holiday: IsHoliday = lambda day: False,
    least_weeks: int = LEAST_WEEKS,
    high_pct: float = HIGH_PCT,
) -> TypicalWeek:
    """Learn the typical week of one section's counts, in any order; of two that overlap the earlier begun counts.

    A day's bin is a sample where counts cover at least half of it. Holidays are kept out of the weekdays, and have
    their own row where there are ``least_weeks`` of them. Raises ``TooLittleHistory`` when no bin is known, ValueError
    for bins that are shorter than 5 minutes or do not divide an hour.
    """
    if bin_minutes < 5 or 60 % bin_minutes or bin_minutes % 5:
        raise ValueError(f"a bin is 5, 10, 15, 20, 30 or 60 minutes, not {bin_minutes}")
    kept = _usable(counts if isinstance(counts, TrafficCounts) else counts_of(counts))
    days, flows = _daily_flows(kept, timezone, bin_minutes)
    of_row = np.array([_row_of(day, is_holiday) for day in days], dtype=np.int64)
    n_bins = 1440 // bin_minutes
    median, high = np.full((2, WEEKDAYS + 1, n_bins, flows.shape[2]), np.nan)
    samples = np.zeros((WEEKDAYS + 1, n_bins), dtype=np.int64)
    for row in range(WEEKDAYS + 1):
        members = flows[of_row == row]
        if len(members):
            _fill(members, row, least_weeks, high_pct, samples, median, high)
    weeks = len({day.isocalendar()[:2] for day in days})
    if np.isnan(median).all():
        values = {"weeks": weeks, "days": len(days), "least_weeks": least_weeks, **_span(kept)}
        raise TooLittleHistory(Fact("typical_week_too_short", values))
    return TypicalWeek(
        bin_minutes,
        median,
        high,
        samples,
        weeks,
        len(days),
        int(np.sum(of_row == HOLIDAY)),
        int(kept.from_ms[0]),
        int(kept.until_ms[-1]),
        least_weeks,
        high_pct,
    )


def _fill(
    members: Floats,
    row: int,
    least_weeks: int,
    high_pct: float,
    samples: NDArray[np.int64],
    median: Floats,
    high: Floats,
) -> None:
    """Put the median and the percentile of (n_days, n_bins, n_lanes) into the row, where there are enough samples."""
    samples[row] = np.sum(~np.isnan(members[:, :, 0]), axis=0)
    enough = samples[row] >= least_weeks
    if enough.any():
        median[row, enough] = np.nanmedian(members[:, enough], axis=0)
        high[row, enough] = np.nanpercentile(members[:, enough], high_pct, axis=0)


def _row_of(day: date, is_holiday: IsHoliday) -> int:
    return HOLIDAY if is_holiday(day) else day.weekday()


def _span(kept: TrafficCounts) -> dict[str, int | None]:
    if not len(kept):
        return {"from_ms": None, "until_ms": None}
    return {"from_ms": int(kept.from_ms[0]), "until_ms": int(kept.until_ms[-1])}


def _usable(counts: TrafficCounts) -> TrafficCounts:
    """Ascending counts of the most lanes that there are.

    A lane that could not be counted, or a time that was counted before, leaves a count out.
    """
    counts = counts.chosen(np.argsort(counts.from_ms, kind="stable"))
    good = (counts.until_ms > counts.from_ms) & (counts.lanes == counts.lanes.max(initial=1))
    good &= (np.isfinite(counts.vehicles) & (counts.vehicles >= 0)).all(axis=1)
    counts = counts.chosen(good)
    if (counts.from_ms[1:] >= counts.until_ms[:-1]).all():
        return counts
    kept: list[int] = []
    until_ms: int | None = None
    for row, (begin, end) in enumerate(zip(counts.from_ms.tolist(), counts.until_ms.tolist(), strict=True)):
        if until_ms is None or begin >= until_ms:
            kept.append(row)
            until_ms = end
    return counts.chosen(np.array(kept, dtype=np.intp))


def _daily_flows(counts: TrafficCounts, timezone: str, bin_minutes: int) -> tuple[list[date], Floats]:
    """The local days of the counts, and the flow of each, (n_days, n_bins, n_lanes) in vehicles an hour.

    NaN where less than half of a bin was counted.
    """
    n_bins, lanes = 1440 // bin_minutes, counts.vehicles.shape[1]
    row, from_ms, until_ms = _parts(counts, timezone, bin_minutes)
    day, bin_number = local_bins(from_ms, timezone, bin_minutes)
    days, day_number = np.unique(day, return_inverse=True)
    place = day_number * n_bins + bin_number
    part_ms = (until_ms - from_ms).astype(np.float64)
    size = days.size * n_bins
    covered_ms = np.bincount(place, part_ms, size)
    share = part_ms / (counts.until_ms - counts.from_ms)[row]
    vehicles = [np.bincount(place, counts.vehicles[row, lane] * share, size) for lane in range(lanes)]
    known = covered_ms >= _LEAST_COVERED * bin_minutes * 60_000
    flows = np.full((size, lanes), np.nan)
    flows[known] = np.stack(vehicles, axis=-1)[known] * (_HOUR_MS / covered_ms[known])[:, None]
    return [date_of(one) for one in days.tolist()], flows.reshape(days.size, n_bins, lanes)


def _parts(counts: TrafficCounts, timezone: str, bin_minutes: int) -> tuple[NDArray[np.intp], Times, Times]:
    """The row, begin and end of the parts of counts that fall into one bin each.

    A count that one bin holds is whole; another is cut at multiples of five minutes, at which every zone of our time
    begins its bins and changes its clocks.
    """
    ends = np.stack([counts.from_ms, counts.until_ms - 1])
    day, bin_number = local_bins(ends, timezone, bin_minutes)
    whole = (day[0] == day[1]) & (bin_number[0] == bin_number[1])
    whole &= counts.until_ms - counts.from_ms <= bin_minutes * 60_000
    first = counts.from_ms // _PIECE_MS
    number = np.where(whole, 1, (counts.until_ms - 1) // _PIECE_MS - first + 1)
    row = np.repeat(np.arange(number.size), number)
    piece = first[row] + np.arange(row.size) - np.repeat(np.cumsum(number) - number, number)
    from_ms = np.maximum(counts.from_ms[row], piece * _PIECE_MS)
    until_ms = np.minimum(counts.until_ms[row], (piece + 1) * _PIECE_MS)
    return row, from_ms, np.where(whole[row], counts.until_ms[row], until_ms)


def typical_columns(
    week: TypicalWeek,
    from_ms: int,
    until_ms: int,
    timezone: str,
    *,
    is_holiday: IsHoliday = lambda day: False,
    high: bool = False,
) -> TrafficCounts:
    """Counts of ten minutes that the week expects from ``from_ms`` until ``until_ms`` (UTC ms), for ``class_series``.

    Median flow, or with ``high`` its high percentile, which dims later. Where the week is unknown there is no count,
    and so the design class. A typical flow is smoother than a real one: what it saves is a little more.
    """
    step_ms = COUNT_MINUTES * 60_000
    at_ms = np.arange(from_ms - from_ms % step_ms, until_ms, step_ms, dtype=np.int64)
    day, bin_number = local_bins(at_ms, timezone, week.bin_minutes)
    days, where = np.unique(day, return_inverse=True)
    marked = is_holiday if week.knows_holidays else lambda day: False
    of_row = np.array([_row_of(date_of(one), marked) for one in days.tolist()], dtype=np.int64)
    flow_veh_h = (week.high_veh_h if high else week.median_veh_h)[of_row[where], bin_number]
    known = ~np.isnan(flow_veh_h).any(axis=1)
    vehicles = flow_veh_h[known] * COUNT_MINUTES / 60
    lanes = np.full(len(vehicles), vehicles.shape[1], dtype=np.int64)
    return TrafficCounts(at_ms[known], at_ms[known] + step_ms, vehicles, lanes)


def typical_counts(
    week: TypicalWeek,
    from_ms: int,
    until_ms: int,
    timezone: str,
    *,
    is_holiday: IsHoliday = lambda day: False,
    high: bool = False,
) -> tuple[TrafficCount, ...]:
    """The same as ``typical_columns``, count by count."""
    return tuple(typical_columns(week, from_ms, until_ms, timezone, is_holiday=is_holiday, high=high))
