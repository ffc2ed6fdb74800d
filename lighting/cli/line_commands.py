"""The commands that work on a whole line: buses, scan, record, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk

Bus = Annotated[str, typer.Argument(metavar="BUS", help="Id of the bus, such as CB01-bus (buses.csv).")]


def buses(context: typer.Context, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """Show how each bus fares: requests, time-outs, round trips.

    As the controller last wrote it down, every few seconds; counters begin anew when it starts. ASKED: requests;
    TIMEOUTS: unanswered ones; REFUSED: exceptions, with code and number of each; ODD: answers not to be believed; LOST:
    connections made anew; WORST: the device with most trouble.
    """
    from lighting.cli.say_buses import print_buses

    desk, voice = open_desk(context, site, user)
    with desk:
        print_buses(desk.buses(), voice, is_held=desk.are_lines_held(), now_ms=desk.clock.now_ms(), as_json=as_json)


def scan(
    context: typer.Context,
    bus: Bus,
    units: Annotated[
        str, typer.Option("--units", metavar="1-247", help="Unit ids to try: 5, 1-20 or 1-247.")
    ] = "1-247",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Find which unit ids answer on a bus, and which profiles fit them.

    By reading probe points alone, never by writing. A unit id where nobody answers costs a time-out: a whole bus may
    take some minutes. A fit is evidence, no proof: all profiles that fit equally well are named, and one whose
    probe points fit nearly anything is called weak. Between two questions a unit gets the pause of its profile in
    devices.csv, one that is not listed there the longest pause of all profiles.

    \b
    lighting scan CB01-bus
    lighting scan CB01-bus --units 1-20
    """
    from lighting.cli.line_work import report_scan

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(report_scan(desk, voice, bus, units, as_json=as_json))


def record(
    context: typer.Context,
    bus: Bus,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the traffic goes; not to exist yet.")],
    for_time: Annotated[str, typer.Option("--for", metavar="TIME", help="How long, 1 hour at most.")] = "60s",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Record what passes a bus, as a file for lighting replay.

    Every point of the bus's devices is read at least once meanwhile. Ctrl-C ends it early and keeps the file.

    \b
    lighting record CB01-bus cb01.jsonl --for 2m
    """
    from lighting.cli.line_work import report_record

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(report_record(desk, voice, bus, file, for_time, as_json=as_json))


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of lighting record.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to serve at (0: any free one).")] = 0,
) -> None:
    """Serve a recording over Modbus TCP on this machine, until Ctrl-C.

    A recorded request gets its recorded answers in turn, and one that was not answered silence. A read of registers
    that were recorded by other reads gets them as they were shown last, so that lighting scan finds the devices. Any
    other request gets exception 2, and a unit that never answered is silent. It needs no site.

    \b
    lighting replay cb01.jsonl --port 15020
    """
    from lighting.cli.replaying import run_replay

    raise typer.Exit(run_replay(file, port))


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (buses, scan, record, replay):
        app.command()(command)
