"""The report as a workbook: real formulas where a manager follows them, their values stored with them.

Kilowatt-hours and money are numbers of the sheet; the inputs of formulas have names. The file's time of making is the
end of the reported days.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime

from lighting.desk.energy_answers import EnergyReport
from lighting.report.contents import document
from lighting.report.language import language_of
from lighting.report.workbook_book import Book
from lighting.report.workbook_places import put_circuits, put_districts
from lighting.report.workbook_summary import put_summary
from lighting.report.workbook_text import put_text
from lighting.report.workbook_time import put_bills, put_causes, put_load, put_months


def xlsx_bytes(report: EnergyReport, language: str) -> bytes:
    """The whole workbook: summary, months, causes, districts, circuits, load, bills, method."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as file:
        made = document(report, language)
        end = datetime.fromisoformat(report.to_day).replace(tzinfo=UTC)
        file.set_properties({"title": made.title, "subject": made.subtitle, "created": end, "author": "lighting"})
        book = Book(file, report, language_of(report, language))
        put_summary(book, made)
        put_months(book)
        put_causes(book)
        put_districts(book)
        put_circuits(book)
        put_load(book)
        put_bills(book)
        put_text(book, made)
    return out.getvalue()
