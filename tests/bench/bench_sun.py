"""The sun: µs for each place and day, beside astral (which orders events by UTC date and knows no polar day)"""

from __future__ import annotations

from datetime import UTC, date, timedelta

import numpy as np
from astral import LocationInfo
from astral.sun import dawn, dusk, sunrise, sunset
from numpy.typing import NDArray

from lighting.schedule.sun import events
from lighting.schedule.sun_events import ALL_ELEVATIONS_DEG, SUNRISE_ELEVATION_DEG
from lighting.schedule.sun_place import DAY_MS
from tests.bench.table import Row, best_of, print_rows

YEAR_2026_MS = 1_767_225_600_000
DAYS = 365
PLACES, LARGE_PLACES = 500, 4_000
ASTRAL_DAYS = 20
HIGHEST_LATITUDE_DEG = 48.0  # astral raises where a twilight does not end


def places(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(2026)
    return random.uniform(-65.0, 65.0, count), random.uniform(-180.0, 180.0, count)


def ours_us(count: int, elevations_deg: tuple[float, ...], *, utc_dates: bool) -> float:
    """Microseconds a place and day, over lighting nights (local noon to noon) or dates in UTC."""
    latitude, longitude = places(count)
    dates = YEAR_2026_MS + np.arange(DAYS, dtype=np.int64) * DAY_MS
    noon = DAY_MS // 2 - np.rint(longitude / 360.0 * DAY_MS).astype(np.int64)[:, None]
    start = dates[None, :] + (0 if utc_dates else noon)
    taken = best_of(lambda: events(start, start + DAY_MS, latitude, longitude, elevations_deg), times=3)
    return taken * 1e6 / (count * DAYS)


def astral_us(depressions_deg: tuple[float, ...]) -> float:
    """Microseconds a place and day in astral: sunrise and sunset, and the twilights of these depressions."""
    random = np.random.default_rng(2026)
    limit = HIGHEST_LATITUDE_DEG
    spots = [LocationInfo("", "", "UTC", random.uniform(-limit, limit), random.uniform(-180, 180)) for _ in range(5)]
    days = [date(2026, 1, 1) + timedelta(days=18 * i) for i in range(ASTRAL_DAYS)]

    def work() -> None:
        for spot in spots:
            for day in days:
                sunrise(spot.observer, day, tzinfo=UTC)
                sunset(spot.observer, day, tzinfo=UTC)
                for depression in depressions_deg:
                    dawn(spot.observer, day, depression, tzinfo=UTC)
                    dusk(spot.observer, day, depression, tzinfo=UTC)

    return best_of(work, times=3) * 1e6 / (len(spots) * len(days))


def run(*, large: bool = False) -> list[Row]:
    count = LARGE_PLACES if large else PLACES
    two, eight = (SUNRISE_ELEVATION_DEG,), ALL_ELEVATIONS_DEG
    astral_two, astral_eight = astral_us(()), astral_us((6.0, 12.0, 18.0))
    rows = []
    for name, thresholds, peer, bound in (
        ("sunrise and sunset", two, astral_two, 3.0),
        ("all eight events", eight, astral_eight, 10.0),
    ):
        for windows, utc_dates in (("lighting nights", False), ("UTC dates", True)):
            us = ours_us(count, thresholds, utc_dates=utc_dates)
            rows.append(Row(f"{name}, {windows}", us, "µs", "astral", peer, f"≤ {bound:g} µs", us <= bound))
    return rows


if __name__ == "__main__":
    print_rows(__doc__ or "", run())
