"""Control programs in a lighting night: the ring of steps, and what the sun does not do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import Anchor, ControlProgram, ProgramStep, SunEvent
from lighting.schedule.programs import Stretch, lit_spans, stretches
from lighting.schedule.sun import RISING_EVENTS, elevation_deg, sun_of_night, suns_of_nights
from tests.effort import examples

HA_NOI = ("Asia/Ho_Chi_Minh", 21.0278, 105.8342)
TROMSO = ("Europe/Oslo", 69.65, 18.96)
UTQIAGVIK = ("America/Anchorage", 71.2906, -156.7886)
SUNSET, SUNRISE = Anchor(sun_event="sunset"), Anchor(sun_event="sunrise")
FULL = ControlProgram("full", "", SUNSET, SUNRISE)
HOUR_MS = 3_600_000


def clock(text: str) -> Anchor:
    hours, minutes = text.split(":")
    return Anchor(clock_minutes=int(hours) * 60 + int(minutes))


def resolved(
    program: ControlProgram, night: date, place: tuple[str, float, float] = HA_NOI, dusk_deg: float = -0.833
) -> tuple[Stretch, ...]:
    return stretches(program, sun_of_night(night, *place, dusk_deg), place[0])


def level_at(row: tuple[Stretch, ...], local: str, zone: str = HA_NOI[0]) -> float:
    at_ms = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000
    return next(stretch.level_pct for stretch in row if stretch.from_ms <= at_ms < stretch.until_ms)


def lit_hours(row: tuple[Stretch, ...]) -> float:
    return sum(stretch.until_ms - stretch.from_ms for stretch in row if stretch.level_pct > 0) / HOUR_MS


def test_the_worked_example_of_talq() -> None:
    program = ControlProgram(
        "talq",
        "",
        clock("21:30"),
        clock("07:00"),
        (
            ProgramStep(clock("00:00"), 70.0),
            ProgramStep(clock("05:00"), 100.0),
            ProgramStep(clock("23:00"), 70.0),
        ),
    )
    row = resolved(program, date(2026, 11, 23))
    wanted = {
        "2026-11-23T21:29": 0.0,
        "2026-11-23T22:00": 100.0,
        "2026-11-23T23:30": 70.0,
        "2026-11-24T04:59": 70.0,
        "2026-11-24T06:00": 100.0,
        "2026-11-24T07:00": 0.0,
    }
    assert {local: level_at(row, local) for local in wanted} == wanted


def test_without_steps_the_level_is_full() -> None:
    row = resolved(FULL, date(2026, 11, 23))
    assert [stretch.level_pct for stretch in row] == [0.0, 100.0, 0.0]
    assert [stretch.fact.code for stretch in row] == ["program_off_until", "program_step", "program_off"]


def test_offsets_move_sun_events() -> None:
    program = ControlProgram(
        "early", "", Anchor(sun_event="sunset", offset_s=-900), Anchor(sun_event="sunrise", offset_s=600)
    )
    sun = sun_of_night(date(2026, 11, 23), *HA_NOI, -0.833)
    assert sun.sunset_ms is not None
    assert sun.sunrise_ms is not None
    assert lit_spans(program, sun, HA_NOI[0]) == ((sun.sunset_ms - 900_000, sun.sunrise_ms + 600_000),)


def test_polar_night_is_lit_from_its_start_to_its_end() -> None:
    row = resolved(FULL, date(2026, 12, 21), TROMSO)
    assert [stretch.level_pct for stretch in row] == [100.0]
    assert lit_hours(row) == 24.0


def test_polar_day_is_never_lit() -> None:
    row = resolved(FULL, date(2026, 6, 21), TROMSO)
    assert [(stretch.level_pct, stretch.fact.code) for stretch in row] == [(0.0, "program_not_lit")]


def test_a_step_at_a_sunset_that_does_not_happen_begins_with_the_dark_night() -> None:
    program = ControlProgram(
        "steps", "", SUNSET, SUNRISE, (ProgramStep(SUNSET, 100.0), ProgramStep(clock("23:00"), 50.0))
    )
    row = resolved(program, date(2026, 12, 21), TROMSO)
    assert [stretch.level_pct for stretch in row] == [100.0, 50.0]


def test_a_sun_that_rises_past_noon_leaves_the_dark_before_it_lit() -> None:
    nights = [date(2026, 1, 20) + timedelta(days=i) for i in range(10)]
    late = [
        night
        for night in nights
        if (sun := sun_of_night(night, *UTQIAGVIK, -0.833)).thresholds[0].begins_under
        and sun.sunset_ms is not None
        and sun.sunrise_ms is not None
        and sun.sunrise_ms < sun.sunset_ms
    ]
    assert late, "in late January the sun rises after noon there"
    for night in late:
        row = resolved(FULL, night, UTQIAGVIK)
        assert [stretch.level_pct for stretch in row] == [100.0, 0.0, 100.0]


def test_white_nights_end_at_sunrise_when_there_is_no_civil_dawn() -> None:
    program = ControlProgram("civil", "", SUNSET, Anchor(sun_event="civil_dawn"))
    sun = sun_of_night(date(2026, 6, 21), "Europe/Helsinki", 64.0, 25.5, -0.833)
    assert sun.civil_dawn_ms is None
    assert lit_spans(program, sun, "Europe/Helsinki") == ((sun.sunset_ms, sun.sunrise_ms),)


def test_a_sunset_after_the_closing_hour_leaves_the_program_unlit() -> None:
    program = ControlProgram("shops", "", SUNSET, clock("21:00"))
    row = resolved(program, date(2026, 6, 21), ("Europe/Helsinki", 60.17, 24.94))
    assert lit_hours(row) == 0.0


def test_a_morning_lamp_is_lit_from_a_clock_time_to_sunrise_and_not_once_the_sun_is_up() -> None:
    program = ControlProgram("morning", "", clock("05:00"), SUNRISE)
    place = ("Europe/Amsterdam", 52.0, 4.36)
    assert lit_hours(resolved(program, date(2026, 12, 21), place)) == pytest.approx(3.8, abs=0.1)
    assert lit_hours(resolved(program, date(2026, 6, 21), ("UTC", 52.0, 4.36))) == 0.0


@pytest.mark.parametrize(
    ("lit_from", "lit_until", "levels", "hours"),
    [
        ("06:00", "22:00", [100.0, 0.0, 100.0], 16.0),
        ("22:00", "21:00", [100.0, 0.0, 100.0], 23.0),
        ("12:00", "12:00", [100.0], 24.0),
    ],
)
def test_two_clock_times_may_go_round_noon(lit_from: str, lit_until: str, levels: list[float], hours: float) -> None:
    row = resolved(ControlProgram("underpass", "", clock(lit_from), clock(lit_until)), date(2026, 11, 23))
    assert [stretch.level_pct for stretch in row] == levels
    assert lit_hours(row) == hours


HELSINKI = ("Europe/Helsinki", 60.17, 24.94)
CLOCK_21, CLOCK_22 = clock("21:00"), clock("22:00")
DAWN_10 = Anchor(sun_event="dawn", offset_s=600)
SUNSET_30 = Anchor(sun_event="sunset", offset_s=1800)


@pytest.mark.parametrize(
    ("lit_from", "lit_until", "night", "place"),
    [
        (SUNRISE, SUNSET, date(2026, 12, 21), HELSINKI),
        (SUNRISE, SUNSET, date(2026, 6, 21), TROMSO),
        (SUNRISE, SUNSET, date(2026, 1, 25), UTQIAGVIK),
        (SUNRISE, Anchor(sun_event="civil_dawn"), date(2026, 11, 23), HA_NOI),
        (clock("08:00"), SUNSET, date(2026, 11, 23), HA_NOI),
        (Anchor(later_of=(CLOCK_22, SUNSET)), CLOCK_21, date(2026, 12, 21), HELSINKI),
        (
            Anchor(later_of=(clock("17:00"), SUNSET_30)),
            Anchor(earlier_of=(clock("06:30"), DAWN_10)),
            date(2026, 3, 22),
            ("Antarctica/McMurdo", -90.0, 172.0),
        ),
    ],
)
def test_a_lit_period_that_ends_before_it_begins_is_not_lit_in_that_night(
    lit_from: Anchor, lit_until: Anchor, night: date, place: tuple[str, float, float]
) -> None:
    row = resolved(ControlProgram("swapped", "", lit_from, lit_until), night, place)
    assert [(stretch.level_pct, stretch.lit, stretch.fact.code) for stretch in row] == [(0.0, False, "program_not_lit")]


def test_a_morning_program_between_two_dawns_is_not_lit_before_them() -> None:
    program = ControlProgram("morning", "", Anchor(sun_event="astronomical_dawn"), SUNRISE)
    assert [stretch.level_pct for stretch in resolved(program, date(2026, 11, 23))] == [0.0, 100.0, 0.0]


def test_an_evening_event_that_does_not_come_leaves_no_lamp_lit_by_day() -> None:
    program = ControlProgram("evening", "", SUNSET, Anchor(sun_event="astronomical_dusk"))
    sun = sun_of_night(date(2026, 6, 21), *HELSINKI, -0.833)
    assert lit_spans(program, sun, HELSINKI[0]) == ((sun.sunset_ms, sun.sunrise_ms),)


def test_where_the_sun_rises_past_noon_a_bounded_end_is_that_of_the_coming_morning() -> None:
    until = Anchor(earlier_of=(clock("06:30"), SUNRISE))
    row = resolved(ControlProgram("bounded", "", clock("16:00"), until), date(2026, 1, 25), UTQIAGVIK)
    assert lit_hours(row) == 14.5


def test_steps_follow_the_clock_through_both_clock_changes() -> None:
    program = ControlProgram(
        "steps", "", SUNSET, SUNRISE, (ProgramStep(clock("02:30"), 50.0), ProgramStep(clock("05:00"), 100.0))
    )
    place = ("Europe/Berlin", 52.5, 13.4)
    for night, dimmed_hours in ((date(2026, 3, 28), 2.0), (date(2026, 10, 24), 3.5), (date(2026, 11, 7), 2.5)):
        row = resolved(program, night, place)
        (dimmed,) = [stretch for stretch in row if stretch.level_pct == 50.0]
        assert (dimmed.until_ms - dimmed.from_ms) / HOUR_MS == dimmed_hours


def test_only_an_off_step_that_is_marked_is_part_night() -> None:
    steps = (
        ProgramStep(SUNSET, 80.0, part_night=True),
        ProgramStep(clock("23:00"), 0.0),
        ProgramStep(clock("01:00"), 0.0, part_night=True),
    )
    row = resolved(ControlProgram("p", "", SUNSET, SUNRISE, steps), date(2026, 11, 23))
    codes = [(stretch.level_pct, stretch.part_night, stretch.fact.code) for stretch in row[1:-1]]
    assert codes == [(80.0, False, "program_step"), (0.0, False, "program_step"), (0.0, True, "part_night_off")]


@pytest.mark.parametrize(
    ("place", "saved_pct"),
    [(HA_NOI, 34.6), (("Asia/Singapore", 1.29, 103.85), 34.5), (("Europe/Amsterdam", 52.0, 4.36), 33.4)],
)
def test_the_profile_d60_saves_its_published_share_of_level_hours(
    place: tuple[str, float, float], saved_pct: float
) -> None:
    program = ControlProgram(
        "D60",
        "",
        SUNSET,
        SUNRISE,
        (
            ProgramStep(clock("20:00"), 70.0),
            ProgramStep(clock("22:00"), 50.0),
            ProgramStep(clock("05:00"), 100.0),
        ),
    )
    nights = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    full = given_level = 0.0
    for sun in suns_of_nights(nights, *place, -0.833):
        for stretch in stretches(program, sun, place[0]):
            hours = (stretch.until_ms - stretch.from_ms) / HOUR_MS
            full += hours * (stretch.level_pct > 0)
            given_level += hours * stretch.level_pct / 100.0
    assert 100.0 * (1.0 - given_level / full) == pytest.approx(saved_pct, abs=0.1)


EVENTS: tuple[SunEvent, ...] = ("sunset", "sunrise", "civil_dusk", "civil_dawn", "astronomical_dusk", "dusk", "dawn")
anchors = st.one_of(
    st.builds(Anchor, clock_minutes=st.integers(0, 1439)),
    st.builds(Anchor, sun_event=st.sampled_from(EVENTS), offset_s=st.integers(-7200, 7200)),
)
steps_of = st.lists(st.builds(ProgramStep, anchors, st.sampled_from([0.0, 40.0, 100.0])), max_size=5)


@given(
    lit_from=anchors,
    lit_until=anchors,
    steps=steps_of,
    night=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    latitude=st.floats(-90.0, 90.0),
    zone=st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "UTC", "America/New_York"]),
)
@settings(max_examples=examples(150), deadline=None)
def test_every_instant_of_a_night_has_exactly_one_stretch(
    lit_from: Anchor, lit_until: Anchor, steps: list[ProgramStep], night: date, latitude: float, zone: str
) -> None:
    sun = sun_of_night(night, zone, latitude, 13.0, -0.833)
    row = stretches(ControlProgram("p", "", lit_from, lit_until, tuple(steps)), sun, zone)
    assert row[0].from_ms == sun.start_ms
    assert row[-1].until_ms == sun.end_ms
    assert all(one.until_ms == other.from_ms for one, other in pairwise(row))
    assert all(stretch.from_ms < stretch.until_ms for stretch in row)


@given(
    night=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    latitude=st.floats(-90.0, 90.0),
    longitude=st.floats(-180.0, 180.0),
    zone=st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "UTC", "America/Anchorage"]),
)
@settings(max_examples=examples(100), deadline=None)
def test_from_dusk_to_dawn_means_exactly_while_it_is_dark(
    night: date, latitude: float, longitude: float, zone: str
) -> None:
    sun = sun_of_night(night, zone, latitude, longitude, -0.833)
    spans = lit_spans(ControlProgram("p", "", Anchor(sun_event="dusk"), Anchor(sun_event="dawn")), sun, zone)
    at = np.arange(sun.start_ms, sun.end_ms, 60_000, dtype=np.int64)
    elevation = elevation_deg(at, latitude, longitude)
    lit = np.zeros(at.size, dtype=bool)
    for start, end in spans:
        lit |= (at >= start) & (at < end)
    clear = np.abs(elevation + 0.833) > 1e-4
    assert (lit == (elevation < -0.833))[clear].all()


def test_rising_events_are_named_by_dawn_or_sunrise() -> None:
    assert {event for event in RISING_EVENTS if not event.endswith(("dawn", "sunrise"))} == set()


CELL = Anchor(photocell=True)


def times_told(lit_from: Anchor, lit_until: Anchor, *steps: ProgramStep) -> list[tuple[str, str, str]]:
    """Code, begin and end of each stretch of a photocell program's ring as the reasons tell them, local ``HH:MM``."""
    zone = ZoneInfo(HA_NOI[0])
    sun = sun_of_night(date(2026, 11, 26), *HA_NOI, -0.833)
    program = ControlProgram("by-cell", "", lit_from, lit_until, steps)

    def local(value: object) -> str:
        return f"{datetime.fromtimestamp(value / 1000, zone):%H:%M}" if isinstance(value, int) else ""

    row = stretches(program, sun, HA_NOI[0], always_lit=True)
    return [(s.fact.code, local(s.fact.values.get("since_ms")), local(s.fact.values.get("until_ms"))) for s in row]


def test_a_time_that_only_the_photocell_knows_is_not_told() -> None:
    low, full = ProgramStep(clock("22:00"), 50.0), ProgramStep(clock("05:00"), 100.0)
    assert times_told(CELL, CELL) == [("program_step_by_photocell", "", "")]
    assert times_told(CELL, CELL, low, full) == [
        ("program_step_until", "", "22:00"),
        ("program_step", "22:00", "05:00"),
        ("program_step_since", "05:00", ""),
    ]
    assert times_told(CELL, CELL, ProgramStep(clock("06:05"), 100.0), low)[:2] == [
        ("program_step_until", "", "22:00"),
        ("program_step_since", "22:00", ""),
    ], "by 06:05, in the twilight, a cell may have put it out"


def test_an_end_that_the_clock_knows_is_told_of_a_photocell_program_too() -> None:
    full, off = ProgramStep(clock("17:00"), 100.0), ProgramStep(clock("02:00"), 0.0, part_night=True)
    later = Anchor(later_of=(Anchor(sun_event="dawn"), clock("06:30")))
    assert times_told(CELL, later, full, off)[-1] == ("part_night_off", "02:00", "06:30")
    assert times_told(clock("17:30"), CELL, full, off)[1:] == [
        ("program_step", "17:30", "02:00"),
        ("part_night_off_since", "02:00", ""),
    ]
    or_cell = Anchor(later_of=(CELL, clock("06:30")))
    assert times_told(CELL, or_cell, full, off)[-1] == ("part_night_off_since", "02:00", "")
    with_class = ProgramStep(clock("05:00"), 100.0, lighting_class="M3")
    assert times_told(SUNSET, CELL, full, with_class)[-1] == ("program_step_of_class_since", "05:00", "")
