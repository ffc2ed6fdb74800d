"""What a span of nights takes under given rules: energy, money, CO₂."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lighting.assets.model import Site
from lighting.energy.replay import World, nights_from, replay
from lighting.schedule.inputs import Inputs

YEAR_NIGHTS = 365


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year under a site's rules. Without a tariff ``money`` is None, without its CO₂ factor ``co2_kg`` is."""

    energy_kwh: float
    peak_kw: float
    money: float | None
    currency: str
    co2_kg: float | None


def year_of(site: Site, *, night: date, inputs: Inputs | None = None) -> YearFigures:
    """What 365 lighting nights from that one on would take by the site's rules alone, of the lamps.

    Every night is replayed in steps of five minutes, as `lighting whatif` does; people's instructions are left out, and
    without ``inputs`` adaptive steps have the design class.
    """
    nights = nights_from(night, night + timedelta(days=YEAR_NIGHTS - 1))
    found = replay(World(site, inputs or Inputs()), nights)
    tariff = site.tariff
    energy_kwh = float(found.night_kwh.sum())
    return YearFigures(
        energy_kwh=energy_kwh,
        peak_kw=found.peak_kw,
        money=None if tariff is None else float(found.night_money.sum()),
        currency="" if tariff is None else tariff.currency,
        co2_kg=None if tariff is None or tariff.co2 is None else energy_kwh * tariff.co2.g_per_kwh / 1000.0,
    )
