"""Money by supply, demand by the tariff's own minutes, reactive energy beside the worlds, and parts of months told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lighting.assets.baseline import Supply
from lighting.assets.fact import Fact
from lighting.assets.meter_groups import meter_groups
from lighting.assets.model import Site
from lighting.assets.tariff import (
    DemandCharge,
    FixedCharge,
    ReactiveCharge,
    Series,
    Tariff,
    TariffPeriod,
    TariffVersion,
    Tax,
    Tier,
)
from lighting.desk.energy_answers import BillLine, EnergyReport
from lighting.energy.slots import day_start_ms
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import BillDraft
from lighting.store.store import Store
from tests.lighting.desk.test_energy import FIRST, LAST, desk_on, filled, parts_of, summed

KWH = 3_600_000
NORTH, SOUTH = Supply("N", "North", "metered", "night rate"), Supply("S", "South", "unmetered")
NOVEMBER = date(2026, 11, 1), date(2026, 11, 2)


def with_supplies(site: Site) -> dict[str, object]:
    """The first circuit on supply N, the second on S, all others on none."""
    of = dict(zip(site.circuits, ("N", "S"), strict=False))
    circuits = {name: replace(one, supply=of.get(name, "")) for name, one in site.circuits.items()}
    return {"supplies": {"N": NORTH, "S": SOUTH}, "circuits": circuits}


def note(report: EnergyReport | BillLine, code: str) -> Fact:
    return next(one for one in report.notes if one.code == code)


def test_money_is_told_by_supply_and_sums_up(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store, tariff=Tariff("EUR", 0.27))
    desk.site = replace(desk.site, **with_supplies(desk.site))  # type: ignore[arg-type]
    truth = filled(desk)
    n_ws = sum(int(found[11]) for (day, name), found in truth.by_day.items() if name == next(iter(desk.site.circuits)))
    money_e4 = round(n_ws / KWH * 27 * 10_000)
    bill = BillDraft("N", "1", FIRST.isoformat(), "2026-11-23", n_ws, money_e4, "EUR")
    store.bills.add([bill, replace(bill, number="2", supply="S", amount_e4=1)], by="operator", at_ms=0)
    report = desk.energy_report(FIRST, LAST)
    assert [(one.id, one.kind) for one in report.supplies] == [("N", "metered"), ("S", "unmetered"), ("", "")]
    assert summed([one.used for one in report.supplies]) == summed([one.used for one in report.circuits])
    assert summed([one.saved for one in report.supplies]) == summed([one.saved for one in report.circuits])
    assert parts_of(report.supplies[0].used)[0] == n_ws
    assert note(report, "energy_supplies_one_tariff").values["tariffs"] == "night rate"
    first, second = report.bills
    assert (first.metered_ws, first.reckoned_e4, first.is_agreed) == (n_ws, money_e4, True)
    assert second.is_agreed is False


def test_the_money_of_a_supply_is_a_mean_where_hours_matter(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store, tariff=Tariff("EUR", 0.2, (TariffPeriod(0.4, (), 1080, 1200),)))
    desk.site = replace(desk.site, **with_supplies(desk.site))  # type: ignore[arg-type]
    truth = filled(desk)
    n_ws = truth.total("metered_ws") - 0
    bill = BillDraft("N", "1", "2026-11-01", "2026-11-03", n_ws, 1, "EUR")
    store.bills.add([bill], by="operator", at_ms=0)
    (line,) = desk.energy_report(FIRST, LAST).bills
    assert line.reckoned_e4 is not None
    assert [one.code for one in line.notes] == ["bill_energy_differs", "bill_supply_hours_shared"]


def test_a_bill_of_days_of_which_nothing_is_known_has_no_figures_beside_it(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store, tariff=Tariff("EUR", 0.27))
    filled(desk)
    bill = BillDraft("site", "1", "2026-10-01", "2026-10-03", KWH, 270_000, "EUR")
    store.bills.add([bill], by="operator", at_ms=0)
    (line,) = desk.energy_report(date(2026, 10, 1), LAST).bills
    assert (line.metered_ws, line.reckoned_e4, line.known_share, line.is_agreed) == (None, None, 0.0, None)
    assert [one.code for one in line.notes] == ["bill_days_without_account"]


def test_a_bill_whose_money_cannot_be_compared_does_not_agree(folder: Path, store: Store) -> None:
    """One hour has no price."""
    timezone = desk_on(folder, store).site.timezone
    begin_ms = day_start_ms(NOVEMBER[0], timezone)
    prices = Series("p.csv", (begin_ms + 3_600_000,), (begin_ms + 49 * 3_600_000,), (0.2,))
    desk = desk_on(folder, store, tariff=Tariff("EUR", versions=(TariffVersion(prices=prices),)))
    truth = filled(desk)
    used_ws = sum(int(found[11]) for (day, _), found in truth.by_day.items() if day in NOVEMBER)
    bill = BillDraft("site", "1", "2026-11-01", "2026-11-03", used_ws, 1, "EUR")
    store.bills.add([bill, replace(bill, number="2", supply="N", amount_e4=0)], by="operator", at_ms=0)
    line = desk.energy_report(*NOVEMBER).bills[-1]
    assert (line.metered_ws, line.reckoned_e4, line.is_agreed, line.verdict) == (used_ws, None, None, "energy_agreed")


def test_fixed_charges_are_in_no_saving(folder: Path, store: Store) -> None:
    """A price that is the same at all hours: every place saves exactly its energy times the price."""
    fixed = (FixedCharge(9000.0, "month"),)
    taxes = (Tax("VAT", 10.0, on=("energy", "fixed")),)
    desk = desk_on(folder, store, tariff=Tariff("EUR", versions=(TariffVersion(0.2, fixed=fixed, taxes=taxes),)))
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    for saved in (one.saved for lines in (report.circuits, report.places, report.days) for one in lines):
        assert saved.money_e4 == pytest.approx(saved.energy_ws / KWH * 220_000, abs=20)
    assert note(report, "energy_money_standing").values == {}
    assert sum(one.used.money_e4 or 0 for one in report.circuits) == report.total.used.money_e4
    assert (report.total.used.money_e4 or 0) > report.total.used.energy_ws / KWH * 220_000


def test_a_district_says_how_its_energy_is_known(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    of: dict[str, set[str]] = {}
    for one in report.circuits:
        circuit = desk.site.circuits.get(one.id)
        # The permanent load of the example stands in the first cabinet, of the centre.
        of.setdefault("centre" if circuit is None else circuit.district, set()).add(one.kind)
    assert {one.id: one.kind for one in report.places} == {
        name: next(iter(kinds)) if len(kinds) == 1 else "" for name, kinds in of.items()
    }


REACTIVE = Tariff(
    "EUR",
    versions=(
        TariffVersion(
            0.2, reactive=(ReactiveCharge("inductive", 0.1, 0.05),), demand=(DemandCharge((Tier(5.0),), 15),)
        ),
    ),
)


@pytest.mark.parametrize("share", [None, 0.35])
def test_reactive_energy_is_told_beside_the_worlds(folder: Path, store: Store, share: float | None) -> None:
    desk = desk_on(folder, store, tariff=REACTIVE)
    filled(desk, reactive_share=share)
    report = desk.energy_report(*NOVEMBER)
    assert note(report, "bill_part_of_month").values["months"] == "2026-11 2/30"
    assert note(report, "bill_demand_of_slots").values == {"step_ms": 3_600_000, "minutes": 15}
    if share is None:
        assert note(report, "energy_money_without_reactive").values == {}
        return
    told = note(report, "energy_money_reactive_beside").values
    kvarh = sum(line.reactive_vars or 0 for line in report.reactive) / KWH
    assert told["kvarh"] == pytest.approx(kvarh * (1 - 0.1 / 0.35), abs=0.1), "tan phi is of the meters that measure it"
    assert told["money_e4"] == pytest.approx(float(str(told["kvarh"])) * 0.05 * 1_000_000, rel=0.01)


@pytest.mark.parametrize("with_readings", [True, False])
def test_the_demand_of_a_bill_is_by_the_minutes_of_the_tariff(folder: Path, store: Store, with_readings: bool) -> None:
    """All that one meter counts in an hour falls into its first quarter: the quarter is charged, where it is known."""
    desk = desk_on(
        folder, store, tariff=Tariff("EUR", versions=(TariffVersion(demand=(DemandCharge((Tier(30.0),)),)),))
    )
    filled(desk)
    begin_ms = day_start_ms(NOVEMBER[0], desk.site.timezone)
    if with_readings:
        add_quarters(desk.site, store, begin_ms)
    used_ws = sum(one.used.energy_ws for one in desk.energy_report(*NOVEMBER).circuits)
    bill = BillDraft("site", "1", "2026-11-01", "2026-11-03", used_ws, 1, "EUR")
    store.bills.add([bill], by="operator", at_ms=0)
    report = desk.energy_report(*NOVEMBER)
    (line,) = report.bills
    hour_w = report.load_duration_w[0][1]
    # A price of 30 for each kW of a month, of which 2 of 30 days are billed: 2 for each kW.
    peak_w = hour_w - 1000 + 4000 if with_readings else hour_w
    assert line.reckoned_e4 == round(peak_w) * 2 * 1000
    codes = [one.code for one in line.notes]
    assert ("bill_demand_measured" in codes) == with_readings
    assert ("bill_demand_of_slots" in codes) != with_readings
    if with_readings:
        assert note(report, "bill_demand_measured").values == {"minutes": 15, "measured_pct": 100.0}


def add_quarters(site: Site, store: Store, begin_ms: int) -> None:
    """Counters every 15 min that stand still, but for one that counts 1 kWh in a quarter of the first night."""
    groups = meter_groups(
        site, [one.meter for one in site.circuits.values()] + [one.meter for one in site.permanent_loads]
    )
    refs = [str(ref) for group in groups.channels for ref in group]
    keys = store.keys.ensure("meter", refs, at_ms=0)
    at_ms = begin_ms - 3_600_000 + np.arange(2 * 96 + 9) * 900_000
    for n, ref in enumerate(refs):
        energy_ws = np.where((at_ms > begin_ms + 19 * 3_600_000) & (n == 0), KWH, 0)
        series = np.full(at_ms.size, keys[ref])
        store.readings.append_columns(ReadingColumns.made(at_ms, series, energy_ws=energy_ws))
