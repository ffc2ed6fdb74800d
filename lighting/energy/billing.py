"""What energy costs: the bill of a tariff over a span of local hours, exact.

Each part of a billing month is summed in whole numbers and decimals, and rounded once, half to even, to 10⁻⁴ of the
currency's minor unit (``money_e4``). So the parts sum to the total, and the differences of the bills of several worlds
telescope. A billing month is a calendar month of the local clock. What is
stated for a month (fixed and demand charges, limits of tiers) is taken by the share of its days that the span covers,
of each version of the tariff. Within a slot energy is taken as even in time. Tiers count the energy of their own period
(and version) from the month's first kWh; periods of one name are one.

Hours of a clock change are slots like others: one that comes twice is there twice, one left out never.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lighting.assets.currency import decimal_fraction, e4_of
from lighting.assets.fact import Fact
from lighting.assets.tariff import DemandCharge, ReactiveCharge, Tariff, TariffVersion, Tax, Tier, Window
from lighting.energy.tariff_clock import (
    Pieces,
    cut,
    day_ms,
    days_in_month,
    exact_digits,
    month_text,
    series_index,
    version_index,
)

Integers = NDArray[np.int64]
KWH_WS = 3_600_000


@dataclass(frozen=True, slots=True)
class BillPart:
    """A line of the bill of one month. ``kind``: one of ``PARTS`` or ``tax``; ``name`` that of the tariff file.

    ``quantity`` in ``unit`` (kWh, kW, day, month, kvarh, or the currency for a percentage), ``price`` of one of them;
    None where it differs from hour to hour. ``exact_e4`` is the amount before it was rounded to ``money_e4``.
    """

    kind: str
    name: str
    month: str
    quantity: Fraction
    unit: str
    price: Fraction | None
    exact_e4: Fraction
    money_e4: int
    tier: int = 0
    valid_from: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """All parts, by month. ``unpriced_ms`` and ``unpriced_ws`` are what no version, or no hour of prices, covers."""

    currency: str
    parts: tuple[BillPart, ...]
    unpriced_ms: int = 0
    unpriced_ws: int = 0
    notes: tuple[Fact, ...] = ()

    @property
    def total_e4(self) -> int:
        """The sum of what is priced."""
        return sum(part.money_e4 for part in self.parts)

    @property
    def money_e4(self) -> int | None:
        """The sum, None where some hour of the span has no price: it is never taken for 0."""
        return None if self.unpriced_ms else self.total_e4

    def by_kind(self) -> dict[str, int]:
        """The sums of the parts of a kind, 10⁻⁴ of the minor unit."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.kind] = found.get(part.kind, 0) + part.money_e4
        return found

    def by_month(self) -> dict[str, int]:
        """The sums of months, ``2026-01``."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.month] = found.get(part.month, 0) + part.money_e4
        return found


@dataclass(frozen=True, slots=True)
class Demand:
    """Mean power in W (m,) of the intervals between ``edges_ms`` (m+1,), for demand charges."""

    edges_ms: Integers
    power_w: NDArray[np.float64]


def bill(
    tariff: Tariff,
    edges_ms: Integers,
    energy_ws: Integers,
    reactive_vars: Integers | None,
    timezone: str,
    holidays: Collection[str] = (),
    demand: Demand | None = None,
    *,
    supplies: int = 1,
) -> Bill:
    """Return the bill of energies (n,) Ws between edges (n+1,) UTC ms, ascending and without gaps.

    ``reactive_vars`` (n,) is in var·s, positive where the current lags; None: not known, and no part of the bill.
    ``holidays`` are ISO dates of the site's calendar. Without ``demand`` the demand charge is on the highest mean of a
    slot. ``supplies`` is how many supply points have fixed charges.
    """
    reckoner = Reckoner(tariff, edges_ms, timezone, holidays, supplies=supplies)
    return reckoner.bill(energy_ws, reactive_vars, demand)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A month as far as one version rules it: ``share`` of the month's days that the span covers there."""

    version: TariffVersion
    month: int
    days: Fraction

    @property
    def share(self) -> Fraction:
        return self.days / days_in_month(self.month)


class _Sums:
    """Exact sums of (…, k) integers by keys (k,); pieces of key −1 belong to none."""

    def __init__(self, keys: Integers) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._order = self._order[keys[self._order] >= 0]
        self.keys, self._starts = np.unique(keys[self._order], return_index=True)

    def of(self, values: Integers) -> dict[int, int]:
        """By key, the sum of (k,) values."""
        if not self.keys.size:
            return {}
        sums = np.add.reduceat(values[self._order], self._starts)
        return dict(zip(self.keys.tolist(), (int(one) for one in sums), strict=True))

    def highest(self, values: NDArray[np.float64]) -> dict[int, float]:
        """By key, the highest of (k,) values."""
        if not self.keys.size:
            return {}
        found = np.maximum.reduceat(values[self._order], self._starts)
        return dict(zip(self.keys.tolist(), found.tolist(), strict=True))


class Reckoner:
    """The bills of many energies over the same slots (the worlds of an account): all but sums is worked out once."""

    def __init__(
        self,
        tariff: Tariff,
        edges_ms: Integers,
        timezone: str,
        holidays: Collection[str] = (),
        *,
        supplies: int = 1,
    ) -> None:
        self.tariff, self.edges_ms, self.timezone = tariff, edges_ms, timezone
        self.holidays, self.supplies = frozenset(holidays), supplies
        self._versions = tariff.dated
        self._pieces = self._cut(edges_ms)
        self._cells, self._cell = self._make_cells(self._pieces, edges_ms)
        self._hourly, self._series = self._prices()
        self._is_priced = self._cell >= 0
        for number, version in enumerate(self._versions):
            if version.prices is not None:
                self._is_priced &= (self._of_version(number) == 0) | (self._series >= 0)
        self._energy_sums = _Sums(np.where(self._is_priced, self._cell * _MOST_PERIODS + self._period_code(), -1))
        self._hourly_sums = _Sums(np.where(self._is_priced & (self._series >= 0), self._cell, -1))
        self._cell_sums = _Sums(self._cell)

    # --- what is the same for all energies ---

    def _cut(self, edges_ms: Integers) -> Pieces:
        versions = self._versions
        windows = [window for version in versions for window in version.windows()]
        instants: set[int] = set()
        for version in versions:
            if version.prices is not None:
                instants.update((*version.prices.from_ms, *version.prices.until_ms))
        return cut(edges_ms, self.timezone, windows, self.holidays, instants)

    def _make_cells(self, pieces: Pieces, edges_ms: Integers) -> tuple[tuple[_Cell, ...], Integers]:
        """The cells, and of which each piece is (−1 where no version holds)."""
        versions = self._versions
        index = version_index(versions, pieces.times)
        code = np.where(index >= 0, pieces.times.month * len(versions) + index, -1)
        found, cell = np.unique(code, return_inverse=True)
        cells = []
        skip = int(found.size > 0 and found[0] < 0)
        for number, one in enumerate(found[skip:].tolist(), start=skip):
            month, version = divmod(one, len(versions))
            cells.append(_Cell(versions[version], month, self._days(pieces, cell == number)))
        return tuple(cells), cell.astype(np.int64) - skip

    def _days(self, pieces: Pieces, mine: NDArray[np.bool_]) -> Fraction:
        """How many days these pieces cover; an hour of a long day is less of it."""
        sums = _Sums(np.where(mine, pieces.times.day, -1)).of(pieces.length_ms)
        return sum((Fraction(ms, day_ms(day, self.timezone)) for day, ms in sums.items()), Fraction(0))

    def _of_version(self, number: int) -> Integers:
        """(k,) 1 where a piece is of that version."""
        version = self._versions[number]
        mine = [n for n, cell in enumerate(self._cells) if cell.version is version]
        return np.isin(self._cell, mine).astype(np.int64)

    def _period_code(self) -> Integers:
        """(k,) 0 for the base price, else 1 + the number of the period."""
        code = np.zeros(self._cell.shape, dtype=np.int64)
        for number, version in enumerate(self._versions):
            mine = self._of_version(number) == 1
            if version.periods and mine.any():
                together = np.array([0, *(_first_named(version.periods, period) + 1 for period in version.periods)])
                code[mine] = together[self._pieces.times.period_index(version)[mine] + 1]
        return code

    def _prices(self) -> tuple[NDArray[np.object_], Integers]:
        """(k,) hourly prices as whole numbers of 10⁻ᵈ, and where a series has one (else −1)."""
        series_of = np.full(self._cell.shape, -1, dtype=np.int64)
        prices = np.zeros(self._cell.shape, dtype=np.float64)
        for number, version in enumerate(self._versions):
            if version.prices is None:
                continue
            found = series_index(version.prices, self._pieces.start_ms)
            mine = (self._of_version(number) == 1) & (found >= 0)
            series_of[mine] = found[mine]
            prices[mine] = np.array(version.prices.values)[found[mine]]
        self._digits = exact_digits(np.unique(prices).tolist())
        whole = {value: int(decimal_fraction(value) * 10**self._digits) for value in np.unique(prices).tolist()}
        exact = np.array([whole[value] for value in prices.tolist()], dtype=object)
        return exact, series_of

    # --- one bill ---

    def bills(self, energy_ws: Integers) -> tuple[Bill, ...]:
        """One bill for each row of energies (n_worlds, n); what is measured only (reactive energy) is in none."""
        return tuple(self.bill(row) for row in energy_ws)

    def bill(self, energy_ws: Integers, reactive_vars: Integers | None = None, demand: Demand | None = None) -> Bill:
        """See ``bill`` of this module."""
        energy = self._pieces.shared(energy_ws, self.edges_ms)
        by_cell = self._cell_sums.of(energy)
        parts: list[BillPart] = []
        lines: dict[int, list[BillPart]] = {number: [] for number in range(len(self._cells))}
        self._add_energy(energy, lines)
        self._add_adjustments(energy, lines)
        self._add_demand(energy_ws, demand, lines)
        self._add_fixed(lines)
        self._add_reactive(energy, reactive_vars, lines)
        for number, cell in enumerate(self._cells):
            for tax in cell.version.taxes:
                lines[number].append(self._tax(cell, tax, lines[number], by_cell.get(number, 0)))
            parts += lines[number]
        lost = ~self._is_priced
        return Bill(
            self.tariff.currency,
            tuple(parts),
            int(self._pieces.length_ms[lost].sum()),
            int(energy[lost].sum()),
            tuple(self._notes(reactive_vars, demand, int(self._pieces.length_ms[lost].sum()))),
        )

    def _part(
        self, kind: str, name: str, cell: _Cell, quantity: Fraction, unit: str, price: Fraction, tier: int = 0
    ) -> BillPart:
        exact = e4_of(quantity * price, self.tariff.currency)
        month, begin = month_text(cell.month), cell.version.valid_from
        return BillPart(kind, name, month, quantity, unit, price, exact, round(exact), tier, begin)

    def _add_energy(self, energy: Integers, lines: dict[int, list[BillPart]]) -> None:
        for key, ws in self._energy_sums.of(energy).items():
            number, code = divmod(key, _MOST_PERIODS)
            cell = self._cells[number]
            period = cell.version.periods[code - 1] if code else None
            tiers = cell.version.tiers if period is None else period.tiers
            price = cell.version.price_per_kwh if period is None else period.price_per_kwh
            name = "" if period is None else period.name
            for tier, kwh, of_tier in tiered(Fraction(ws, KWH_WS), tiers or (Tier(price),), cell.share):
                if of_tier or cell.version.prices is None:
                    lines[number].append(self._part("energy", name, cell, kwh, "kWh", of_tier, tier if tiers else 0))
        self._add_hourly(energy, lines)

    def _add_hourly(self, energy: Integers, lines: dict[int, list[BillPart]]) -> None:
        if not self._hourly_sums.keys.size:
            return
        sums = self._hourly_sums.of(energy)
        worth = self._hourly_sums.of(energy.astype(object) * self._hourly)
        for number, ws in sums.items():
            cell = self._cells[number]
            amount = Fraction(worth[number], KWH_WS * 10**self._digits)
            exact, name = (
                e4_of(amount, self.tariff.currency),
                "" if cell.version.prices is None else cell.version.prices.file,
            )
            lines[number].append(
                BillPart(
                    "energy",
                    name,
                    month_text(cell.month),
                    Fraction(ws, KWH_WS),
                    "kWh",
                    None,
                    exact,
                    round(exact),
                    0,
                    cell.version.valid_from,
                )
            )

    def _windowed(self, pieces: Pieces, cell: Integers, window: Window, version: TariffVersion) -> Integers:
        """(k,) the cell of each piece within the window of that version, −1 elsewhere."""
        mine = np.isin(cell, [n for n, one in enumerate(self._cells) if one.version is version])
        return np.where(mine & pieces.times.holds(window, version), cell, -1)

    def _add_adjustments(self, energy: Integers, lines: dict[int, list[BillPart]]) -> None:
        for version in self._versions:
            for one in version.adjustments:
                keys = self._windowed(self._pieces, self._cell, one, version)
                price = decimal_fraction(one.price_per_kwh)
                for number, ws in _Sums(keys).of(energy).items():
                    kwh = Fraction(ws, KWH_WS)
                    lines[number].append(self._part("adjustment", one.name, self._cells[number], kwh, "kWh", price))

    def _add_demand(self, energy_ws: Integers, demand: Demand | None, lines: dict[int, list[BillPart]]) -> None:
        if not any(version.demand for version in self._versions):
            return
        if demand is None:
            pieces, cell = self._pieces, self._cell
            power_w = energy_ws * 1000.0 / np.diff(self.edges_ms)
        else:
            pieces, power_w = self._cut(demand.edges_ms), demand.power_w
            cell = self._same_cells(pieces)
        for version in self._versions:
            for number, charge in enumerate(version.demand):
                if _first_named(version.demand, charge) == number:
                    self._add_charge(charge, version, pieces, cell, power_w[pieces.slot], lines)

    def _add_charge(
        self,
        charge: DemandCharge,
        version: TariffVersion,
        pieces: Pieces,
        cell: Integers,
        power_w: NDArray[np.float64],
        lines: dict[int, list[BillPart]],
    ) -> None:
        """A line for each tier of the highest power of each month, to the watt."""
        windows = [one for one in version.demand if one is charge or (charge.name and one.name == charge.name)]
        keys = np.max([self._windowed(pieces, cell, one, version) for one in windows], axis=0)
        for number, highest in _Sums(keys).highest(power_w).items():
            one = self._cells[number]
            for tier, kw, price in tiered(Fraction(round(highest), 1000), charge.tiers, Fraction(1)):
                part = self._part(
                    "demand", charge.name, one, kw, "kW", price * one.share, tier * (len(charge.tiers) > 1)
                )
                lines[number].append(part)

    def _same_cells(self, pieces: Pieces) -> Integers:
        """(k,) the cells of other pieces; −1 outside of the span."""
        index = version_index(self._versions, pieces.times)
        found = np.full(index.shape, -1, dtype=np.int64)
        for number, cell in enumerate(self._cells):
            version = next(n for n, one in enumerate(self._versions) if one is cell.version)
            found[(index == version) & (pieces.times.month == cell.month)] = number
        return found

    def _add_fixed(self, lines: dict[int, list[BillPart]]) -> None:
        for number, cell in enumerate(self._cells):
            for one in cell.version.fixed:
                quantity = cell.days if one.per == "day" else cell.share / (12 if one.per == "year" else 1)
                times = self.supplies if one.per_supply else 1
                price = decimal_fraction(one.amount)
                lines[number].append(self._part("fixed", one.name, cell, quantity * times, one.per, price))

    def _add_reactive(self, energy: Integers, reactive_vars: Integers | None, lines: dict[int, list[BillPart]]) -> None:
        if reactive_vars is None:
            return
        reactive = self._pieces.shared(reactive_vars, self.edges_ms)
        for version in self._versions:
            for charge in version.reactive:
                sums = _Sums(self._windowed(self._pieces, self._cell, charge, version))
                active = sums.of(energy)
                for number, vars_ in sums.of(_of_kind(charge, reactive)).items():
                    excess = _excess_kvarh(charge, vars_, active[number])
                    price = decimal_fraction(charge.price_per_kvarh)
                    name = charge.name or charge.kind
                    lines[number].append(self._part("reactive", name, self._cells[number], excess, "kvarh", price))

    def _tax(self, cell: _Cell, tax: Tax, lines: Sequence[BillPart], energy_ws: int) -> BillPart:
        if tax.percent is None:
            kwh = Fraction(energy_ws, KWH_WS)
            return self._part("tax", tax.name, cell, kwh, "kWh", decimal_fraction(tax.per_kwh or 0.0))
        on_e4 = sum((part.exact_e4 for part in lines if _is_on(part, tax)), Fraction(0))
        on = on_e4 / e4_of(Fraction(1), self.tariff.currency)
        return self._part("tax", tax.name, cell, on, self.tariff.currency, decimal_fraction(tax.percent) / 100)

    def _notes(self, reactive_vars: Integers | None, demand: Demand | None, unpriced_ms: int) -> Iterator[Fact]:
        versions = {id(cell.version): cell.version for cell in self._cells}.values()
        if unpriced_ms:
            yield Fact("bill_hours_without_price", {"duration_ms": unpriced_ms})
        if reactive_vars is None and any(version.reactive for version in versions):
            yield Fact("bill_without_reactive")
        minutes = [charge.minutes for version in versions for charge in version.demand]
        lengths = np.diff(self.edges_ms if demand is None else demand.edges_ms)
        if minutes and int(lengths.max()) != min(minutes) * 60_000:
            yield Fact("bill_demand_of_slots", {"step_ms": int(lengths.max()), "minutes": min(minutes)})


_MOST_PERIODS = 1 << 20


def _first_named(windows: Sequence[Window], window: Window) -> int:
    """The place of the first of that name; without a name its own."""
    return next(n for n, one in enumerate(windows) if one is window or (window.name and one.name == window.name))


def _is_on(part: BillPart, tax: Tax) -> bool:
    return (part.name if part.kind == "tax" else part.kind) in tax.on


def _of_kind(charge: ReactiveCharge, reactive_vars: Integers) -> Integers:
    """The reactive energy of one sign, hour by hour, positive."""
    return np.maximum(reactive_vars if charge.kind == "inductive" else -reactive_vars, 0)


def _excess_kvarh(charge: ReactiveCharge, reactive_vars: int, energy_ws: int) -> Fraction:
    """What is over the limit of tan φ, in kvarh."""
    free = decimal_fraction(charge.tan_phi_limit) * max(energy_ws, 0)
    return max(Fraction(0), reactive_vars - free) / KWH_WS


def tiered(quantity: Fraction, tiers: Sequence[Tier], share: Fraction) -> Iterator[tuple[int, Fraction, Fraction]]:
    """(tier from 1, quantity in it, price) of each tier that is reached; limits count by ``share`` of the month."""
    below = Fraction(0)
    for number, tier in enumerate(tiers, start=1):
        limit = None if tier.up_to is None else decimal_fraction(tier.up_to) * share
        within = quantity - below if limit is None else min(quantity, limit) - below
        if within > 0 or number == 1:
            yield number, within, decimal_fraction(tier.price)
        if limit is None or quantity <= limit:
            return
        below = limit


def apportioned(total: int, weights: Integers) -> Integers:
    """Split a whole number by weights (n,), none negative, exact in sum: the largest remainders get what is left over.

    All on the first where every weight is 0.
    """
    parts = [int(weight) for weight in weights.tolist()]
    whole = sum(parts)
    if not whole:
        found = np.zeros(len(parts), dtype=np.int64)
        found[:1] = total
        return found
    shares = [divmod(total * part, whole) for part in parts]
    left = total - sum(share for share, _ in shares)
    order = sorted(range(len(parts)), key=lambda n: (-shares[n][1], n))
    extra = set(order[:left])
    return np.array([share + (n in extra) for n, (share, _) in enumerate(shares)], dtype=np.int64)
