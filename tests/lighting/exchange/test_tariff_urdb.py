"""Rates of OpenEI's database: read, written as TOML, read back; what cannot be is refused or listed by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.tariff import Tariff
from lighting.assets.template import template_texts
from lighting.energy.billing import bill
from lighting.energy.slots import day_start_ms, hour_edges_ms
from lighting.exchange.tariff_toml import tariff_toml
from lighting.exchange.tariff_urdb import UrdbError, UrdbRead, read_all_urdb, read_urdb

REAL = Path("/work/shared/data/tariff_urdb/multi_tier_urdb_response.json")
ZONE = "America/Denver"

FLAT: dict[str, Any] = {"label": "x", "name": "Lighting", "utility": "City", "energyratestructure": [[{"rate": 0.1}]]}
DAYS = [[1] * 6 + [0] * 11 + [2] * 4 + [0] * 1 + [1] * 2] * 5 + [[0] * 24] * 7
TIMED = {
    **FLAT,
    "energyratestructure": [
        [{"rate": 0.1, "adj": 0.01}],
        [{"rate": 0.05, "unit": "kWh", "max": 100}, {"rate": 0.07, "unit": "kWh", "max": 1e38}],
        [{"rate": 0.3, "sell": 0}],
    ],
    "energyweekdayschedule": DAYS,
    "energyweekendschedule": [[0] * 24] * 12,
    "demandratestructure": [[{"rate": 5, "max": 10}, {"rate": 4}], [{"rate": 0}]],
    "demandweekdayschedule": [[0] * 12 + [1] * 12] * 12,
    "demandweekendschedule": [[0] * 12 + [1] * 12] * 12,
    "demandwindow": 30,
    "flatdemandstructure": [[{"rate": 1}], [{"rate": 2}]],
    "flatdemandmonths": [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0],
    "fixedchargefirstmeter": 120,
    "fixedchargeunits": "$/year",
    "startdate": 1767225600,
}


def read(rate: object, label: str = "") -> UrdbRead:
    return read_urdb(json.dumps(rate).encode(), "rate.json", label)


def read_back(tariff: Tariff, comments: tuple[str, ...] = ()) -> Tariff:
    reading = read_site({**template_texts(), "tariff.toml": tariff_toml(tariff, comments)})
    assert [one for one in reading.problems if one.file == "tariff.toml"] == []
    assert reading.site is not None
    assert reading.site.tariff is not None
    return reading.site.tariff


def codes(found: UrdbRead) -> list[str]:
    return [fact.code for fact in (*found.taken, *found.left_out)]


@pytest.mark.parametrize("rate", [FLAT, TIMED, {"items": [TIMED]}])
def test_a_rate_is_the_same_after_it_was_written(rate: dict[str, Any]) -> None:
    found = read(rate)
    assert read_back(found.tariff, ("a comment " * 30,)) == found.tariff
    assert found.tariff.name == "City, Lighting"


def rate_at(rate: dict[str, Any], month: int, weekday: int, hour: int) -> int:
    days = "weekend" if weekday >= 5 else "weekday"
    found: int = rate[f"energy{days}schedule"][month - 1][hour]
    return found


def test_each_hour_of_the_year_has_the_price_of_its_period() -> None:
    found = read(TIMED)
    version = found.tariff.versions[0]
    assert version.valid_from == "2026-01-01"
    prices = {0: 0.11, 1: 0.05, 2: 0.3}
    for on in (date(2026, 1, 5), date(2026, 1, 10), date(2026, 8, 3), date(2026, 5, 31)):
        edges = hour_edges_ms(day_start_ms(on, ZONE), day_start_ms(on + timedelta(days=1), ZONE), ZONE)
        for hour in range(24):
            energy = np.zeros(24, dtype=np.int64)
            energy[hour] = 3_600_000
            lines = bill(Tariff("USD", versions=(version,)), edges, energy, None, ZONE).parts
            cost = sum((part.exact_e4 for part in lines if part.kind == "energy"), Fraction(0)) / 1_000_000
            assert float(cost) == prices[rate_at(TIMED, on.month, on.weekday(), hour)], (on, hour)
    assert codes(found) == ["urdb_adjustment", "urdb_currency"]


def test_charges_and_what_was_taken_are_told() -> None:
    fuel = [0.01] * 3 + [0] * 6 + [-0.002] * 3
    more = {"coincidentratestructure": [[{"rate": 9}]], "annualmincharge": 60, "fueladjustmentsmonthly": fuel}
    ratchet = {"demandratchetpercentage": [0.8] * 12, "lookbackpercent": 0.5}
    found = read({**TIMED, **ratchet, **more, "minmonthlycharge": 5, "eiaid": 7, "whatever": 1})
    version = found.tariff.versions[0]
    assert [(one.name, one.minutes, len(one.tiers)) for one in version.demand] == [
        ("demand period 0", 30, 2),
        ("flat demand 0", 30, 1),
        ("flat demand 1", 30, 1),
    ]
    assert [(one.amount, one.per) for one in version.fixed] == [(120.0, "year")]
    assert [(one.amount, one.per) for one in version.minimum] == [(5.0, "month")]
    assert [(one.price_per_kwh, one.seasons) for one in version.adjustments] == [
        (0.01, ("Jan-Mar",)),
        (-0.002, ("Oct-Dec",)),
    ]
    assert [(fact.values["field"], fact.code) for fact in found.left_out] == [
        ("annualmincharge", "urdb_left_out_of_year"),
        ("coincidentratestructure", "urdb_left_out_coincident"),
        ("demandratchetpercentage", "urdb_left_out_ratchet"),
        ("lookbackpercent", "urdb_left_out_ratchet"),
        ("whatever", "urdb_left_out"),
    ]
    counts = found.counts.values
    assert counts["refused_count"] == 5
    assert counts["read_count"] == len(TIMED) + 8 == counts["used_count"] + counts["note_count"] + 5  # type: ignore[operator]
    assert read_back(found.tariff) == found.tariff
    assert codes(read(FLAT)) == ["urdb_currency"]
    assert codes(read({**FLAT, "currency": "CAD", "minmonthlycharge": 0, "fuelAdjustmentsMonthly": [0] * 12})) == []


def changed(**fields: object) -> Callable[[], object]:
    return lambda: {**TIMED, **fields}


@pytest.mark.parametrize(
    ("rate", "code", "place"),
    [
        (list, "urdb_no_rate", None),
        (lambda: "x", "urdb_no_rate", None),
        (lambda: {"items": [FLAT, FLAT]}, "urdb_many_rates", None),
        (lambda: {"name": "x"}, "urdb_field_missing", "energyratestructure"),
        (changed(energyratestructure=[[]]), "urdb_value", "energyratestructure"),
        (changed(energyratestructure=[[{"rate": "0.1"}]] * 3), "urdb_not_a_number", "energyratestructure[0][0].rate"),
        (
            changed(energyratestructure=[[{"rate": 1, "max": 5, "unit": "kWh/kW"}, {"rate": 2}]] * 3),
            "urdb_unit",
            "energyratestructure[0][0].unit",
        ),
        (
            changed(energyratestructure=[[{"rate": 1, "max": 5, "unit": "kWh daily"}, {"rate": 2}]] * 3),
            "urdb_unit",
            "energyratestructure[0][0].unit",
        ),
        (
            changed(energyratestructure=[[{"rate": 1}, {"rate": 2}]] * 3),
            "urdb_tier_without_max",
            "energyratestructure[0][0].max",
        ),
        (
            changed(energyratestructure=[[{"rate": 1, "max": 5}, {"rate": 1, "max": 5}, {"rate": 2}]] * 3),
            "urdb_limits_not_rising",
            "energyratestructure[0][1].max",
        ),
        (changed(energyratestructure=[[{"rate": 1}]]), "urdb_period_unknown", "energyweekdayschedule[0][0]"),
        (changed(energyweekdayschedule=[[0] * 24] * 11), "urdb_schedule_form", "energyweekdayschedule"),
        (changed(energyweekendschedule=[[0] * 23] * 12), "urdb_schedule_form", "energyweekendschedule[0]"),
        (changed(energyweekendschedule=None), "urdb_schedule_missing", "energyweekendschedule"),
        (changed(demandrateunit="kVA"), "urdb_unit", "demandrateunit"),
        (changed(demandwindow=7), "urdb_value", "demandwindow"),
        (
            changed(demandweekdayschedule=None, demandweekendschedule=None),
            "urdb_field_missing",
            "demandweekdayschedule",
        ),
        (changed(flatdemandmonths=[0] * 11), "urdb_schedule_form", "flatdemandmonths"),
        (changed(fixedchargeunits="$/week"), "urdb_unit", "fixedchargeunits"),
        (changed(minchargeunits="$/week", mincharge=1), "urdb_unit", "minchargeunits"),
        (changed(minmonthlycharge=-1), "urdb_value", "minmonthlycharge"),
        (changed(fueladjustmentsmonthly=["x"] * 12), "urdb_not_a_number", "fueladjustmentsmonthly[0]"),
        (changed(startdate=1e30), "urdb_value", "startdate"),
        (changed(currency="dollar"), "urdb_value", "currency"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(rate: Callable[[], object], code: str, place: str | None) -> None:
    with pytest.raises(UrdbError) as refusal:
        read(rate())
    assert (refusal.value.fact.code, refusal.value.fact.values.get("field")) == (code, place)


def test_of_all_rates_each_is_read_or_refused() -> None:
    items = [FLAT, {**FLAT, "label": "bad", "fueladjustmentsmonthly": [1]}, {"name": "none"}]
    found = read_all_urdb(json.dumps({"items": items}).encode(), "rates.json")
    assert [(one.number, one.label, isinstance(one.became, UrdbRead)) for one in found] == [
        (1, "x", True),
        (2, "bad", False),
        (3, "", False),
    ]


def test_one_of_several_is_chosen_by_its_label() -> None:
    both = {"items": [FLAT, {**FLAT, "label": "y", "name": "Other"}]}
    assert read(both, "y").tariff.name == "City, Other"
    with pytest.raises(UrdbError) as refusal:
        read(both, "z")
    assert refusal.value.fact.code == "urdb_label_unknown"


@pytest.mark.parametrize("data", [b"\xff", b'{"a":', b"[" * 100_000, b'{"energyratestructure": [[{"rate": NaN}]]}'])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(UrdbError):
        read_urdb(data, "rate.json")


FORMS = st.lists(st.lists(st.integers(0, 2), min_size=24, max_size=24), min_size=3, max_size=3)
MONTHS = st.lists(st.integers(0, 2), min_size=12, max_size=12)


@settings(max_examples=10)
@given(FORMS, MONTHS, MONTHS)
def test_any_schedule_comes_back_out_of_the_periods(forms: list[list[int]], week: list[int], end: list[int]) -> None:
    weekday, weekend = ([forms[n] for n in months] for months in (week, end))
    rate = {
        **FLAT,
        "energyratestructure": [[{"rate": n + 1}] for n in range(3)],
        "energyweekdayschedule": weekday,
        "energyweekendschedule": weekend,
    }
    version = read(rate).tariff.versions[0]
    seasons = {season.name: season for season in version.seasons}
    for month in range(1, 13):
        for day in (4, 5):
            for hour in range(24):
                held = [
                    period.price_per_kwh
                    for period in version.periods
                    if (not period.weekdays or day in period.weekdays)
                    and (not period.seasons or seasons[period.seasons[0]].holds(month, 28))
                    and _inside(hour * 60, period.from_minutes, period.until_minutes)
                ]
                expected = rate_at(rate, month, day, hour) + 1
                assert held in ([expected], [] if version.price_per_kwh == expected else [expected])


def _inside(minute: int, first: int, last: int) -> bool:
    return first <= minute < last if first < last else minute >= first or minute < last


@pytest.mark.shared
@pytest.mark.skipif(not REAL.exists(), reason="the reference data is not here")
def test_the_rate_of_openei_is_reckoned() -> None:
    """Three periods of which 0 is a filler, two tiers from May to October, 3.298 $ a day."""
    found = read_urdb(REAL.read_bytes(), REAL.name)
    assert codes(found) == ["urdb_periods_unused", "urdb_demand_window", "urdb_currency"]
    assert read_back(found.tariff) == found.tariff
    july = hour_edges_ms(day_start_ms(date(2026, 7, 1), ZONE), day_start_ms(date(2026, 8, 1), ZONE), ZONE)
    made = bill(found.tariff, july, np.full(july.size - 1, 50 * 3_600_000, dtype=np.int64), None, ZONE)
    expected = {
        "energy": Fraction("0.078891") * 20_000 + Fraction("0.06") * (50 * 744 - 20_000),
        "demand": Fraction("24.368") * 50,
        "fixed": Fraction("3.298") * 31,
    }
    assert {kind: Fraction(e4, 1_000_000) for kind, e4 in made.by_kind().items()} == expected
