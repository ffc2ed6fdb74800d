"""Where the sun stands as seen from the centre of the earth, and where an observer stands on it.

Reda & Andreas, Solar Position Algorithm for Solar Radiation Applications, NREL/TP-560-34302 (2008), without its rise
and set. The sun's place does not depend on the lamp's: it is computed at daily nodes and interpolated (`SunTrack`);
only the hour angle differs from lamp to lamp. ΔT: Espenak & Meeus, NASA/TP-2006-214141. UTC is taken for UT1, from
which it differs by under 0.9 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.sun_series import orbit_series

Floats = NDArray[np.float64]
Instants = NDArray[np.int64]

DAY_MS = 86_400_000
_J2000_MS = 946_728_000_000  # 2000-01-01 12:00 UTC
_TURN = 2.0 * np.pi

# From this year on, in powers of (year - origin) / scale.
_DELTA_T: tuple[tuple[float, float, float, tuple[float, ...]], ...] = (
    (-np.inf, 1820.0, 100.0, (-20.0, 0.0, 32.0)),
    (-500.0, 0.0, 100.0, (10583.6, -1014.41, 33.78311, -5.952053, -0.1798452, 0.022174192, 0.0090316521)),
    (500.0, 1000.0, 100.0, (1574.2, -556.01, 71.23472, 0.319781, -0.8503463, -0.005050998, 0.0083572073)),
    (1600.0, 1600.0, 1.0, (120.0, -0.9808, -0.01532, 1.0 / 7129.0)),
    (1700.0, 1700.0, 1.0, (8.83, 0.1603, -0.0059285, 0.00013336, -1.0 / 1174000.0)),
    (
        1800.0,
        1800.0,
        1.0,
        (13.72, -0.332447, 0.0068612, 0.0041116, -0.00037436, 0.0000121272, -0.0000001699, 0.000000000875),
    ),
    (1860.0, 1860.0, 1.0, (7.62, 0.5737, -0.251754, 0.01680668, -0.0004473624, 1.0 / 233174.0)),
    (1900.0, 1900.0, 1.0, (-2.79, 1.494119, -0.0598939, 0.0061966, -0.000197)),
    (1920.0, 1920.0, 1.0, (21.20, 0.84493, -0.076100, 0.0020936)),
    (1941.0, 1950.0, 1.0, (29.07, 0.407, -1.0 / 233.0, 1.0 / 2547.0)),
    (1961.0, 1975.0, 1.0, (45.45, 1.067, -1.0 / 260.0, -1.0 / 718.0)),
    (1986.0, 2000.0, 1.0, (63.86, 0.3345, -0.060374, 0.0017275, 0.000651814, 0.00002373599)),
    (2005.0, 2000.0, 1.0, (62.92, 0.32217, 0.005589)),
    # -20 + 32·((y - 1820)/100)² - 0.5628·(2150 - y), written in powers of (y - 1820)/100
    (2050.0, 1820.0, 100.0, (-20.0 - 0.5628 * 330.0, 56.28, 32.0)),
    (2150.0, 1820.0, 100.0, (-20.0, 0.0, 32.0)),
)


@dataclass(frozen=True, slots=True)
class SunPlace:
    """Geocentric place, each (n,) float64: declination and ``clock_angle`` in radians, horizontal parallax in radians.

    ``clock_angle_rad`` is the Greenwich hour angle less that of a sun that crosses the meridian at 12:00 UTC every day:
    a smooth quantity within ±0.08 rad (the equation of time).
    """

    declination_rad: Floats
    clock_angle_rad: Floats
    parallax_rad: Floats


def delta_t_s(at_ms: Instants) -> Floats:
    """Return ΔT = TT − UT in seconds, by the month, by Espenak & Meeus' polynomials."""
    months = at_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    year, month = months // 12 + 1970, months % 12 + 1
    y = year + (month - 0.5) / 12.0
    result = np.empty(at_ms.shape, dtype=np.float64)
    row_of = np.searchsorted([row[0] for row in _DELTA_T], year, side="right") - 1
    for row in np.unique(row_of):
        _, origin, scale, powers = _DELTA_T[row]
        where = row_of == row
        result[where] = np.polynomial.polynomial.polyval((y[where] - origin) / scale, powers)
    return result


def _summed(series: tuple[Floats, ...], t: Floats) -> Floats:
    """Sum Σ tⁱ · Σ A·cos(B + C·t) / 1e8."""
    sums = [np.cos(terms[:, 1] + np.outer(t, terms[:, 2])) @ terms[:, 0] for terms in series]
    return np.asarray(reduce(lambda total, term: total * t + term, reversed(sums))) / 1e8


def _nutation_rad(century: Floats) -> tuple[Floats, Floats]:
    """Return nutation in longitude and in obliquity, radians."""
    c = century
    arguments_deg = np.stack(
        [
            297.85036 + 445267.111480 * c - 0.0019142 * c**2 + c**3 / 189474.0,
            357.52772 + 35999.050340 * c - 0.0001603 * c**2 - c**3 / 300000.0,
            134.96298 + 477198.867398 * c + 0.0086972 * c**2 + c**3 / 56250.0,
            93.27191 + 483202.017538 * c - 0.0036825 * c**2 + c**3 / 327270.0,
            125.04452 - 1934.136261 * c + 0.0020708 * c**2 + c**3 / 450000.0,
        ],
        axis=1,
    )
    terms = orbit_series().nutation
    angle = np.radians(arguments_deg @ terms[:, :5].T)
    longitude = np.sin(angle) @ terms[:, 5] + c * (np.sin(angle) @ terms[:, 6])
    obliquity = np.cos(angle) @ terms[:, 7] + c * (np.cos(angle) @ terms[:, 8])
    return np.radians(longitude / 36e6), np.radians(obliquity / 36e6)


def _mean_obliquity_rad(millennium: Floats) -> Floats:
    powers = (84381.448, -4680.93, -1.55, 1999.25, -51.38, -249.67, -39.05, 7.12, 27.87, 5.79, 2.45)
    seconds = np.polynomial.polynomial.polyval(millennium / 10.0, powers)
    return np.asarray(np.radians(seconds / 3600.0), dtype=np.float64)


def sun_place(at_ms: Instants) -> SunPlace:
    """Return the sun's apparent geocentric place at instants (n,) int64, UTC milliseconds."""
    day = (at_ms - _J2000_MS) / DAY_MS
    century = day / 36525.0
    ephemeris_century = (day + delta_t_s(at_ms) / 86400.0) / 36525.0
    millennium = ephemeris_century / 10.0
    orbit = orbit_series()
    radius_au = _summed(orbit.radius, millennium)
    nutation, obliquity_nutation = _nutation_rad(ephemeris_century)
    aberration = np.radians(-20.4898 / 3600.0) / radius_au
    longitude = _summed(orbit.longitude, millennium) + np.pi + nutation + aberration
    latitude = -_summed(orbit.latitude, millennium)
    obliquity = _mean_obliquity_rad(millennium) + obliquity_nutation
    sin_e, cos_e = np.sin(obliquity), np.cos(obliquity)
    right_ascension = np.arctan2(np.sin(longitude) * cos_e - np.tan(latitude) * sin_e, np.cos(longitude))
    declination = np.arcsin(np.sin(latitude) * cos_e + np.cos(latitude) * sin_e * np.sin(longitude))
    # Sidereal time less the whole turns of the UTC day counted from noon: keeps 1e-11 rad over centuries.
    sidereal_deg = 280.46061837 + 0.98564736629 * day + 0.000387933 * century**2 - century**3 / 38710000.0
    clock_angle = np.radians(sidereal_deg) + nutation * cos_e - right_ascension
    return SunPlace(
        declination_rad=declination,
        clock_angle_rad=(clock_angle + np.pi) % _TURN - np.pi,
        parallax_rad=np.radians(8.794 / 3600.0) / radius_au,
    )


Cubics = tuple[Floats, Floats, Floats, Floats]
"""Coefficients of u⁰ … u³ for each day between two nodes, (n_days,) each: apart, so that a gather stays contiguous."""


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """The sun at instants, all of their shape. Rates are by the day; ``clock_rad`` is the hour angle at Greenwich."""

    sine: Floats
    sine_rate: Floats
    cosine: Floats
    clock_rad: Floats
    clock_rate: Floats
    parallax_rad: Floats


@dataclass(frozen=True, slots=True)
class SunTrack:
    """The sun's place over a span as cubics between daily nodes, good to 0.005″ (its fastest term has 5.6 days).

    ``sine`` is that of the declination, ``clock_angle`` as in `SunPlace`; u is the share of the day since 12:00 UTC.
    """

    first_node_ms: int
    sine: Cubics
    clock_angle: Cubics
    parallax_rad: Floats

    def at(self, at_ms: Floats) -> TrackPoint:
        """Return the sun at float instants (UTC ms) within the span or up to a day beyond it."""
        days = (at_ms - self.first_node_ms) / DAY_MS
        index = days.astype(np.intp)
        u = days - index
        sine, sine_rate = _cubic(self.sine, index, u)
        clock_angle, clock_angle_rate = _cubic(self.clock_angle, index, u)
        return TrackPoint(
            sine=sine,
            sine_rate=sine_rate,
            cosine=np.sqrt(1.0 - sine * sine),
            clock_rad=clock_angle + _TURN * u,  # nodes are noons, so that u is the clock's own turn
            clock_rate=clock_angle_rate + _TURN,
            parallax_rad=self.parallax_rad.take(index, mode="clip"),
        )


def _cubic(coefficients: Cubics, index: NDArray[np.intp], u: Floats) -> tuple[Floats, Floats]:
    c0, c1, c2, c3 = (column.take(index, mode="clip") for column in coefficients)
    return c0 + u * (c1 + u * (c2 + u * c3)), c1 + u * (2.0 * c2 + u * (3.0 * c3))


def _through_nodes(y: Floats) -> Cubics:
    """Return the cubics through nodes i−1 … i+2 for the intervals [i, i+1], i = 1 … n−3 (Lagrange)."""
    before, here, after, beyond = y[:-3], y[1:-2], y[2:-1], y[3:]
    c1 = -before / 3.0 - here / 2.0 + after - beyond / 6.0
    c2 = (before + after) / 2.0 - here
    c3 = (beyond - before) / 6.0 + (here - after) / 2.0
    return here.copy(), c1, c2, c3


def sun_track(first_ms: int, last_ms: int) -> SunTrack:
    """Return the sun's track over the span, with a day to spare at both ends."""
    first_day = (first_ms - _J2000_MS) // DAY_MS - 1
    last_day = (last_ms - _J2000_MS) // DAY_MS + 2
    nodes = _J2000_MS + np.arange(first_day - 1, last_day + 2, dtype=np.int64) * DAY_MS
    place = sun_place(nodes)
    return SunTrack(
        first_node_ms=int(nodes[1]),
        sine=_through_nodes(np.sin(place.declination_rad)),
        clock_angle=_through_nodes(place.clock_angle_rad),
        parallax_rad=place.parallax_rad[1:-2].copy(),
    )


def observer_figures(latitude_deg: Floats) -> tuple[Floats, Floats]:
    """Return ρ·cos φ′ and ρ·sin φ′ of an observer at sea level, in the earth's equatorial radii."""
    latitude = np.radians(latitude_deg)
    u = np.arctan2(0.99664719 * np.sin(latitude), np.cos(latitude))
    return np.cos(u), 0.99664719 * np.sin(u)
