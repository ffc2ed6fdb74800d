"""The commands about revisions: diff, rollback, and the accepted states themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk
from lighting.cli.profiles import ListByDefault

Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What changed and why, kept with it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask (without a terminal nothing is asked).")]
NoYear = Annotated[bool, typer.Option("--no-year", help="Do not work out what a year's energy would become.")]
Number = Annotated[str, typer.Argument(metavar="REVISION", help="Number of the revision (lighting revisions).")]


def diff(
    context: typer.Context,
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="[REVISION] [REVISION]", help="Other states than folder and newest.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Show the lines of the files instead, as diff -u does.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Say what a change is, in words.

    Without a REVISION: from the revision that rules to the edited folder. With one: from the revision that rules to
    that one, as a rollback would do. With two: from the first to the second.
    """
    from lighting.cli.say_revisions import heading_of, print_diff, print_text
    from lighting.desk.revision_desk import RevisionDesk

    desk, voice = open_desk(context, site, user)
    with desk:
        revisions = RevisionDesk(desk)
        before, after = revisions.two_states(numbers or [])
        if text:
            print_text(before, after, voice, as_json=as_json)
        else:
            heading = heading_of(before, after, rules=len(numbers or []) < 2)
            print_diff(revisions.compare(before, after), heading, voice, as_json=as_json)


def rollback(
    context: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="[REVISION]", help="Number of the revision.")] = None,
    last: Annotated[bool, typer.Option("--last", help="The one that ruled before the present one.")] = False,
    note: Note = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    no_year: NoYear = False,
    restore: Annotated[
        Path | None,
        typer.Option("--restore-folder", metavar="DIR", help="Write its files there too; nothing edited is lost."),
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Let an old revision rule again.

    Its content becomes the newest revision, with the checks of an apply. The folder keeps what was edited there.
    """
    from lighting.cli.taking_over import report_rollback, wanted_number
    from lighting.desk.revision_desk import RevisionDesk

    wanted = wanted_number(number, last=last)
    desk, voice = open_desk(context, site, user)
    with desk:
        code = report_rollback(
            RevisionDesk(desk),
            voice,
            wanted,
            note=note,
            dry_run=dry_run,
            yes=yes,
            year=not no_year,
            restore=restore,
            as_json=as_json,
        )
        raise typer.Exit(code)


def list_revisions(context: typer.Context, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """List the accepted states of the folder, newest first."""
    from lighting.cli.say_lists import print_revisions

    desk, voice = open_desk(context, site, user)
    with desk:
        print_revisions(desk.revisions(), voice, as_json=as_json)


def show(context: typer.Context, number: Number, site: Site = None, user: User = None, as_json: Json = False) -> None:
    """Show one revision: who accepted it when, and what it changed."""
    from lighting.cli.say_revisions import print_revision, same_content
    from lighting.desk.comparing import number_of
    from lighting.desk.revision_desk import RevisionDesk

    wanted = number_of(number)
    desk, voice = open_desk(context, site, user)
    with desk:
        revisions = RevisionDesk(desk)
        content, before = revisions.numbered(wanted), revisions.before(wanted)
        comparison = None if before is None else revisions.compare(before, content)
        known = desk.revisions()
        same_as = None if content.revision is None else same_content(content.revision, known)
        rules = bool(known) and known[0].id == wanted
        print_revision(content, comparison, same_as, voice, rules=rules, as_json=as_json)


def export(
    context: typer.Context,
    number: Number,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or does not exist yet.")],
    site: Site = None,
    user: User = None,
) -> None:
    """Write the files of a revision into a folder.

    Nothing that stands there is lost: a file of a site that is another one is left as it is, and so are all others.
    """
    from lighting.assets.fact import Fact
    from lighting.desk.comparing import number_of
    from lighting.desk.revision_desk import RevisionDesk

    wanted = number_of(number)
    desk, voice = open_desk(context, site, user)
    with desk:
        revisions = RevisionDesk(desk)
        written = revisions.export(revisions.numbered(wanted), folder)
        for name in written:
            print(name)
        voice.tell(Fact("files_written", {"files": len(written), "revision": wanted, "folder": str(folder)}))


def register(app: typer.Typer) -> None:
    """Add these commands to the command line; ``revisions`` has its own sub-commands."""
    app.command()(diff)
    app.command()(rollback)
    sub_commands = typer.Typer(
        name="revisions",
        cls=ListByDefault,
        help="The accepted states of the folder. Without a sub-command they are listed.",
        rich_markup_mode=None,
        no_args_is_help=False,
    )
    sub_commands.command("list")(list_revisions)
    sub_commands.command()(show)
    sub_commands.command()(export)
    app.add_typer(sub_commands)
