"""Until when: local clock times, lengths and date-times, over both clock changes."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.times import check_length, known_night, parse_moment, parse_until


def site_in(zone: str) -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return replace(site, timezone=zone)


HANOI = site_in("Asia/Ho_Chi_Minh")
AMSTERDAM = site_in("Europe/Amsterdam")


def ms(text: str, zone: str = "Asia/Ho_Chi_Minh") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


EVENING_MS = ms("2026-11-23T20:00")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("06:00", "2026-11-24T06:00"),
        ("6:00", "2026-11-24T06:00"),
        ("20:01", "2026-11-23T20:01"),
        ("20:00", "2026-11-24T20:00"),
        ("2h", "2026-11-23T22:00"),
        ("1.5h", "2026-11-23T21:30"),
        ("45m", "2026-11-23T20:45"),
        ("90s", "2026-11-23T20:01:30"),
        ("2d", "2026-11-25T20:00"),
        (" 2026-11-24T05:30 ", "2026-11-24T05:30"),
        ("2026-11-24 05:30", "2026-11-24T05:30"),
        ("2026-11-24T05:30:15", "2026-11-24T05:30:15"),
    ],
)
def test_what_a_person_writes_is_understood_as_local_time(text: str, meant: str) -> None:
    assert parse_until(HANOI, text, EVENING_MS) == ms(meant)


def test_an_offset_in_the_text_is_kept() -> None:
    assert parse_until(HANOI, "2026-11-23T18:00+00:00", EVENING_MS) == ms("2026-11-24T01:00")


def test_none_is_the_default_length_of_the_site() -> None:
    assert parse_until(HANOI, None, EVENING_MS) == EVENING_MS + 7_200_000


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "12:60", "2 weeks", "-2h", "2026-11-24", "2026-02-30T06:00", "1e9h", "٢h", "1_0m", "٠٦:٠٠"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_until(HANOI, text, EVENING_MS)
    assert refused.value.fact.code == "time_not_understood"


@pytest.mark.parametrize("text", ["2026-11-23T19:59", "0h", "2001-01-01T00:00"])
def test_an_end_that_is_not_in_the_future_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_until(HANOI, text, EVENING_MS)
    assert refused.value.fact.code == "until_in_the_past"


def test_a_clock_time_that_spring_skips_is_the_moment_of_the_jump() -> None:
    before = ms("2026-03-28T23:00", "Europe/Amsterdam")
    assert parse_until(AMSTERDAM, "02:30", before) == ms("2026-03-29T03:00", "Europe/Amsterdam")


def test_a_clock_time_that_autumn_repeats_is_its_first() -> None:
    before = ms("2026-10-24T23:00", "Europe/Amsterdam")
    assert parse_until(AMSTERDAM, "02:30", before) == round(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() * 1000
    )


def test_a_past_moment_is_the_last_clock_time_and_a_length_ago() -> None:
    assert parse_moment(HANOI, "22:30", EVENING_MS, past=True) == ms("2026-11-22T22:30")
    assert parse_moment(HANOI, "18:30", EVENING_MS, past=True) == ms("2026-11-23T18:30")
    assert parse_moment(HANOI, "2h", EVENING_MS, past=True) == ms("2026-11-23T18:00")


def test_an_override_lasts_thirty_days_at_most() -> None:
    check_length(EVENING_MS + 30 * 86_400_000, EVENING_MS)
    with pytest.raises(Refused):
        check_length(EVENING_MS + 30 * 86_400_000 + 1, EVENING_MS)


@given(text=st.text(max_size=24), zone=st.sampled_from([HANOI, AMSTERDAM]))
def test_any_text_is_a_future_time_or_one_refusal(text: str, zone: Site) -> None:
    with contextlib.suppress(WrongUsage):
        assert parse_until(zone, text, EVENING_MS) > EVENING_MS


@given(
    minutes=st.integers(0, 1439),
    now_ms=st.integers(ms("2026-01-01T00:00"), ms("2027-12-31T00:00")),
    site=st.sampled_from([HANOI, AMSTERDAM, site_in("Australia/Lord_Howe"), site_in("America/St_Johns")]),
)
def test_a_clock_time_is_the_next_one_within_a_day_and_a_clock_change(minutes: int, now_ms: int, site: Site) -> None:
    until_ms = parse_until(site, f"{minutes // 60:02d}:{minutes % 60:02d}", now_ms)
    assert now_ms < until_ms <= now_ms + 26 * 3_600_000


def test_at_the_first_half_past_two_of_autumn_the_next_one_is_the_second() -> None:
    first_0240 = round(datetime(2026, 10, 25, 0, 40, tzinfo=UTC).timestamp() * 1000)  # 02:40 summer time
    assert parse_until(AMSTERDAM, "02:30", first_0240) == first_0240 + 50 * 60_000


def test_after_both_half_past_twos_of_autumn_the_next_one_is_tomorrow_and_the_last_one_the_second() -> None:
    second_0240 = round(datetime(2026, 10, 25, 1, 40, tzinfo=UTC).timestamp() * 1000)  # 02:40 winter time
    assert parse_until(AMSTERDAM, "02:30", second_0240) == ms("2026-10-26T02:30", "Europe/Amsterdam")
    assert parse_moment(AMSTERDAM, "02:30", second_0240, past=True) == second_0240 - 10 * 60_000


@pytest.mark.parametrize("text", ["9999-12-31T23:59", "1600-01-01T00:00", "999999d", "2201-01-01T00:00+00:00"])
def test_a_moment_beyond_the_known_sun_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_moment(HANOI, text, EVENING_MS)
    assert refused.value.fact.code == "date_too_far"


@pytest.mark.parametrize("text", ["9999-12-31", "1600-01-01", "0001-01-01"])
def test_a_night_beyond_the_known_sun_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        known_night(text)
    assert refused.value.fact.code == "date_too_far"
