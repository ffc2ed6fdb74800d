"""``lighting report``: the energy report as a page, on paper, as a workbook, as CSV or JSON."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Site, User, open_desk


def report(
    context: typer.Context,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", metavar="FILE", help="FILE.html, .pdf, .xlsx, .csv or .json; may be repeated."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day, 2026-01-01 (else of the newest month).")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="MONTH", help="A month, 2026-10.")] = None,
    last_month: Annotated[bool, typer.Option("--last-month", help="The month before this one.")] = False,
    districts: Annotated[
        list[str] | None, typer.Option("--district", metavar="NAME", help="Only this district; may be repeated.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", metavar="NAME", help="same_lamps_full_power (else), lamps_before or metered_reference."
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="en or vi (else $LIGHTING_LANGUAGE, else en).")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Write the monthly report of [reports] in site.toml, if it is due.")
    ] = False,
    site: Site = None,
    user: User = None,
) -> None:
    """Write the energy report of a span of days.

    What was used, what it would have been, and what was saved by what: in kWh, money and CO2, with uncertainty and
    completeness, and with the method, so that it can be reckoned again. The same data gives the same bytes.

    \b
    lighting report --from 2026-01-01 --to 2026-12-31 -o 2026.html -o 2026.xlsx
    lighting report --last-month --language vi --out october.pdf
    """
    from lighting.cli.folder_in_force import tell_of_edits
    from lighting.cli.report_forms import ReportForm, write_due, write_reports

    wanted = ReportForm(
        files=tuple(out or ()),
        first=first,
        last=last,
        month=month,
        last_month=last_month,
        districts=tuple(districts or ()),
        baseline=baseline,
        language=language,
        due=due,
    )
    wanted.check()
    with _nothing_collected():
        desk, voice = open_desk(context, site, user)
        with desk:
            if not due:  # a timer asks, whom the controller's own status serves better
                tell_of_edits(desk, voice)
            (write_due if due else write_reports)(desk, voice, wanted)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A report holds all that it makes until it is written: to look for what nobody holds took a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(report)
