"""The lighting night and both clock changes, by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.schedule.night import local_clock_ms, local_ms, night_of, night_span_ms

HOUR_MS = 3_600_000
ZONES = (
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Havana",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "UTC",
)


def utc_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def local(at_ms: int, zone: str) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone)).isoformat()


def test_a_night_runs_from_noon_to_noon_and_is_named_by_its_evening() -> None:
    start, end = night_span_ms(date(2026, 11, 23), "Asia/Ho_Chi_Minh")
    assert local(start, "Asia/Ho_Chi_Minh") == "2026-11-23T12:00:00+07:00"
    assert local(end, "Asia/Ho_Chi_Minh") == "2026-11-24T12:00:00+07:00"
    assert night_of(start, "Asia/Ho_Chi_Minh") == date(2026, 11, 23)
    assert night_of(start - 1, "Asia/Ho_Chi_Minh") == date(2026, 11, 22)
    assert night_of(end, "Asia/Ho_Chi_Minh") == date(2026, 11, 24)


def test_a_clock_time_before_noon_belongs_to_the_morning_after() -> None:
    night = date(2026, 11, 23)
    assert local(local_clock_ms(night, 23 * 60, "Asia/Ho_Chi_Minh"), "Asia/Ho_Chi_Minh").startswith("2026-11-23T23:00")
    assert local(local_clock_ms(night, 5 * 60, "Asia/Ho_Chi_Minh"), "Asia/Ho_Chi_Minh").startswith("2026-11-24T05:00")
    assert local_clock_ms(night, 720, "Asia/Ho_Chi_Minh") == night_span_ms(night, "Asia/Ho_Chi_Minh")[0]


def test_spring_forward_takes_a_time_that_does_not_exist_at_the_moment_of_the_jump() -> None:
    night = date(2026, 3, 28)
    jump = utc_ms("2026-03-29T01:00")
    assert local_clock_ms(night, 2 * 60, "Europe/Berlin") == jump
    assert local_clock_ms(night, 2 * 60 + 30, "Europe/Berlin") == jump
    assert local_clock_ms(night, 3 * 60, "Europe/Berlin") == jump
    assert local_clock_ms(night, 1 * 60 + 59, "Europe/Berlin") == jump - 60_000
    start, end = night_span_ms(night, "Europe/Berlin")
    assert end - start == 23 * HOUR_MS


def test_fall_back_takes_a_time_that_occurs_twice_at_its_first_occurrence() -> None:
    night = date(2026, 10, 24)
    assert local_clock_ms(night, 2 * 60 + 30, "Europe/Berlin") == utc_ms("2026-10-25T00:30")
    assert local_clock_ms(night, 3 * 60, "Europe/Berlin") == utc_ms("2026-10-25T02:00")
    start, end = night_span_ms(night, "Europe/Berlin")
    assert end - start == 25 * HOUR_MS


def test_lord_howe_changes_by_half_an_hour() -> None:
    spring, autumn = (night_span_ms(night, "Australia/Lord_Howe") for night in (date(2026, 10, 3), date(2026, 4, 4)))
    assert spring[1] - spring[0] == 23.5 * HOUR_MS
    assert autumn[1] - autumn[0] == 24.5 * HOUR_MS
    jump = utc_ms("2026-10-03T15:30")
    assert local_clock_ms(date(2026, 10, 3), 2 * 60 + 10, "Australia/Lord_Howe") == jump


def test_casablanca_falls_back_for_ramadan_and_springs_forward_after_it() -> None:
    assert local_clock_ms(date(2026, 2, 14), 2 * 60 + 15, "Africa/Casablanca") == utc_ms("2026-02-15T01:15")
    assert local_clock_ms(date(2026, 3, 21), 2 * 60 + 15, "Africa/Casablanca") == utc_ms("2026-03-22T02:00")


def test_havana_jumps_at_midnight_itself() -> None:
    assert local_clock_ms(date(2026, 3, 7), 0, "America/Havana") == utc_ms("2026-03-08T05:00")


def test_a_day_that_a_zone_left_out_is_an_empty_or_joined_night_without_a_hole() -> None:
    nights = [date(2011, 12, 28) + timedelta(days=i) for i in range(4)]
    spans = [night_span_ms(night, "Pacific/Apia") for night in nights]
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert all(end > start for start, end in spans)
    assert sum(end - start for start, end in spans) == 3 * 24 * HOUR_MS


@given(
    zone=st.sampled_from(ZONES),
    at_ms=st.integers(utc_ms("1975-01-01"), utc_ms("2060-01-01")),
)
def test_every_instant_belongs_to_exactly_one_night(zone: str, at_ms: int) -> None:
    night = night_of(at_ms, zone)
    start, end = night_span_ms(night, zone)
    assert start <= at_ms < end
    assert night_span_ms(night - timedelta(days=1), zone)[1] == start
    assert night_span_ms(night + timedelta(days=1), zone)[0] == end


@given(
    zone=st.sampled_from(ZONES),
    night=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    minutes=st.integers(0, 1439),
)
def test_a_clock_time_shows_itself_unless_it_was_jumped_over(zone: str, night: date, minutes: int) -> None:
    at = local_clock_ms(night, minutes, zone)
    start, end = night_span_ms(night, zone)
    assert start <= at <= end
    shown = datetime.fromisoformat(local(at, zone))
    shown_minutes = shown.hour * 60 + shown.minute
    if shown_minutes != minutes:
        before = datetime.fromisoformat(local(at - 1, zone))
        assert before.utcoffset() != shown.utcoffset()
    else:
        assert local(at - HOUR_MS, zone)[11:16] != shown.isoformat()[11:16], "the first occurrence"


def test_a_clock_has_1440_minutes() -> None:
    with pytest.raises(ValueError, match="0 to 1439"):
        local_clock_ms(date(2026, 1, 1), 1440, "UTC")
    assert local_ms(date(2026, 1, 1), 0, "UTC") == utc_ms("2026-01-01")
