"""``lighting db``: the store itself: what it holds, upgrade, backup, restore, verify, export, rebuild."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Json, Site, User, open_desk, site_folder, user_id

Full = Annotated[bool, typer.Option("--full", "--all", help="Look at everything, however long it takes.")]
CountAll = Annotated[
    bool, typer.Option("--count", help="Count every row, however long it takes (else up to a million a table).")
]
First = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, 2026-01-01 (else all).")]
Last = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included (else all).")]


def db(
    context: typer.Context,
    count_all: CountAll = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """The store: where it is and what it holds; upgrade, backup, restore, verify, export, rebuild."""
    if context.invoked_subcommand is None:
        _status(context, site, count_all=count_all, as_json=as_json)


def status(
    context: typer.Context, count_all: CountAll = False, site: Site = None, user: User = None, as_json: Json = False
) -> None:
    """Show where the store is and what it holds.

    Its schema, size, rows and times by group of tables, what waits to be worked out again, and the last backup.
    """
    _status(context, site, count_all=count_all, as_json=as_json)


def _status(context: typer.Context, site: Path | None, *, count_all: bool, as_json: bool) -> None:
    from lighting.cli.say_db import print_content
    from lighting.desk.store_keeping import look_at_store

    folder = site_folder(context, site)
    print_content(look_at_store(folder, count_all=count_all), folder, as_json=as_json)


def upgrade(
    context: typer.Context,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Do not back up a SQLite store beside itself first.")
    ] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Bring an older store up to this program's schema.

    Nobody may hold the lines of the site meanwhile: stop the controller first. All of it is done, or nothing.
    """
    from lighting.cli.say_db import print_upgrade
    from lighting.desk.store_keeping import upgrade_store

    folder = site_folder(context, site)
    answer = upgrade_store(folder, user_id=user_id(context, user), with_backup=not no_backup)
    print_upgrade(answer, as_json=as_json)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as backup.zip.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file of that name.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Back up the whole store while everything runs.

    One consistent state of all tables, in a zip that either database reads back. It is under its name only once it
    is whole and on disk.
    """
    from lighting.cli.say_db import print_backup, table_progress
    from lighting.desk.store_keeping import back_up_store

    desk, voice = open_desk(context, site, user)
    with desk:
        with table_progress() as progress:
            answer = back_up_store(desk, file, overwrite=force, progress=progress)
        print_backup(answer, voice, as_json=as_json)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of lighting db backup.")],
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="Read it into this store, and let the site have it from now on."),
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Read a backup back into an empty store.

    The store must be empty or not there yet, and no controller may run. The backup is checked as a whole before
    anything is touched; then all of it is there, or nothing. With --store a site moves to another database.

    \b
    lighting db restore backup.zip
    lighting db restore backup.zip \\
      --store postgresql://lighting@localhost/lighting
    """
    from lighting.cli.say_db import print_restore, table_progress
    from lighting.desk.store_keeping import restore_backup

    folder = site_folder(context, site)
    with table_progress() as progress:
        answer = restore_backup(folder, file, user_id=user_id(context, user), store_url=store, progress=progress)
    print_restore(answer, as_json=as_json)


def verify(
    context: typer.Context,
    full: Full = False,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day to recompute, 2026-01-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day to recompute, included.")] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Check that the store is whole, and its figures what the raw readings give.

    Pages, references, numbers, the latest readings, hours against readings, and sums against what they are the sums
    of: of the last 35 days, or of all with --full. Then each rollup and account of the last 7 days that are over, of
    the days from --from to --to, or with --all of every day, is worked out once more from the raw readings and
    decisions, and those that differ are named. Nothing is changed. 0 if all is right, 1 if something is wrong.

    \b
    lighting db verify
    lighting db verify --from 2026-01-01 --to 2026-12-31
    lighting db verify --all
    """
    from lighting.cli.say_db import print_verification, table_progress
    from lighting.desk.store_export import day_span
    from lighting.desk.verifying import verify_store

    span = day_span(first, last)
    folder = site_folder(context, site)
    with table_progress() as progress:
        answer = verify_store(folder, is_full=full, span=span, progress=progress)
    raise typer.Exit(print_verification(answer, folder, as_json=as_json))


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the files, made if it is missing.")],
    what: Annotated[
        list[str] | None, typer.Option("--what", metavar="TABLE", help="Which table; repeatable (else all of them).")
    ] = None,
    first: First = None,
    last: Last = None,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="csv or parquet.")] = "csv",
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Take tables out of the store as files for others.

    One file a table: readings, hours, days, accounts, account-months, account-hours, bills, decisions, instructions,
    transitions, writes, alarms, traffic, audit. Ids stand in the place of keys, units in the headings, and times as
    ISO with the offset of the site's zone and as UTC ms. Parquet needs the extra [parquet].

    \b
    lighting db export out --what readings --what days \\
      --from 2026-01-01 --to 2026-01-31
    """
    from lighting.cli.say_db import print_exported, table_progress, tables_wanted
    from lighting.desk.store_export import day_span, export_tables

    whats, chosen = tables_wanted(tuple(what or ()), form)
    span = day_span(first, last)
    desk, voice = open_desk(context, site, user)
    with desk:
        with table_progress() as progress:
            done = export_tables(desk, folder, whats, span, form=chosen, overwrite=force, progress=progress)
        print_exported(done, voice, as_json=as_json)


def rebuild(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    rollups: Annotated[bool, typer.Option("--rollups", help="The hours and days of readings.")] = False,
    accounts: Annotated[bool, typer.Option("--accounts", help="The accounts of energy.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Work out again what is worked out from readings.

    Rollups, and the accounts of energy made of them; both unless one is named. It is done when the command ends, also
    where no controller runs and the accounts were never made, and beside a controller too. Who ends it early leaves
    the rest marked: the controller works it off, or the next rebuild. 1 if no account could be made, for no revision of
    the site was accepted yet (lighting apply).

    \b
    lighting db rebuild
    lighting db rebuild --accounts \\
      --from 2026-01-01 --to 2026-12-31
    """
    from lighting.cli.say_db import print_rebuilt, step_progress
    from lighting.desk.rebuilding import rebuild
    from lighting.desk.store_export import day_span

    span = day_span(first, last)
    both = not rollups and not accounts
    desk, voice = open_desk(context, site, user)
    with desk:
        with step_progress(voice) as progress:
            rebuilt = rebuild(desk, span, rollups=rollups or both, accounts=accounts or both, progress=progress)
        raise typer.Exit(print_rebuilt(rebuilt, voice, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add ``db`` with its sub-commands; alone it shows the status."""
    sub_commands = typer.Typer(name="db", rich_markup_mode=None, invoke_without_command=True)
    sub_commands.callback(invoke_without_command=True)(db)
    for command in (status, upgrade, backup, restore, verify, export, rebuild):
        sub_commands.command()(command)
    app.add_typer(sub_commands)
