"""The commands about meters: list, and replace."""

from __future__ import annotations

from typing import Annotated

import typer

from lighting.cli.options import Json, Reason, Site, User, open_desk

_FIGURES = "123.4, or L1=123.4 for each channel of a meter that has several"


def list_meters(context: typer.Context, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """Show the meters of the site, the channels that are used, and what was mounted since when."""
    from lighting.cli.say_meters import print_meters
    from lighting.desk.meter_desk import MeterDesk

    desk, voice = open_desk(context, site, user)
    with desk:
        print_meters(MeterDesk(desk).rows(), voice, now_ms=desk.clock.now_ms(), as_json=as_json)


def replace(
    context: typer.Context,
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Id of the meter, such as CB02-M (devices.csv).")],
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When: 10:15 (the last one), 2h ago as 2h, or 2026-11-24T10:15.")
    ],
    serial: Annotated[str, typer.Option("--serial", metavar="SN", help="Serial number of the new meter.")],
    closing: Annotated[
        list[str] | None, typer.Option("--closing", metavar="KWH", help=f"Last figure of the old one: {_FIGURES}.")
    ] = None,
    opening: Annotated[
        list[str] | None, typer.Option("--opening", metavar="KWH", help="First figure of the new one, likewise.")
    ] = None,
    reason: Reason = "",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Write down that a meter was replaced.

    Its counter begins anew, so that what lies between the last reading of the old one and the first of the new one is
    unknown unless both figures are given. The time must not lie after the first poll of the new meter.

    \b
    lighting meter replace CB02-M --at 10:15 --serial 24-00817
        --closing 8112.4 --opening 0 --reason "display dead"
    """
    from lighting.cli.say_meters import print_replacement
    from lighting.desk.meter_desk import MeterDesk

    desk, voice = open_desk(context, site, user)
    with desk:
        replaced = MeterDesk(desk).replace(
            device, at=at, serial=serial, closing=closing or (), opening=opening or (), reason=reason
        )
        print_replacement(replaced, voice, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    sub_commands = typer.Typer(
        name="meter",
        help="The meters: what is mounted, and replacements.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    sub_commands.command("list")(list_meters)
    sub_commands.command()(replace)
    app.add_typer(sub_commands)
