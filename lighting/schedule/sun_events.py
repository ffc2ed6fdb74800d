"""Sunrise, sunset, twilights and the sun's elevation, for arrays of places and times: good to a second up to 65°.

The elevation is that of the sun's centre seen by an observer at sea level (topocentric), without refraction:
refraction and the sun's radius are inside the thresholds. Polar day and polar night are results, not errors. A window
of time, such as a lighting night or a date in UTC, may hold up to two rises and two sets.

References: NREL/TP-560-34302 for the place of the sun (`sun_place`); the crossings are roots of that elevation itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lighting.schedule.sun_crossings import NONE_MS, WindowedSun, cross_windows
from lighting.schedule.sun_place import DAY_MS, Floats, Instants, observer_figures, sun_place, sun_track

SUNRISE_ELEVATION_DEG = -50.0 / 60.0
"""34′ of refraction and 16′ of semidiameter (US Naval Observatory's convention)."""
CIVIL_ELEVATION_DEG = -6.0
NAUTICAL_ELEVATION_DEG = -12.0
ASTRONOMICAL_ELEVATION_DEG = -18.0
ALL_ELEVATIONS_DEG = (SUNRISE_ELEVATION_DEG, CIVIL_ELEVATION_DEG, NAUTICAL_ELEVATION_DEG, ASTRONOMICAL_ELEVATION_DEG)

LONGEST_WINDOW_MS = 2 * DAY_MS
_CHUNK = 32_768  # place-windows worked on at once, so that they stay in the processor's cache


class SunState(IntEnum):
    """What the sun does in a window, against a threshold. Bit 0 is a rise, bit 1 a set."""

    ALWAYS_DOWN = 0
    RISES = 1
    SETS = 2
    RISES_AND_SETS = 3
    ALWAYS_UP = 4


@dataclass(frozen=True, slots=True)
class Crossings:
    """When the sun crosses thresholds. ``up_ms``, ``down_ms``: (n_places, n_windows, n_thresholds, 2) int64, UTC ms.

    Entries are in order of time, `NONE_MS` where there is none. ``state``: (n_places, n_windows, n_thresholds) uint8 of
    `SunState`.
    """

    up_ms: NDArray[np.int64]
    down_ms: NDArray[np.int64]
    state: NDArray[np.uint8]


def elevation_deg(at_ms: Instants | int, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
    """Return the sun's elevation in degrees, broadcast over instants (UTC ms) and places (degrees, east positive)."""
    instants = np.asarray(at_ms, dtype=np.int64)
    latitude = np.asarray(latitude_deg, dtype=np.float64)
    if instants.size == 0:
        return np.empty(np.broadcast_shapes(instants.shape, latitude.shape, np.shape(longitude_deg)))
    sine, cosine, clock, parallax = _place_at(instants)
    hour_angle = clock + np.radians(np.asarray(longitude_deg, dtype=np.float64))
    rho_cos, rho_sin = observer_figures(latitude)
    phi = np.radians(latitude)
    # Vectors along the meridian, west and the pole, in units of the sun's distance: sun less observer.
    meridian = cosine * np.cos(hour_angle) - parallax * rho_cos
    west = cosine * np.sin(hour_angle)
    pole = sine - parallax * rho_sin
    up = np.cos(phi) * meridian + np.sin(phi) * pole
    level = np.hypot(np.sin(phi) * meridian - np.cos(phi) * pole, west)
    return np.asarray(np.degrees(np.arctan2(up, level)), dtype=np.float64)


def is_dark(
    at_ms: Instants | int, latitude_deg: ArrayLike, longitude_deg: ArrayLike, threshold_deg: float
) -> NDArray[np.bool_]:
    """Return where the sun is under ``threshold_deg``: darkness is a property of an instant, never of paired events."""
    return np.asarray(elevation_deg(at_ms, latitude_deg, longitude_deg) < threshold_deg)


def events(
    windows_start_ms: NDArray[np.int64],
    windows_end_ms: NDArray[np.int64],
    latitude_deg: ArrayLike,
    longitude_deg: ArrayLike,
    elevation_deg: tuple[float, ...] = ALL_ELEVATIONS_DEG,
) -> Crossings:
    """Return when the sun crosses each elevation in each half-open window [start, end) at each place.

    ``windows_start_ms``, ``windows_end_ms``: (n_windows,) or (n_places, n_windows) int64, each at most two days long.
    ``latitude_deg``, ``longitude_deg``: (n_places,) or scalars. Raises ValueError on a longer or an empty window.
    """
    latitude, longitude = np.broadcast_arrays(np.atleast_1d(latitude_deg), np.atleast_1d(longitude_deg))
    shape = (latitude.size, np.shape(windows_start_ms)[-1])
    start = np.broadcast_to(np.asarray(windows_start_ms, dtype=np.int64), shape)
    end = np.broadcast_to(np.asarray(windows_end_ms, dtype=np.int64), shape)
    full = (*shape, len(elevation_deg))
    up = np.full((*full, 2), NONE_MS, dtype=np.int64)
    down = np.full((*full, 2), NONE_MS, dtype=np.int64)
    state = np.empty(full, dtype=np.uint8)
    if not start.size:
        return Crossings(up, down, state)
    length = end - start
    if length.min() <= 0 or length.max() > LONGEST_WINDOW_MS:
        raise ValueError(f"a window is {int(length.min())} to {int(length.max())} ms long; allowed: 1 to 172800000 ms")
    track = sun_track(int(start.min()), int(end.max()))
    for rows, columns in _chunks(*shape):
        part = (rows, columns)
        windows = WindowedSun.over(track, start[part], end[part], latitude[rows, None], longitude[rows, None])
        for i, threshold in enumerate(elevation_deg):
            up[(*part, i)], down[(*part, i)], state[(*part, i)] = cross_windows(windows, threshold)
    return Crossings(up, down, state)


def _chunks(n_places: int, n_windows: int) -> list[tuple[slice, slice]]:
    wide = min(n_windows, _CHUNK)
    tall = max(1, _CHUNK // wide)
    return [
        (slice(row, row + tall), slice(column, column + wide))
        for row in range(0, n_places, tall)
        for column in range(0, n_windows, wide)
    ]


def _place_at(at_ms: Instants) -> tuple[Floats, Floats, Floats, Floats]:
    """Return sine and cosine of declination, hour angle at Greenwich, parallax; a few instants are summed directly."""
    first, last = int(at_ms.min()), int(at_ms.max())
    shape = at_ms.shape
    if at_ms.size <= (last - first) // DAY_MS + 8:
        place = sun_place(at_ms.ravel())
        clock = place.clock_angle_rad + (at_ms.ravel() - DAY_MS // 2) % DAY_MS * (2.0 * np.pi / DAY_MS)
        declination = place.declination_rad.reshape(shape)
        return np.sin(declination), np.cos(declination), clock.reshape(shape), place.parallax_rad.reshape(shape)
    point = sun_track(first, last).at(at_ms.astype(np.float64))
    return point.sine, point.cosine, point.clock_rad, point.parallax_rad
