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
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lighting.assets.currency import decimal_fraction, e4_of
from lighting.assets.fact import Fact
from lighting.assets.tariff import DemandCharge, Tariff, TariffVersion, Tax, Tier, Window
from lighting.energy.bill_months import Cell, notes_on_demand, notes_on_months
from lighting.energy.bill_parts import (
    KWH_WS,
    Bill,
    BillPart,
    Demand,
    ExactSums,
    Integers,
    PeriodReactive,
    excess_kvarh,
    first_named,
    is_on,
    of_kind,
    tiered,
)
from lighting.energy.tariff_clock import (
    Pieces,
    cut,
    day_ms,
    exact_digits,
    month_text,
    series_index,
    version_index,
)


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
        self._energy_sums = ExactSums(np.where(self._is_priced, self._cell * _MOST_PERIODS + self._period_code(), -1))
        self._hourly_sums = ExactSums(np.where(self._is_priced & (self._series >= 0), self._cell, -1))
        self._cell_sums = ExactSums(self._cell)

    # --- what is the same for all energies ---

    def _cut(self, edges_ms: Integers) -> Pieces:
        versions = self._versions
        windows = [window for version in versions for window in version.windows()]
        instants: set[int] = set()
        for version in versions:
            if version.prices is not None:
                instants.update((*version.prices.from_ms, *version.prices.until_ms))
        return cut(edges_ms, self.timezone, windows, self.holidays, instants)

    def _make_cells(self, pieces: Pieces, edges_ms: Integers) -> tuple[tuple[Cell, ...], Integers]:
        """The cells, and of which each piece is (−1 where no version holds)."""
        versions = self._versions
        index = version_index(versions, pieces.times)
        code = np.where(index >= 0, pieces.times.month * len(versions) + index, -1)
        found, cell = np.unique(code, return_inverse=True)
        cells = []
        skip = int(found.size > 0 and found[0] < 0)
        for number, one in enumerate(found[skip:].tolist(), start=skip):
            month, version = divmod(one, len(versions))
            cells.append(Cell(versions[version], month, self._days(pieces, cell == number)))
        return tuple(cells), cell.astype(np.int64) - skip

    def _days(self, pieces: Pieces, mine: NDArray[np.bool_]) -> Fraction:
        """How many days these pieces cover; an hour of a long day is less of it."""
        sums = ExactSums(np.where(mine, pieces.times.day, -1)).of(pieces.length_ms)
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
                together = np.array([0, *(first_named(version.periods, period) + 1 for period in version.periods)])
                code[mine] = together[self._pieces.times.period_index(version)[mine] + 1]
        return code

    def _prices(self) -> tuple[NDArray[np.object_], Integers]:
        """(k,) hourly prices as whole numbers of 10⁻ᵈ, and where a series has one (else −1)."""
        series_of: Integers = np.full(self._cell.shape, -1, dtype=np.int64)
        prices: NDArray[np.float64] = np.zeros(self._cell.shape, dtype=np.float64)
        for number, version in enumerate(self._versions):
            if version.prices is None:
                continue
            found = series_index(version.prices, self._pieces.start_ms)
            mine = (self._of_version(number) == 1) & (found >= 0)
            series_of[mine] = found[mine]
            prices[mine] = np.array(version.prices.values)[found[mine]]
        self._digits = exact_digits(np.unique(prices).tolist())
        whole = {value: int(decimal_fraction(value) * 10**self._digits) for value in np.unique(prices).tolist()}
        exact = np.empty(prices.shape, dtype=np.object_)
        exact[:] = [whole[value] for value in prices.tolist()]
        return exact, series_of

    @property
    def ruling(self) -> tuple[TariffVersion, ...]:
        """The versions that hold somewhere in the span."""
        return tuple({id(cell.version): cell.version for cell in self._cells}.values())

    # --- one bill ---

    def bills(self, energy_ws: Integers) -> tuple[Bill, ...]:
        """One bill for each row of energies (n_worlds, n); what is measured only (reactive energy) is in none."""
        return tuple(self.bill(row) for row in energy_ws)

    def bill(
        self,
        energy_ws: Integers,
        reactive_vars: Integers | None = None,
        demand: Demand | None = None,
        *,
        reactive_of_ws: Integers | None = None,
    ) -> Bill:
        """See ``bill`` of this module. ``reactive_of_ws`` (n,): the energy of the meters that measure reactive energy,
        where others do not: tan φ is of them alone.
        """
        energy = self._pieces.shared(energy_ws, self.edges_ms)
        by_cell = self._cell_sums.of(energy)
        parts: list[BillPart] = []
        lines: dict[int, list[BillPart]] = {number: [] for number in range(len(self._cells))}
        self._add_energy(energy, lines)
        self._add_adjustments(energy, lines)
        self._add_demand(energy_ws, demand, lines)
        self._add_fixed(lines)
        of_ws = energy if reactive_of_ws is None else self._pieces.shared(reactive_of_ws, self.edges_ms)
        self._add_reactive(of_ws, reactive_vars, lines)
        for number, cell in enumerate(self._cells):
            lines[number] += self._up_to_minimum(cell, lines[number])
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

    def reactive_by_period(self, energy_ws: Integers, reactive_vars: Integers) -> tuple[PeriodReactive, ...]:
        """See ``reactive_by_period`` of this module."""
        sums = ExactSums(np.where(self._cell >= 0, self._cell * _MOST_PERIODS + self._period_code(), -1))
        active = sums.of(self._pieces.shared(energy_ws, self.edges_ms))
        reactive = sums.of(self._pieces.shared(reactive_vars, self.edges_ms))
        found: dict[str, PeriodReactive] = {}
        for key, ws in active.items():
            number, code = divmod(key, _MOST_PERIODS)
            version = self._cells[number].version
            name = version.periods[code - 1].name if code else ""
            limit = min((one.tan_phi_limit for one in version.reactive if one.kind == "inductive"), default=None)
            before = found.get(name, PeriodReactive(name, 0, 0, limit))
            found[name] = PeriodReactive(name, before.energy_ws + ws, before.reactive_vars + reactive[key], limit)
        return tuple(found.values())

    def _part(
        self, kind: str, name: str, cell: Cell, quantity: Fraction, unit: str, price: Fraction, tier: int = 0
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
                for number, ws in ExactSums(keys).of(energy).items():
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
                if first_named(version.demand, charge) == number:
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
        for number, highest in ExactSums(keys).highest(power_w).items():
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
                sums = ExactSums(self._windowed(self._pieces, self._cell, charge, version))
                active = sums.of(energy)
                for number, vars_ in sums.of(of_kind(charge, reactive)).items():
                    excess = excess_kvarh(charge, vars_, active[number])
                    price = decimal_fraction(charge.price_per_kvarh)
                    name = charge.name or charge.kind
                    lines[number].append(self._part("reactive", name, self._cells[number], excess, "kvarh", price))

    def _up_to_minimum(self, cell: Cell, lines: Sequence[BillPart]) -> Iterator[BillPart]:
        """What is billed beside the parts of a month where they come to less than the minimum; the highest counts."""
        sum_e4 = sum((part.exact_e4 for part in lines), Fraction(0))
        for one in cell.version.minimum:
            quantity = (cell.days if one.per == "day" else cell.share) * (self.supplies if one.per_supply else 1)
            lacks_e4 = e4_of(quantity * decimal_fraction(one.amount), self.tariff.currency) - sum_e4
            if lacks_e4 > 0:
                sum_e4 += lacks_e4
                month, begin = month_text(cell.month), cell.version.valid_from
                yield BillPart("minimum", one.name, month, quantity, one.per, None, lacks_e4, round(lacks_e4), 0, begin)

    def _tax(self, cell: Cell, tax: Tax, lines: Sequence[BillPart], energy_ws: int) -> BillPart:
        if tax.percent is None:
            kwh = Fraction(energy_ws, KWH_WS)
            return self._part("tax", tax.name, cell, kwh, "kWh", decimal_fraction(tax.per_kwh or 0.0))
        on_e4 = sum((part.exact_e4 for part in lines if is_on(part, tax)), Fraction(0))
        on = on_e4 / e4_of(Fraction(1), self.tariff.currency)
        return self._part("tax", tax.name, cell, on, self.tariff.currency, decimal_fraction(tax.percent) / 100)

    def _notes(self, reactive_vars: Integers | None, demand: Demand | None, unpriced_ms: int) -> Iterator[Fact]:
        if unpriced_ms:
            yield Fact("bill_hours_without_price", {"duration_ms": unpriced_ms})
        if reactive_vars is None and any(cell.version.reactive for cell in self._cells):
            yield Fact("bill_without_reactive")
        yield from notes_on_months(self._cells)
        yield from notes_on_demand(self._cells, np.diff(self.edges_ms if demand is None else demand.edges_ms))


_MOST_PERIODS = 1 << 20


def reactive_by_period(
    tariff: Tariff,
    edges_ms: Integers,
    energy_ws: Integers,
    reactive_vars: Integers,
    timezone: str,
    holidays: Collection[str] = (),
) -> tuple[PeriodReactive, ...]:
    """Return tan φ by tariff period of energies (n,) and reactive energies (n,), signed; versions of a name together.

    ``limit`` is that of the inductive charge, None where none is charged.
    """
    return Reckoner(tariff, edges_ms, timezone, holidays).reactive_by_period(energy_ws, reactive_vars)
