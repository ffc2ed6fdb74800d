"""``lighting bills`` in words and JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from lighting.assets.currency import amount_text, minor_digits
from lighting.assets.fact import Fact
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form, plain
from lighting.cli.table import Column, table_lines, terminal_width
from lighting.cli.voice import Voice, laid_out, print_json
from lighting.desk.bills import BillsEntered, import_bills, last_day
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.exchange.office_dates import DateOrder
from lighting.store.records import StoredBill

SCHEMA = "lighting.bills/1"
_COLUMNS = (
    Column("ENTRY", right=True),
    Column("SUPPLY", gives_way=True),
    Column("NUMBER", gives_way=True),
    Column("FROM"),
    Column("TO"),
    Column("KWH", right=True),
    Column("AMOUNT", right=True),
    Column("CUR"),
    Column("BY", gives_way=True),
    Column("WITHDRAWN"),
)


def tell_entered(became: BillsEntered, voice: Voice) -> None:
    """What became of one bill, or of many."""
    values = {"added": len(became.entries), "same": became.same}
    if became.problems:
        voice.problems(became.problems)
        voice.tell(Fact("bills_refused", {**values, "count": len({one.line for one in became.problems})}))
    else:
        voice.data(Fact("bills_added", values))


def import_bill_file(desk: Desk, voice: Voice, file: Path, order: DateOrder | None = None) -> int:
    """Import and tell; 1 where a line was refused."""
    try:
        data = file.read_bytes()
    except OSError as error:
        values = {"file": str(file), "detail": error.strerror or type(error).__name__}
        raise WrongUsage(Fact("system_refused_file", values)) from error
    became = import_bills(desk, file.name, data, order)
    tell_entered(became, voice)
    return Exit.FAILURE if became.problems else Exit.FINE


def print_bills(found: Sequence[StoredBill], voice: Voice, *, as_json: bool) -> None:
    """The table of bills."""
    if as_json:
        print_json(form(SCHEMA, bills=[_form(one) for one in found]))
    elif not found:
        voice.tell(Fact("bills_none"))
    else:
        _print_table(found, voice)


def _print_table(found: Sequence[StoredBill], voice: Voice) -> None:
    """Who entered a bill is left out where the terminal is too narrow for it, and whether it is withdrawn where none
    is; what is too long even then is broken between its figures.
    """
    rows, width = [_row(one, voice) for one in found], terminal_width()
    without = set() if any(one.withdrawn_ms is not None for one in found) else {"WITHDRAWN"}

    def lines() -> list[str]:
        kept = [n for n, column in enumerate(_COLUMNS) if column.heading not in without]
        return table_lines([_COLUMNS[n] for n in kept], [[row[n] for n in kept] for row in rows], voice, width=width)

    written = lines()
    if width is not None and max(map(cell_len, written)) > width:
        without.add("BY")
        written = lines()
    for line in written:
        print(laid_out(line, sys.stdout))


def _form(one: StoredBill) -> dict[str, object]:
    bill = {name: value for name, value in plain(one.bill).items() if name != "until_day"}
    return {
        "entry": one.id,
        **bill,
        "to_day": last_day(one.bill.until_day),
        "currency_digits": minor_digits(one.bill.currency),
        "entered_ms": one.entered_ms,
        "by": one.by,
        "withdrawn_ms": one.withdrawn_ms,
    }


def _row(one: StoredBill, voice: Voice) -> tuple[str, ...]:
    bill = one.bill
    return (
        str(one.id),
        bill.supply,
        bill.number,
        bill.from_day,
        last_day(bill.until_day),
        f"{bill.energy_ws / 3_600_000:,.1f}".replace(",", " "),
        amount_text(bill.amount_e4, bill.currency),
        bill.currency,
        one.by,
        "" if one.withdrawn_ms is None else voice.heading("yes"),
    )
