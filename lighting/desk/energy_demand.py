"""The power of the whole site by the minutes of its demand charge, out of raw readings where they are still there.

Accounts have hours, and the mean of an hour is no higher than the highest quarter within it. So the meters' counters
are cut at the minutes that the tariff names. What no meter counts (modelled and unmetered circuits) is the hour's
energy less that of the meters, taken as even within the hour; and so is an hour in which some meter was not read often
enough. How much of the time is measured so is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.accounts.rolling import FactsNow
from lighting.assets.fact import Fact
from lighting.assets.meter_groups import meter_groups
from lighting.assets.model import Site
from lighting.assets.tariff import Tariff
from lighting.energy.bill_parts import Demand
from lighting.energy.counters import CounterFacts, many_series_energy
from lighting.energy.rollup import SeriesFacts
from lighting.store.store import Store

Integers = NDArray[np.int64]

_MOST_SERIES_DAYS = 5_000
"""Minute readings of so many are read and cut within about two seconds; beyond it the hours must do."""
_AROUND_MS = 7_200_000


@dataclass(frozen=True, slots=True)
class SiteDemand:
    """``demand`` is None where nothing finer than the hours is known; ``notes`` say why, or how much is measured."""

    demand: Demand | None
    notes: tuple[Fact, ...] = ()


def site_demand(store: Store, site: Site, tariff: Tariff, edges_ms: Integers, used_ws: Integers) -> SiteDemand:
    """Return the power by the minutes of the tariff's demand charges.

    ``used_ws`` (n,) is what the site used in the slots between ``edges_ms`` (n+1,), local hours, in whole days.
    """
    minutes = {charge.minutes for version in tariff.dated for charge in version.demand}
    if not minutes or minutes == {60}:
        return SiteDemand(None)
    if len(minutes) > 1:
        return SiteDemand(None, (Fact("bill_demand_of_many_minutes"),))
    (of_minutes,) = minutes
    keys = _meter_keys(store, site)
    days = round((int(edges_ms[-1]) - int(edges_ms[0])) / 86_400_000)
    if not keys.size:
        return SiteDemand(None)
    if keys.size * days > _MOST_SERIES_DAYS:
        return SiteDemand(None, (Fact("bill_demand_too_large", {"channels": int(keys.size), "days": days}),))
    return _cut(store, site, keys, of_minutes, edges_ms, used_ws)


def _meter_keys(store: Store, site: Site) -> Integers:
    """The meter channels whose energies sum up to all that is metered; none where one of them was never read."""
    members = [circuit.meter for circuit in site.circuits.values()] + [load.meter for load in site.permanent_loads]
    refs = [str(ref) for group in meter_groups(site, members).channels for ref in group]
    known = store.keys.known("meter")
    if not all(ref in known for ref in refs):
        return np.zeros(0, np.int64)
    return np.unique(np.array([known[ref] for ref in refs], np.int64))


def _cut(store: Store, site: Site, keys: Integers, minutes: int, edges_ms: Integers, used_ws: Integers) -> SiteDemand:
    edges = _finer(edges_ms, minutes)
    hour = np.searchsorted(edges_ms, edges[:-1], "right") - 1
    length_ms = np.diff(edges)
    metered_ws, is_known = _metered(store, site, keys, edges)
    # An hour is measured where each of its parts is: else a part that lacks would look like a peak of the others.
    whole = np.ones(used_ws.size, np.bool_)
    np.logical_and.at(whole, hour, is_known)
    if not whole.any():
        return SiteDemand(None)
    of_hour = np.zeros(used_ws.size, np.int64)
    np.add.at(of_hour, hour, metered_ws)
    rest_ws = np.where(whole, used_ws - of_hour, used_ws)
    hour_ms = np.diff(edges_ms)
    power_w = rest_ws[hour] * 1000.0 / hour_ms[hour] + np.where(whole[hour], metered_ws * 1000.0 / length_ms, 0.0)
    share = float(hour_ms[whole].sum() / hour_ms.sum())
    return SiteDemand(
        Demand(edges, np.maximum(power_w, 0.0)),
        (Fact("bill_demand_measured", {"minutes": minutes, "measured_pct": round(100 * share, 1)}),),
    )


def _finer(edges_ms: Integers, minutes: int) -> Integers:
    """The edges, with those of so many minutes from the begin of each slot."""
    step_ms = minutes * 60_000
    longest = int(np.diff(edges_ms).max())
    inner = edges_ms[:-1, np.newaxis] + np.arange(step_ms, longest, step_ms)
    return np.unique(np.concatenate([edges_ms, inner[inner < edges_ms[1:, np.newaxis]]]))


def _metered(store: Store, site: Site, keys: Integers, edges: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """(m,) what the meters counted in each part, and whether all of them are known to have counted just that."""
    total, known_by = np.zeros(edges.size - 1, np.int64), np.zeros(edges.size - 1, np.int64)
    facts = FactsNow(store, site)()
    begin_ms, end_ms = int(edges[0]) - _AROUND_MS, int(edges[-1]) + _AROUND_MS
    for rows in store.readings.between(begin_ms, end_ms, keys.tolist()):
        mine = np.unique(rows.series_key)
        of_series = [facts.get(key, SeriesFacts(CounterFacts())) for key in mine.tolist()]
        replaced = [(n, at_ms) for n, one in enumerate(of_series) for at_ms in one.replaced_ms]
        found = many_series_energy(
            np.searchsorted(mine, rows.series_key),
            rows.at_ms,
            np.maximum(rows.energy_ws, -1),
            rows.power_w,
            rows.quality,
            rows.reactive_var,
            rows.voltage_v,
            mine.size,
            edges,
            [one.counter for one in of_series],
            replaced_series=[n for n, _ in replaced],
            replaced_ms=[at_ms for _, at_ms in replaced],
        )
        total += found.energy_ws.sum(axis=0)
        known_by += ((found.known_ms == np.diff(edges)) & (found.spread_ms == 0)).sum(axis=0)
    return total, known_by == keys.size
