"""At which instant: the clock of this lighting night, days by name, lengths, dates, and both clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.desk.moments import parse_when
from lighting.desk.refusal import WrongUsage


def site_in(zone: str) -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return replace(site, timezone=zone)


HANOI = site_in("Asia/Ho_Chi_Minh")
AMSTERDAM = site_in("Europe/Amsterdam")


def ms(text: str, zone: str = "Asia/Ho_Chi_Minh") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "now", "meant"),
    [
        ("22:30", "2026-11-23T20:00", "2026-11-23T22:30"),
        ("22:30", "2026-11-24T02:00", "2026-11-23T22:30"),
        ("22:30", "2026-11-24T11:59", "2026-11-23T22:30"),
        ("22:30", "2026-11-24T12:00", "2026-11-24T22:30"),
        ("3:05", "2026-11-23T20:00", "2026-11-24T03:05"),
        ("22:30:15", "2026-11-23T20:00", "2026-11-23T22:30:15"),
        ("yesterday 22:30", "2026-11-24T02:00", "2026-11-23T22:30"),
        ("Yesterday  22:30", "2026-11-23T20:00", "2026-11-22T22:30"),
        ("today 06:00", "2026-11-23T20:00", "2026-11-23T06:00"),
        ("tomorrow 06:00", "2026-11-23T20:00", "2026-11-24T06:00"),
        ("2026-11-25 22:30", "2026-11-23T20:00", "2026-11-25T22:30"),
        ("2026-11-25T22:30:01", "2026-11-23T20:00", "2026-11-25T22:30:01"),
        ("2026-11-25T15:30+00:00", "2026-11-23T20:00", "2026-11-25T22:30"),
        ("2026-11-25T15:30Z", "2026-11-23T20:00", "2026-11-25T22:30"),
        ("2h", "2026-11-23T20:00", "2026-11-23T18:00"),
        ("90s", "2026-11-23T20:00", "2026-11-23T19:58:30"),
        ("+2h", "2026-11-23T20:00", "2026-11-23T22:00"),
        (" Now ", "2026-11-23T20:00", "2026-11-23T20:00"),
    ],
)
def test_what_a_person_writes_is_understood(text: str, now: str, meant: str) -> None:
    assert parse_when(HANOI, text, ms(now)) == ms(meant)


@pytest.mark.parametrize(
    "text", ["", "lately", "25:00", "22:60", "2026-11-25", "yesterday", "yesterday 2h", "-2h", "+22:30", "٢٢:٣٠"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_when(HANOI, text, ms("2026-11-23T20:00"))
    assert refused.value.fact.code == "moment_not_understood"


def test_a_night_is_no_moment() -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_when(HANOI, "Tonight", ms("2026-11-23T20:00"))
    assert refused.value.fact.code == "moment_is_a_night"


@pytest.mark.parametrize("text", ["1699-01-01 22:30", "2201-01-01 22:30", "9999-12-31T23:59+00:00", "999999d"])
def test_what_is_too_far_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_when(HANOI, text, ms("2026-11-23T20:00"))
    assert refused.value.fact.code == "date_too_far"


@pytest.mark.parametrize(
    ("zone", "text", "is_twice", "either"),
    [
        ("Europe/Amsterdam", "2026-10-25 02:30", True, ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00")),
        ("Europe/Amsterdam", "2026-03-29 02:30", False, ("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00")),
        ("Australia/Lord_Howe", "2026-04-05 01:45", True, ("2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30")),
        ("Australia/Lord_Howe", "2026-10-04 02:15", False, ("2026-10-04T01:45+10:30", "2026-10-04T02:45+11:00")),
        ("Pacific/Apia", "2011-12-30 12:00", False, ("2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00")),
    ],
)  # fmt: skip
def test_a_time_that_is_left_out_or_comes_twice_is_refused_with_both_readings(
    zone: str, text: str, is_twice: bool, either: tuple[str, str]
) -> None:
    site, code = site_in(zone), "moment_twice" if is_twice else "moment_left_out"
    with pytest.raises(WrongUsage) as refused:
        parse_when(site, text, ms("2026-11-23T20:00"))
    assert (refused.value.fact.code, refused.value.fact.values["either"]) == (code, " or ".join(either))
    assert {parse_when(site, one, 0) for one in either} == {ms_of(one) for one in either}


def ms_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_the_clock_of_a_night_of_change_is_refused_too() -> None:
    evening = ms("2026-10-24T23:00", "Europe/Amsterdam")
    with pytest.raises(WrongUsage):
        parse_when(AMSTERDAM, "02:30", evening)
    assert parse_when(AMSTERDAM, "03:30", evening) == ms("2026-10-25T03:30", "Europe/Amsterdam")


@given(text=st.text(max_size=24))
def test_no_text_breaks_it(text: str) -> None:
    told = ""
    try:
        parse_when(AMSTERDAM, text, ms("2026-11-23T20:00"))
    except WrongUsage as refused:
        told = refused.fact.code
    assert told in {"", "moment_not_understood", "moment_is_a_night", "date_too_far", "moment_twice", "moment_left_out"}
