"""``lighting whatif``: other rules beside the present ones, over a span of nights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk


def whatif(
    context: typer.Context,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First night, 2026-01-01 (else tonight).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last night, included (else 365 nights in all).")
    ] = None,
    programs: Annotated[
        list[str] | None,
        typer.Option("--program", metavar="ID=OTHER", help="Program OTHER in the place of ID; may be repeated."),
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", metavar="FILE", help="Another calendar.toml for the present site.")
    ] = None,
    other: Annotated[
        Path | None,
        typer.Option("--other", metavar="DIR", help="Another site folder, such as the edited one beside what rules."),
    ] = None,
    traffic: Annotated[
        Path | None,
        typer.Option("--traffic", metavar="FILE", help="Counts: CSV with section,from,until,vehicles (and lane)."),
    ] = None,
    typical_week: Annotated[
        bool, typer.Option("--typical-week", help="Traffic as in the typical week of the counts on record.")
    ] = False,
    step: Annotated[
        str | None, typer.Option("--step", metavar="TIME", help="Length of the steps, 1m or 15m (else 5m).")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHAT", help="Also by district or by circuit, the most changed first.")
    ] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Also bars of energy by night, month or year.")] = False,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write every line as CSV; - is standard output.")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Compare other rules with the present ones.

    Over nights that were or that come: energy, peak, money, CO2, lamp-hours, switchings, and minutes below the design
    class and below the floor. Beside them stands full power while dark. Nothing is changed, and what people ask for
    (overrides, lockouts) is left out. Without --program, --calendar or --other the present rules stand alone.

    \b
    lighting whatif --program main-road=full-night --from 2026-01-01
    lighting whatif --other . --by district --chart
    """
    from lighting.cli.whatif_forms import WhatIfForm, print_whatif

    wanted = WhatIfForm(
        first=first,
        last=last,
        programs=tuple(programs or ()),
        calendar=calendar,
        other=other,
        traffic=traffic,
        typical_week=typical_week,
        step=step,
        by=by,
        chart=chart,
        csv=csv,
        as_json=as_json,
    )
    wanted.check()
    desk, voice = open_desk(context, site, user)
    with desk:
        print_whatif(desk, voice, wanted)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(whatif)
