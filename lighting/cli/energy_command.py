"""``lighting energy``: the quick look at what the lighting used and saved."""

from __future__ import annotations

from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk


def energy(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First local day, 2026-01-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last local day, included.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="MONTH", help="A month, 2026-10.")] = None,
    year: Annotated[str | None, typer.Option("--year", metavar="YEAR", help="A year, 2026.")] = None,
    last_night: Annotated[bool, typer.Option("--last-night", help="The last lighting night, noon to noon.")] = False,
    districts: Annotated[
        list[str] | None, typer.Option("--district", metavar="NAME", help="Only this district; may be repeated.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="NAME",
            help="same_lamps_full_power (else), lamps_before or metered_reference.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHAT", help="Lines by month, day, district, supply, circuit or cause."),
    ] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Bars of used and baseline, by day or month.")] = False,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write every line as CSV; - is standard output.")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show what the lighting used, what it would have used, and what was saved by what.

    Without a span: the last night, this month and this year so far, side by side. Energy, money and CO2 with the
    uncertainty at 90 % confidence and the completeness of the data. Readings, rules and settings stay as they are;
    where no controller runs, days that lack an account are worked out first, and kept.

    \b
    lighting energy --month 2026-10 --by cause
    lighting energy --from 2026-01-01 --to 2026-06-30 --by district --chart
    """
    from lighting.cli.energy_forms import EnergyForm, print_energy
    from lighting.cli.folder_in_force import tell_of_edits

    wanted = EnergyForm(
        first=first,
        last=last,
        month=month,
        year=year,
        last_night=last_night,
        districts=tuple(districts or ()),
        baseline=baseline,
        by=by,
        chart=chart,
        csv=csv,
        as_json=as_json,
    )
    wanted.check()
    desk, voice = open_desk(context, site, user)
    with desk:
        tell_of_edits(desk, voice)
        print_energy(desk, voice, wanted)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(energy)
