"""``lighting device``: one device at its cabinet, by a person: read, write, probe, watch; or all of a bus at once."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lighting.cli.options import Json, Reason, Site, User, open_desk

Which = Literal["fast", "slow", "all"]

device_app = typer.Typer(
    name="device",
    help="Read, write, probe or watch devices. Through the controller while it runs, so that there is one master.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Device = Annotated[str, typer.Argument(metavar="DEVICE", help="Id of the device, such as CB01-D (devices.csv).")]
Points = Annotated[
    list[str] | None, typer.Argument(metavar="[POINT]...", help="Names of points (else those that are polled often).")
]


@device_app.command("read")
def read(
    context: typer.Context,
    device: Device,
    points: Points = None,
    every: Annotated[bool, typer.Option("--all", help="Every point that can be read, settings too.")] = False,
    slow: Annotated[bool, typer.Option("--slow", help="The points that are polled seldom.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Show the raw registers beside each value.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the present values of a device, with units and quality.

    A value is good, out of range (kept, but not to be used), or unknown (the device gives none there).

    \b
    lighting device read CB01-M
    lighting device read CB01-M voltage_L1 current_L1 --raw
    lighting device read CB01-D --all
    """
    from lighting.cli.device_work import report_read

    if every and slow:
        raise typer.BadParameter("choose one of --all and --slow")
    desk, voice = open_desk(context, site, user)
    with desk:
        which: Which = "all" if every else "slow" if slow else "fast"
        raise typer.Exit(report_read(desk, voice, device, points or [], which, with_raw=raw, as_json=as_json))


@device_app.command("write")
def write(
    context: typer.Context,
    device: Device,
    point: Annotated[str, typer.Argument(metavar="POINT", help="Name of the point (lighting device read --all).")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="In the point's unit, or one of its words.")],
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a setting is written.")] = False,
    word: Annotated[
        str, typer.Option("--word", metavar="POINT", help="Confirm a command or a live output by its point's name.")
    ] = "",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Write one point of a device. For operators; always audited.

    A setting is shown beside its new value, asked about, and written only if it differs: its memory wears out. A
    command (a reset, a bus scan) needs its point's name typed, or --word. A live output belongs to the controller
    while one runs: use lighting set. Nothing is written under a lockout.

    A value below 0 stands last, after two dashes: -- -5.

    \b
    lighting device write CB01-R power_on_action safe_state --yes --reason "lit"
    lighting device write CB01-R relay_5 on --word relay_5 --reason "a try"
    lighting device write CB02-D safety_level_1 100 --yes --reason "lit"
    """
    from lighting.cli.device_writing import report_write

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(
            report_write(desk, voice, device, point, value, reason=reason, word=word, yes=yes, as_json=as_json)
        )


@device_app.command("broadcast")
def broadcast(
    context: typer.Context,
    bus: Annotated[str, typer.Argument(metavar="BUS", help="Id of the bus, such as CB01-bus (buses.csv).")],
    point: Annotated[str, typer.Argument(metavar="POINT", help="Name of the point, the same on every device.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="In the point's unit, or one of its words.")],
    reason: Reason = "",
    word: Annotated[str, typer.Option("--word", metavar="BUS", help="Confirm it by the bus's name.")] = "",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Write one point of every device on a bus at once.

    For operators; always audited. Every unit on the line hears it, also one that devices.csv does not name, and none
    answers: so each device is read afterwards, and told as confirmed or NOT confirmed. The bus's name must be typed,
    or given by --word.

    It is refused, before anything is sent, unless the profile of every device on the bus allows broadcast and has the
    same point at the same place; for a value that one of them forbids; and while any circuit of the line or of its
    cabinets is locked out. Over Modbus TCP and TLS the profiles must allow it by themselves (broadcast_tcp).

    It is meant for settings and commands. A setting stays, and is not sent where it stands so already on all devices.
    A level or contact of a circuit belongs to the controller while one runs, which would write it back at once, so
    that is refused: use lighting set. With no controller running it stays until the next one starts.

    \b
    lighting device broadcast CB01-bus transition 500 --reason "soft steps"
    """
    from lighting.cli.device_broadcasting import report_broadcast

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(report_broadcast(desk, voice, bus, point, value, reason=reason, word=word, as_json=as_json))


@device_app.command("probe")
def probe(context: typer.Context, device: Device, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """Tell whether a device is there and is what its profile says.

    Reads its probe points, serial number and firmware, and times its answers; it writes nothing.

    \b
    lighting device probe CB01-M
    """
    from lighting.cli.device_work import report_probe

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(report_probe(desk, voice, device, as_json=as_json))


@device_app.command("watch")
def watch(
    context: typer.Context,
    device: Device,
    points: Points = None,
    every: Annotated[str, typer.Option("--every", metavar="TIME", help="Time between two readings.")] = "2s",
    count: Annotated[int, typer.Option("--count", min=0, help="Stop after so many readings (0: at Ctrl-C).")] = 0,
    site: Site = None,
    user: User = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")] = False,
) -> None:
    """Read the same points again and again, until Ctrl-C.

    A device that falls silent is said, and tried again.

    \b
    lighting device watch CB01-M active_power_L1 --every 1s
    """
    from lighting.cli.device_work import report_watch

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(report_watch(desk, voice, device, points or [], every, count=count, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(device_app)
