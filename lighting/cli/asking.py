"""The commands that only ask: status, plan, calendar, why, instructions, sun."""

from __future__ import annotations

from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk

Circuit = Annotated[str, typer.Argument(metavar="CIRCUIT", help="Id of the circuit, such as C-0142.")]


def status(
    context: typer.Context,
    circuits: Annotated[
        bool,
        typer.Option("--circuits", help="Also every circuit: lit, level, and whether it would stay lit without us."),
    ] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show what is lit and what needs a person."""
    from lighting.cli.say_status import print_status

    desk, voice = open_desk(context, site, user)
    with desk:
        standings = desk.standings() if circuits else None
        print_status(desk.status(), voice, standings=standings, as_json=as_json)


def plan(
    context: typer.Context,
    circuit: Annotated[str | None, typer.Argument(metavar="[CIRCUIT]", help="One circuit, with causes.")] = None,
    night: Annotated[
        str | None, typer.Option("--night", metavar="DATE", help="Date of the evening, 2026-11-23 (else tonight).")
    ] = None,
    at_step: Annotated[
        str | None, typer.Option("--at-step", metavar="TIME", help="The level at every step, 15m or 1h; 60s in a CSV.")
    ] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Draw the night in the terminal.")] = False,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write the levels as CSV; - is standard output.")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the levels of tonight.

    Of every circuit, equal nights together; or of one circuit, with the cause of each change.
    """
    from lighting.cli.plan_forms import PlanForm, print_plan

    wanted = PlanForm(circuit, night, at_step, chart, csv, as_json)
    wanted.check()
    desk, voice = open_desk(context, site, user)
    with desk:
        print_plan(desk, voice, wanted)


def calendar(
    context: typer.Context,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First night, 2026-01-01 (else tonight).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last night, included (else four weeks in all).")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--circuit", metavar="TARGET", help="Only C-0142, district:NAME, road:NAME, …")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show which calendar rule rules each night.

    With the programs that it gives, and the rules that can never rule.
    """
    from lighting.cli.say_calendar import print_calendar

    desk, voice = open_desk(context, site, user)
    with desk:
        print_calendar(desk.calendar(first=first, last=last, target=target), voice, as_json=as_json)


def why(
    context: typer.Context,
    circuit: Circuit,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Another moment than now: 22:30 (of this night), yesterday 22:30, 2h (ago), +2h, 2026-11-25 22:30.",
        ),
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Say why a circuit has its level.

    Now; at a past moment, as it was recorded; or at one to come, as it is planned. 22:30 is that of the lighting
    night of now, from noon to noon.
    """
    from lighting.cli.say_why import print_why

    desk, voice = open_desk(context, site, user)
    with desk:
        at_ms = desk.parse_moment_or_now(at)
        answer = desk.why(circuit, at_ms=at_ms)
        print_why(answer, desk.site.circuits[circuit], voice, as_json=as_json)


def instructions(
    context: typer.Context,
    all_states: Annotated[
        bool, typer.Option("--all", help="Also those that were released, have expired or failed.")
    ] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """List what people have asked that is in force.

    What waits for a second person stands first. For a demand limit also by how much it is missed.
    """
    from lighting.cli.say_lists import print_instructions

    desk, voice = open_desk(context, site, user)
    with desk:
        listed = desk.instructions(all_states=all_states)
        missed_w, dark_ms = desk.missed_w(), desk.dark_awaited_ms()
        print_instructions(listed, voice, missed_w=missed_w, dark_ms=dark_ms, as_json=as_json)


def sun(
    context: typer.Context,
    date: Annotated[str | None, typer.Option("--date", metavar="DATE", help="Evening's date (else tonight).")] = None,
    lat: Annotated[float | None, typer.Option("--lat", metavar="DEG", help="Latitude, north positive.")] = None,
    lon: Annotated[float | None, typer.Option("--lon", metavar="DEG", help="Longitude, east positive.")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Such as Asia/Ho_Chi_Minh.")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the sun of a night.

    Its set and rise, civil, nautical and astronomical dusk and dawn. With --lat, --lon and --timezone it needs no site.
    """
    from lighting.cli.say_sun import Place, place_given, print_sun

    place = place_given(lat, lon, timezone)
    if place is None:
        desk, _voice = open_desk(context, site, user)
        with desk:
            place = Place.of_site(desk.site, desk.clock.now_ms(), lat, lon, timezone)
    print_sun(place, date, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (status, plan, calendar, why, instructions, sun):
        app.command()(command)
