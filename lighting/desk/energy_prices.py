"""What a kilowatt-hour costs in each slot, and which CO₂ it stands for, from the site's tariff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.energy_ledger import KWH_WS, rounded_along
from lighting.energy.tariff import price_per_kwh

Integers = NDArray[np.int64]
E4 = 10_000
_QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Prices:
    """``e4_per_kwh`` and ``co2_mg_per_kwh`` by slot (n_slots,); None where not known for the whole span."""

    currency: str
    digits: int
    name: str
    co2_source: str
    e4_per_kwh: Integers | None
    co2_mg_per_kwh: Integers | None
    notes: tuple[Fact, ...] = ()

    def money_e4(self, energy_ws: Integers, slot: NDArray[np.intp]) -> Integers | None:
        """(…, n) money of energies (…, n) that were used in these slots, rows of one district ascending by time."""
        return None if self.e4_per_kwh is None else rounded_along(energy_ws, self.e4_per_kwh[slot], KWH_WS)

    def co2_g(self, energy_ws: Integers, slot: NDArray[np.intp]) -> Integers | None:
        """(…, n) CO₂ in g."""
        mg = self.co2_mg_per_kwh
        return None if mg is None else rounded_along(energy_ws, mg[slot], KWH_WS * 1000)


def prices_of(site: Site, slot_edges_ms: Integers) -> Prices:
    """The prices of the slots between these edges."""
    tariff = site.tariff
    if tariff is None:
        return Prices("", 0, "", "", None, None, (Fact("energy_no_tariff"),))
    digits = currency_digits(tariff.currency)
    # A price may change within an hour: the mean of its quarters, as the lamps take nearly the same in each.
    begin, end = slot_edges_ms[:-1], slot_edges_ms[1:]
    steps = np.arange(_QUARTERS)
    at_ms = begin[:, np.newaxis] + (end - begin)[:, np.newaxis] * steps // _QUARTERS
    price = price_per_kwh(tariff, at_ms.reshape(-1), site.timezone).reshape(-1, _QUARTERS).mean(axis=1)
    e4 = np.rint(price * 10**digits * E4).astype(np.int64)
    if tariff.co2 is None:
        return Prices(tariff.currency, digits, "", "", e4, None, (Fact("energy_no_co2"),))
    mg = np.full(begin.shape, round(tariff.co2.g_per_kwh * 1000), np.int64)
    source = f"{tariff.co2.source}, {tariff.co2.year}: {tariff.co2.g_per_kwh:g} g/kWh"
    return Prices(tariff.currency, digits, "", source, e4, mg)


def currency_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))
