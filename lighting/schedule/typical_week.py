"""A typical week of a section, learnt from its counts: what a plan and a what-if may expect of days to come.

It serves those two only. A live decision never sees it, for no habit of the past is a reason to dim a road now: missing
counts mean the design class (``operation`` may not import this file; the import law holds that).

Local time rules the bins, so that the morning peak stays where people have it when clocks change. The hour that clocks
show twice is one bin of two hours; the hour that they skip has no sample that day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.traffic_counts import TrafficCount

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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET_EVERY_MS = 15 * 60_000


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
    counts: Sequence[TrafficCount],
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
    lanes = max((len(count.vehicles) for count in counts), default=0)
    kept = _without_overlaps(count for count in counts if len(count.vehicles) == lanes)
    flows = _daily_flows(kept, timezone, bin_minutes, max(1, lanes))
    days = sorted(flows)
    of_row = [HOLIDAY if is_holiday(day) else day.weekday() for day in days]
    n_bins = 1440 // bin_minutes
    median, high = np.full((2, WEEKDAYS + 1, n_bins, max(1, lanes)), np.nan)
    samples = np.zeros((WEEKDAYS + 1, n_bins), dtype=np.int64)
    for row in range(WEEKDAYS + 1):
        members = [flows[day] for day, of_day in zip(days, of_row, strict=True) if of_day == row]
        if members:
            _fill(np.stack(members), row, least_weeks, high_pct, samples, median, high)
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
        of_row.count(HOLIDAY),
        kept[0].from_ms,
        kept[-1].until_ms,
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


def _span(kept: Sequence[TrafficCount]) -> dict[str, int | None]:
    if not kept:
        return {"from_ms": None, "until_ms": None}
    return {"from_ms": kept[0].from_ms, "until_ms": kept[-1].until_ms}


def _without_overlaps(counts: Iterable[TrafficCount]) -> list[TrafficCount]:
    """Usable counts, ascending: a lane that could not be counted, or a time that was counted before, leaves it out."""
    kept: list[TrafficCount] = []
    for count in sorted(counts, key=lambda count: count.from_ms):
        usable = count.until_ms > count.from_ms and all(math.isfinite(one) and one >= 0 for one in count.vehicles)
        if usable and (not kept or count.from_ms >= kept[-1].until_ms):
            kept.append(count)
    return kept


def _daily_flows(counts: Sequence[TrafficCount], timezone: str, bin_minutes: int, lanes: int) -> dict[date, Floats]:
    """The flow of each local day, (n_bins, n_lanes) in vehicles an hour; NaN where less than half of a bin is known."""
    n_bins = 1440 // bin_minutes
    vehicles: dict[date, Floats] = {}
    covered_ms: dict[date, Floats] = {}
    offsets = _Offsets(timezone)
    for count in counts:
        length_ms = count.until_ms - count.from_ms
        for from_ms, until_ms in _pieces(count, offsets, bin_minutes):
            day, at = offsets.bin_of(from_ms, bin_minutes)
            if day not in vehicles:
                vehicles[day], covered_ms[day] = np.zeros((n_bins, lanes)), np.zeros(n_bins)
            share = (until_ms - from_ms) / length_ms
            vehicles[day][at] += np.asarray(count.vehicles) * share
            covered_ms[day][at] += until_ms - from_ms
    least_ms = _LEAST_COVERED * bin_minutes * 60_000
    flows = {}
    for day, total in vehicles.items():
        known = covered_ms[day] >= least_ms
        flow = np.full((n_bins, lanes), np.nan)
        flow[known] = total[known] * (_HOUR_MS / covered_ms[day][known])[:, None]
        flows[day] = flow
    return flows


def _pieces(count: TrafficCount, offsets: _Offsets, bin_minutes: int) -> Iterator[tuple[int, int]]:
    """The whole count where one bin holds it, else its parts between multiples of five minutes.

    At these every zone of our time begins its bins and changes its clocks.
    """
    from_ms, until_ms = count.from_ms, count.until_ms
    is_short = until_ms - from_ms <= bin_minutes * 60_000
    if is_short and offsets.bin_of(from_ms, bin_minutes) == offsets.bin_of(until_ms - 1, bin_minutes):
        yield from_ms, until_ms
        return
    while from_ms < until_ms:
        end_ms = min(until_ms, from_ms - from_ms % _PIECE_MS + _PIECE_MS)
        yield from_ms, end_ms
        from_ms = end_ms


class _Offsets:
    """Local times of a zone, looked up once for each quarter of an hour."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._known: dict[int, timedelta] = {}

    def wall(self, at_ms: int) -> datetime:
        """What the clocks show at the instant, as an aware time of UTC that reads so."""
        quarter = at_ms // _OFFSET_EVERY_MS
        offset = self._known.get(quarter)
        if offset is None:
            at = (_EPOCH + timedelta(milliseconds=quarter * _OFFSET_EVERY_MS)).astimezone(self._zone)
            offset = self._known[quarter] = at.utcoffset() or timedelta()
        return _EPOCH + timedelta(milliseconds=at_ms) + offset

    def bin_of(self, at_ms: int, bin_minutes: int) -> tuple[date, int]:
        """The local day, and which bin of it holds the instant."""
        wall = self.wall(at_ms)
        return wall.date(), (wall.hour * 60 + wall.minute) // bin_minutes


def typical_counts(
    week: TypicalWeek,
    from_ms: int,
    until_ms: int,
    timezone: str,
    *,
    is_holiday: IsHoliday = lambda day: False,
    high: bool = False,
) -> tuple[TrafficCount, ...]:
    """Counts of ten minutes that the week expects from ``from_ms`` until ``until_ms`` (UTC ms), for ``class_series``.

    Median flow, or with ``high`` its high percentile, which dims later. Where the week is unknown there is no count,
    and so the design class. A typical flow is smoother than a real one: what it saves is a little more.
    """
    flow_veh_h = week.high_veh_h if high else week.median_veh_h
    step_ms = COUNT_MINUTES * 60_000
    offsets = _Offsets(timezone)
    rows: dict[date, int] = {}
    counts = []
    for at_ms in range(from_ms - from_ms % step_ms, until_ms, step_ms):
        day, bin_number = offsets.bin_of(at_ms, week.bin_minutes)
        if day not in rows:
            rows[day] = HOLIDAY if week.knows_holidays and is_holiday(day) else day.weekday()
        flow = flow_veh_h[rows[day], bin_number]
        if not np.isnan(flow).any():
            vehicles = tuple(float(one) * COUNT_MINUTES / 60 for one in flow)
            counts.append(TrafficCount(at_ms, at_ms + step_ms, vehicles))
    return tuple(counts)
