"""A typical week: medians by local weekday and time, only where there is enough of it, right across clock changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.model import TrafficSection
from lighting.exchange.traffic_pems import read_pems
from lighting.schedule.inputs import UNKNOWN
from lighting.schedule.traffic_rules import TrafficCount, class_series
from lighting.schedule.typical_week import (
    COUNT_MINUTES,
    HOLIDAY,
    TooLittleHistory,
    learn_week,
    typical_counts,
)

ZONE = "Europe/Berlin"
MONDAY = datetime(2026, 1, 5, tzinfo=ZoneInfo(ZONE))
HOUR_MS = 3_600_000


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def steps(begin: datetime, end: datetime, minutes: int) -> Iterator[int]:
    return iter(range(ms(begin), ms(end), minutes * 60_000))


def history(
    begin: datetime, weeks: float, flow_veh_h: Callable[[datetime], float], minutes: int = 60
) -> list[TrafficCount]:
    """Counts whose flow is a function of the local wall clock."""
    zone = begin.tzinfo
    return [
        TrafficCount(at, at + minutes * 60_000, (flow_veh_h(datetime.fromtimestamp(at / 1000, zone)) * minutes / 60,))
        for at in steps(begin, begin + timedelta(weeks=weeks), minutes)
    ]


def by_clock(wall: datetime) -> float:
    return 1000.0 * wall.weekday() + wall.hour


def test_each_weekday_and_hour_has_its_own_median() -> None:
    week = learn_week(history(MONDAY, 4, by_clock), ZONE)
    assert week.median_veh_h.shape == (8, 24, 1)
    for weekday in range(7):
        assert week.median_veh_h[weekday, :, 0].tolist() == [1000.0 * weekday + hour for hour in range(24)]
    assert (week.weeks, week.days, week.coverage_pct) == (4, 28, 100.0)
    assert not week.knows_holidays


def test_one_wild_day_moves_the_high_percentile_and_not_the_median() -> None:
    wild = MONDAY + timedelta(weeks=2)
    week = learn_week(history(MONDAY, 5, lambda wall: 900.0 if wall.date() == wild.date() else 100.0), ZONE)
    assert week.median_veh_h[0, 8, 0] == 100.0
    assert week.high_veh_h[0, 8, 0] == pytest.approx(np.percentile([100, 100, 100, 100, 900], 90))


def test_three_weeks_are_too_few_for_any_median() -> None:
    with pytest.raises(TooLittleHistory) as refusal:
        learn_week(history(MONDAY, 3, by_clock), ZONE)
    assert dict(refusal.value.fact.values) == {
        "weeks": 3,
        "days": 21,
        "least_weeks": 4,
        "from_ms": ms(MONDAY),
        "until_ms": ms(MONDAY + timedelta(weeks=3)),
    }
    with pytest.raises(TooLittleHistory):
        learn_week([], ZONE)


def test_what_is_seldom_counted_is_unknown_and_the_rest_is_not() -> None:
    without_sundays = [
        count
        for count in history(MONDAY, 6, by_clock)
        if datetime.fromtimestamp(count.from_ms / 1000, ZoneInfo(ZONE)).weekday() != 6
    ]
    week = learn_week(without_sundays, ZONE)
    assert np.isnan(week.median_veh_h[6]).all()
    assert week.coverage_pct == pytest.approx(600 / 7)
    sunday = MONDAY + timedelta(days=6, weeks=10)
    assert typical_counts(week, ms(sunday), ms(sunday + timedelta(days=1)), ZONE) == ()


def test_a_bin_of_which_less_than_half_was_counted_is_no_sample() -> None:
    counts = [
        TrafficCount(ms(MONDAY + timedelta(weeks=w)), ms(MONDAY + timedelta(weeks=w, minutes=length)), (length * 2.0,))
        for w, length in enumerate((30, 30, 30, 30, 25))
    ]
    week = learn_week(counts, ZONE)
    assert week.samples[0, 0] == 4
    assert week.median_veh_h[0, 0, 0] == pytest.approx(120.0)


@pytest.mark.parametrize("minutes", [5, 10, 15, 60])
def test_the_length_of_the_counts_does_not_matter(minutes: int) -> None:
    week = learn_week(history(MONDAY, 4, by_clock, minutes), ZONE)
    np.testing.assert_allclose(week.median_veh_h[3, :, 0], [3000 + hour for hour in range(24)])


def test_an_hourly_count_that_straddles_bins_is_shared_by_time() -> None:
    shifted = [
        TrafficCount(ms(MONDAY + timedelta(weeks=w, minutes=20)), ms(MONDAY + timedelta(weeks=w, minutes=80)), (60.0,))
        for w in range(4)
    ]
    week = learn_week(shifted, ZONE, bin_minutes=10)
    known = np.flatnonzero(~np.isnan(week.median_veh_h[0, :, 0]))
    assert known.tolist() == [2, 3, 4, 5, 6, 7]
    assert week.median_veh_h[0, known, 0].tolist() == [60.0] * 6


def test_counts_that_overlap_or_failed_are_not_counted_twice() -> None:
    plain = history(MONDAY, 4, by_clock)
    failed = TrafficCount(plain[5].from_ms, plain[5].until_ms, (float("nan"),))
    pushed = [TrafficCount(c.from_ms + 60_000, c.until_ms, (9e9,)) for c in plain[:50]]
    doubled = learn_week([*plain, *pushed, failed], ZONE)
    assert np.array_equal(doubled.median_veh_h, learn_week(plain, ZONE).median_veh_h, equal_nan=True)


def test_holidays_are_kept_out_of_the_weekdays_and_have_their_own_row_where_they_are_enough() -> None:
    holidays = {MONDAY.date() + timedelta(weeks=week) for week in range(4)}

    def flow(wall: datetime) -> float:
        return 50.0 if wall.date() in holidays else 500.0

    week = learn_week(history(MONDAY, 8, flow), ZONE, is_holiday=holidays.__contains__)
    assert week.median_veh_h[0, 8, 0] == 500.0
    assert week.median_veh_h[HOLIDAY, 8, 0] == 50.0
    assert (week.knows_holidays, week.holiday_days) == (True, 4)
    holiday = MONDAY + timedelta(weeks=20)

    def expected(is_holiday: Callable[[date], bool]) -> tuple[float, ...]:
        (count,) = typical_counts(
            week, ms(holiday) + 8 * HOUR_MS, ms(holiday) + 8 * HOUR_MS + 1, ZONE, is_holiday=is_holiday
        )
        return count.vehicles

    assert expected(lambda day: day == holiday.date()) == (50.0 / 6,)
    assert expected(lambda day: False) == (500.0 / 6,)


def test_a_holiday_without_a_row_of_its_own_is_taken_as_its_weekday() -> None:
    week = learn_week(history(MONDAY, 5, by_clock), ZONE, is_holiday=lambda day: day == MONDAY.date())
    assert (week.knows_holidays, week.samples[0, 0], week.holiday_days) == (False, 4, 1)
    counts = typical_counts(week, ms(MONDAY), ms(MONDAY) + HOUR_MS, ZONE, is_holiday=lambda day: True)
    assert len(counts) == 6


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),
    ],
)
def test_on_the_day_of_a_clock_change_each_count_has_the_flow_of_its_wall_clock(
    zone: str, day: date, hours: float
) -> None:
    begin = datetime(2025, 1, 6, tzinfo=ZoneInfo(zone))
    week = learn_week(history(begin, 60, by_clock, 30), zone)
    end = day + timedelta(days=1)
    first, last = (
        ms(datetime(one.year, one.month, one.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)) for one in (day, end)
    )
    counts = typical_counts(week, first, last, zone)
    assert len(counts) == hours * 6
    assert [count.until_ms for count in counts[:-1]] == [count.from_ms for count in counts[1:]]
    for count in counts:
        wall = datetime.fromtimestamp(count.from_ms / 1000, ZoneInfo(zone))
        assert count.vehicles[0] * 60 / COUNT_MINUTES == pytest.approx(by_clock(wall)), wall


def test_the_hour_that_comes_twice_is_one_bin_and_its_flow_is_no_double() -> None:
    sundays = datetime(2026, 10, 4, tzinfo=ZoneInfo(ZONE))
    week = learn_week(history(sundays, 3.9, lambda wall: 600.0), ZONE)
    assert week.samples[6, 2] == 4
    assert week.high_veh_h[6, 2, 0] == pytest.approx(600.0)


@given(st.integers(0, 14 * 24 * 60), st.integers(1, 3 * 24 * 60))
def test_counts_are_of_ten_minutes_on_the_clock_and_cover_the_span(offset_min: int, length_min: int) -> None:
    begin_ms = ms(MONDAY) + offset_min * 60_000
    counts = typical_counts(WEEK, begin_ms, begin_ms + length_min * 60_000, ZONE)
    assert {(count.from_ms % 600_000, count.until_ms - count.from_ms) for count in counts} == {(0, 600_000)}
    assert counts[0].from_ms <= begin_ms
    assert counts[-1].until_ms >= begin_ms + length_min * 60_000
    assert [count.until_ms for count in counts[:-1]] == [count.from_ms for count in counts[1:]]


WEEK = learn_week(history(MONDAY, 4, by_clock), ZONE)


def test_lanes_are_learnt_one_by_one() -> None:
    counts = [
        TrafficCount(c.from_ms, c.until_ms, (c.vehicles[0], 2 * c.vehicles[0])) for c in history(MONDAY, 4, by_clock)
    ]
    week = learn_week(counts, ZONE)
    assert week.median_veh_h[2, 7].tolist() == [2007.0, 4014.0]


@pytest.mark.parametrize("minutes", [0, 1, 7, 25, 120])
def test_bins_divide_the_hour(minutes: int) -> None:
    with pytest.raises(ValueError, match="a bin is 5, 10, 15, 20, 30 or 60 minutes"):
        learn_week(history(MONDAY, 4, by_clock), ZONE, bin_minutes=minutes)


@pytest.mark.shared
def test_a_real_lane_gives_a_series_for_a_night_to_come_and_none_for_the_weekend(shared_dir: Path) -> None:
    """Of PeMS only weekdays are there: nothing is invented for a Saturday, which keeps its design class."""
    zone = "America/Los_Angeles"
    data = (shared_dir / "data" / "traffic_pems_5min" / "train.csv").read_bytes()
    rows = read_pems(data, "train.csv", zone).rows
    week = learn_week([TrafficCount(row.from_ms, row.until_ms, row.vehicles) for row in rows], zone)
    assert week.coverage_pct == pytest.approx(500 / 7)
    section = TrafficSection("LANE", "one lane", "uni_11248", 2000.0)
    friday = datetime(2016, 3, 4, 12, tzinfo=ZoneInfo(zone))
    counts = typical_counts(week, ms(friday), ms(friday + timedelta(days=1)), zone)
    series = class_series(section, counts)
    night, saturday = (ms(friday + timedelta(hours=hours)) for hours in (11.5, 13))
    value, _ = series.at(np.array([night, saturday], dtype=np.int64))
    assert value.tolist() == [2, UNKNOWN]
