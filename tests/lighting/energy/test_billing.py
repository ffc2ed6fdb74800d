"""The bill of a tariff: parts that sum, hours of a clock change priced once each, tiers, and money that telescopes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.currency import amount_text, e4_of
from lighting.assets.tariff import (
    Adjustment,
    CarbonFactor,
    DemandCharge,
    FixedCharge,
    MinimumCharge,
    ReactiveCharge,
    Season,
    Series,
    Tariff,
    TariffPeriod,
    TariffVersion,
    Tax,
    Tier,
)
from lighting.energy.bill_parts import Bill, Demand, apportioned, tiered
from lighting.energy.billing import Reckoner, bill, reactive_by_period
from lighting.energy.carbon import co2_g
from lighting.energy.slots import day_start_ms, hour_edges_ms
from lighting.energy.tariff import left_out_of_price, price_per_kwh

BERLIN = "Europe/Berlin"
KWH = 3_600_000
Integers = NDArray[np.int64]


def local_ms(text: str, timezone: str = BERLIN) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).timestamp() * 1000)


def edges(first: date, last: date, timezone: str = BERLIN) -> Integers:
    """Of the hours of local days, both included."""
    end = day_start_ms(last + timedelta(days=1), timezone)
    return hour_edges_ms(day_start_ms(first, timezone), end, timezone)


def of(version: TariffVersion, currency: str = "EUR") -> Tariff:
    return Tariff(currency, versions=(version,))


def euros(made: Bill, kind: str) -> Fraction:
    return Fraction(made.by_kind().get(kind, 0), 1_000_000)


def reckoned(tariff: Tariff, at: Integers, kwh: Sequence[float] | float, **more: object) -> Bill:
    energy = np.broadcast_to(np.round(np.asarray(kwh) * KWH).astype(np.int64), (at.size - 1,)).copy()
    return bill(tariff, at, energy, None, BERLIN, **more)  # type: ignore[arg-type]


def test_a_flat_price_is_energy_times_price_by_month() -> None:
    at = edges(date(2026, 1, 31), date(2026, 2, 1))
    made = reckoned(Tariff("EUR", 0.25), at, 2.0)
    assert made.by_month() == {"2026-01": 12_000_000, "2026-02": 12_000_000}
    assert made.money_e4 == made.total_e4 == 24_000_000
    assert amount_text(made.total_e4, "EUR") == "24.00"


def test_a_minimum_tops_up_the_parts_of_a_month_before_taxes() -> None:
    """By the share of the month's days and by supply point; a month that costs more has none."""
    whole = TariffVersion(
        0.10,
        fixed=(FixedCharge(1.0, "month"),),
        minimum=(MinimumCharge(20.0, "month"),),
        taxes=(Tax("VAT", 10.0, on=("energy", "fixed", "minimum")),),
    )
    january = edges(date(2026, 1, 1), date(2026, 1, 31))
    made = reckoned(of(whole), january, 0.1, supplies=2)
    assert (euros(made, "minimum"), made.total_e4) == (40 - 2 - Fraction("7.44"), 44_000_000)
    assert euros(reckoned(of(whole), january, 1.0, supplies=2), "minimum") == 0
    part = reckoned(of(whole), edges(date(2026, 1, 1), date(2026, 1, 10)), 0.0)
    assert euros(part, "minimum") == round(Fraction(19 * 10 * 1_000_000, 31)) / Fraction(1_000_000)


def test_the_minor_unit_is_that_of_the_currency() -> None:
    at = edges(date(2026, 1, 31), date(2026, 1, 31))
    made = reckoned(Tariff("VND", 2000.0), at, 1.0)
    assert made.total_e4 == 24 * 2000 * 10_000
    assert amount_text(made.total_e4, "VND") == "48 000"


@pytest.mark.parametrize(("day", "hours", "at_night"), [((3, 29), 23, 5), ((10, 25), 25, 7), ((6, 1), 24, 6)])
def test_hours_of_a_clock_change_are_priced_once_each(day: tuple[int, int], hours: int, at_night: int) -> None:
    on = date(2026, *day)
    tariff = Tariff("EUR", 1.0, (TariffPeriod(2.0, (), 0, 360, "night"),))
    made = reckoned(tariff, edges(on, on), 1.0)
    assert made.total_e4 == (hours + at_night) * 1_000_000


def test_a_period_that_begins_within_an_hour_takes_its_part_of_it() -> None:
    tariff = Tariff("EUR", 0.0, (TariffPeriod(1.0, (), 17 * 60 + 30, 18 * 60, "half"),))
    made = reckoned(tariff, edges(date(2026, 5, 4), date(2026, 5, 4)), 4.0)
    assert made.total_e4 == 2_000_000


def test_seasons_wrap_the_year_and_holidays_are_a_class_of_their_own() -> None:
    winter = Season("winter", (((11, 1), (3, 31)),))
    version = TariffVersion(
        1.0, (TariffPeriod(3.0, (7,)), TariffPeriod(2.0, (3,), seasons=("winter",))), seasons=(winter,)
    )
    thursdays = [date(2026, 1, 1), date(2026, 1, 8), date(2026, 7, 2)]
    found = [reckoned(of(version), edges(on, on), 1.0, holidays={"2026-01-01"}).total_e4 for on in thursdays]
    assert found == [72_000_000, 48_000_000, 24_000_000]


def test_a_price_that_changes_on_a_date_splits_the_month() -> None:
    old, new = TariffVersion(1.0, valid_to="2026-01-15"), TariffVersion(2.0, valid_from="2026-01-16")
    made = reckoned(Tariff("EUR", versions=(old, new)), edges(date(2026, 1, 15), date(2026, 1, 16)), 1.0)
    assert [part.money_e4 for part in made.parts] == [24_000_000, 48_000_000]
    late = reckoned(Tariff("EUR", versions=(new,)), edges(date(2026, 1, 15), date(2026, 1, 16)), 1.0)
    assert (late.money_e4, late.total_e4, late.unpriced_ms) == (None, 48_000_000, 24 * 3_600_000)
    assert late.unpriced_ws == 24 * KWH
    assert [note.code for note in late.notes] == ["bill_hours_without_price"]


def test_tiers_count_the_energy_of_the_month() -> None:
    version = TariffVersion(tiers=(Tier(0.1, 100.0), Tier(0.2)))
    january = edges(date(2026, 1, 1), date(2026, 1, 31))
    made = reckoned(of(version), january, 0.5)  # 372 kWh
    assert euros(made, "energy") == Fraction(10) + Fraction(272, 5)
    assert [part.tier for part in made.parts] == [1, 2]


def test_half_a_month_has_half_of_the_limits_and_of_what_is_by_month() -> None:
    version = TariffVersion(
        tiers=(Tier(0.1, 100.0), Tier(0.2)),
        fixed=(FixedCharge(28.0, "month"), FixedCharge(1.0, "day", per_supply=False)),
        demand=(DemandCharge((Tier(10.0),), 60),),
    )
    made = bill(
        of(version),
        at := edges(date(2026, 2, 1), date(2026, 2, 14)),
        np.full(at.size - 1, KWH, dtype=np.int64),
        None,
        BERLIN,
        supplies=3,
    )
    assert euros(made, "energy") == 5 + Fraction(336 - 50, 5)
    assert euros(made, "fixed") == 3 * 14 + 14
    assert euros(made, "demand") == 5
    assert [(note.code, note.values) for note in made.notes] == [("bill_part_of_month", {"months": "2026-02 14/28"})]


def test_demand_is_the_highest_mean_within_its_window() -> None:
    at = edges(date(2026, 2, 1), date(2026, 2, 28))
    version = TariffVersion(demand=(DemandCharge((Tier(10.0, 2.0), Tier(1.0)), 15, (), 18 * 60, 22 * 60, "peak"),))
    kwh = np.ones(at.size - 1)
    kwh[12], kwh[19] = 9.0, 5.0  # noon is outside of the window
    made = reckoned(of(version), at, kwh)  # type: ignore[arg-type]
    assert euros(made, "demand") == 2 * 10 + 3 * 1
    assert [note.code for note in made.notes] == ["bill_demand_of_slots"]
    quarters = np.arange(at[0], at[-1] + 1, 900_000, dtype=np.int64)
    power_w = np.full(quarters.size - 1, 1000.0)
    power_w[4 * 19 + 2] = 7000.0
    made = reckoned(of(version), at, 1.0, demand=Demand(quarters, power_w))
    assert euros(made, "demand") == 2 * 10 + 5 * 1
    assert made.notes == ()


def test_reactive_energy_over_the_limit_is_charged_by_its_sign() -> None:
    at = edges(date(2026, 2, 1), date(2026, 2, 1))
    charges = (ReactiveCharge("inductive", 0.5, 1.0), ReactiveCharge("capacitive", 0.0, 2.0))
    energy = np.full(24, KWH, dtype=np.int64)
    reactive = np.array([2 * KWH] * 12 + [-KWH] * 12, dtype=np.int64)
    made = bill(of(TariffVersion(reactive=charges)), at, energy, reactive, BERLIN)
    assert [part.money_e4 for part in made.parts if part.kind == "reactive"] == [12_000_000, 24_000_000]
    assert made.notes == ()
    without = bill(of(TariffVersion(reactive=charges)), at, energy, None, BERLIN)
    assert [note.code for note in without.notes] == ["bill_without_reactive"]


def test_the_price_of_an_hour_is_what_a_bill_takes_for_it() -> None:
    at = edges(date(2026, 10, 24), date(2026, 10, 25))
    series = Series("prices/x.csv", tuple(at[:-2].tolist()), tuple(at[1:-1].tolist()), tuple(n / 8 for n in range(48)))
    periods = (TariffPeriod(4.0, (7,), seasons=("summer",)), TariffPeriod(2.0, (), 1320, 360))
    summer = (Season("summer", (((3, 15), (10, 25)),)),)
    version = TariffVersion(1.0, periods, seasons=summer, prices=series, adjustments=(Adjustment(0.5),))
    tariff, holidays = of(version), {"2026-10-25"}
    found = price_per_kwh(tariff, at[:-1], BERLIN, holidays)
    billed = [
        bill(tariff, at[n : n + 2], np.array([KWH]), None, BERLIN, holidays).total_e4 / 1_000_000 for n in range(48)
    ]
    assert found[:-1].tolist() == billed
    assert np.isnan(found[-1])
    assert left_out_of_price(tariff) == ()
    (left,) = left_out_of_price(of(WHOLE))
    assert left.values == {"parts": "fixed, taxes"}


def test_tan_phi_is_told_by_period() -> None:
    at = edges(date(2026, 2, 1), date(2026, 2, 1))
    version = TariffVersion(
        1.0, (TariffPeriod(2.0, (), 0, 360, "night"),), reactive=(ReactiveCharge("inductive", 0.4, 1.0),)
    )
    energy = np.full(24, KWH, dtype=np.int64)
    reactive = np.array([-KWH // 2] * 6 + [KWH // 4] * 18, dtype=np.int64)
    found = reactive_by_period(of(version), at, energy, reactive, BERLIN)
    assert [(one.period, one.energy_ws, one.tan_phi, one.limit) for one in found] == [
        ("", 18 * KWH, 0.25, 0.4),
        ("night", 6 * KWH, -0.5, 0.4),
    ]


def test_taxes_are_on_what_they_name_in_their_order() -> None:
    taxes = (
        Tax("duty", per_kwh=0.5),
        Tax("levy", 10.0, on=("energy",)),
        Tax("VAT", 20.0, on=("energy", "duty", "levy")),
    )
    version = TariffVersion(1.0, adjustments=(Adjustment(-0.25, name="rebate"),), taxes=taxes)
    made = reckoned(of(version), edges(date(2026, 2, 1), date(2026, 2, 1)), 1.0)
    assert [(part.name, euros_of(part.money_e4)) for part in made.parts] == [
        ("", 24),
        ("rebate", -6),
        ("duty", 12),
        ("levy", Fraction(24, 10)),
        ("VAT", Fraction(2 * (240 + 120 + 24), 100)),
    ]


def euros_of(money_e4: int) -> Fraction:
    return Fraction(money_e4, 1_000_000)


def test_hourly_prices_are_added_and_a_missing_hour_is_never_free() -> None:
    at = edges(date(2026, 10, 25), date(2026, 10, 25))
    prices = tuple(0.1 + n / 1000 for n in range(25))
    series = Series("prices/2026.csv", tuple(at[:-1].tolist()), tuple(at[1:].tolist()), prices)
    made = reckoned(of(TariffVersion(0.05, prices=series)), at, 1.0)
    assert made.money_e4 == round(sum(Fraction(repr(one)) for one in prices) * 1_000_000) + 25 * 50_000
    gap = Series("prices/2026.csv", series.from_ms[:-1], series.until_ms[:-1], prices[:-1])
    made = reckoned(of(TariffVersion(0.05, prices=gap)), at, 1.0)
    assert (made.money_e4, made.unpriced_ms, made.unpriced_ws) == (None, 3_600_000, KWH)


def test_co2_is_by_date_and_by_series() -> None:
    at = edges(date(2025, 12, 31), date(2026, 1, 1))
    energy = np.full((2, 48), KWH, dtype=np.int64)
    energy[1] *= 2
    factors = (
        CarbonFactor(400.5, "a", 2025, valid_to="2025-12-31"),
        CarbonFactor(300.0, "b", 2026, valid_from="2026-01-01"),
    )
    found = co2_g(Tariff("EUR", co2_factors=factors), at, energy, BERLIN)
    assert found.grams == (24 * 400 + 12 + 24 * 300, 2 * (24 * 400 + 12 + 24 * 300))
    assert [one.source for one in found.sources] == ["a", "b"]
    half = co2_g(Tariff("EUR", co2_factors=factors[1:]), at, energy, BERLIN)
    assert (half.grams, half.unknown_ms) == ((None, None), 24 * 3_600_000)
    hourly = Series("co2/x.csv", tuple(at[:-1].tolist()), tuple(at[1:].tolist()), tuple(float(n) for n in range(48)))
    found = co2_g(Tariff("EUR", co2=CarbonFactor(0.0, "c", 2026, series=hourly)), at, energy, BERLIN)
    assert found.grams == (sum(range(48)), 2 * sum(range(48)))
    assert co2_g(None, at, energy, BERLIN).grams == (None, None)


# --- properties -----------------------------------------------------------------------------------------------------

ZONES = [BERLIN, "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu"]
prices = st.decimals(min_value=-1, max_value=50, places=4).map(float)
clock = st.integers(0, 1439)


@st.composite
def periods(draw: st.DrawFn) -> TariffPeriod:
    first, last = draw(clock), draw(clock)
    days = draw(st.lists(st.integers(0, 7), unique=True, max_size=4))
    seasons = draw(st.sampled_from([(), ("summer",)]))
    return TariffPeriod(draw(prices), tuple(days), first, (last + 1) if last == first else last, "", seasons)


SUMMER = (Season("summer", (((3, 15), (10, 20)),)),)
WHOLE = TariffVersion(
    seasons=SUMMER,
    fixed=(FixedCharge(3.3, "day"), FixedCharge(10.0, "month")),
    adjustments=(Adjustment(0.01),),
    taxes=(Tax("duty", per_kwh=0.02), Tax("VAT", 19.0, on=("energy", "adjustment", "demand", "fixed", "duty"))),
)


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, Integers, Integers]:
    """A zone, edges of some days about a clock change, and energies of two worlds more than one."""
    zone = draw(st.sampled_from(ZONES))
    begin = draw(st.sampled_from([date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 10, 24)]))
    at = edges(begin, begin + timedelta(days=draw(st.integers(0, 9))), zone)
    seed = draw(st.integers(0, 1000))
    energy = np.random.default_rng(seed).integers(0, 10**10, (3, at.size - 1), dtype=np.int64)
    return zone, at, energy


@settings(max_examples=30)
@given(spans(), st.lists(periods(), max_size=3), prices)
def test_parts_sum_and_money_telescopes_over_worlds(
    span: tuple[str, Integers, Integers], given_periods: list[TariffPeriod], price: float
) -> None:
    zone, at, energy = span
    version = TariffVersion(
        price, tuple(given_periods), seasons=SUMMER, fixed=WHOLE.fixed, adjustments=WHOLE.adjustments, taxes=WHOLE.taxes
    )
    made = Reckoner(of(version), at, zone, {"2026-03-29"}).bills(energy)
    for number, one in enumerate(made):
        assert one.total_e4 == sum(one.by_kind().values()) == sum(one.by_month().values())
        assert all(abs(part.money_e4 - part.exact_e4) <= Fraction(1, 2) for part in one.parts)
        priced = sum((part.quantity for part in one.parts if part.kind == "energy"), Fraction(0))
        assert priced == Fraction(int(energy[number].sum()), KWH)
    totals = [one.total_e4 for one in made]
    assert sum(before - after for before, after in pairwise(totals)) == totals[0] - totals[-1]


@settings(max_examples=30)
@given(spans(), st.lists(periods(), max_size=3), prices, st.data())
def test_a_span_that_is_split_at_an_hour_has_the_same_bill(
    span: tuple[str, Integers, Integers], given_periods: list[TariffPeriod], price: float, data: st.DataObject
) -> None:
    zone, at, energy = span
    version = TariffVersion(
        price, tuple(given_periods), seasons=SUMMER, fixed=WHOLE.fixed, adjustments=WHOLE.adjustments, taxes=WHOLE.taxes
    )
    n = data.draw(st.integers(1, at.size - 2))
    whole, first, rest = (
        bill(of(version), edges_, energies, None, zone)
        for edges_, energies in ((at, energy[0]), (at[: n + 1], energy[0, :n]), (at[n:], energy[0, n:]))
    )
    exact = [sum((part.exact_e4 for part in one.parts), Fraction(0)) for one in (whole, first, rest)]
    assert exact[0] == exact[1] + exact[2]


@settings(max_examples=15)
@given(spans(), st.lists(periods(), min_size=1, max_size=3), prices)
def test_each_minute_has_the_price_of_the_first_period_that_holds(
    span: tuple[str, Integers, Integers], given_periods: list[TariffPeriod], price: float
) -> None:
    """By walking through every minute with the zone's own calendar, one watt-hour a minute."""
    zone, at, _ = span
    at = at[: 24 * 2]
    version = TariffVersion(price, tuple(given_periods), seasons=SUMMER)
    minutes = np.diff(at) // 60_000
    made = bill(of(version), at, minutes * 3600, None, zone, {"2026-03-29"})
    knows = version.knows_holidays
    expected = Fraction(0)
    for at_ms in range(int(at[0]), int(at[-1]), 60_000):
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
        expected += Fraction(repr(price_at(version, local, is_holiday=knows and local.date() == date(2026, 3, 29))))
    assert sum((part.exact_e4 for part in made.parts), Fraction(0)) == e4_of(expected / 1000, "EUR")


def price_at(version: TariffVersion, local: datetime, *, is_holiday: bool) -> float:
    minute, day = local.hour * 60 + local.minute, 7 if is_holiday else local.weekday()
    for one in version.periods:
        if one.seasons and not version.seasons[0].holds(local.month, local.day):
            continue
        first, last = one.from_minutes, one.until_minutes
        inside = first <= minute < last if first < last else minute >= first or minute < last
        if inside and (not one.weekdays or day in one.weekdays):
            return one.price_per_kwh
    return version.price_per_kwh


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 50)), min_size=1, max_size=5),
    st.fractions(0, 1000),
    st.fractions(0, 1000),
)
def test_more_energy_in_tiers_never_costs_less(steps: list[tuple[int, int]], one: Fraction, more: Fraction) -> None:
    limits = np.cumsum([width for width, _ in steps]).tolist()
    tiers = [Tier(float(price), float(limit)) for (_, price), limit in zip(steps, limits, strict=True)]
    tiers[-1] = Tier(tiers[-1].price)
    found = [list(tiered(amount, tiers, Fraction(1))) for amount in (one, one + more)]
    costs = [sum(amount * price for _, amount, price in parts) for parts in found]
    assert costs[0] <= costs[1]
    assert sum(amount for _, amount, _ in found[0]) == one


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_what_is_apportioned_sums_to_the_whole(total: int, weights: list[int]) -> None:
    found = apportioned(total, np.array(weights, dtype=np.int64))
    assert int(found.sum()) == total
