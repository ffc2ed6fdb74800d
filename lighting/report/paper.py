"""The report as PDF on A4, by fpdf2: the same contents as the page, figures as vectors, numbered pages.

The time of making in the file is the end of the reported days, so that the same report is the same bytes.
"""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.desk.energy_answers import EnergyReport
from lighting.report.contents import document
from lighting.report.document import (
    Block,
    Document,
    KeyFigures,
    Paragraph,
    Picture,
    Points,
    Section,
    Table,
    Terms,
)
from lighting.report.drawing import for_paper, style
from lighting.report.figures import FIGURES
from lighting.report.language import language_of
from lighting.report.paper_table import draw_table
from lighting.wording.speech import translate

if TYPE_CHECKING:
    from lighting.report.paper_sheet import Sheet

LINE_MM = 4.6
_BODY_PT, _SMALL_PT = 9.5, 8.5
_GREY, _INK, _DEEP = (87, 96, 106), (27, 31, 36), (31, 78, 121)


def pdf_bytes(report: EnergyReport, language: str) -> bytes:
    """The whole report on A4 pages."""
    from lighting.report.paper_sheet import Sheet

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    made = document(report, language)
    sheet = Sheet(f"{made.title}, {made.subtitle}", translate("Page", language=language), fonts())
    sheet.set_title(made.title)
    sheet.set_lang(language)
    sheet.set_creator("lighting")
    sheet.set_creation_date(datetime.fromisoformat(report.to_day).replace(tzinfo=UTC))
    sheet.add_page()
    _head(sheet, made)
    for number, section in enumerate(made.sections, 1):
        _section(sheet, number, section, report, language)
    return bytes(sheet.output())


def fonts() -> tuple[Path, Path]:
    """DejaVu Sans and its bold, which matplotlib ships: they have every Vietnamese letter."""
    from matplotlib import get_data_path

    folder = Path(get_data_path()) / "fonts" / "ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"


def _head(sheet: Sheet, made: Document) -> None:
    sheet.write_line(made.title, size_pt=18, is_bold=True, line_mm=8.5)
    sheet.write_line(made.subtitle, size_pt=12, colour=_GREY, line_mm=6)
    sheet.ln(2)
    for term, text in made.facts:
        sheet.write_line(f"{term}: {text}", size_pt=_SMALL_PT, line_mm=4.4)
    sheet.ln(2)
    sheet.rule(_DEEP, 0.8)
    sheet.ln(3)


def _section(sheet: Sheet, number: int, section: Section, report: EnergyReport, language: str) -> None:
    is_begun = sheet.get_y() > sheet.t_margin + 5
    has_room = sheet.get_y() + _least_mm(section, sheet.epw) <= sheet.page_break_trigger
    if (section.begins_page and is_begun) or not has_room:
        sheet.add_page()
    sheet.start_section(f"{number}  {section.heading}")
    sheet.ln(3)
    sheet.write_line(f"{number}  {section.heading}", size_pt=13, is_bold=True, line_mm=7)
    sheet.ln(1.5)
    for block in section.blocks:
        _block(sheet, block, report, language)


def _least_mm(section: Section, width_mm: float) -> float:
    """What has to stand below a heading on the same page: a figure whole, of anything else some lines."""
    first = next((block for block in section.blocks if not isinstance(block, Paragraph)), None)
    return 25 + (width_mm * 0.5 if isinstance(first, Picture) else 12)


def _block(sheet: Sheet, block: Block, report: EnergyReport, language: str) -> None:
    if isinstance(block, Paragraph):
        _paragraph(sheet, block)
    elif isinstance(block, Points):
        for item in block.items:
            sheet.bullet(item, size_pt=_BODY_PT, line_mm=LINE_MM)
        sheet.ln(2)
    elif isinstance(block, Terms):
        _terms(sheet, block)
    elif isinstance(block, KeyFigures):
        _key_figures(sheet, block)
    elif isinstance(block, Picture):
        _picture(sheet, block, report, language)
    elif isinstance(block, Table):
        draw_table(sheet, block)


def _paragraph(sheet: Sheet, block: Paragraph) -> None:
    if block.is_warning:
        sheet.boxed(block.text, size_pt=_BODY_PT, line_mm=LINE_MM)
    else:
        sheet.write_line(block.text, size_pt=_BODY_PT, line_mm=LINE_MM)
    sheet.ln(2)


def _terms(sheet: Sheet, block: Terms) -> None:
    for term, text in block.pairs:
        sheet.pair(term, text, size_pt=_BODY_PT - 0.5, line_mm=LINE_MM + 0.6)
    sheet.ln(3)


def _key_figures(sheet: Sheet, block: KeyFigures) -> None:
    """Side by side, each under a rule."""
    gap = 4.0
    width = (sheet.epw - gap * (len(block.figures) - 1)) / len(block.figures)
    top = lowest = sheet.get_y()
    left = sheet.l_margin
    for place, figure in enumerate(block.figures):
        x = left + place * (width + gap)
        sheet.set_xy(x, top)
        sheet.rule(_DEEP, 0.5, x, width)
        sheet.set_xy(x, top + 1)
        sheet.write_line(figure.label, size_pt=8.5, colour=_GREY, line_mm=4.4, width_mm=width)
        sheet.set_x(x)
        sheet.write_fitting(figure.value, size_pt=13, line_mm=6.4, width_mm=width)
        for line in figure.beside:
            sheet.set_x(x)
            sheet.write_line(line, size_pt=7.8, line_mm=3.9, width_mm=width)
        lowest = max(lowest, sheet.get_y())
    sheet.set_xy(left, lowest + 4)


def _picture(sheet: Sheet, block: Picture, report: EnergyReport, language: str) -> None:
    with style():
        figure = FIGURES[block.name](report, language_of(report, language))
        drawn = for_paper(figure)
    height = sheet.epw * figure.get_figheight() / figure.get_figwidth()
    if sheet.get_y() + height + 18 > sheet.page_break_trigger:
        sheet.add_page()
    sheet.write_line(block.title, size_pt=_BODY_PT, is_bold=True, line_mm=5.4)
    sheet.image(
        io.BytesIO(drawn),
        x=sheet.l_margin,
        w=sheet.epw,
        h=height,
        alt_text=f"{block.title}. {block.description}",
    )
    sheet.ln(1)
    sheet.write_line(block.description, size_pt=_SMALL_PT, colour=_GREY, line_mm=4.2)
    sheet.ln(3)
