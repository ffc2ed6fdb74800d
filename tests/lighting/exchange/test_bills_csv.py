"""Bills out of a CSV file: kept exactly, each wrong value with its line and column."""

from __future__ import annotations

import pytest

from lighting.exchange.bills_csv import BillFileError, read_bills

HEADING = "supply,number,from,to,kwh,amount,currency,kvarh,peak_kw,note\n"
GOOD = "site,A-1,2026-01-01,2026-01-31,1234.5,308.63,EUR,12.5,3.25,paper"


def test_a_bill_is_kept_exactly() -> None:
    (row,), problems = read_bills((HEADING + GOOD + "\n").encode(), "bills.csv")
    assert problems == []
    assert (row.from_day, row.until_day, row.energy_ws, row.amount_e4) == (
        "2026-01-01",
        "2026-02-01",
        4_444_200_000,
        308_630_000,
    )
    assert (row.reactive_vars, row.peak_w, row.note, row.line) == (45_000_000, 3250.0, "paper", 2)


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("A-1", "", "number", "value_missing"),
        ("2026-01-01", "1.1.26", "from", "not_in_form"),
        ("2026-01-01", "02/01/2026", "from", "date_may_be_two"),
        ("2026-01-31", "2025-12-31", "to", "bill_ends_before"),
        ("2026-01-31", "2027-12-31", "to", "bill_too_long"),
        ("1234.5", "-1", "kwh", "number_too_small"),
        ("1234.5", "1e99", "kwh", "not_a_number"),
        ("308.63", "NaN", "amount", "not_a_number"),
        ("308.63", "٣", "amount", "not_a_number"),
        ("EUR", "euro", "currency", "not_in_form"),
    ],
)
def test_a_wrong_value_has_its_place(old: str, new: str, field: str, code: str) -> None:
    rows, problems = read_bills((HEADING + GOOD.replace(old, new) + "\n" + GOOD + "\n").encode(), "bills.csv")
    assert [row.line for row in rows] == [3]
    assert [(one.line, one.field, one.fact.code) for one in problems] == [(2, field, code)]


def test_a_file_that_is_no_text_or_lacks_a_column_is_refused() -> None:
    for data, code in ((b"\xff\xfe", "not_utf8"), (b"supply,number,from,to,kwh,amount\n", "column_missing")):
        with pytest.raises(BillFileError) as refusal:
            read_bills(data, "b.csv")
        assert [one.fact.code for one in refusal.value.problems] == [code]


def test_numbers_and_days_are_read_as_in_every_import() -> None:
    table = (
        "number;from;to;kwh;amount\n"
        "1;01.05.2026;31.05.2026;1.700,5;357\n"
        "2;13/06/2026;06/14/2026;700;1.357,10\n"
        "3;01/07/2026;31/07/2026;1 700,5;2.000\n"
    )
    rows, problems = read_bills(table.encode(), "b.csv", {"supply": "site", "currency": "EUR"}, "dmy")
    assert [(one.line, one.field, one.fact.code) for one in problems] == [(3, "to", "date_other_order")]
    found = [(one.from_day, one.until_day, one.energy_ws / 3_600_000, one.amount_e4 / 1e6) for one in rows]
    assert found == [("2026-05-01", "2026-06-01", 1700.5, 357.0), ("2026-07-01", "2026-08-01", 1700.5, 2000.0)]


@pytest.mark.parametrize(("found", "code"), [("1,234", "number_may_be_two"), ("1,234.5", "not_a_number")])
def test_a_comma_that_may_group_thousands_is_never_guessed(found: str, code: str) -> None:
    _, problems = read_bills((HEADING + GOOD.replace("1234.5", f'"{found}"') + "\n").encode(), "b.csv")
    assert (problems[0].field, problems[0].fact.code) == ("kwh", code)
