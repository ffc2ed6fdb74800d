"""Horizontal illuminance from the sun and the clear sky over the sun's elevation, and the way back.

The cubic polynomials of the logarithm of illuminance are those of P. K. Seidelmann (ed.), Explanatory Supplement to the
Astronomical Almanac (1992), section 9.34: log₁₀(E/lx) = l₀ + l₁x + l₂x² + l₃x³, x the elevation in units of 90°, with
errors of at most 0.02 in the logarithm (5 %). They give 3.4 lx at the end of civil twilight (−6°) and about 460 lx at
sunset, inside the 2 to 3.5 lx and 410 to 585 lx that the Glossary of Meteorology (American Meteorological Society)
names for clear evenings. Clouds bring a photocell's evening forward, by day-to-day amounts that no relation tells: the
hours that it gives are the fewest that the cell would burn.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_PIECES = (
    (-18.0, (13.84, 262.72, 1447.42, 2797.93)),
    (-12.0, (2.70, 12.17, -431.69, -1899.83)),
    (-5.0, (2.88, 21.81, -258.11, -858.36)),
    (-0.8, (2.88, 22.26, -207.64, 1034.30)),
    (5.0, (3.05, 13.28, -45.98, 64.33)),
    (20.0, (3.74, 3.97, -4.07, 1.47)),
)
"""The lowest elevation in degrees of each piece, and its coefficients l₀ to l₃."""
LEAST_LX, MOST_LX = 1.0, 400.0
"""The illuminances of photocells, between which the way back is offered."""


def clear_sky_lx(elevation_deg: ArrayLike) -> Floats:
    """Return the horizontal illuminance in lx at elevations from −18° to 90°; same shape."""
    elevation = np.asarray(elevation_deg, dtype=np.float64)
    starts = np.array([start for start, _ in _PIECES])
    piece = np.clip(np.searchsorted(starts, elevation, side="right") - 1, 0, len(_PIECES) - 1)
    coefficients = np.array([figures for _, figures in _PIECES])[piece]
    x = elevation / 90.0
    powers = np.stack([np.ones_like(x), x, x**2, x**3], axis=-1)
    return np.asarray(10.0 ** (coefficients * powers).sum(axis=-1), dtype=np.float64)


def elevation_of_lx(illuminance_lx: float) -> float:
    """Return the elevation in degrees at which the clear sky gives that illuminance, to a thousandth of a degree.

    Raises ValueError outside of 1 to 400 lx.
    """
    if not LEAST_LX <= illuminance_lx <= MOST_LX:
        raise ValueError(f"an illuminance is {LEAST_LX} to {MOST_LX} lx here, not {illuminance_lx}")
    elevations, logarithms = _grid()
    return float(np.interp(np.log10(illuminance_lx), logarithms, elevations))


@cache
def _grid() -> tuple[Floats, Floats]:
    elevations = np.arange(-12_000, 0) / 1000.0
    # The pieces do not meet exactly: the small steps between them are made level, so that the way back is single.
    return elevations, np.maximum.accumulate(np.log10(clear_sky_lx(elevations)))
