"""Utility bills as they are typed or come in a CSV file: ``supply,number,from,to,kwh,amount,currency`` and more.

Days are local and both included. Amounts and energies are decimals, kept exactly. What a bill does not say (its supply,
its currency) it takes from the ``given`` of its readers: the same rule for one that is typed and for a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from lighting.assets.csv_table import lines_of, read_csv
from lighting.assets.currency import e4_of
from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import shown
from lighting.assets.notation import NotationError, parse_currency, parse_date, parse_words

NEEDED = ("supply", "number", "from", "to", "kwh", "amount", "currency")
COLUMNS = (*NEEDED, "kvarh", "peak_kw", "note")
NOTHING_GIVEN: Mapping[str, str] = {}
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


def read_bills(data: bytes, file: str, given: Mapping[str, str] = NOTHING_GIVEN) -> tuple[list[BillRow], list[Problem]]:
    """The rows that are bills, and every problem of the others with its line.

    ``given`` has by column what stands for an empty cell, or for a column that the file has not. Raises
    ``BillFileError`` for what is no such table: nothing of it can be right.
    """
    text = data.decode("utf-8", "replace")
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        raise BillFileError([Problem(Fact("not_utf8", {"file": file}), file, line)])
    _check_separator(text, file)
    needed = tuple(name for name in NEEDED if not given.get(name))
    rows, problems = read_csv(text, file, COLUMNS, needed)
    of_heading = [problem for problem in problems if problem.fact.code in _HEADING]
    if of_heading:
        raise BillFileError(of_heading)
    if not rows and not problems:
        raise BillFileError([Problem(Fact("bills_no_rows"), file)])
    found = []
    for row in rows:
        try:
            found.append(bill_row({**given, **row.cells}, row.line))
        except BillError as error:
            problems.append(Problem(error.fact, file, row.line, error.field))
    return found, problems


def _check_separator(text: str, file: str) -> None:
    """Raises ``BillFileError`` where the heading has no comma, and another mark that usually stands between cells."""
    lines = ((n, line) for n, line in enumerate(lines_of(text), start=1) if line.strip() and not line.startswith("#"))
    number, heading = next(lines, (0, ","))
    mark = next((mark for mark in ";\t|" if mark in heading), None)
    if "," not in heading and mark is not None:
        raise BillFileError([Problem(Fact("bills_separator", {"found": repr(mark)[1:-1]}), file, number)])


def bill_row(cells: Mapping[str, str], line: int = 0) -> BillRow:
    """A bill out of its texts by column. Raises ``BillError``."""
    for name in NEEDED:
        if not cells.get(name):
            raise BillError(Fact("value_missing", {"field": name}), name)
    first, last = _day(cells, "from"), _day(cells, "to")
    if last < first:
        raise BillError(Fact("bill_ends_before", {"from_date": first.isoformat(), "to_date": last.isoformat()}), "to")
    if (last - first).days >= _LONGEST_DAYS:
        raise BillError(Fact("bill_too_long", {"days": (last - first).days + 1, "most": _LONGEST_DAYS}), "to")
    try:
        currency = parse_currency(cells["currency"])
        words = {name: parse_words(cells.get(name, "")) for name in ("supply", "number", "note")}
    except NotationError as error:
        raise BillError(error.fact, "currency" if error.fact.code == "not_in_form" else "note") from error
    kwh, amount = _number(cells, "kwh"), _number(cells, "amount", may_be_negative=True)
    kvarh = _number(cells, "kvarh") if cells.get("kvarh") else None
    peak_kw = _number(cells, "peak_kw") if cells.get("peak_kw") else None
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


def _day(cells: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(parse_date(cells[column]))
    except NotationError as error:
        raise BillError(error.fact, column) from error


def _number(cells: Mapping[str, str], column: str, *, may_be_negative: bool = False) -> Fraction:
    text = cells[column].strip()
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > _MOST or len(text) > 30:
        raise BillError(Fact("not_a_number", {"found": shown(text)}), column)
    if value < 0 and not may_be_negative:
        raise BillError(Fact("number_too_small", {"found": shown(text), "minimum": 0}), column)
    return Fraction(value)
