"""What a kilowatt-hour costs at each instant: the energy price of the tariff's version that holds on the local clock.

Instants are counted, not clock times: an hour that comes twice when clocks are put back is priced both times, by what
the clock shows, and one that is left out never. What is no price of an instant is left out: demand and fixed charges,
reactive energy, percentages of taxes; of tiers the first counts.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Tariff
from lighting.assets.tariff import TariffVersion
from lighting.energy.local_minutes import local_minutes as local_minutes
from lighting.energy.tariff_clock import LocalTimes, series_index, version_index


def price_per_kwh(
    tariff: Tariff | None, at_ms: NDArray[np.int64], timezone: str, holidays: Collection[str] = ()
) -> NDArray[np.float64]:
    """Return the price at each instant (UTC ms, ascending), in the tariff's currency; zeros without a tariff.

    NaN where no version holds, or the file of prices has a gap. ``holidays`` are the ISO dates of the site's calendar.
    """
    if tariff is None:
        return np.zeros(at_ms.shape)
    price = np.full(at_ms.shape, np.nan)
    if not at_ms.size:
        return price
    times = LocalTimes.of(at_ms, timezone, holidays)
    index = version_index(tariff.dated, times)
    for number in np.unique(index[index >= 0]).tolist():
        mine = index == number
        price[mine] = price_of_version(tariff.dated[number], at_ms, times)[mine]
    return price


def price_of_version(version: TariffVersion, at_ms: NDArray[np.int64] | None, times: LocalTimes) -> NDArray[np.float64]:
    """Return the prices of one version at local times; ``at_ms`` is needed where it has a file of prices."""
    base = [version.tiers[0].price if version.tiers else version.price_per_kwh]
    own = [period.tiers[0].price if period.tiers else period.price_per_kwh for period in version.periods]
    prices = np.array([*own, *base])  # index −1 is the base
    price: NDArray[np.float64] = prices[times.period_index(version)]
    if version.prices is not None and at_ms is not None:
        found = series_index(version.prices, at_ms)
        hourly = np.array([*version.prices.values, np.nan])  # index −1 is a gap
        price = price + hourly[found]
    for adjustment in version.adjustments:
        price = price + np.where(times.holds(adjustment, version), adjustment.price_per_kwh, 0.0)
    return price


def left_out_of_price(tariff: Tariff) -> tuple[Fact, ...]:
    """What of a tariff is no price of a kilowatt-hour, and so is not in ``price_per_kwh``."""
    versions = tariff.dated
    has_tiers = any(one.tiers or any(period.tiers for period in one.periods) for one in versions)
    found = {
        "tiers": has_tiers,
        "demand": any(one.demand for one in versions),
        "fixed": any(one.fixed for one in versions),
        "reactive": any(one.reactive for one in versions),
        "minimum": any(one.minimum for one in versions),
        "taxes": any(one.taxes for one in versions),
    }
    names = [name for name, is_there in found.items() if is_there]
    return (Fact("price_leaves_out", {"parts": ", ".join(names)}),) if names else ()
