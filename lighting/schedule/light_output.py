"""Constant light output: new lamps are run under full power by as much as they are brighter than they will be.

The share of full power is piecewise linear in burning hours (TALQ Smart City Protocol 2.7.1). Who makes it is said by
the luminaire type; it is made by us only where the type says ``controller``, so that it is never made twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import LuminaireType, Site

STEPS = 200
"""Factors are rounded up to a two-hundredth: no dimmer shows less, and lamps of like age are worked out together."""


def output_share(points: tuple[tuple[float, float], ...], burning_h: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of full power, 0…1, at each number of burning hours, from points of (burning_h, output_pct)."""
    if not points:
        return np.ones_like(burning_h)
    hours, percents = zip(*points, strict=True)
    return np.asarray(np.interp(burning_h, hours, percents), dtype=np.float64) / 100.0


def rounded_up(share: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return shares rounded up to the next of ``STEPS``; what is on a step stays on it."""
    return np.asarray(np.minimum(np.ceil(share * STEPS - 1e-9) / STEPS, 1.0), dtype=np.float32)


class LightOutput:
    """The correction of every circuit of a site, by the age of its lamps."""

    def __init__(self, site: Site) -> None:
        self._start_h = np.array([circuit.burning_h for circuit in site.circuits.values()], dtype=np.float64)
        numbers: dict[tuple[tuple[tuple[float, float], ...], ...], int] = {}
        curve = []
        for circuit in site.circuits.values():
            types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
            curve.append(numbers.setdefault(tuple(sorted({_points(kind) for kind in types})), len(numbers)))
        self._curves = tuple(numbers)
        self._curve = np.array(curve, dtype=np.intp)
        self.is_used = any(any(points) for points in self._curves)

    def shares(self, burning_h: NDArray[np.float64] | None) -> NDArray[np.float32]:
        """Return the factor of each circuit, (n_circuits,); None for the hours takes those that the site states.

        Of several types on a circuit the one that needs most power rules.
        """
        hours = self._start_h if burning_h is None else burning_h
        share = np.ones(len(self._curve), dtype=np.float64)
        for number, curves in enumerate(self._curves):
            if any(curves):
                members = np.flatnonzero(self._curve == number)
                share[members] = np.max([output_share(points, hours[members]) for points in curves], axis=0)
        return rounded_up(share)


def _points(kind: LuminaireType) -> tuple[tuple[float, float], ...]:
    return kind.output_points if kind.output_correction == "controller" else ()
