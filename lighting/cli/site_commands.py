"""The commands about the site folder: init, check, apply, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli import import_lights, import_readings
from lighting.cli.options import Json, Site, User, open_desk, site_folder, user_id
from lighting.cli.revision_commands import DryRun, Note, NoYear, Yes


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or does not exist yet.")],
    user: User = None,
) -> None:
    """Write a small, commented, working example of a site, in which you are an operator."""
    from lighting.cli.say_site import write_example

    raise typer.Exit(write_example(folder, operator=user_id(context, user)))


def check(context: typer.Context, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """List every problem of the site folder."""
    from lighting.cli.say_site import print_check

    raise typer.Exit(print_check(site_folder(context, site), as_json=as_json))


def apply(
    context: typer.Context,
    note: Note = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    no_year: NoYear = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Accept the edited site folder.

    It says what changes, for how many circuits, and what tonight and a year's energy would become; at a terminal it
    asks. The controller runs it from then on. A broken one changes nothing.
    """
    from lighting.cli.taking_over import report_apply
    from lighting.desk.revision_desk import RevisionDesk

    desk, voice = open_desk(context, site, user)
    with desk:
        code = report_apply(
            RevisionDesk(desk), voice, note=note, dry_run=dry_run, yes=yes, year=not no_year, as_json=as_json
        )
        raise typer.Exit(code)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line; ``import`` has its own sub-commands, one a kind of file."""
    for command in (init, check, apply):
        app.command()(command)
    sub_commands = typer.Typer(
        name="import",
        help="Take in a city's own data: its lamps, its past readings.",
        rich_markup_mode=None,
        no_args_is_help=False,
    )
    import_lights.register(sub_commands)
    import_readings.register(sub_commands)
    app.add_typer(sub_commands)
