"""``lighting tariff``: what energy costs now, a check of a tariff file, and imports of rates and hourly prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Dates, Json, Site, User, open_desk

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")]
Replace = Annotated[bool, typer.Option("--replace", help="Overwrite a file that is there.")]


def show(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option("--at", metavar="DATE", help="On that day, 2026-01-31 (else today).")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the tariff in force, and what energy costs in each hour of a week of its season.

    \b
    lighting tariff
    lighting tariff --at 2026-07-01
    """
    if context.invoked_subcommand is not None:
        return
    from lighting.cli.folder_in_force import tell_of_edits
    from lighting.cli.say_tariff import print_tariff
    from lighting.desk.tariff import tariff_answer

    desk, voice = open_desk(context, site, user)
    with desk:
        tell_of_edits(desk, voice)
        print_tariff(tariff_answer(desk, at), desk.site.timezone, voice, as_json=as_json)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A tariff.toml; files that it names stand beside it.")],
) -> None:
    """Check a tariff file alone, with the price files that it names and the calendar beside it.

    0 if it can be used, 2 if not; every problem is told with its line.
    """
    from lighting.cli.tariff_importing import check_file

    raise typer.Exit(check_file(file))


def import_urdb(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of OpenEI's utility rate database (URDB).")],
    out: Out,
    label: Annotated[str, typer.Option("--label", metavar="LABEL", help="Which rate, where there are several.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Every rate of the file, each as a file in the folder --out.")
    ] = False,
    replace: Replace = False,
) -> None:
    """Turn a rate of OpenEI's database into a tariff.toml.

    What changes the price of energy and cannot be written is refused by the name of its field (2). Charges that are not
    reckoned, such as ratchets and coincident demand, are listed with the reason, and stand as comments in the file.
    With --all read = written + refused, each with its reason; 1 if none could be written.

    \b
    lighting tariff import urdb rate.json --out tariff.toml
    """
    from lighting.cli.tariff_importing import import_all_rates, import_rate

    if every:
        if label:
            raise typer.BadParameter("--all and --label: choose one of them")
        raise typer.Exit(import_all_rates(file, out, replace=replace))
    raise typer.Exit(import_rate(file, out, label, replace=replace))


def import_prices(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a heading: a time and a price.")],
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT", help="EUR/MWh, EUR/kWh, ct/kWh, VND/kWh …")],
    out: Out,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Of times without offset (else the site's).")
    ] = None,
    time_column: Annotated[str, typer.Option("--time-column", metavar="NAME", help="Else the first.")] = "",
    price_column: Annotated[str, typer.Option("--price-column", metavar="NAME", help="Else the only other.")] = "",
    gaps: Annotated[
        bool, typer.Option("--gaps", help="Leave out what lacks and tell it, instead of refusing.")
    ] = False,
    dates: Dates = None,
    replace: Replace = False,
    site: Site = None,
    user: User = None,
) -> None:
    """Turn a file of hourly prices into one of the site, with the offset of each time and prices by kWh.

    Times may be ISO, 31.01.2026 23:00 (day first) or, if it can be one day only, 31/01/2026 23:00; decimals have a
    point or a comma, days of 23 and 25 hours are whole. Doubtful lines are refused with their reason, and then nothing
    is written (1).

    \b
    lighting tariff import prices day-ahead.csv --unit EUR/MWh \\
      --timezone Europe/Berlin --out prices/2026.csv
    """
    from lighting.cli.tariff_importing import PriceWords, import_price_file

    if timezone is None:
        desk, _ = open_desk(context, site, user)
        with desk:
            timezone = desk.site.timezone
    words = PriceWords(file, out, unit, timezone, time_column, price_column, gaps, replace, dates)
    raise typer.Exit(import_price_file(words))


def register(app: typer.Typer) -> None:
    """Add ``tariff`` with its sub-commands."""
    sub_commands = typer.Typer(
        name="tariff",
        help="What energy costs: show, check, import.",
        rich_markup_mode=None,
        invoke_without_command=True,
    )
    sub_commands.callback(invoke_without_command=True)(show)
    sub_commands.command()(check)
    imports = typer.Typer(
        name="import", help="Import rates and hourly prices.", rich_markup_mode=None, no_args_is_help=True
    )
    imports.command("urdb")(import_urdb)
    imports.command("prices")(import_prices)
    sub_commands.add_typer(imports)
    app.add_typer(sub_commands)
