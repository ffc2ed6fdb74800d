"""``lighting traffic``: push counts, import files of them, show the flow and its class, and the typical week."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from lighting.cli.options import Json, Site, User, open_desk

Section = Annotated[str, typer.Argument(metavar="SECTION", help="Id of the section (traffic_sections.csv).")]
MostVehH = Annotated[
    float | None,
    typer.Option("--most-veh-h", metavar="N", help="More vehicles an hour are refused (else 3000 a lane)."),
]


class NumbersAreWords(TyperCommand):
    """``-5`` is a number, and no option: so that a count below none is told as such."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put numbers that no option takes behind ``--``."""
        takes_value = {
            name for one in self.params if not getattr(one, "is_flag", False) for name in one.opts if name[:1] == "-"
        }
        before = ["", *args]
        numbers = [
            at
            for at, word in enumerate(args)
            if re.match(r"-[\d.]", word) and before[at] not in takes_value and "--" not in args
        ]
        if numbers:
            words = [word for at, word in enumerate(args) if at not in numbers]
            args = [*words, "--", *(args[at] for at in numbers)]
        return super().parse_args(ctx, args)


def push(
    context: typer.Context,
    section: Annotated[str, typer.Argument(metavar="SECTION|-", help="Id of the section; - reads lines.")],
    vehicles: Annotated[str | None, typer.Argument(metavar="VEHICLES", help="One number a lane: 57, or 57+41.")] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            "--minutes", metavar="N", help="The last N minutes that ended on the clock (10 if nothing is said)."
        ),
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="When the count began: 17:00, or a date-time.")
    ] = None,
    end: Annotated[str | None, typer.Option("--until", metavar="TIME", help="When it ended.")] = None,
    lane: Annotated[
        int | None, typer.Option("--lane", metavar="N", help="The lane, where the section has one.")
    ] = None,
    most_veh_h: MostVehH = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Push a count of vehicles, or counts line by line.

    Asked at 17:13, the last ten minutes are those from 17:00 to 17:10: a timer that runs every ten minutes leaves no
    gap, and may ask again. The same count again is already known (0); another number for the same time is refused (5).

    With - instead of a section, lines come from standard input, each on record as soon as it is read: CSV with the
    heading section,from,until,vehicles (and lane), or one JSON object a line with these names. A bad line is said on
    stderr and loses no other. At the end: 2 if a line could not be read, else 3 if one named no section of the site,
    else 5 if one was refused, else 0.

    \b
    lighting traffic push RING-N 57+41
    lighting traffic push RING-N 57+41 --from 17:00 --until 17:10
    tail -F counts.ndjson | lighting traffic push -
    """
    from lighting.cli.traffic_pushing import PushWords, push_count, push_lines

    words = PushWords(section, vehicles, minutes, begin, end, lane, most_veh_h)
    desk, voice = open_desk(context, site, user)
    with desk:
        pushed = push_lines if section == "-" else push_count
        raise typer.Exit(pushed(desk, voice, words, as_json=as_json))


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of past counts.")],
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="pems, muenster or csv (our own).")],
    section: Annotated[str, typer.Option("--section", metavar="ID", help="Whose counts they are (not for csv).")] = "",
    detector: Annotated[
        list[str] | None, typer.Option("--detector", metavar="NAME", help="Row of Münster files; once for each lane.")
    ] = None,
    dates: Annotated[
        str | None, typer.Option("--dates", metavar="ORDER", help="day-first or month-first, where no date proves it.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Zone of the times in them (else the site's).")
    ] = None,
    most_veh_h: MostVehH = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="CSV", help="Write every refused count with its place there.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and tell, record nothing.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Import files of past counts.

    Read = used + refused, and each refusal has its reason. What is not certain is refused, never guessed: hours that
    clocks skip or show twice, rows that do not say which hours they lack, values that nobody counted. Files that were
    imported before change nothing. 1 if nothing at all could be used, else 0.

    \b
    lighting traffic import counts.csv --format csv
    lighting traffic import lane1.csv --format pems --section RING-N
    lighting traffic import *_24mq.csv --format muenster --section RING-N \\
      --detector MQ_03290_FV12_GR --timezone Europe/Berlin
    """
    from lighting.cli.traffic_importing import ImportWords, import_traffic

    words = ImportWords(tuple(files), form, section, tuple(detector or ()), dates, timezone, most_veh_h, report)
    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(import_traffic(desk, voice, words, dry_run=dry_run, as_json=as_json))


def show(
    context: typer.Context,
    section: Annotated[str | None, typer.Argument(metavar="[SECTION]", help="One section, with its reason.")] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the flow of each section and the class by it."""
    from lighting.cli.say_traffic import print_sections
    from lighting.desk.traffic_now import sections_now

    desk, voice = open_desk(context, site, user)
    with desk:
        print_sections(sections_now(desk, section), voice, alone=section is not None, as_json=as_json)


def week(
    context: typer.Context,
    section: Section,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Learn from the year before it (else the newest).")
    ] = None,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Show the typical week of a section.

    Median flow by weekday and hour of its newest year of counts that suffices, where there are four samples or more.
    It serves plan and what-if only, never the lamps.
    """
    from lighting.cli.say_traffic_week import print_week
    from lighting.desk.traffic_now import typical_week

    desk, voice = open_desk(context, site, user)
    with desk:
        until_ms = None if until is None else desk.parse_moment(until)
        print_week(typical_week(desk, section, until_ms=until_ms), desk.site.timezone, voice, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add ``traffic`` with its sub-commands."""
    sub_commands = typer.Typer(
        name="traffic",
        help="Traffic counts: push, import, show, and the typical week.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    sub_commands.command(cls=NumbersAreWords)(push)
    sub_commands.command("import")(import_files)
    sub_commands.command()(show)
    sub_commands.command()(week)
    app.add_typer(sub_commands)
