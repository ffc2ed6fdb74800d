"""The sun against NREL SPA's own elevation (the root of it, not pvlib's rise and set) and the US Naval Observatory."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pvlib import spa

from lighting.schedule import sun
from lighting.schedule.sun import NONE_MS, SunState
from lighting.schedule.sun_events import ALL_ELEVATIONS_DEG, SUNRISE_ELEVATION_DEG
from lighting.schedule.sun_place import DAY_MS, delta_t_s
from tests.effort import examples

YEAR_2026_MS = 1_767_225_600_000
MINUTE_MS = 60_000

Floats = NDArray[np.float64]


def spa_elevation_deg(at_ms: Floats, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """SPA's topocentric elevation without atmosphere, sea level, ΔT by the month."""
    months = at_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    delta_t = spa.calculate_deltat(months // 12 + 1970, months % 12 + 1)
    columns = spa.solar_position_numpy(
        at_ms / 1000.0, latitude_deg, longitude_deg, 0.0, 1013.0, 15.0, delta_t, 0.5667, 1, False, False
    )
    return np.asarray(columns[3], dtype=np.float64)


def days_of_2026(step: int = 1) -> NDArray[np.int64]:
    return np.arange(YEAR_2026_MS, YEAR_2026_MS + 365 * DAY_MS, step * DAY_MS, dtype=np.int64)


def error_s(at_ms: Floats, latitude: Floats, longitude: Floats, threshold: Floats) -> Floats:
    """How far each instant is from the root of SPA's elevation nearby, by the secant over its surroundings."""
    low, high = at_ms - 30_000.0, at_ms + 30_000.0
    rises = spa_elevation_deg(high, latitude, longitude) > spa_elevation_deg(low, latitude, longitude)
    for _ in range(18):
        middle = 0.5 * (low + high)
        past = (spa_elevation_deg(middle, latitude, longitude) > threshold) == rises
        low, high = np.where(past, low, middle), np.where(past, middle, high)
    return np.asarray(np.abs(0.5 * (low + high) - at_ms) / 1000.0)


@pytest.mark.parametrize(
    ("latitudes", "allowed_s"),
    [((-65.0, -52.3, -33.9, -15.8, 0.0, 1.3, 21.03, 40.1, 52.0, 60.2, 65.0), 1.0), ((70.0, -70.0, 69.65), 5.0)],
)
def test_crossings_are_the_roots_of_spas_own_elevation(latitudes: tuple[float, ...], allowed_s: float) -> None:
    start = days_of_2026(step=3 if len(latitudes) > 3 else 1)
    assert worst_error_s(start, np.array(latitudes)) <= allowed_s


@pytest.mark.long
@pytest.mark.parametrize(("band", "allowed_s"), [((0, 65), 1.0), ((66, 70), 5.0)])
def test_crossings_of_every_day_of_2026_at_every_degree(band: tuple[int, int], allowed_s: float) -> None:
    degrees = np.arange(band[0], band[1] + 1, dtype=np.float64)
    worst = max(worst_error_s(days_of_2026(), sign * degrees) for sign in (1.0, -1.0))
    print(f"{band[0]} to {band[1]} degrees: worst {worst:.3f} s")
    assert worst <= allowed_s


def worst_error_s(start: NDArray[np.int64], latitude: Floats) -> float:
    """The worst of all eight events of the days that begin at ``start``, at places round the world."""
    longitude = np.linspace(-170.0, 170.0, latitude.size)
    crossings = sun.events(start, start + DAY_MS, latitude, longitude)
    worst = 0.0
    for columns in (crossings.up_ms, crossings.down_ms):
        place, _, threshold, _ = where = np.nonzero(columns != NONE_MS)
        errors = error_s(
            columns[where].astype(np.float64),
            latitude[place],
            longitude[place],
            np.array(ALL_ELEVATIONS_DEG)[threshold],
        )
        worst = max(worst, float(errors.max()))
    return worst


@given(
    latitude=st.floats(-90.0, 90.0),
    longitude=st.floats(-180.0, 180.0),
    day=st.integers(-70_000, 50_000),
    hours=st.sampled_from([23.0, 24.0, 24.5, 25.0]),
    shift_ms=st.integers(0, DAY_MS - 1),
    threshold=st.sampled_from(ALL_ELEVATIONS_DEG),
)
@settings(max_examples=examples(150), deadline=None)
def test_state_and_count_follow_the_elevation_everywhere(
    latitude: float, longitude: float, day: int, hours: float, shift_ms: int, threshold: float
) -> None:
    start = np.array([day * DAY_MS + shift_ms])
    end = start + int(hours * 3_600_000)
    crossings = sun.events(start, end, latitude, longitude, (threshold,))
    ups = [t for t in crossings.up_ms[0, 0, 0].tolist() if t != NONE_MS]
    downs = [t for t in crossings.down_ms[0, 0, 0].tolist() if t != NONE_MS]
    at = np.linspace(start[0], end[0], 1 + 12 * 26)
    elevation = spa_elevation_deg(at, np.full(at.size, latitude), np.full(at.size, longitude))
    turns = sorted([(t, True) for t in ups] + [(t, False) for t in downs])
    assert all(start[0] <= t < end[0] for t, _ in turns)
    assert all(one[1] != other[1] for one, other in pairwise(turns)), "rises and sets alternate"
    above = np.zeros(at.size, dtype=bool)
    state = (not turns[0][1]) if turns else bool(crossings.state[0, 0, 0] == SunState.ALWAYS_UP)
    above[:] = state
    for t, rises in turns:
        above[at >= t] = rises
    # Where the sun stands on the threshold itself, a sample may fall on either side of it.
    clear = np.abs(elevation - threshold) > 0.002
    assert (above == (elevation > threshold))[clear].all()
    expected = (SunState.RISES if ups else 0) | (SunState.SETS if downs else 0)
    assert not turns or crossings.state[0, 0, 0] == expected


@given(
    at_ms=st.integers(-7_000_000_000_000, 4_000_000_000_000),
    latitude=st.floats(-90.0, 90.0),
    longitude=st.floats(-180.0, 180.0),
)
@settings(max_examples=examples(100), deadline=None)
def test_elevation_is_spas_to_a_hundredth_of_a_second_of_arc(at_ms: int, latitude: float, longitude: float) -> None:
    ours = float(sun.elevation_deg(at_ms, latitude, longitude))
    theirs = float(spa_elevation_deg(np.array([float(at_ms)]), np.array([latitude]), np.array([longitude]))[0])
    # Near the zenith and nadir an arcsine of a sine loses digits in SPA's own form.
    assert ours == pytest.approx(theirs, abs=0.01 / 3600.0 if abs(theirs) < 89.0 else 1e-4)


def test_interpolated_and_directly_summed_places_agree() -> None:
    at = np.arange(YEAR_2026_MS, YEAR_2026_MS + 40 * DAY_MS, 3_111_000, dtype=np.int64)
    together = sun.elevation_deg(at, 52.0, 4.4)
    one_by_one = np.array([float(sun.elevation_deg(int(t), 52.0, 4.4)) for t in at])
    assert np.abs(together - one_by_one).max() < 0.005 / 3600.0


def test_delta_t_is_espenaks_and_meeus() -> None:
    for year in (-700, 400, 1000, 1650, 1750, 1850, 1890, 1910, 1930, 1950, 1970, 1990, 2026, 2100, 2200):
        at = np.array([f"{year:05d}-07" if year < 0 else f"{year:04d}-07"], dtype="datetime64[M]")
        ms = at.astype("datetime64[ms]").astype(np.int64)
        assert delta_t_s(ms)[0] == pytest.approx(float(spa.calculate_deltat(year, 7)), abs=1e-6)


def test_polar_day_and_polar_night_are_states_not_errors() -> None:
    start = np.array([YEAR_2026_MS + 171 * DAY_MS, YEAR_2026_MS + 354 * DAY_MS])
    crossings = sun.events(start, start + DAY_MS, [69.65, 90.0, -90.0], [18.96, 0.0, 0.0], (SUNRISE_ELEVATION_DEG,))
    up, down = SunState.ALWAYS_UP, SunState.ALWAYS_DOWN
    assert crossings.state[:, :, 0].tolist() == [[up, down], [up, down], [down, up]]
    assert (crossings.up_ms == NONE_MS).all()


def test_a_date_in_utc_may_hold_two_sunsets() -> None:
    start = days_of_2026()
    crossings = sun.events(start, start + DAY_MS, 60.0, np.linspace(-180, 180, 13), (SUNRISE_ELEVATION_DEG,))
    two = crossings.down_ms[..., 1] != NONE_MS
    assert two.any()
    gaps = (crossings.down_ms[..., 1] - crossings.down_ms[..., 0])[two]
    assert (gaps > 23 * 3_600_000).all()


@pytest.mark.parametrize("length_ms", [0, -5, 3 * DAY_MS])
def test_a_window_must_be_neither_empty_nor_longer_than_two_days(length_ms: int) -> None:
    start = np.array([YEAR_2026_MS])
    with pytest.raises(ValueError, match="allowed"):
        sun.events(start, start + length_ms, 10.0, 10.0)


def _minutes(utc_date: str, clock: str) -> int:
    at = datetime.fromisoformat(f"{utc_date}T{clock}+00:00")
    return int(at.timestamp() // 60)


def reference_rows(shared_dir: Path, name: str) -> list[dict[str, str]]:
    with (shared_dir / "data" / "sun_reference" / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


@pytest.mark.shared
def test_every_row_of_the_naval_observatorys_daily_tables_is_met_within_a_minute(shared_dir: Path) -> None:
    rows = reference_rows(shared_dir, "usno_daily_tables.csv")
    places: dict[tuple[float, float, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        places[float(row["lat"]), float(row["lon"]), row["kind"]].append(row)
    seen = 0
    for (latitude, longitude, kind), ours in places.items():
        start = np.array([_minutes(row["utc_date"], "00:00") * MINUTE_MS for row in ours])
        threshold = SUNRISE_ELEVATION_DEG if kind == "sun" else -6.0
        # A minute beyond the date on both sides: an event at 24:00 may be written under either date.
        crossings = sun.events(start - MINUTE_MS, start + DAY_MS + MINUTE_MS, latitude, longitude, (threshold,))
        for i, row in enumerate(ours):
            for column, times in (("begin_utc", crossings.up_ms), ("end_utc", crossings.down_ms)):
                if row[column]:
                    wanted = _minutes(row["utc_date"], row[column])
                    found = [t for t in times[0, i, 0].tolist() if t != NONE_MS]
                    assert any(abs(t - wanted * MINUTE_MS) <= MINUTE_MS for t in found), (row, column)
                    seen += 1
    assert seen > 4_000


@pytest.mark.shared
def test_every_event_of_the_naval_observatory_is_met_within_a_minute(shared_dir: Path) -> None:
    rows = reference_rows(shared_dir, "usno_events_utc.csv")
    assert len(rows) > 1_000
    half = 6 * 3_600_000
    for place in sorted({(row["lat"], row["lon"]) for row in rows}):
        ours = [row for row in rows if (row["lat"], row["lon"]) == place]
        at = np.array([_minutes(row["utc"][:10], row["utc"][11:16]) * MINUTE_MS for row in ours])
        latitude, longitude = float(place[0]), float(place[1])
        crossings = sun.events(at - half, at + half, latitude, longitude, (SUNRISE_ELEVATION_DEG,))
        for i, row in enumerate(ours):
            times = crossings.up_ms if row["event"] == "sunrise" else crossings.down_ms
            found = [t for t in times[0, i, 0].tolist() if t != NONE_MS]
            assert any(abs(t - at[i]) <= MINUTE_MS for t in found), row


def test_the_sun_of_a_lighting_night_in_ha_noi() -> None:
    night = sun.sun_of_night(date(2026, 11, 23), "Asia/Ho_Chi_Minh", 21.0278, 105.8342, -0.833)
    local = timedelta(hours=7)
    order = [
        night.sunset_ms,
        night.civil_dusk_ms,
        night.nautical_dusk_ms,
        night.astronomical_dusk_ms,
        night.astronomical_dawn_ms,
        night.nautical_dawn_ms,
        night.civil_dawn_ms,
        night.sunrise_ms,
    ]
    times = [t for t in order if t is not None]
    assert len(times) == 8
    assert times == sorted(times)
    sunset = datetime.fromtimestamp(round(times[0] / MINUTE_MS) * 60, UTC) + local
    assert (sunset.hour, sunset.minute) == (17, 14)
    assert night.state is SunState.RISES_AND_SETS
    assert night.dusk_ms is not None
    assert 0 <= times[0] - night.dusk_ms < 1_000, "the site's default threshold is a hair higher than sunset's"
    assert night.occurrences_ms("sunset") == (times[0],)


def test_many_nights_at_once_are_the_same_as_one_by_one() -> None:
    nights = [date(2026, 1, 1) + timedelta(days=17 * i) for i in range(22)]
    together = sun.suns_of_nights(nights, "Europe/Oslo", 69.65, 18.96, -6.0)
    one_by_one = [sun.sun_of_night(night, "Europe/Oslo", 69.65, 18.96, -6.0) for night in nights]
    for one, other in zip(together, one_by_one, strict=True):
        for ours, theirs in zip(one.thresholds, other.thresholds, strict=True):
            assert ours.state == theirs.state
            assert np.allclose(ours.sets_ms + ours.rises_ms, theirs.sets_ms + theirs.rises_ms, atol=2)


def test_a_year_of_dark_hours_is_that_of_the_almanac() -> None:
    nights = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    hours = 0.0
    for night in sun.suns_of_nights(nights, "Asia/Ho_Chi_Minh", 21.0278, 105.8342, -0.833):
        assert night.sunset_ms is not None
        assert night.sunrise_ms is not None
        hours += (night.sunrise_ms - night.sunset_ms) / 3_600_000
    assert hours == pytest.approx(4326.6, abs=1.0)
