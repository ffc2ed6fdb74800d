"""Utility bills: entered, imported, listed, withdrawn. Operators only; every act is in the audit.

A bill that is typed and one of a file are held to the same rules: without a supply it is of the whole site, without a
currency in the tariff's; its supply is one of the site's, and its days are over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.nearest import listed, nearest, shown
from lighting.desk import rights
from lighting.desk.person import text_given
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.energy.slots import local_day
from lighting.exchange.bills_csv import BillError, BillFileError, BillForm, BillRow, bill_row, read_bills
from lighting.exchange.office_dates import DateOrder
from lighting.store.records import BillDraft, StoredBill

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

DEFAULT_SUPPLY = "site"


@dataclass(frozen=True, slots=True)
class BillsEntered:
    """What became of bills: the entries made, how many stood already, and what was refused, with its line."""

    entries: tuple[int, ...]
    same: int
    problems: tuple[Problem, ...] = ()


class BillsUnreadable(WrongUsage):
    """The file is no table of bills; ``problems`` says why, each with its line."""

    def __init__(self, fact: Fact, problems: tuple[Problem, ...]) -> None:
        super().__init__(fact)
        self.problems = problems


def add_bill(desk: Desk, cells: Mapping[str, str], order: DateOrder | None = None) -> BillsEntered:
    """Enter one bill out of its texts by column; ``order`` of dates such as 03/04/2026.

    Raises ``WrongUsage`` for a value that is none, ``NotFound`` for a supply that the site has not, ``Refused`` without
    the right, for days that are not over, and where it contradicts another.
    """
    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "bills add")
    form = BillForm.of([cells], order)
    try:
        row = bill_row({**_given(desk), **{name: text for name, text in cells.items() if text}}, form)
    except BillError as error:
        raise WrongUsage(error.fact) from error
    wrong = next(iter(_problems_of(desk, row)), None)
    if wrong is not None:
        raise (NotFound if wrong[1] == "supply" else Refused)(wrong[0])
    (became,) = desk.store.bills.add([_draft(row)], by=desk.user_id, at_ms=desk.clock.now_ms())
    if isinstance(became, Fact):
        raise Refused(became)
    return BillsEntered(() if became is None else (became,), int(became is None))


def _given(desk: Desk) -> dict[str, str]:
    """What stands where a bill says nothing."""
    currency = "" if desk.site.tariff is None else desk.site.tariff.currency
    return {"supply": DEFAULT_SUPPLY, "currency": currency}


def _problems_of(desk: Desk, row: BillRow) -> Iterator[tuple[Fact, str]]:
    """What of a bill the site contradicts, with its column: a supply that there is not, days to come, its currency."""
    known = (DEFAULT_SUPPLY, *desk.site.supplies)
    if row.supply not in known:
        yield _unknown_supply(row.supply, known), "supply"
    today = local_day(desk.clock.now_ms(), desk.site.timezone).isoformat()
    if row.until_day > today:
        yield Fact("bill_not_over", {"to_date": last_day(row.until_day), "today_date": today}), "to"
    tariff = desk.site.tariff
    if tariff is not None and row.currency != tariff.currency:
        # Bills are compared with the tariff: they must be in its currency, where there is one.
        yield Fact("bill_not_tariff_currency", {"found": row.currency, "currency": tariff.currency}), "currency"


def _unknown_supply(found: str, known: Collection[str]) -> Fact:
    values: dict[str, Value] = {"found": shown(found), "allowed": listed(known)}
    guess = nearest(found, known)
    return (
        Fact("bill_supply_unknown_nearest", {**values, "nearest": guess})
        if guess
        else Fact("bill_supply_unknown", values)
    )


def last_day(until_day: str) -> str:
    """The day before an ISO day: the last of a span whose end is excluded."""
    return (date.fromisoformat(until_day) - timedelta(days=1)).isoformat()


def import_bills(desk: Desk, file: str, data: bytes, order: DateOrder | None = None) -> BillsEntered:
    """Enter the bills of a CSV file; those that are wrong or contradict others are refused, each with its line.

    Raises ``BillsUnreadable`` for what is no table of bills, ``Refused`` without the right.
    """
    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "bills import")
    try:
        rows, problems = read_bills(data, file, _given(desk), order)
    except BillFileError as error:
        raise BillsUnreadable(Fact("bills_file_refused", {"file": file}), error.problems) from error
    good = []
    for row in rows:
        wrong = list(_problems_of(desk, row))
        problems += [Problem(fact, file, row.line, column) for fact, column in wrong]
        if not wrong:
            good.append(row)
    became = desk.store.bills.add([_draft(row) for row in good], by=desk.user_id, at_ms=desk.clock.now_ms())
    for row, one in zip(good, became, strict=True):
        if isinstance(one, Fact):
            problems.append(Problem(one, file, row.line))
    entries = tuple(one for one in became if isinstance(one, int))
    return BillsEntered(
        entries, sum(one is None for one in became), tuple(sorted(problems, key=lambda problem: problem.line))
    )


def _draft(row: BillRow) -> BillDraft:
    return BillDraft(
        supply=row.supply,
        number=row.number,
        from_day=row.from_day,
        until_day=row.until_day,
        energy_ws=row.energy_ws,
        amount_e4=row.amount_e4,
        currency=row.currency,
        reactive_vars=row.reactive_vars,
        peak_w=row.peak_w,
        note=row.note,
    )


def bills(desk: Desk, *, with_withdrawn: bool = False) -> Sequence[StoredBill]:
    """All bills that stand, by their first day; with those withdrawn too where asked. None where there is no store."""
    store = desk.existing_store
    return () if store is None else store.bills.list(with_withdrawn=with_withdrawn)


def withdraw_bill(desk: Desk, entry: int, *, reason: str) -> None:
    """Take a bill off the record that counts. Raises ``NotFound`` where it does not stand, ``Refused``."""
    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "bills withdraw")
    reason = text_given(reason)
    values: dict[str, Value] = {"bill": entry}
    if not reason:
        raise WrongUsage(Fact("bill_reason_needed", values))
    now_ms = desk.clock.now_ms()
    if not desk.store.bills.withdraw(entry, by=desk.user_id, reason=reason, at_ms=now_ms):
        raise NotFound(Fact("bill_unknown", values))
