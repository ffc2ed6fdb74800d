"""``lighting baseline``: what savings are measured against."""

from __future__ import annotations

import typer

from lighting.cli.options import Json, Site, User, open_desk


def baseline(context: typer.Context, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """Show the baseline in force.

    What savings are measured against: the options of IPMVP, the switching point and what it means tonight, the watts
    and what they rest on, adjustments, and what is still missing for a claim that an auditor accepts. It is stated in
    baseline.toml (docs/guides/savings.md).
    """
    from lighting.cli.folder_in_force import tell_of_edits
    from lighting.cli.say_baseline import print_baseline

    desk, voice = open_desk(context, site, user)
    with desk:
        tell_of_edits(desk, voice)
        print_baseline(desk, voice, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(baseline)
