"""``lighting energy --csv``: a row for each line of each span, in units of a sheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from lighting.cli.csv_file import write_to
from lighting.cli.say_energy import KWH_WS, Told, money_of
from lighting.desk.energy_answers import CauseLine, EnergyReport, Known, PlaceLine, SpanLine, Worth

HEADING = (
    *("span", "scope", "id", "from", "to", "used_kwh", "baseline_kwh", "saved_kwh", "used_money", "baseline_money"),
    *("saved_money", "currency", "used_co2_kg", "baseline_co2_kg", "saved_co2_kg", "undelivered_lamp_h", "known_share"),
)


def write_csv(file: str, spans: Sequence[Told]) -> int:
    """Write every line and return how many rows; a file is replaced only when all is written.

    What is not known is empty. A cause has what it saved, and nothing else.
    """
    return write_to(file, lambda stream: _write(stream, spans))


def _write(stream: TextIO, spans: Sequence[Told]) -> int:
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(HEADING)
    count = 0
    for told in spans:
        for row in _rows(told.span, told.report):
            table.writerow(row)
            count += 1
    return count


def _rows(span: str, report: EnergyReport) -> Iterator[list[str]]:
    yield _of_span(span, "total", report, report.total)
    for line in report.causes:
        yield _of_cause(span, report, line)
    for scope, lines in (("month", report.months), ("day", report.days)):
        for one in lines:
            yield _of_span(span, scope, report, one)
    for scope, places in (("district", report.places), ("supply", report.supplies), ("circuit", report.circuits)):
        for place in places:
            yield _of_place(span, scope, report, place)


def _of_span(span: str, scope: str, report: EnergyReport, line: SpanLine) -> list[str]:
    return _of_line([span, scope, "", line.from_day, line.to_day], report, line)


def _of_place(span: str, scope: str, report: EnergyReport, line: PlaceLine) -> list[str]:
    head = [span, scope if line.is_circuit else "permanent_load", line.id, report.from_day, report.to_day]
    return _of_line(head, report, line)


def _of_line(head: list[str], report: EnergyReport, line: SpanLine | PlaceLine) -> list[str]:
    known = Known.of(report, line)
    return _row(head, report, known.used, known.baseline, known.saved, line.undelivered_lamp_h, line.known_share)


def _of_cause(span: str, report: EnergyReport, line: CauseLine) -> list[str]:
    head = [span, "cause", line.code, report.from_day, report.to_day]
    return _row(head, report, None, None, line.saved, None, None)


def _row(
    head: list[str],
    report: EnergyReport,
    used: Worth | None,
    baseline: Worth | None,
    saved: Worth | None,
    undelivered_lamp_h: float | None,
    known_share: float | None,
) -> list[str]:
    worths = (used, baseline, saved)
    energy = [None if one is None else one.energy_ws / KWH_WS for one in worths]
    money = [None if one is None else money_of(one.money_e4, report) for one in worths]
    co2 = [None if one is None or one.co2_g is None else one.co2_g / 1000 for one in worths]
    return [
        *head,
        *(_written(value) for value in (*energy, *money)),
        report.currency,
        *(_written(value) for value in (*co2, undelivered_lamp_h, known_share)),
    ]


def _written(value: float | None) -> str:
    """With as many digits as are exact: a sheet shall add up to the report."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
