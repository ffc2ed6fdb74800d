"""``lighting import readings``: what was read, used and refused, in words, with every refused row in a report."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lighting.cli.options import Dates, Json, Site, User, open_desk

if TYPE_CHECKING:
    from lighting.cli.voice import Voice
    from lighting.desk.desk import Desk
    from lighting.desk.readings_import import ReadingsImported, ReadingsWish, Stamp
    from lighting.exchange.reading_rows import Refusals

SCHEMA = "lighting.readings_import/1"
_REPORT_COLUMNS = ("file", "line", "meter_or_circuit", "code", "explanation")


@dataclass(frozen=True, slots=True)
class ReadingsWords:
    """The words of the command line, as they were typed."""

    columns: tuple[str, ...]
    timezone: str | None
    unit: str | None
    interval: str | None
    stamp: str
    meter: str
    circuit: str
    dates: str | None


def readings(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet, one row a meter and time.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="ROLE=COLUMN", help="Which column is what, such as energy=Stand; repeatable."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Zone of times without offset (else the site's).")
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="UNIT", help="Unit of energy: kWh, Wh, MWh (else its heading)."),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option("--interval", metavar="TIME", help="Energies are those of intervals of 15m, 1h …, not a counter."),
    ] = None,
    stamp: Annotated[
        str, typer.Option("--stamp", metavar="WHICH", help="Times are the begin or the end of the intervals.")
    ] = "begin",
    meter: Annotated[
        str, typer.Option("--meter", metavar="DEVICE:CHANNEL", help="All rows are of this meter channel.")
    ] = "",
    dates: Dates = None,
    circuit: Annotated[str, typer.Option("--circuit", metavar="ID", help="All rows are of this circuit.")] = "",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="CSV", help="Write every refused row with its line there.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and tell, record nothing.")] = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Import a city's past readings.

    Columns are recognised by their names, or told with --map: time, meter or circuit, energy, power, level, voltage,
    current, power_factor, reactive. Read = used + refused, and each refusal has its line and reason.

    Times are ISO, 29.03.2026 00:15 (day first), or 29/03/2026 00:15; 03/04/2026 may be two days and is refused unless
    --dates tells the order. Times that clocks skip are refused; those that they show twice too, unless the order of the
    file tells them apart. What is stored already stays as it is: the same file again adds nothing, and a row that says
    another value for a stored instant is refused with both. 1 if nothing at all could be used, else 0.

    \b
    lighting import readings meters.csv --dry-run
    lighting import readings utility.csv --meter CB01-D:1 --unit kWh \\
      --interval 15m --stamp end
    """
    words = ReadingsWords(tuple(columns or ()), timezone, unit, interval, stamp, meter, circuit, dates)
    desk, voice = open_desk(context, site, user)
    with desk:
        raise typer.Exit(_import(desk, voice, file, words, report, dry_run=dry_run, as_json=as_json))


def _import(
    desk: Desk, voice: Voice, file: Path, words: ReadingsWords, report: Path | None, *, dry_run: bool, as_json: bool
) -> int:
    from lighting.assets.fact import Fact
    from lighting.cli.exit_codes import Exit
    from lighting.desk.readings_import import import_readings

    wish = _wish(words)
    with _rows_read() as progress:
        answer = import_readings(desk, file, wish, dry_run=dry_run, progress=progress)
    if report is not None:
        report.write_text(report_csv(answer.refusals, voice), encoding="utf-8")
    if as_json:
        _print_form(answer)
    else:
        _print_summary(voice, answer, file)
        if report is not None:
            voice.data(Fact("import_report", {"file": str(report)}))
    return Exit.FINE if answer.used_count else Exit.FAILURE


def _wish(words: ReadingsWords) -> ReadingsWish:
    from lighting.assets.fact import Fact
    from lighting.assets.nearest import listed, shown
    from lighting.cli.options import date_order_of
    from lighting.desk.readings_import import ReadingsWish
    from lighting.desk.refusal import WrongUsage
    from lighting.desk.times import length_s
    from lighting.exchange.reading_roles import ENERGY_UNITS, ROLES

    chosen = {}
    for text in words.columns:
        role, equals, column = (part.strip() for part in text.partition("="))
        if not equals or role not in ROLES or not column:
            raise WrongUsage(Fact("readings_map_not_understood", {"found": shown(text), "allowed": listed(ROLES)}))
        chosen[role] = column
    if words.unit is not None and words.unit not in ENERGY_UNITS:
        raise WrongUsage(Fact("readings_unit_unknown", {"found": shown(words.unit), "allowed": listed(ENERGY_UNITS)}))
    if words.stamp not in ("begin", "end"):
        raise WrongUsage(Fact("readings_stamp_unknown", {"found": shown(words.stamp)}))
    interval_ms = None if words.interval is None else round(length_s(words.interval) * 1000)
    stamp: Stamp = "end" if words.stamp == "end" else "begin"
    return ReadingsWish(
        chosen, words.timezone, words.unit, interval_ms, stamp, words.meter, words.circuit, date_order_of(words.dates)
    )


def _print_summary(voice: Voice, answer: ReadingsImported, file: Path) -> None:
    from lighting.assets.fact import Fact, Value

    used = ", ".join(f"{role}={column}" for role, column in answer.columns.items())
    voice.data(Fact("readings_columns", {"file": file.name, "columns": used}))
    counts: dict[str, Value] = {"read_count": answer.read_count, "used_count": answer.used_count}
    voice.data(Fact("readings_read", {**counts, "refused_count": answer.refused_count}))
    for code, count in answer.refusals.counts.most_common():
        first = answer.refusals.first[code]
        values: dict[str, Value] = {"row_count": count, "line": first.line, "reason": voice.sentence(first.fact)}
        voice.data(Fact("readings_refused", values))
    if not answer.readings:
        return
    span: dict[str, Value] = {"from_ms": answer.from_ms, "until_ms": answer.until_ms}
    became: dict[str, Value] = {"readings": answer.readings, "series_count": answer.series_count, **span}
    if answer.dry_run:
        voice.data(Fact("readings_dry", became))
    else:
        same = answer.readings - answer.added
        voice.data(Fact("readings_became", {**became, "added": answer.added, "same": same}))
    if not answer.has_revision:
        voice.tell(Fact("accounts_need_revision"))


def _print_form(answer: ReadingsImported) -> None:
    from lighting.cli.json_forms import form
    from lighting.cli.voice import print_json

    refused = [
        {"rows": count, "fact": answer.refusals.first[code].fact, "line": answer.refusals.first[code].line}
        for code, count in answer.refusals.counts.most_common()
    ]
    print_json(
        form(
            SCHEMA,
            file=answer.refusals.file,
            dry_run=answer.dry_run,
            columns=answer.columns,
            read_count=answer.read_count,
            used_count=answer.used_count,
            refused_count=answer.refused_count,
            contradicted_count=answer.contradicted_count,
            readings=answer.readings,
            added=answer.added,
            series_count=answer.series_count,
            from_ms=answer.from_ms,
            until_ms=answer.until_ms,
            refused=refused,
        )
    )


def report_csv(refusals: Refusals, voice: Voice) -> str:
    """Every refused row as CSV with its place, up to the number that is kept."""
    from lighting.exchange.import_report import safe_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_REPORT_COLUMNS)
    for one in sorted(refusals.rows, key=lambda refusal: refusal.line):
        explanation = safe_cell(voice.sentence(one.fact))
        writer.writerow([one.file, one.line, safe_cell(one.subject), one.fact.code, explanation])
    return text.getvalue()


@contextmanager
def _rows_read() -> Iterator[Callable[[int], None] | None]:
    """The number of rows so far on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda rows: print(f"\r\033[K{rows:,}".replace(",", " "), end="", file=sys.stderr, flush=True)
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def register(app: typer.Typer) -> None:
    """Add the command ``readings`` to the sub-commands of ``import``."""
    app.command()(readings)
