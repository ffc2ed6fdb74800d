"""Indicators of energy: EN 13201-5 with its inputs, burning hours, load profile and duration, tan φ, the worst ones.

Pure sums over what accounts and rollups hold. Energy is integer Ws, reactive energy var·s, times are UTC ms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lighting.assets.model import Site

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
HOUR_MS = 3_600_000
WS_PER_WH = 3_600.0
DAYS_PER_YEAR = 365.0
MOST_POINTS = 500
WORST = 10


def power_density_w_lx_m2(power_w: ArrayLike, illuminance_lx: ArrayLike, area_m2: ArrayLike) -> float:
    """Return D_P = P / Σ(E_i·A_i) in W/(lx·m²) (EN 13201-5): P is the system power of the areas, summed.

    ``power_w`` may be the power of each area or of all together; raises ValueError without lit areas.
    """
    lit = float((np.asarray(illuminance_lx, dtype=np.float64) * np.asarray(area_m2, dtype=np.float64)).sum())
    if lit <= 0:
        raise ValueError("a power density needs areas with an illuminance")
    return float(np.asarray(power_w, dtype=np.float64).sum()) / lit


def annual_energy_wh_m2(energy_ws: ArrayLike, area_m2: ArrayLike, days: float = DAYS_PER_YEAR) -> float:
    """Return D_E = Σ(P_j·t_j) / A in Wh/m² (EN 13201-5), of the energy of ``days`` brought to a year of 365 days.

    Raises ValueError without an area, or without days.
    """
    area = float(np.asarray(area_m2, dtype=np.float64).sum())
    if area <= 0 or days <= 0:
        raise ValueError("an annual energy needs an area and a span of days")
    return float(np.asarray(energy_ws, dtype=np.float64).sum()) / WS_PER_WH / area * (DAYS_PER_YEAR / days)


def mean_output_pct(points: Sequence[tuple[float, float]], until_h: float) -> float:
    """Return the mean of constant light output from new to ``until_h`` burning hours, in percent.

    ``points`` of (burning_h, output_pct), linear between, level before the first and after the last.
    """
    if not points or until_h <= 0:
        return 100.0
    hours, outputs = np.array(points, dtype=np.float64).T
    at = np.unique(np.concatenate([[0.0, until_h], hours[(hours > 0) & (hours < until_h)]]))
    level = np.interp(at, hours, outputs)
    return float(((level[1:] + level[:-1]) / 2.0 * np.diff(at)).sum() / until_h)


@dataclass(frozen=True, slots=True)
class SystemPower:
    """Power of the installation in W as EN 13201-5 counts it: lamps with gear at full power, and what stands beside.

    ``standby_w`` is what lamps without a contactor take by day, part of the annual energy and not of D_P's power.
    """

    lamps_w: float
    permanent_w: float
    standby_w: float

    @property
    def total_w(self) -> float:
        return self.lamps_w + self.permanent_w


@dataclass(frozen=True, slots=True)
class LitAreas:
    """What of a site has lit areas: sums in lx·m² and m², the circuits with both, and their power with its part of the
    permanent loads (controllers, gateways) by number of circuits.
    """

    illuminance_area_lx_m2: float
    area_m2: float
    power_w: float
    circuits_with_illuminance: tuple[str, ...]
    circuits_with_area: tuple[str, ...]
    length_km: float


def system_power(site: Site, circuits: Sequence[str] | None = None) -> SystemPower:
    """Return the power of a site, or of circuits with the permanent loads on the meters that these share."""
    chosen = list(site.circuits.values()) if circuits is None else [site.circuits[one] for one in circuits]
    lamps_w = standby_w = 0.0
    for circuit in chosen:
        for group in circuit.lamps:
            kind = site.luminaire_types[group.luminaire_type]
            lamps_w += group.count * kind.rated_w
            standby_w += group.count * kind.standby_w if circuit.relay is None else 0.0
    devices = {channel.device for circuit in chosen for channel in circuit.meter}
    loads = [
        load.power_w
        for load in site.permanent_loads
        if circuits is None or any(channel.device in devices for channel in load.meter)
    ]
    return SystemPower(lamps_w, sum(loads), standby_w)


def lit_areas(site: Site, circuits: Sequence[str] | None = None) -> LitAreas:
    """Return the lit areas of a site or of circuits; permanent loads go to circuits by their part of the lamps' power.

    The power is that of the circuits with an illuminance alone, so that D_P has the same circuits above and below.
    """
    chosen = list(site.circuits.values()) if circuits is None else [site.circuits[one] for one in circuits]
    whole = system_power(site, circuits)
    lit, area, lamps_w, length_m = 0.0, 0.0, 0.0, 0.0
    with_both, with_area = [], []
    for circuit in chosen:
        length_m += circuit.length_m or 0.0
        if circuit.lit_area_m2 is None:
            continue
        area += circuit.lit_area_m2
        with_area.append(circuit.id)
        if circuit.illuminance_lx is not None:
            lit += circuit.lit_area_m2 * circuit.illuminance_lx
            lamps_w += sum(group.count * site.luminaire_types[group.luminaire_type].rated_w for group in circuit.lamps)
            with_both.append(circuit.id)
    share = lamps_w / whole.lamps_w if whole.lamps_w > 0 else 0.0
    power_w = lamps_w + share * whole.permanent_w
    return LitAreas(lit, area, power_w, tuple(with_both), tuple(with_area), length_m / 1000.0)


@dataclass(frozen=True, slots=True)
class UseFigures:
    """Energy of a span: mean burning hours of a lamp, kWh per lamp and per km (None without lengths), the peak."""

    burning_h: float
    kwh_per_lamp: float
    kwh_per_km: float | None
    peak_w: float | None
    peak_ms: int | None


def use_figures(
    energy_ws: int, lit_lamp_ms: int, lamps: float, length_km: float, hour_edges_ms: Integers, hour_ws: Integers
) -> UseFigures:
    """Return them; ``hour_edges_ms`` (n_hours + 1,) and ``hour_ws`` (n_hours,) are the slots of the local clock.

    ``energy_ws`` is that of the circuits with a length where the length is of some alone.
    """
    kwh = energy_ws / WS_PER_WH / 1000.0
    mean_w = hour_ws / np.maximum(np.diff(hour_edges_ms), 1) * 1000.0
    at = int(np.argmax(mean_w)) if mean_w.size else None
    return UseFigures(
        burning_h=lit_lamp_ms / HOUR_MS / lamps if lamps else 0.0,
        kwh_per_lamp=kwh / lamps if lamps else 0.0,
        kwh_per_km=kwh / length_km if length_km > 0 else None,
        peak_w=None if at is None else float(mean_w[at]),
        peak_ms=None if at is None else int(hour_edges_ms[at]),
    )


def load_profile_w(
    slot_ms: Integers, energy_ws: Integers, known_ms: Integers, timezone: str
) -> tuple[float | None, ...]:
    """Return the mean power in W of the 24 local hours from noon to noon, None for an hour that is never known.

    ``slot_ms`` (n,) are the beginnings of the slots of the local clock, ``energy_ws`` and ``known_ms`` (n,) theirs. A
    slot belongs to the hour that the clock shows at its beginning; the mean is over the known time of that hour.
    """
    hours = local_hours(slot_ms, timezone)
    energy, known = (np.bincount(hours, weights=values, minlength=24) for values in (energy_ws, known_ms))
    order = [(12 + n) % 24 for n in range(24)]
    return tuple(float(energy[hour] / known[hour] * 1000.0) if known[hour] > 0 else None for hour in order)


PROFILE_HOURS = tuple((12 + n) % 24 for n in range(24))
"""The local hours of ``load_profile_w``, in its order."""


def local_hours(at_ms: Integers, timezone: str) -> NDArray[np.intp]:
    """Return (n,) the hour, 0 to 23, that the local clock shows."""
    zone = ZoneInfo(timezone)
    # Offsets change at whole quarters of an hour at the most: one look-up for each quarter that occurs.
    quarters, back = np.unique(at_ms // (HOUR_MS // 4), return_inverse=True)
    hours = [datetime.fromtimestamp(int(q) * 900, UTC).astimezone(zone).hour for q in quarters]
    found: NDArray[np.intp] = np.array(hours, dtype=np.intp).reshape(-1)[back]
    return found


def load_duration_w(power_w: Floats, most_points: int = MOST_POINTS) -> tuple[tuple[float, float], ...]:
    """Return (share of the time, mean power in W) of the hours, highest first, thinned to at most ``most_points``.

    The share is that of the hours with at least as much power, 1/n to 1. The highest and the lowest hour are always
    there and every point is an hour that was: nothing is averaged. Hours without a value (NaN) are left out.
    """
    ordered = np.sort(power_w[~np.isnan(power_w)])[::-1]
    n = ordered.size
    if n == 0:
        return ()
    at = np.unique(np.rint(np.linspace(0, n - 1, min(n, most_points))).astype(np.intp))
    return tuple((float(index + 1) / n, float(ordered[index])) for index in at)


@dataclass(frozen=True, slots=True)
class ReactiveFigures:
    """A tariff period: active and reactive energy where both are known, and tan φ, positive where the current lags."""

    period: str
    energy_ws: int
    reactive_vars: int | None
    tan_phi: float | None


def reactive_by_period(
    periods: Sequence[str], energy_ws: Integers, reactive_vars: Integers, has_reactive: NDArray[np.bool_]
) -> tuple[ReactiveFigures, ...]:
    """Return tan φ by tariff period, in order of first occurrence; ``periods`` names the period of each slot (n,).

    tan φ is reactive over active energy of the slots that have both. Dimmed LEDs make it negative (capacitive).
    """
    names = list(dict.fromkeys(periods))
    index = np.array([names.index(name) for name in periods], dtype=np.intp)
    found = []
    for number, name in enumerate(names):
        of_period = index == number
        both = of_period & has_reactive
        active, reactive = int(energy_ws[both].sum()), int(reactive_vars[both].sum())
        tan_phi = reactive / active if both.any() and active > 0 else None
        found.append(ReactiveFigures(name, int(energy_ws[of_period].sum()), reactive if both.any() else None, tan_phi))
    return tuple(found)


def worst(figures: Mapping[str, float], most: int = WORST) -> tuple[str, ...]:
    """Return the ids with the greatest figure, such as energy per lamp, the greatest first; equal ones by id.

    What is not finite is left out.
    """
    known = {name: value for name, value in figures.items() if math.isfinite(value)}
    return tuple(sorted(known, key=lambda name: (-known[name], name))[:most])


@dataclass(frozen=True, slots=True)
class CoverageFigures:
    """Shares 0…1 of circuit-time: known, the part of it known only in sum over a gap, unknown; and energy by kind."""

    known_share: float
    spread_share: float
    unknown_share: float
    energy_ws: Mapping[str, int]


def coverage(
    known_ms: Integers, spread_ms: Integers, unknown_ms: Integers, energy_ws: Integers, kinds: Sequence[str]
) -> CoverageFigures:
    """Return the coverage of subjects, arrays (n,), with the kind of each (``ENERGY_KINDS``)."""
    known, spread, unknown = (int(values.sum()) for values in (known_ms, spread_ms, unknown_ms))
    whole = known + unknown
    by_kind: dict[str, int] = {}
    for kind, energy in zip(kinds, energy_ws.tolist(), strict=True):
        by_kind[kind] = by_kind.get(kind, 0) + energy
    if whole == 0:
        return CoverageFigures(0.0, 0.0, 1.0, by_kind)
    return CoverageFigures(known / whole, spread / whole, unknown / whole, by_kind)
