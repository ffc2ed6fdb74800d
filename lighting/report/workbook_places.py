"""The workbook's sheets of districts and circuits."""

from __future__ import annotations

from collections.abc import Sequence

from lighting.desk.energy_answers import PlaceLine
from lighting.report.naming import kind_name
from lighting.report.workbook_book import Book, Cell, Heading, amount, column_sum, difference, kwh, quotient

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
    Heading("Latitude", "degree"),
    Heading("Longitude", "degree"),
)


def put_districts(book: Book) -> None:
    _put(book, "Districts", book.report.places, (Heading("District", "text", 16), *PLACES[1:12]))


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
    used, baseline = kwh(line.used.energy_ws), book.baseline_kwh(line.baseline)
    saved = difference(f"F{n}", f"E{n}", baseline, used)
    return [
        line.id,
        line.name,
        kind,
        line.lamps,
        used,
        baseline,
        saved,
        quotient(f"G{n}", f"F{n}", saved.value, baseline),
        amount(line.used.money_e4, book.report.currency_digits),
        quotient(f"E{n}", f"D{n}", used, line.lamps),
        line.undelivered_lamp_h,
        line.known_share,
        line.latitude_deg,
        line.longitude_deg,
    ]


def _sums(book: Book, lines: Sequence[PlaceLine], n: int) -> list[Cell]:
    used = column_sum("E", 2, [kwh(line.used.energy_ws) for line in lines])
    baseline = column_sum("F", 2, [book.baseline_kwh(line.baseline) for line in lines])
    lamps = column_sum("D", 2, [line.lamps for line in lines])
    saved = difference(f"F{n}", f"E{n}", baseline.value, used.value)
    return [
        book.language.word("In all"),
        "",
        "",
        lamps,
        used,
        baseline,
        saved,
        quotient(f"G{n}", f"F{n}", saved.value, baseline.value),
        column_sum("I", 2, [amount(line.used.money_e4, book.report.currency_digits) for line in lines]),
        quotient(f"E{n}", f"D{n}", used.value, lamps.value),
        column_sum("K", 2, [line.undelivered_lamp_h for line in lines]),
        "",
        "",
        "",
    ]
