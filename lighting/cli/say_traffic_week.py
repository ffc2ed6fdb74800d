"""``lighting traffic week``: the median flow by weekday and hour, as a table and as a small chart."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.traffic_now import WeekAnswer
from lighting.schedule.typical_week import HOLIDAY, WEEKDAYS, TypicalWeek

SCHEMA = "lighting.traffic_week/1"
DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "HOL")
_BLOCKS = "▁▂▃▄▅▆▇█"
_UNKNOWN = "–"
_GAP = "·"

Floats = NDArray[np.float64]


def print_week(answer: WeekAnswer, timezone: str, voice: Voice, *, as_json: bool) -> None:
    """The week by hours: median flow as a table, then one line of blocks a day."""
    median, high = (compared(answer, flow) for flow in (answer.week.median_veh_h, answer.week.high_veh_h))
    if as_json:
        _print_form(answer, median, high, timezone)
        return
    _print_heading(answer, timezone, voice)
    rows = WEEKDAYS + answer.week.knows_holidays
    columns = [Column("HOUR"), *(Column(name, right=True) for name in DAY_NAMES[:rows])]
    per_hour = 60 // answer.week.bin_minutes
    hours = [by_hour(median[row], per_hour) for row in range(rows)]
    print_table(columns, [(f"{h:02d}:00", *(_figure(hours[row][h]) for row in range(rows))) for h in range(24)], voice)
    highest = float(np.nanmax(median))
    print()
    voice.data(Fact("typical_week_chart", {"flow_veh_h": highest}))
    for row in range(rows):
        print(f"{voice.heading(DAY_NAMES[row])}  {blocks(hours[row], highest)}")
    print("     " + "".join(f"{hour:<6d}" for hour in range(0, 24, 6)).rstrip())
    voice.data(Fact("typical_week_for_plans"))


def compared(answer: WeekAnswer, flow_veh_h: Floats) -> Floats:
    """(8, n_bins) of the flow that is compared with the capacity: of the worst lane, or of all."""
    worst: Floats = flow_veh_h.max(axis=2) if answer.section.basis == "uni_11248" else flow_veh_h.sum(axis=2)
    return worst


def by_hour(flow_veh_h: Floats, per_hour: int) -> Floats:
    """(24,) means of the bins of each hour, NaN where one of them is unknown."""
    hours: Floats = flow_veh_h.reshape(24, per_hour).mean(axis=1)
    return hours


def blocks(flow_veh_h: Floats, highest_veh_h: float) -> str:
    """A block for each value, by its share of the highest; a dot where it is unknown."""
    heights = [
        _GAP if np.isnan(one) else _BLOCKS[min(7, int(8 * one / highest_veh_h)) if highest_veh_h > 0 else 0]
        for one in flow_veh_h
    ]
    return "".join(heights)


def _figure(value: float) -> str:
    return _UNKNOWN if np.isnan(value) else f"{value:.0f}"


def _print_heading(answer: WeekAnswer, timezone: str, voice: Voice) -> None:
    week, section = answer.week, answer.section
    values: dict[str, Value] = {"section": section.id, "days": week.days, "weeks": week.weeks}
    dates = {"since": _date(week.from_ms, timezone), "until": _date(week.until_ms - 1, timezone)}
    voice.data(Fact("typical_week_heading", {**values, **dates}))
    if answer.newer_until_ms is not None:
        newer = _date(answer.newer_until_ms - 1, timezone)
        voice.data(Fact("typical_week_newer_too_few", {"since": dates["until"], "until": newer}))
    capacity: dict[str, Value] = {"capacity_veh_h": section.capacity_veh_h}
    uni = section.basis == "uni_11248"
    voice.data(Fact("typical_week_basis_uni" if uni else "typical_week_basis_cen", capacity))
    voice.data(Fact("typical_week_coverage", {"coverage_pct": week.coverage_pct}))
    if week.knows_holidays:
        voice.data(Fact("typical_week_holidays", {"days": week.holiday_days}))
    elif week.holiday_days:
        few: dict[str, Value] = {"days": week.holiday_days, "least_weeks": week.least_weeks}
        voice.data(Fact("typical_week_holidays_few", few))


def _date(at_ms: int, timezone: str) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)).date().isoformat()


def _print_form(answer: WeekAnswer, median: Floats, high: Floats, timezone: str) -> None:
    week = answer.week
    days = [_day(week, row, median[row], high[row]) for row in range(WEEKDAYS + week.knows_holidays)]
    print_json(
        form(
            SCHEMA,
            section=answer.section.id,
            timezone=timezone,
            basis=answer.section.basis,
            capacity_veh_h=answer.section.capacity_veh_h,
            bin_minutes=week.bin_minutes,
            high_percentile=week.high_pct,
            least_samples=week.least_weeks,
            weeks=week.weeks,
            sampled_days=week.days,
            holiday_days=week.holiday_days,
            coverage_pct=week.coverage_pct,
            from_ms=week.from_ms,
            until_ms=week.until_ms,
            days=days,
        )
    )


def _day(week: TypicalWeek, row: int, median: Floats, high: Floats) -> dict[str, object]:
    name = "holiday" if row == HOLIDAY else DAY_NAMES[row].lower()
    return {"day": name, "median_veh_h": median, "high_veh_h": high, "samples": week.samples[row]}
