"""``lighting energy --csv``: a row for each line of each span, in units of a sheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from lighting.cli.csv_file import write_to
from lighting.cli.say_energy import KWH_WS, Told, money_of
from lighting.desk.energy_answers import CauseLine, EnergyReport, Known, PlaceLine, SpanLine, Within, Worth

HEADING = (
    *("span", "scope", "id", "from", "to", "used_kwh", "baseline_kwh", "saved_kwh", "used_money", "baseline_money"),
    *("saved_money", "currency", "used_co2_kg", "baseline_co2_kg", "saved_co2_kg", "undelivered_lamp_h", "known_share"),
    *(f"{name}_within_{unit}" for unit in ("kwh", "money", "co2_kg") for name in ("used", "baseline", "saved")),
)


def write_csv(file: str, spans: Sequence[Told]) -> int:
    """Write every line and return how many rows; a file is replaced only when all is written.

    What is not known is empty. A cause has what it saved, and nothing else. ``…_within_…`` is the ± at 90 % confidence.
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
    known, within = Known.of(report, line), Within.of(report, line)
    beside = [line.undelivered_lamp_h, line.known_share]
    plus = (within.used, within.baseline, within.saved)
    return _row(head, report, (known.used, known.baseline, known.saved), beside, plus)


def _of_cause(span: str, report: EnergyReport, line: CauseLine) -> list[str]:
    head = [span, "cause", line.code, report.from_day, report.to_day]
    is_known = report.total.known_share > 0
    saved, within = (line.saved, Within.of_cause(report, line)) if is_known else (None, None)
    return _row(head, report, (None, None, saved), [None, None], (None, None, within))


def _row(
    head: list[str],
    report: EnergyReport,
    worths: Sequence[Worth | None],
    beside: Sequence[float | None],
    within: Sequence[Worth | None],
) -> list[str]:
    energy, money, co2 = _in_units(worths, report)
    plus = (value for values in _in_units(within, report) for value in values)
    figures = (*(_written(value) for value in (*energy, *money)), report.currency)
    return [*head, *figures, *(_written(value) for value in (*co2, *beside, *plus))]


def _in_units(worths: Sequence[Worth | None], report: EnergyReport) -> tuple[list[float | None], ...]:
    """kWh, money and kg of each."""
    energy = [None if one is None else one.energy_ws / KWH_WS for one in worths]
    money = [None if one is None else money_of(one.money_e4, report) for one in worths]
    return energy, money, [None if one is None or one.co2_g is None else one.co2_g / 1000 for one in worths]


def _written(value: float | None) -> str:
    """With as many digits as are exact: a sheet shall add up to the report."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
