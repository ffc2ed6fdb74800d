"""The indicators of a report: power density and annual energy of EN 13201-5, burning hours, energy by lamp and km."""

from __future__ import annotations

from collections.abc import Sequence

from lighting.assets.model import Site
from lighting.desk.energy_answers import Indicators
from lighting.desk.energy_ledger import KWH_WS, Sums
from lighting.desk.energy_notes import Basis
from lighting.desk.energy_span import DaySpan
from lighting.desk.scopes import rated_w
from lighting.energy.slots import HOUR_MS


def indicators(
    site: Site,
    span: DaySpan,
    districts: Sequence[str],
    total: Sums,
    basis: Basis,
    peak: tuple[float | None, int | None],
) -> Indicators:
    """The indicators of these districts (all where none is named) over the days that have an account."""
    circuits = [one for one in site.circuits.values() if not districts or one.district in districts]
    lamps = sum(one.lamp_count for one in circuits)
    used_ws = total.worth("metered").energy_ws
    lit_ms = int(total.account.lit_lamp_ms[0])
    return Indicators(
        power_density_w_lx_m2=None,
        annual_energy_wh_m2=None,
        is_annualised=False,
        system_power_w=sum(rated_w(site, one) for one in circuits),
        illuminance_area_lx_m2=None,
        area_m2=None,
        circuits_with_area=0,
        circuits=len(circuits),
        length_km=None,
        kwh_per_km=None,
        lamps=lamps,
        kwh_per_lamp=round(used_ws / KWH_WS / lamps, 6) if lamps else 0.0,
        burning_h=round(lit_ms / HOUR_MS / lamps, 3) if lamps else 0.0,
        daytime_ws=int(total.account.daytime_ws[0]),
        peak_w=peak[0],
        peak_ms=peak[1],
    )
