"""The workbook's last sheet: baselines, coverage and method in words, as on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lighting.report.document import Block, Document, Paragraph, Points, Table, Terms
from lighting.report.workbook_book import Book

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_SECTIONS = ("headline", "baselines", "indicators", "reactive", "coverage", "method")


def put_text(book: Book, made: Document) -> None:
    """The sections that are words or small tables; what has a sheet of its own is left out."""
    sheet = book.sheet("Method")
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 6, 24)
    row = 0
    for section in made.sections:
        if section.id not in _SECTIONS:
            continue
        sheet.write_string(row, 0, section.heading, book.bold)
        row += 1
        for block in section.blocks:
            row = _put(book, sheet, row, block)
        row += 1


def _put(book: Book, sheet: Worksheet, row: int, block: Block) -> int:
    lines: list[tuple[str, ...]] = []
    if isinstance(block, Paragraph):
        lines = [(block.text,)]
    elif isinstance(block, Points):
        lines = [(f"• {item}",) for item in block.items]
    elif isinstance(block, Terms):
        lines = list(block.pairs)
    elif isinstance(block, Table):
        lines = [(block.caption,), tuple(column.heading for column in block.columns), *block.rows]
    for line in lines:
        for column, text in enumerate(line):
            sheet.write_string(row, column, text, book.wrapped)
        row += 1
    return row
