"""``lighting commission``: what circuits would do if the controller died now, and making them stay lit."""

from __future__ import annotations

from typing import Annotated

import typer

from lighting.cli.options import Json, Reason, Site, User, open_desk


def commission(
    context: typer.Context,
    circuits: Annotated[
        list[str] | None, typer.Argument(metavar="[CIRCUIT]...", help="Circuits (else all of the site).")
    ] = None,
    cabinet: Annotated[str, typer.Option("--cabinet", metavar="ID", help="All circuits of this cabinet.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and show; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before settings are written.")] = False,
    as_found: Annotated[
        bool,
        typer.Option(
            "--as-found", help="Take output modes and dimming curves as they are, though they were others before."
        ),
    ] = False,
    reason: Reason = "",
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Make circuits stay lit without the controller.

    Reads from each device what it would do if the controller died now, if its lamp bus broke, or when the supply
    returns; shows what it should do and which settings differ; writes those after a typed yes, reads them back, and
    watches them from then on. A level that is only held counts as dark. No lamp is switched by it, and nothing is
    written under a lockout. Through the controller while one runs.

    \b
    lighting commission --dry-run
    lighting commission --cabinet CB01
    lighting commission C-0101 C-0102 --yes
    """
    from lighting.cli.commissioning import report_commission

    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(
            report_commission(
                desk,
                voice,
                circuits or [],
                cabinet=cabinet,
                dry_run=dry_run,
                yes=yes,
                reason=reason,
                as_json=as_json,
                as_found=as_found,
            )
        )


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(commission)
