"""The workbook's sheets of districts and circuits."""

from __future__ import annotations

from collections.abc import Sequence

from lighting.desk.energy_answers import Known, PlaceLine, SpanLine, Within
from lighting.report.naming import kind_name
from lighting.report.workbook_book import Book, Cell, Heading, column_sum, difference, kwh, quotient

PLACES = (
    Heading("Circuit", "text", 16),
    Heading("Name", "text", 26),
    Heading("How known", "text", 18),
    Heading("Lamps", "whole", 9),
    Heading("Used, kWh"),
    Heading("Baseline, kWh"),
    Heading("Saved, kWh"),
    Heading("Saved share", "share"),
    Heading("Cost", "money"),
    Heading("kWh per lamp", "tenth"),
    Heading("Not delivered, lamp-hours", "tenth"),
    Heading("Known", "share", 10),
    Heading("Used ±, kWh"),
    Heading("Baseline ±, kWh"),
    Heading("Saved ±, kWh"),
    Heading("Latitude", "degree"),
    Heading("Longitude", "degree"),
)


def put_districts(book: Book) -> None:
    _put(book, "Districts", book.report.places, (Heading("District", "text", 16), *PLACES[1:15]))


def put_circuits(book: Book) -> None:
    """All of them, however many: rows are written in order."""
    _put(book, "Circuits", book.report.circuits, PLACES)


def _put(book: Book, word: str, lines: Sequence[PlaceLine], headings: Sequence[Heading]) -> None:
    sheet = book.sheet(word, headings)
    kinds = {kind: kind_name(kind, book.language) for kind in {line.kind for line in lines}}
    for row, line in enumerate(lines, 1):
        book.put_row(sheet, row, headings, _cells(book, line, row + 1, kinds[line.kind])[: len(headings)])
    if not lines:
        return
    last = len(lines) + 1
    sheet.autofilter(0, 0, len(lines), len(headings) - 1)
    book.put_row(sheet, last, headings, _sums(book, lines, last + 1)[: len(headings)], is_total=True)


def _cells(book: Book, line: PlaceLine, n: int, kind: str) -> list[Cell]:
    known = Known.of(book.report, line)
    found = book.figures(line, known)
    used, baseline = found.used.kwh, found.baseline.kwh
    name = line.name if line.is_circuit else book.language.word("Permanent load")
    saved = difference(f"F{n}", f"E{n}", baseline, used)
    return [
        line.id,
        name,
        kind,
        line.lamps,
        used,
        baseline,
        saved,
        # A permanent load saves nothing: what differs is the meter beside the model.
        quotient(f"G{n}", f"F{n}", saved.value, baseline) if line.is_circuit else "",
        found.used.money,
        quotient(f"E{n}", f"D{n}", used, line.lamps) if line.lamps else "",
        line.undelivered_lamp_h,
        line.known_share,
        *_within(known, line),
        line.latitude_deg if line.is_circuit else "",
        line.longitude_deg if line.is_circuit else "",
    ]


def _sums(book: Book, lines: Sequence[PlaceLine], n: int) -> list[Cell]:
    found = [book.figures(line) for line in lines]
    used = column_sum("E", 2, [one.used.kwh for one in found])
    baseline = column_sum("F", 2, [one.baseline.kwh for one in found])
    lamps = column_sum("D", 2, [line.lamps for line in lines])
    saved = difference(f"F{n}", f"E{n}", baseline.value, used.value)
    is_of_lamps = all(line.lamps and line.known_share for line in lines)
    return [
        book.language.word("In all"),
        "",
        "",
        lamps,
        used,
        baseline,
        saved,
        quotient(f"G{n}", f"F{n}", saved.value, baseline.value),
        column_sum("I", 2, [one.used.money for one in found]),
        # Lamps of which nothing is known, and loads that are no lamps, would make a mean of something else.
        quotient(f"E{n}", f"D{n}", used.value, lamps.value) if is_of_lamps else "",
        column_sum("K", 2, [line.undelivered_lamp_h for line in lines]),
        book.report.total.known_share,
        *_within(Known.of(book.report, book.report.total), book.report.total),
        "",
        "",
    ]


def _within(known: Known, line: PlaceLine | SpanLine) -> list[Cell]:
    """± at 90 % of used, baseline and saved; «–» where it cannot be stated."""
    found = Within.energies_ws(known, line)
    return ["–" if one is None else kwh(one) for one in found]
