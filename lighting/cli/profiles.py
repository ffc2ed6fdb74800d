"""``lighting profiles``: the device types that are known, one of them in full, and whether a file describes one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from lighting.cli.options import Json, Site, site_folder


class ListByDefault(TyperGroup):
    """What is no sub-command is a word to look for: ``lighting profiles dali``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put ``list`` before what names no sub-command and asks for no help."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def list_profiles(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only those in whose id, name, maker or roles every word occurs."),
    ] = None,
    site: Site = None,
    as_json: Json = False,
) -> None:
    """List the device profiles: the site's own, then the built-in ones.

    Works with and without a site.
    """
    from lighting.cli.say_profiles import print_profiles

    raise typer.Exit(print_profiles(site_folder(context, site), words or [], as_json=as_json))


def show(
    context: typer.Context,
    profile_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the profile, such as wb-mao4.")],
    site: Site = None,
    as_json: Json = False,
) -> None:
    """Show one device profile in full.

    What the device is and how far the profile can be trusted, its limits and channels, every register, and what it
    does by itself when the master, the lamp bus or the power is lost.
    """
    from lighting.cli.say_profiles import print_profile

    raise typer.Exit(print_profile(site_folder(context, site), profile_id, as_json=as_json))


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile, such as profiles/my-relay.toml.")],
    as_json: Json = False,
) -> None:
    """Tell whether a file is a right device profile.

    Every problem at once, each with its line; the file's test vectors are tried both ways. Nothing is connected.
    """
    from lighting.cli.say_profiles import print_profile_check

    raise typer.Exit(print_profile_check(file, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add ``profiles`` with its sub-commands."""
    sub_commands = typer.Typer(
        name="profiles",
        cls=ListByDefault,
        help="The device types that are known. Without a sub-command they are listed.",
        rich_markup_mode=None,
        no_args_is_help=False,
    )
    sub_commands.command("list")(list_profiles)
    sub_commands.command()(show)
    sub_commands.command()(check)
    app.add_typer(sub_commands)
