"""What each hour of each district is worth in each world: the bills of the worlds, shared out exactly.

Each world has a bill of its own for the whole site (``lighting.energy.billing``), so that a cause is worth the
difference of two bills whatever the tariff. The bill of a month is shared out by energy times the price of the hour,
which is exact for prices by time, and a mean for what is no price of an hour: tiers and demand charges. What a month
costs with no energy at all (fixed charges and their taxes) is the same in every world, and is shared out by the same
key in each, what was used: it is in no saving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.currency import amount_text, minor_digits
from lighting.assets.fact import Fact, Value
from lighting.assets.holiday_dates import holidays_between
from lighting.assets.model import Site
from lighting.assets.tariff import CarbonFactor, Tariff
from lighting.desk.energy_profile import Reactive
from lighting.desk.energy_span import DaySpan
from lighting.energy.billing import Reckoner
from lighting.energy.carbon import co2_g
from lighting.energy.slots import local_day
from lighting.energy.tariff import left_out_of_price, price_per_kwh
from lighting.energy.tariff_clock import LocalTimes, month_text, series_index
from lighting.energy.worlds import WORLDS

_OF_ALL_WORLDS = ("bill_part_of_month", "bill_demand_of_slots")
_OF_MONTHS = ("tiers", "demand", "minimum")
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Worths:
    """Money in 10⁻⁴ of the minor unit and CO₂ in g of each row in each world, (n_worlds, n); None where not known."""

    currency: str
    digits: int
    tariff_name: str
    co2_source: str
    money_e4: Integers | None
    co2_g: Integers | None
    notes: tuple[Fact, ...] = ()
    co2_sources: tuple[Fact, ...] = ()
    standing_e4: Integers | None = None
    """(n,) of the money of each row, in every world alike, what costs the same without any energy."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Energies (n_worlds, n) of rows; ``edges_ms`` are those of the slots from the first that a row has to the last."""

    energy_ws: Integers
    slot: NDArray[np.intp]
    edges_ms: Integers
    times: LocalTimes
    timezone: str

    @property
    def of_site_ws(self) -> Integers:
        """(n_worlds, n_slots)."""
        sums = np.zeros((len(self.energy_ws), self.edges_ms.size - 1), np.int64)
        for total, row in zip(sums, self.energy_ws, strict=True):
            np.add.at(total, self.slot, row)
        return sums

    def of_site(self, values: Integers) -> Integers:
        """(n_slots,) values of the rows added up."""
        sums = np.zeros(self.edges_ms.size - 1, np.int64)
        np.add.at(sums, self.slot, values)
        return sums


def worths(
    site: Site, span: DaySpan, energy_ws: Integers, start_ms: Integers, reactive: Reactive | None = None
) -> Worths:
    """What the rows of a ledger are worth; rows are of slots that begin at ``start_ms``.

    ``reactive`` of the same rows: what meters counted is in no world's money, for no baseline has any, and is told
    beside it.
    """
    tariff = site.tariff
    if tariff is None:
        return Worths("", 0, "", "", None, None, (Fact("energy_no_tariff"),))
    head = (tariff.currency, minor_digits(tariff.currency), tariff.name)
    if not start_ms.size:
        return Worths(*head, "", None, None)
    rows = _rows(span, energy_ws, start_ms)
    money, standing, notes = _money(site, tariff, rows, reactive)
    co2, sources, co2_notes = _co2(tariff, rows)
    text = "; ".join(_source(one) for one in sources)
    return Worths(*head, text, money, co2, (*notes, *co2_notes), tuple(_source_fact(one) for one in sources), standing)


def _rows(span: DaySpan, energy_ws: Integers, start_ms: Integers) -> _Rows:
    every = span.slot_edges_ms
    slot = np.searchsorted(every, start_ms, "right") - 1
    first, last = int(slot.min()), int(slot.max())
    edges = every[first : last + 2]
    return _Rows(energy_ws, slot - first, edges, LocalTimes.of(edges[:-1], span.timezone), span.timezone)


def _money(
    site: Site, tariff: Tariff, rows: _Rows, reactive: Reactive | None
) -> tuple[Integers | None, Integers | None, list[Fact]]:
    days = [local_day(int(at_ms), rows.timezone) for at_ms in (rows.edges_ms[0], rows.edges_ms[-1] - 1)]
    holidays = holidays_between(site.calendar, *days) if tariff.knows_holidays else frozenset()
    reckoner = Reckoner(tariff, rows.edges_ms, rows.timezone, holidays, supplies=max(1, len(site.supplies)))
    bills = reckoner.bills(rows.of_site_ws)
    if bills[0].unpriced_ms:
        return None, None, [Fact("energy_hours_without_price", {"unpriced_s": bills[0].unpriced_ms / 1000})]
    price = price_per_kwh(tariff, rows.edges_ms[:-1], rows.timezone, holidays)
    without_energy = reckoner.bill(np.zeros(rows.edges_ms.size - 1, np.int64)).by_month()
    used_ws, full_ws = (rows.energy_ws[WORLDS.index(world)] for world in ("metered", "full"))
    found = np.zeros(rows.energy_ws.shape, np.int64)
    standing = np.zeros(rows.slot.size, np.int64)
    month_of_slot = rows.times.month
    for month in np.unique(month_of_slot).tolist():
        mine = np.flatnonzero(month_of_slot[rows.slot] == month)
        standing_e4 = without_energy.get(month_text(month), 0)
        standing[mine] = shared_by(standing_e4, used_ws[mine].astype(np.float64), full_ws[mine])
        for world, bill in enumerate(bills):
            energy = rows.energy_ws[world, mine]
            weights = energy * price[rows.slot[mine]]
            rest_e4 = bill.by_month().get(month_text(month), 0) - standing_e4
            found[world, mine] = standing[mine] + shared_by(rest_e4, weights, energy)
    beside = [note for note in bills[0].notes if note.code in _OF_ALL_WORLDS]
    beside += _reactive_beside(reckoner, rows, reactive)
    return found, standing, [*_notes_of_money(tariff, days[0].isoformat(), days[1].isoformat()), *beside]


def _reactive_beside(reckoner: Reckoner, rows: _Rows, reactive: Reactive | None) -> list[Fact]:
    """What the charges for reactive energy come to: of what was metered alone, and in none of the worlds."""
    if not any(version.reactive for version in reckoner.ruling):
        return []
    if reactive is None or not reactive.is_measured.any():
        return [Fact("energy_money_without_reactive")]
    measured_ws = rows.of_site(reactive.measured_ws)
    metered = reckoner.bill(measured_ws, rows.of_site(reactive.reactive_vars))
    parts = [part for part in metered.parts if part.kind == "reactive"]
    if not parts:
        return []
    money_e4, currency = sum(part.money_e4 for part in parts), reckoner.tariff.currency
    values: dict[str, Value] = {"money_e4": money_e4, "currency": currency}
    values["kvarh"] = round(float(sum(part.quantity for part in parts)), 1)
    return [Fact("energy_money_reactive_beside", {**values, "amount": amount_text(money_e4, currency)})]


def shared_by(total: int, weights: Floats, otherwise: Integers) -> Integers:
    """(n,) whole parts of ``total`` by weights, or ``otherwise`` where those sum to nothing; exact in sum.

    Each part is the difference of two rounded sums, so that those along time are never more than a unit off.
    """
    sums = np.cumsum(weights)
    if not sums.size:
        return np.zeros(0, np.int64)
    if not sums[-1] > 0:
        sums = np.cumsum(otherwise, dtype=np.float64)
    if not sums[-1] > 0:
        sums = np.arange(1.0, sums.size + 1.0)
    whole = np.rint(sums / sums[-1] * total).astype(np.int64)
    whole[-1] = total
    parts: Integers = np.diff(whole, prepend=0)
    return parts


def _notes_of_money(tariff: Tariff, first: str, last: str) -> list[Fact]:
    notes = []
    for fact in left_out_of_price(tariff):
        shared = [part for part in str(fact.values["parts"]).split(", ") if part in _OF_MONTHS]
        if shared:
            notes.append(Fact("energy_money_shared", {"parts": ", ".join(shared)}))
    if any(version.fixed for version in tariff.dated):
        notes.append(Fact("energy_money_standing"))
    ruling = [one for one in tariff.dated if one.valid_from <= last and (not one.valid_to or one.valid_to >= first)]
    notes += [Fact("energy_tariff_changed", {"from_date": one.valid_from}) for one in ruling if one.valid_from > first]
    return notes


def _co2(tariff: Tariff, rows: _Rows) -> tuple[Integers | None, Sequence[CarbonFactor], list[Fact]]:
    if not tariff.carbon:
        return None, (), [Fact("energy_no_co2")]
    carbon = co2_g(tariff, rows.edges_ms, rows.of_site_ws, rows.timezone)
    if carbon.unknown_ms:
        return None, (), [Fact("energy_hours_without_co2", {"unknown_s": carbon.unknown_ms / 1000})]
    factor = _factor(tariff.carbon, rows)
    found = np.zeros(rows.energy_ws.shape, np.int64)
    for world, grams in enumerate(carbon.grams):
        energy = rows.energy_ws[world]
        found[world] = shared_by(grams or 0, energy * factor[rows.slot], energy)
    return found, carbon.sources, []


def _factor(factors: Sequence[CarbonFactor], rows: _Rows) -> Floats:
    """(n_slots,) g/kWh at the begin of each slot, by the first factor that holds."""
    found = np.full(rows.edges_ms.size - 1, np.nan)
    for one in factors:
        mine = np.isnan(found) & rows.times.of_dates(one.valid_from, one.valid_to)
        if one.series is None:
            found[mine] = one.g_per_kwh
        else:
            values = np.array([*one.series.values, np.nan])
            found[mine] = values[series_index(one.series, rows.edges_ms[:-1])][mine]
    known: Floats = np.nan_to_num(found)
    return known


def _source(factor: CarbonFactor) -> str:
    figure = "by the hour" if factor.series is not None else f"{factor.g_per_kwh:g} g/kWh"
    return f"{factor.source}, {factor.year}: {figure}"


def _source_fact(factor: CarbonFactor) -> Fact:
    values: dict[str, Value] = {"source": factor.source, "year": str(factor.year)}
    if factor.series is not None:
        return Fact("energy_co2_by_hour", values)
    return Fact("energy_co2_factor", {**values, "g_per_kwh": factor.g_per_kwh})
