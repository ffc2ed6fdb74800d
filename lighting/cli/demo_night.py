"""The night of a demonstration: when its sun sets, when each circuit should be lit, and by when it must be. Pure."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Circuit, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.night import DAY_MINUTES, local_ms
from lighting.schedule.sun import sun_of_night

START_BEFORE_SUNSET_MS = 20 * 60_000
_LOOK_AROUND_MS = 2 * 3_600_000
_COARSE_MS, _FINE_MS = 60_000, 1_000
_TICK_REAL_S = 1.0
"""Real seconds that a tick of the controller may well take; on an accelerated clock they are many of the site's."""


class NoNight(Exception):
    """The sun does not set at the site that day."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """When the program lights a circuit, and at which level in percent once its lamps are warm."""

    at_ms: int
    level_pct: float


@dataclass(frozen=True, slots=True)
class DemoNight:
    """UTC milliseconds of one lighting night. ``lightings`` has every circuit that is lit around sunset."""

    night: dt.date
    start_ms: int
    sunset_ms: int
    sunrise_ms: int
    until_ms: int
    lightings: dict[str, Lighting]

    @property
    def first_lighting_ms(self) -> int:
        return min((lighting.at_ms for lighting in self.lightings.values()), default=self.sunset_ms)

    @property
    def last_lighting_ms(self) -> int:
        return max((lighting.at_ms for lighting in self.lightings.values()), default=self.sunset_ms)


def parse_until(text: str) -> int:
    """``HH:MM`` as minutes after midnight; raises ValueError."""
    at = dt.datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - a wall clock's face, without a date
    return at.hour * 60 + at.minute


def night_for(site: Site, night: dt.date, until_minutes: int) -> DemoNight:
    """The lighting night of that date; it ends when the local clock next shows ``until_minutes`` after sunset."""
    sun = sun_of_night(night, site.timezone, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg)
    if sun.sunset_ms is None or sun.sunrise_ms is None:
        raise NoNight
    days = (night, night + dt.timedelta(days=1), night + dt.timedelta(days=2))
    clock = (local_ms(day, until_minutes % DAY_MINUTES, site.timezone) for day in days)
    return DemoNight(
        night=night,
        start_ms=sun.sunset_ms - START_BEFORE_SUNSET_MS,
        sunset_ms=sun.sunset_ms,
        sunrise_ms=sun.sunrise_ms,
        until_ms=next(at_ms for at_ms in clock if at_ms > sun.sunset_ms),
        lightings=_lightings(site, sun.sunset_ms),
    )


def lit_bound_s(site: Site, circuit: Circuit, level_pct: float, tick_s: float) -> float:
    """Site seconds within which a circuit must be measured as lit after its program's lighting time.

    One effective tick (decision to the end of the next tick's work, which holds the poll that measures), the wait for
    the contactors of its cabinet (``contactor_stagger_s`` for each of them), the dimmer's ramp to its level, and the
    start and warm-up of its slowest lamps. Nothing else.
    """
    contactors = sum(other.relay is not None for other in site.circuits.values() if other.cabinet == circuit.cabinet)
    stagger_s = site.control.stagger_kept_s * contactors if circuit.relay is not None else 0.0
    ramp_s = 0.0
    if circuit.dimmer is not None:
        profile = site.profiles[site.devices[circuit.dimmer.device].profile]
        ramp_s = profile.ramp_ms_per_pct * level_pct / 1000.0
    return tick_s + stagger_s + ramp_s + _warm_s(site, circuit)


def earliest_until_ms(site: Site, night: DemoNight, speed: float) -> int:
    """The first full minute at which every circuit of the evening can have been lit and measured: ``until`` before it
    would judge lamps that had no time to be lit.
    """
    tick_s = max(site.control.tick_s, _TICK_REAL_S * speed)
    lit_ms = [
        lighting.at_ms + 1000.0 * lit_bound_s(site, site.circuits[circuit_id], lighting.level_pct, tick_s)
        for circuit_id, lighting in night.lightings.items()
    ]
    return 60_000 * math.ceil(max(lit_ms, default=night.sunset_ms) / 60_000)


def _lightings(site: Site, sunset_ms: int) -> dict[str, Lighting]:
    """When each circuit's level leaves 0 around sunset, to the second, by the controller's own decision."""
    coarse_ms = np.arange(sunset_ms - _LOOK_AROUND_MS, sunset_ms + _LOOK_AROUND_MS, _COARSE_MS, dtype=np.int64)
    coarse_pct = decide(site, coarse_ms, (), Conditions()).level_pct
    rows = _turning_on(site, coarse_pct > 0.0)
    found: dict[str, Lighting] = {}
    for row in sorted(set(rows.values())):
        fine_ms = np.arange(coarse_ms[row - 1], coarse_ms[row] + _FINE_MS, _FINE_MS, dtype=np.int64)
        decisions = decide(site, fine_ms, (), Conditions())
        for column, circuit_id in enumerate(site.circuits):
            if rows.get(circuit_id) == row:
                at_ms = int(fine_ms[int(np.argmax(decisions.level_pct[:, column] > 0.0))])
                warm_ms = at_ms + 1000.0 * _warm_s(site, site.circuits[circuit_id])
                warm_row = min(int(np.searchsorted(coarse_ms, warm_ms)), len(coarse_ms) - 1)
                found[circuit_id] = Lighting(at_ms, float(coarse_pct[warm_row, column]))
    return found


def _warm_s(site: Site, circuit: Circuit) -> float:
    """Site seconds until the slowest lamps of a circuit are started and warm."""
    kinds = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    return max(kind.start_s + kind.warm_up_s for kind in kinds)


def _turning_on(site: Site, lit: NDArray[np.bool_]) -> dict[str, int]:
    """Circuit id → the first row of (n_steps, n_circuits) at which it is lit after having been unlit."""
    turning = lit[1:] & ~lit[:-1]
    return {
        circuit_id: int(np.argmax(turning[:, column])) + 1
        for column, circuit_id in enumerate(site.circuits)
        if turning[:, column].any()
    }
