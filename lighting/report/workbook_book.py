"""The parts that every sheet of the workbook is made of: formats, headings, cells that hold a number or say why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from lighting.desk.energy_answers import EnergyReport, Known, PlaceLine, SpanLine, Worth
from lighting.report.language import E4, WS_PER_KWH, Language

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

Look = Literal["text", "kwh", "money", "whole", "tenth", "share", "ratio", "power", "day", "degree"]
_A4 = 9


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with the value that it has; None where a cell that it needs is not known."""

    text: str
    value: float | None


Cell = str | float | int | date | Formula | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its words, how its cells look, its width in characters."""

    text: str
    look: Look = "kwh"
    width: float = 13


@dataclass(frozen=True, slots=True)
class OfWorth:
    """A worth in units of the sheet: kWh, whole units of the currency, kg; None where that is not known."""

    kwh: float | None = None
    money: float | None = None
    co2_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a line: what it used, and its baseline."""

    used: OfWorth
    baseline: OfWorth


class PlainSheet(Worksheet):  # type: ignore[misc]
    """Our formulas are sums, differences, products and quotients: the library need not look for functions of later
    programs in each, which takes half of the time of a large sheet.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class Book:
    """The file with its formats; ``language`` says the words."""

    def __init__(self, file: Workbook, report: EnergyReport, language: Language) -> None:
        self.file, self.report, self.language = file, report, language
        digits = report.currency_digits
        money = "#,##0" + ("." + "0" * digits if digits else "")
        decimals = max(1, language.energy_decimals) if language.energy_decimals else 0
        kwh = "#,##0" + ("." + "0" * decimals if decimals else "")
        self._looks: dict[str, str] = {
            "text": "@",
            "kwh": kwh,
            "money": money,
            "whole": "#,##0",
            "tenth": "#,##0.0",
            "share": "0.0%",
            "ratio": "0.00000",
            "power": "#,##0",
            "day": "yyyy-mm-dd",
            "degree": "0.00000",
        }
        self._formats: dict[tuple[str, bool], Format] = {}
        self.heading = file.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self.heading_right = file.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "align": "right"}
        )
        self.title = file.add_format({"bold": True, "font_size": 16})
        self.bold = file.add_format({"bold": True})
        self.wrapped = file.add_format({"text_wrap": True, "valign": "top"})
        self.grey = file.add_format({"font_color": "#57606a"})
        self.unknown = file.add_format({"font_color": "#57606a", "italic": True, "align": "right"})

    def figures(self, line: SpanLine | PlaceLine, known: Known | None = None) -> Figures:
        """What a line used and its baseline; not known where no hour of it is, or where there is no baseline."""
        known, digits = known or Known.of(self.report, line), self.report.currency_digits
        return Figures(_figures(known.used, digits), _figures(known.baseline, digits))

    def look(self, name: Look, *, is_total: bool = False) -> Format:
        """The format of a kind of cell; of a total in bold under a line."""
        key = name, is_total
        if key not in self._formats:
            made: dict[str, object] = {} if name == "text" else {"num_format": self._looks[name]}
            if is_total:
                made |= {"bold": True, "top": 1}
            self._formats[key] = self.file.add_format(made)
        return self._formats[key]

    def sheet(self, word: str, headings: Sequence[Heading] = (), *, top: int = 0, freeze_columns: int = 1) -> Worksheet:
        """A sheet of that name with headings in row ``top``, frozen, ready to be printed on A4."""
        sheet = self.file.add_worksheet(self.language.word(word), worksheet_class=PlainSheet)
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        sheet.hide_gridlines(1)
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, heading.width)
            words = self.language.word(heading.text)
            sheet.write_string(top, column, words, self.heading if heading.look == "text" else self.heading_right)
        if headings:
            sheet.freeze_panes(top + 1, freeze_columns)
            sheet.repeat_rows(top)
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, value: Cell, look: Look, *, is_total: bool = False) -> None:
        """Write a cell; what is not known says so, so that no sum takes it for 0."""
        form = self.look(look, is_total=is_total)
        if value is None or (isinstance(value, Formula) and value.value is None):
            sheet.write_string(row, column, self.language.not_known, self.unknown)
        elif isinstance(value, Formula):
            sheet.write_formula(row, column, value.text, form, value.value)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, form)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, form)
        else:
            sheet.write_number(row, column, value, form)

    def put_row(
        self, sheet: Worksheet, row: int, headings: Sequence[Heading], cells: Sequence[Cell], *, is_total: bool = False
    ) -> None:
        """A row under its headings. Numbers, nearly all cells of a large city, take the shortest way."""
        for column, (heading, cell) in enumerate(zip(headings, cells, strict=True)):
            if type(cell) is float:
                sheet.write_number(row, column, cell, self.look(heading.look, is_total=is_total))
            else:
                look: Look = "text" if type(cell) is str else heading.look
                self.put(sheet, row, column, cell, look, is_total=is_total)

    def name_cell(self, name: str, sheet: Worksheet, row: int, column: int) -> None:
        """Give a cell a name for formulas of every sheet."""
        place = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.file.define_name(name, f"={quote_sheetname(sheet.get_name())}!{place}")


def _figures(worth: Worth | None, digits: int) -> OfWorth:
    if worth is None:
        return OfWorth()
    return OfWorth(kwh(worth.energy_ws), amount(worth.money_e4, digits), kg(worth.co2_g))


def kwh(energy_ws: int | None) -> float | None:
    return None if energy_ws is None else energy_ws / WS_PER_KWH


def kg(mass_g: int | None) -> float | None:
    return None if mass_g is None else mass_g / 1000


def amount(money_e4: int | None, digits: int) -> float | None:
    """Money in whole units of the currency."""
    return None if money_e4 is None else money_e4 / (E4 * 10**digits)


def difference(before: str, after: str, one: float | None, other: float | None) -> Formula:
    """``=before-after`` with its value."""
    return Formula(f"={before}-{after}", None if one is None or other is None else one - other)


def quotient(above: str, below: str, one: float | None, other: float | None) -> Formula:
    """``=above/below`` with its value; not known where there is nothing to divide by."""
    return Formula(f"={above}/{below}", None if one is None or not other else one / other)


def column_sum(column: str, first_row: int, values: Sequence[float | None]) -> Formula:
    """The sum over rows (1-based, from ``first_row``), not known where none of them is.

    A row that is not known is a text and in no sum, as everywhere in the report; how much of the time is known stands
    beside it.
    """
    known = [value for value in values if value is not None]
    last_row = first_row + len(values) - 1
    return Formula(f"=SUM({column}{first_row}:{column}{last_row})", sum(known) if known else None)
