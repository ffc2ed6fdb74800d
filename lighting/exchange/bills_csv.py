"""Utility bills as they are typed or come in a CSV file: ``supply,number,from,to,kwh,amount,currency`` and more.

Days are local and both included. Amounts and energies are decimals, kept exactly. What a bill does not say (its supply,
its currency) it takes from the ``given`` of its readers: the same rule for one that is typed and for a file. Numbers
and days are read as in every import (``office_numbers``, ``office_dates``); what may be two of them is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from lighting.assets.csv_table import lines_of, read_csv
from lighting.assets.currency import e4_of
from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import shown
from lighting.assets.notation import NotationError, parse_currency, parse_date, parse_words
from lighting.exchange.office_dates import DateOrder, OfficeDates
from lighting.exchange.office_numbers import commas_may_group, plain_number

NEEDED = ("supply", "number", "from", "to", "kwh", "amount", "currency")
COLUMNS = (*NEEDED, "kvarh", "peak_kw", "note")
NOTHING_GIVEN: Mapping[str, str] = {}
_NUMBERS = ("kwh", "amount", "kvarh", "peak_kw")
_KWH_WS = 3_600_000
_MOST = Decimal(10) ** 12
_LONGEST_DAYS = 400
_HEADING = frozenset({"table_without_header", "column_missing", "column_twice", "unknown_key", "unknown_key_nearest"})


@dataclass(frozen=True, slots=True)
class BillRow:
    """A bill as it was given; energies in Ws and var·s, ``until_day`` excluded, money in 10⁻⁴ of the minor unit."""

    line: int
    supply: str
    number: str
    from_day: str
    until_day: str
    energy_ws: int
    amount_e4: int
    currency: str
    reactive_vars: int | None
    peak_w: float | None
    note: str


class BillError(ValueError):
    """A value of a bill that is none; ``field`` is the column's name."""

    def __init__(self, fact: Fact, field: str) -> None:
        super().__init__(fact.code)
        self.fact, self.field = fact, field


class BillFileError(Exception):
    """The file is no table of bills; ``problems`` says why, each with its line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].fact.code)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class BillForm:
    """How the numbers and days of one file, or of one typed bill, are written."""

    dates: OfficeDates = field(default_factory=OfficeDates)
    has_comma: bool = False
    may_group: bool = False

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, str]], order: DateOrder | None) -> BillForm:
        """What the cells of all rows show; ``order`` is that of dates such as 03/04/2026, where it was told."""
        numbers = [cells[name] for cells in rows for name in _NUMBERS if cells.get(name)]
        return cls(OfficeDates(order), any("," in text for text in numbers), commas_may_group(numbers))


def read_bills(
    data: bytes, file: str, given: Mapping[str, str] = NOTHING_GIVEN, order: DateOrder | None = None
) -> tuple[list[BillRow], list[Problem]]:
    """The rows that are bills, and every problem of the others with its line.

    ``given`` has by column what stands for an empty cell, or for a column that the file has not. Raises
    ``BillFileError`` for what is no such table: nothing of it can be right.
    """
    text = data.decode("utf-8", "replace")
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        raise BillFileError([Problem(Fact("not_utf8", {"file": file}), file, line)])
    delimiter = _separator(text, file)
    needed = tuple(name for name in NEEDED if not given.get(name))
    rows, problems = read_csv(text, file, COLUMNS, needed, delimiter=delimiter)
    of_heading = [problem for problem in problems if problem.fact.code in _HEADING]
    if of_heading:
        raise BillFileError(of_heading)
    if not rows and not problems:
        raise BillFileError([Problem(Fact("bills_no_rows"), file)])
    found, form = [], BillForm.of((row.cells for row in rows), order)
    for row in rows:
        try:
            found.append(bill_row({**given, **row.cells}, form, row.line))
        except BillError as error:
            problems.append(Problem(error.fact, file, row.line, error.field))
    return found, problems


def _separator(text: str, file: str) -> str:
    """What stands between cells: a comma, a semicolon or a tab. Raises ``BillFileError`` for a mark that is none."""
    lines = ((n, line) for n, line in enumerate(lines_of(text), start=1) if line.strip() and not line.startswith("#"))
    number, heading = next(lines, (0, ","))
    mark = max(",;\t|", key=heading.count)
    if mark == "|":
        raise BillFileError([Problem(Fact("bills_separator", {"found": mark}), file, number)])
    return mark


def bill_row(cells: Mapping[str, str], form: BillForm, line: int = 0) -> BillRow:
    """A bill out of its texts by column. Raises ``BillError``."""
    for name in NEEDED:
        if not cells.get(name):
            raise BillError(Fact("value_missing", {"field": name}), name)
    first, last = _day(cells, "from", form), _day(cells, "to", form)
    if last < first:
        raise BillError(Fact("bill_ends_before", {"from_date": first.isoformat(), "to_date": last.isoformat()}), "to")
    if (last - first).days >= _LONGEST_DAYS:
        raise BillError(Fact("bill_too_long", {"days": (last - first).days + 1, "most": _LONGEST_DAYS}), "to")
    try:
        currency = parse_currency(cells["currency"])
        words = {name: parse_words(cells.get(name, "")) for name in ("supply", "number", "note")}
    except NotationError as error:
        raise BillError(error.fact, "currency" if error.fact.code == "not_in_form" else "note") from error
    kwh, amount = _number(cells, "kwh", form), _number(cells, "amount", form, may_be_negative=True)
    kvarh = _number(cells, "kvarh", form) if cells.get("kvarh") else None
    peak_kw = _number(cells, "peak_kw", form) if cells.get("peak_kw") else None
    return BillRow(
        line,
        words["supply"],
        words["number"],
        first.isoformat(),
        (last + timedelta(days=1)).isoformat(),
        round(kwh * _KWH_WS),
        round(e4_of(amount, currency)),
        currency,
        None if kvarh is None else round(kvarh * _KWH_WS),
        None if peak_kw is None else float(peak_kw * 1000),
        words["note"],
    )


def _day(cells: Mapping[str, str], column: str, form: BillForm) -> date:
    found = form.dates.read_day(cells[column].strip())
    if isinstance(found, Fact):
        raise BillError(found, column)
    try:
        return found or date.fromisoformat(parse_date(cells[column]))
    except NotationError as error:
        raise BillError(error.fact, column) from error


def _number(cells: Mapping[str, str], column: str, form: BillForm, *, may_be_negative: bool = False) -> Fraction:
    text = cells[column].strip()
    plain = plain_number(text, has_comma=form.has_comma)
    if plain is None or len(text) > 30 or abs(Decimal(plain)) > _MOST:
        raise BillError(Fact("not_a_number", {"found": shown(text)}), column)
    if "," in text and form.may_group:
        values = {"found": shown(text), "one": text.replace(",", ""), "other": text.replace(",", ".", 1)}
        raise BillError(Fact("number_may_be_two", values), column)
    if plain.startswith("-") and Decimal(plain) and not may_be_negative:
        raise BillError(Fact("number_too_small", {"found": shown(text), "minimum": 0}), column)
    return Fraction(plain)
