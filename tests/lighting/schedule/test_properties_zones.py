"""Every minute of the nights of a clock change has exactly one decision with a cause, in every zone that has them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from lighting.assets.model import Anchor, Calendar, CalendarRule, ControlProgram, ProgramStep, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Layer
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.plan import plan_night
from lighting.wording.templates import all_words
from tests.effort import IS_LONG
from tests.lighting.schedule.conftest import circuit, clock, site_of
from tests.lighting.schedule.random_sites import HARD_ZONES

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
HARD_NIGHTS = (("Pacific/Apia", date(2011, 12, 29)), ("Pacific/Kwajalein", date(1993, 8, 20)))


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """When the clock of a zone changes from 2000 to 2037, to the second (UTC)."""
    info = zoneinfo.ZoneInfo(zone)
    found: list[datetime] = []
    at, step = FIRST, timedelta(days=10)
    while at < LAST:
        if at.astimezone(info).utcoffset() != (at + step).astimezone(info).utcoffset():
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(info).utcoffset() == at.astimezone(info).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at += step
    return tuple(found)


def site_in(zone: str, latitude_deg: float) -> Site:
    """Steps at the hours at which clocks are changed, an ending by the clock, part-night off, and rules by weekday."""
    dusk, dawn = Anchor(sun_event="dusk"), Anchor(sun_event="dawn")
    hours = tuple(
        ProgramStep(clock(text), level, level == 0.0, ramp_s=ramp_s)
        for text, level, ramp_s in (
            ("00:00", 60.0, None),
            ("01:30", 40.0, 600.0),
            ("02:00", 90.0, None),
            ("02:15", 0.0, None),
            ("03:00", 70.0, 0.0),
        )
    )
    programs = [
        ControlProgram("sun", "", dusk, dawn, (ProgramStep(dusk, 100.0), *hours)),
        ControlProgram("clock", "", clock("17:00"), clock("02:30"), hours),
    ]
    return site_of(
        [circuit("A", program="sun"), circuit("B", program="clock"), circuit("C", program="sun", never_dim=True)],
        programs=programs,
        timezone=zone,
        latitude_deg=latitude_deg,
        longitude_deg=15.0,
        calendar=Calendar((CalendarRule("Sundays", {"clock": "sun"}, weekdays=(6,)),)),
    )


def check_night(site: Site, night: date) -> None:
    start_ms, end_ms = night_span_ms(night, site.timezone)
    assert night_span_ms(night + timedelta(days=1), site.timezone)[0] == end_ms, "nights follow each other without gap"
    if end_ms == start_ms:  # a zone has left the day out
        return
    assert night_of(start_ms, site.timezone) == night == night_of(end_ms - 1, site.timezone)
    plan = plan_night(site, night, ())
    assert plan.at_ms[0] == start_ms
    assert 0 < end_ms - plan.at_ms[-1] <= 60_000
    assert (np.diff(plan.at_ms) == 60_000).all()
    assert ((plan.level_pct >= 0.0) & (plan.level_pct <= 100.0)).all(), "one level each minute, and no other"
    codes = [cause.code for cause in plan.causes]
    assert set(codes) <= set(all_words())
    by_program = np.array([not code.startswith("fallback") for code in codes])
    assert by_program[plan.cause].all()
    assert (plan.layer == Layer.PROGRAM).all()
    unexcused = np.array([not code.startswith("part_night_off") for code in codes])[plan.cause]
    assert (plan.level_pct[plan.dark & unexcused] >= 30.0).all()
    whole = decide(site, plan.at_ms[::97], (), Conditions())
    assert np.allclose(whole.level_pct, plan.level_pct[::97], atol=2e-3)


def nights_of_change(zone: str, *, every: bool) -> Iterator[date]:
    found = changes(zone)
    for at in found if every else found[-2:]:
        night = night_of(round(at.timestamp() * 1000), zone)
        yield from (night - timedelta(days=1), night)


@pytest.mark.parametrize("zone", HARD_ZONES)
def test_the_nights_of_a_clock_change_in_hard_zones(zone: str) -> None:
    for latitude_deg in (52.0, -33.0) if IS_LONG else (52.0,):
        site = site_in(zone, latitude_deg)
        for night in nights_of_change(zone, every=False):
            check_night(site, night)


@pytest.mark.parametrize(("zone", "night"), HARD_NIGHTS)
def test_a_zone_that_left_out_a_day(zone: str, night: date) -> None:
    site = site_in(zone, -10.0)
    for days in range(-1, 3):
        check_night(site, night + timedelta(days=days))


@pytest.mark.parametrize("latitude_deg", [-90.0, -66.6, 0.0, 69.65, 90.0])
def test_every_latitude_has_a_decision_at_midsummer_and_midwinter(latitude_deg: float) -> None:
    site = site_in("Europe/Oslo", latitude_deg)
    for night in (date(2026, 6, 20), date(2026, 12, 20), date(2026, 3, 28), date(2026, 10, 24)):
        check_night(site, night)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_zone_that_has_clock_changes() -> None:
    if not IS_LONG:
        pytest.skip("the full form: make long")
    zones = sorted(zone for zone in zoneinfo.available_timezones() if changes(zone))
    assert len(zones) > 300
    for zone in zones:
        site = site_in(zone, 47.0)
        for night in dict.fromkeys(nights_of_change(zone, every=False)):
            check_night(site, night)
    for zone in HARD_ZONES:
        site = site_in(zone, 47.0)
        for night in dict.fromkeys(nights_of_change(zone, every=True)):
            check_night(site, night)
