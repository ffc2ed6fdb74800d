"""The commands that only ask: status, plan, why, instructions, sun."""

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
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the levels of tonight.

    Of every circuit, equal nights together; or of one circuit, with the cause of each change.
    """
    from lighting.cli.say_plan import print_circuit_plan, print_city_plan

    desk, voice = open_desk(context, site, user)
    with desk:
        ids = None if circuit is None else (circuit,)
        changes = desk.plan_changes(ids, night=night)
        wanted = desk.night(night)
        if circuit is None:
            print_city_plan(wanted, changes, voice, as_json=as_json)
        else:
            print_circuit_plan(wanted, circuit, changes[circuit], voice, as_json=as_json)


def why(
    context: typer.Context,
    circuit: Circuit,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Another moment: 22:30 (the last one), 2h (ago), or a date-time."),
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Say why a circuit has its level.

    Now, or at another moment with --at.
    """
    from lighting.cli.say_why import print_why

    desk, voice = open_desk(context, site, user)
    with desk:
        at_ms = None if at is None else desk.parse_moment(at)
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
    """List the overrides and lockouts in force."""
    from lighting.cli.say_lists import print_instructions

    desk, voice = open_desk(context, site, user)
    with desk:
        print_instructions(desk.instructions(all_states=all_states), voice, as_json=as_json)


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
    for command in (status, plan, why, instructions, sun):
        app.command()(command)
