"""A light sensor under a sky that may cloud over, and in the light of the lamps beside it."""

from __future__ import annotations

import math
from collections.abc import Callable

from drivers.quantity import Quantity
from drivers.simulator.simulated_device import SimulatedDevice

_CLEAR_SKY: tuple[tuple[float, float], ...] = (
    (-18.0, 0.001),
    (-12.0, 0.008),
    (-6.0, 3.4),
    (-4.0, 40.0),
    (-0.833, 450.0),
    (5.0, 5_000.0),
    (15.0, 20_000.0),
    (30.0, 50_000.0),
    (60.0, 95_000.0),
    (90.0, 115_000.0),
)
"""Sun's elevation in degrees and horizontal illuminance in lx, in the round figures that textbooks of daylight give."""


def daylight_lx(elevation_deg: float) -> float:
    """Return what a clear sky gives on a horizontal plane, in lx: straight between the points in its logarithm."""
    reached = _CLEAR_SKY[0]
    for point in _CLEAR_SKY:
        if elevation_deg <= point[0]:
            width = point[0] - reached[0]
            share = (elevation_deg - reached[0]) / width if width > 0 else 1.0
            share = min(1.0, max(0.0, share))
            return math.exp(math.log(reached[1]) + share * (math.log(point[1]) - math.log(reached[1])))
        reached = point
    return reached[1]


class SimulatedLightSensor:
    """Reads the sky's light times ``sky_share`` (a storm leaves little of it) and the lamps' own, in lx."""

    def __init__(self, device: SimulatedDevice, channel: str, sky_lx: Callable[[float], float]) -> None:
        self.sky_share = 1.0
        self.lamps_lx: Callable[[float], float] = lambda _now_s: 0.0
        self._sky_lx = sky_lx
        device.provide(Quantity.ILLUMINANCE, channel, self.read_lx)

    def set_sky(self, sky_lx: float) -> None:
        """From now on the sky gives this, whatever the hour."""
        self._sky_lx = lambda _now_s: sky_lx

    def read_lx(self, now_s: float) -> float:
        return self._sky_lx(now_s) * self.sky_share + self.lamps_lx(now_s)
