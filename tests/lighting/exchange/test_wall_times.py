"""A wall clock's time is an instant only where clocks show it once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.exchange.wall_times import iso_ms, utc_ms, wall_ms

FIRST, LAST = datetime(2015, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 - a wall clock's face


def ms(text: str) -> int:
    return utc_ms(datetime.fromisoformat(text))


def code(found: int | Fact) -> str:
    assert isinstance(found, Fact)
    return found.code


def test_an_offset_says_the_instant_wherever_the_site_is() -> None:
    assert iso_ms("2026-10-25T02:30+01:00", "Europe/Berlin") == ms("2026-10-25T01:30+00:00")
    assert iso_ms("2026-10-25 02:30Z", "Asia/Ho_Chi_Minh") == ms("2026-10-25T02:30+00:00")


def test_a_time_that_clocks_show_twice_is_none() -> None:
    assert code(iso_ms("2026-10-25T02:30", "Europe/Berlin")) == "wall_time_is_twice"
    assert iso_ms("2026-10-25T01:59", "Europe/Berlin") == ms("2026-10-24T23:59+00:00")
    assert iso_ms("2026-10-25T03:00", "Europe/Berlin") == ms("2026-10-25T02:00+00:00")


def test_a_time_that_clocks_skip_is_none() -> None:
    assert code(iso_ms("2026-03-29T02:00", "Europe/Berlin")) == "wall_time_does_not_exist"
    assert code(iso_ms("2026-03-29T02:59", "Europe/Berlin")) == "wall_time_does_not_exist"
    assert iso_ms("2026-03-29T03:00", "Europe/Berlin") == ms("2026-03-29T01:00+00:00")


def test_half_an_hour_of_lord_howe_is_twice() -> None:
    assert code(iso_ms("2026-04-05T01:45", "Australia/Lord_Howe")) == "wall_time_is_twice"
    assert isinstance(iso_ms("2026-04-05T02:00", "Australia/Lord_Howe"), int)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-28", "17:10", "2026-13-01T10:00", "28.11.2026 17:10"])
def test_what_is_no_time_is_said(text: str) -> None:
    assert code(iso_ms(text, "UTC")) == "count_time_not_understood"


@given(
    st.datetimes(FIRST, LAST),
    st.sampled_from(
        ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Ho_Chi_Minh"]
    ),
)
def test_an_instant_is_the_only_one_at_which_the_clocks_show_that_time(wall: datetime, zone: str) -> None:
    wall = wall.replace(microsecond=0)
    middle = wall.replace(tzinfo=UTC)
    around = [middle + timedelta(minutes=15 * quarter) for quarter in range(-14 * 4, 14 * 4 + 1)]
    shown = [at for at in around if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall]
    found = wall_ms(wall, zone)
    if isinstance(found, Fact):
        assert found.code == ("wall_time_is_twice" if len(shown) == 2 else "wall_time_does_not_exist")
        assert len(shown) != 1
    else:
        assert [utc_ms(at) for at in shown] == [found]
