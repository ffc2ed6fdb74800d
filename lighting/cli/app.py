"""The commands, each thin: what it does is imported when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lighting.cli import (
    acting,
    asking,
    baseline_command,
    bills_commands,
    commission_command,
    db_commands,
    device_commands,
    energy_command,
    instructing,
    line_commands,
    meter_commands,
    profiles,
    report_command,
    revision_commands,
    serving,
    site_commands,
    tariff_commands,
    traffic_commands,
    whatif_command,
)
from lighting.cli.exit_codes import EPILOGUE, Exit
from lighting.cli.options import Chosen, Site, User

app = typer.Typer(
    name="lighting",
    help="Control a city's street lighting: what it should do, what it does, and why.",
    epilog=EPILOGUE,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        from lighting import __version__

        print(f"lighting {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def choose(
    context: typer.Context,
    site: Site = None,
    user: User = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Control a city's street lighting: what it should do, what it does, and why."""
    context.obj = Chosen(site, user)
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(Exit.WRONG_USAGE)


asking.register(app)
whatif_command.register(app)
report_command.register(app)
energy_command.register(app)
baseline_command.register(app)
acting.register(app)
instructing.register(app)
site_commands.register(app)
revision_commands.register(app)
profiles.register(app)
device_commands.register(app)
line_commands.register(app)
meter_commands.register(app)
traffic_commands.register(app)
tariff_commands.register(app)
bills_commands.register(app)
commission_command.register(app)
db_commands.register(app)
serving.register(app)
