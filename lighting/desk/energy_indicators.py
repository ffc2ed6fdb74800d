"""The indicators of a report: power density and annual energy of EN 13201-5, burning hours, energy by lamp and km."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypedDict

import numpy as np

from lighting.assets.model import Circuit, Site
from lighting.desk.energy_answers import Indicators
from lighting.desk.energy_ledger import KWH_WS, Sums
from lighting.energy import indicators as of
from lighting.energy.baselines import lit_ms_of_days
from lighting.energy.slots import HOUR_MS, day_start_ms

YEAR_DAYS = 365


class _Standby(TypedDict):
    standby_w: float | None
    standby_h: float | None
    standby_ws: int | None


def indicators(
    site: Site,
    districts: Sequence[str],
    total: Sums,
    used_ws: Mapping[str, int] | None,
    days: Sequence[date],
    peak: tuple[float | None, int | None],
) -> Indicators:
    """The indicators of these districts (all where none is named).

    ``used_ws`` is what each circuit used, None where that is not told; ``days`` are those that have an account, in
    order; none where a night is told, which is half of two days.
    """
    circuits = [one for one in site.circuits.values() if not districts or one.district in districts]
    ids = None if not districts else [one.id for one in circuits]
    areas, power = of.lit_areas(site, ids), of.system_power(site, ids)
    lamps = sum(one.lamp_count for one in circuits)
    energy_ws = total.worth("metered").energy_ws
    lit, area = areas.illuminance_area_lx_m2, areas.area_m2
    of_area_ws = _part(circuits, areas.circuits_with_area, energy_ws, used_ws)
    with_length = [one.id for one in circuits if one.length_m]
    of_length_ws = _part(circuits, with_length, energy_ws, used_ws)
    return Indicators(
        power_density_w_lx_m2=round(of.power_density_w_lx_m2(areas.power_w, [lit], [1.0]), 6) if lit > 0 else None,
        annual_energy_wh_m2=None
        if of_area_ws is None or area <= 0 or not days
        else round(of.annual_energy_wh_m2(of_area_ws, area, len(days)), 3),
        is_annualised=len(days) != YEAR_DAYS,
        system_power_w=round(power.total_w, 3),
        illuminance_area_lx_m2=round(lit, 3) if lit > 0 else None,
        area_m2=round(area, 3) if area > 0 else None,
        circuits_with_area=len(areas.circuits_with_area),
        circuits=len(circuits),
        length_km=round(areas.length_km, 6) if areas.length_km > 0 else None,
        kwh_per_km=None
        if of_length_ws is None or areas.length_km <= 0
        else round(of_length_ws / KWH_WS / areas.length_km, 3),
        lamps=lamps,
        kwh_per_lamp=round(energy_ws / KWH_WS / lamps, 6) if lamps else 0.0,
        burning_h=round(int(total.account.lit_lamp_ms[0]) / HOUR_MS / lamps, 3) if lamps else 0.0,
        daytime_ws=int(total.account.daytime_ws[0]),
        peak_w=peak[0],
        peak_ms=peak[1],
        **_standby(site, power, days),
    )


def _standby(site: Site, power: of.SystemPower, days: Sequence[date]) -> _Standby:
    """Standby by day, an input of EN 13201-5: stated watts times the hours in which the baseline is off.

    Nothing where no standby is stated, or no day is told: 0 W would be a claim.
    """
    standby_w = power.permanent_w + power.standby_w
    if standby_w <= 0 or not days:
        return _Standby(standby_w=None, standby_h=None, standby_ws=None)
    every = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    edges_ms = np.array([day_start_ms(day, site.timezone) for day in (*every, every[-1] + timedelta(days=1))], np.int64)
    told = np.isin([day.toordinal() for day in every], [day.toordinal() for day in days])
    off_ms = int((np.diff(edges_ms) - lit_ms_of_days(site, every))[told].sum())
    ws = round(standby_w * off_ms / 1000)
    return _Standby(standby_w=round(standby_w, 3), standby_h=round(off_ms / HOUR_MS, 3), standby_ws=ws)


def _part(
    circuits: Sequence[Circuit], chosen: Sequence[str], energy_ws: int, used_ws: Mapping[str, int] | None
) -> int | None:
    """What these circuits used: all, with the permanent loads, where they are all; None where it is not known."""
    if not chosen:
        return None
    if len(chosen) == len(circuits):
        return energy_ws
    return None if used_ws is None else sum(used_ws.get(one, 0) for one in chosen)
