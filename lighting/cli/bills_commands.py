"""``lighting bills``: what utilities have billed, entered to be reconciled with the meters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Dates, Json, Site, User, date_order_of, open_desk


def add(
    context: typer.Context,
    number: Annotated[str, typer.Option("--number", metavar="TEXT", help="The bill's own number.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="Its first day, 2026-01-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Its last day, included.")],
    kwh: Annotated[str, typer.Option("--kwh", metavar="N", help="Active energy.")],
    amount: Annotated[str, typer.Option("--amount", metavar="N", help="What is to be paid, taxes included.")],
    supply: Annotated[str, typer.Option("--supply", metavar="ID", help="Supply (else the whole site).")] = "",
    kvarh: Annotated[str, typer.Option("--kvarh", metavar="N", help="Reactive energy, if it is billed.")] = "",
    peak_kw: Annotated[str, typer.Option("--peak-kw", metavar="N", help="Highest power, if it is billed.")] = "",
    currency: Annotated[str, typer.Option("--currency", metavar="CODE", help="EUR, VND … (else the tariff's).")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Anything to remember.")] = "",
    dates: Dates = None,
    site: Site = None,
    user: User = None,
) -> None:
    """Enter a bill (operator).

    The same bill again changes nothing. One that overlaps another of its supply, has its number, or is of days that
    are not over, is refused (5). The supply is one of supplies.csv (3), or none: the whole site.

    \b
    lighting bills add --number A-1 --from 2026-01-01 --to 2026-01-31 \\
      --kwh 12345.6 --amount 2518.50
    """
    from lighting.cli.say_bills import tell_entered
    from lighting.desk.bills import add_bill

    cells = {"supply": supply, "number": number, "from": first, "to": last, "kwh": kwh, "amount": amount}
    more = {"kvarh": kvarh, "peak_kw": peak_kw, "currency": currency, "note": note}
    desk, voice = open_desk(context, site, user)
    with desk:
        tell_entered(add_bill(desk, {**cells, **more}, date_order_of(dates)), voice)


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: supply,number,from,to,kwh,amount,currency …")],
    dates: Dates = None,
    site: Site = None,
    user: User = None,
) -> None:
    """Enter the bills of a CSV file (operator).

    Columns: number, from, to (both days included), kwh, amount, and if known supply (else the whole site), currency
    (else the tariff's), kvarh, peak_kw, note. The rules are those of add. Cells are separated by commas, semicolons or
    tabs. Days are 2026-05-01, 01.05.2026 or 01/05/2026 (with --dates, where it can be two days); numbers 1700.5, 1700,5
    or 1.700,5.
    Each wrong line is told and loses no other: then 1. The same bills again change nothing.
    """
    from lighting.cli.say_bills import import_bill_file

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(import_bill_file(desk, voice, file, date_order_of(dates)))


def list_bills(
    context: typer.Context,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Those that were withdrawn too.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """List the bills on record, by their first day."""
    from lighting.cli.say_bills import print_bills
    from lighting.desk.bills import bills

    desk, voice = open_desk(context, site, user)
    with desk:
        print_bills(bills(desk, with_withdrawn=withdrawn), voice, as_json=as_json)


def withdraw(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Its number in the list.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: needed, stored, and shown to others.")],
    site: Site = None,
    user: User = None,
) -> None:
    """Withdraw a bill that was wrong (operator). It stays on record, and counts no more."""
    from lighting.assets.fact import Fact
    from lighting.desk.bills import withdraw_bill

    desk, voice = open_desk(context, site, user)
    with desk:
        withdraw_bill(desk, entry, reason=reason)
        voice.data(Fact("bill_withdrawn", {"bill": entry}))


def register(app: typer.Typer) -> None:
    """Add ``bills`` with its sub-commands."""
    sub_commands = typer.Typer(
        name="bills",
        help="Bills of utilities: add, import, list, withdraw.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    sub_commands.command()(add)
    sub_commands.command("import")(import_file)
    sub_commands.command("list")(list_bills)
    sub_commands.command()(withdraw)
    app.add_typer(sub_commands)
