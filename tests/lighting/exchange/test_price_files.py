"""Price files of exchanges: instants out of local times, units, decimal commas; each doubtful line refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.tariff_series import read_series
from lighting.exchange.price_files import PriceFileError, PriceForm, PricesRead, prices_csv, read_price_file

FORM = PriceForm("Europe/Berlin", "EUR/MWh")
ZONE = ZoneInfo("Europe/Berlin")


def read(text: str, form: PriceForm = FORM) -> PricesRead:
    return read_price_file(text.encode(), "p.csv", form)


def refused(text: str, form: PriceForm = FORM) -> list[tuple[int, str]]:
    with pytest.raises(PriceFileError) as refusal:
        read(text, form)
    return [(one.line, one.fact.code) for one in refusal.value.problems] or [(0, refusal.value.fact.code)]


def local_day(on: str, hours: int) -> str:
    """The rows of a local day, on the clock without offsets."""
    start = datetime.fromisoformat(on).replace(tzinfo=ZONE).timestamp()
    times = [datetime.fromtimestamp(start + 3600 * n, ZONE) for n in range(hours)]
    return "time,price EUR/MWh\n" + "".join(f"{at:%Y-%m-%d %H:%M},{n}\n" for n, at in enumerate(times))


@pytest.mark.parametrize(("on", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_of_23_and_25_hours_are_whole(on: str, hours: int) -> None:
    found = read(local_day(on, hours))
    begins = [row[0] for row in found.rows]
    assert [after - before for before, after in pairwise(begins)] == [3_600_000] * (hours - 1)
    assert found.gaps == ()
    assert [row[2] for row in found.rows] == [Decimal(n) / 1000 for n in range(hours)]


def test_a_file_of_an_exchange_with_decimal_commas() -> None:
    text = (
        "\ufeffDatum von;Datum bis;Deutschland [€/MWh]\n"
        "01.01.2026 00:00;01.01.2026 00:15;1.084,56\n1.1.2026 0:15;01.01.2026 00:30;-3,5\n"
    )
    found = read(text)
    assert [row[2] for row in found.rows] == [Decimal("1.08456"), Decimal("-0.0035")]
    assert found.step_ms == 900_000
    interval = read(
        "MTU;Price [EUR/MWh]\n01.01.2026 00:00 - 01.01.2026 01:00;5\n01.01.2026 01:00 - 01.01.2026 02:00;6\n"
    )
    assert [row[0] for row in interval.rows] == [1767222000000, 1767225600000]


@pytest.mark.parametrize(
    ("unit", "price"), [("EUR/kWh", "12"), ("EUR/MWh", "0.012"), ("ct/kWh", "0.12"), ("VND/kWh", "12")]
)
def test_units_become_the_currency_for_a_kwh(unit: str, price: str) -> None:
    assert read("at,p\n2026-01-01T00:00Z,12\n", PriceForm("UTC", unit)).rows[0][2] == Decimal(price)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("2026-01-01 00:00,1\n2026-01-01 01:00,x\n", [(3, "not_a_number")]),
        ("2026-01-01 00:00,1\n2026-01-01 01:00,\n", [(3, "price_missing")]),
        ("2026-01-01 00:00,1\n2026-01-01 00:00,2\n", [(3, "series_twice")]),
        ("2026-01-01 01:00,1\n2026-01-01 00:00,2\n", [(3, "price_not_rising")]),
        ("2026-01-01 00:00,1\n2026-01-01 03:00,2\n", [(3, "price_gap")]),
        ("2026-03-29 02:30,1\n", [(2, "wall_time_does_not_exist")]),
        ("2026-10-25 02:00,1\n", [(2, "wall_time_is_twice")]),
        ("2026-10-25 01:00,1\n2026-10-25 02:00,1\n2026-10-25 03:00,1\n", [(4, "price_gap")]),
        ("2026-01-01,1\n", [(2, "price_time")]),
        ("01/02/2026 00:00,1\n", [(2, "date_may_be_two")]),
        ("2026-01-01 00:00,1,2\n", [(2, "wrong_cell_count")]),
        ("", [(0, "readings_no_rows")]),
    ],
)
def test_doubtful_lines_are_refused(rows: str, found: list[tuple[int, str]]) -> None:
    assert refused("time,price\n" + rows) == found


def test_wrong_questions_are_refused() -> None:
    assert refused("a,b\n", PriceForm("UTC", "EUR")) == [(0, "price_unit")]
    assert refused("a,b,c\n") == [(0, "price_column_needed")]
    assert refused("a,b,c\n", PriceForm("UTC", "EUR/kWh", price_column="d")) == [(0, "price_column")]
    assert refused("") == [(0, "readings_empty")]


def test_with_gaps_they_are_told() -> None:
    form = PriceForm("UTC", "EUR/kWh", with_gaps=True)
    found = read("at,p\n2026-01-01 00:00,1\n2026-01-01 01:00,-\n2026-01-01 02:00,3\n", form)
    assert len(found.rows) == 2
    assert found.gaps == ((found.rows[0][1], found.rows[1][0]),)


@settings(max_examples=25)
@given(st.integers(0, 20_000), st.lists(st.integers(-500_00, 4000_00), min_size=1))
def test_what_was_written_is_read_back_by_the_site(hour: int, cents: list[int]) -> None:
    begin = datetime(2025, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(hours=hour)
    rows = "".join(f"{(begin + timedelta(hours=n)).isoformat()},{one / 100:.2f}\n" for n, one in enumerate(cents))
    found = read("at,price\n" + rows)
    series, problems = read_series(prices_csv(found, "Europe/Berlin", "from p.csv"), "prices/p.csv")
    assert problems == []
    assert list(zip(series.from_ms, series.until_ms, strict=True)) == [row[:2] for row in found.rows]
    assert [Decimal(repr(value)) for value in series.values] == [row[2] for row in found.rows]
