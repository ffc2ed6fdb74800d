"""A table on paper: column widths by what stands in them, the heading again on each page, rows never torn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lighting.report.document import Table

if TYPE_CHECKING:
    from lighting.report.paper_sheet import Sheet

_GREY, _INK, _RULE = (87, 96, 106), (27, 31, 36), (208, 215, 222)
_LINE_MM, _PAD_MM, _GAP_MM, _NARROW_MM = 3.7, 1.0, 2.5, 100.0
_LARGEST_PT, _LEAST_PT = 8.5, 6.0


def draw_table(sheet: Sheet, table: Table) -> None:
    """Caption, heading and rows from the present height on."""
    widths, size_pt = widths_of(sheet, table)
    if sheet.get_y() + 26 > sheet.page_break_trigger:
        sheet.add_page()
    sheet.write_line(table.caption, size_pt=9.5, is_bold=True, line_mm=5.4)
    _heading(sheet, table, widths, size_pt)
    for number, row in enumerate(table.rows):
        height = _height(sheet, table, row, widths, size_pt, is_bold=number in table.strong)
        if sheet.get_y() + height > sheet.page_break_trigger:
            sheet.add_page()
            _heading(sheet, table, widths, size_pt)
        _row(sheet, table, row, widths, size_pt, height, is_strong=number in table.strong)
    sheet.ln(4)


def widths_of(sheet: Sheet, table: Table) -> tuple[list[float], float]:
    """(mm of each column, points of the text): numbers are never broken; texts give way, then the type shrinks."""
    room = min(sheet.epw, _NARROW_MM) if len(table.columns) < 4 else sheet.epw
    size_pt = _LARGEST_PT
    while True:
        least = _least(sheet, table, size_pt)
        if sum(least) <= room or size_pt <= _LEAST_PT:
            break
        size_pt -= 0.5
    widths = _with_room_for_texts(sheet, table, least, room)
    wanted = [column.width for column in table.columns]
    spare = max(0.0, room - sum(widths))
    widths = [narrow + spare * part / sum(wanted) for narrow, part in zip(widths, wanted, strict=True)]
    too_wide = sum(widths) / sheet.epw
    return ([width / too_wide for width in widths] if too_wide > 1 else widths), size_pt


def _with_room_for_texts(sheet: Sheet, table: Table, least: list[float], room: float) -> list[float]:
    """Columns of text as wide as their longest cell, as far as there is room; in the font that is set."""
    whole = []
    for place, (column, narrow) in enumerate(zip(table.columns, least, strict=True)):
        longest = sorted({row[place] for row in table.rows}, key=len)[-4:]
        wide = (
            max((sheet.get_string_width(cell) for cell in longest), default=0.0) + 2 * _PAD_MM + 1 + _gap(table, place)
        )
        whole.append(narrow if column.is_number else max(narrow, min(wide, room * 0.4)))
    lacking, spare = sum(whole) - sum(least), max(0.0, room - sum(least))
    share = min(1.0, spare / lacking) if lacking > 0 else 0.0
    return [narrow + (wide - narrow) * share for narrow, wide in zip(least, whole, strict=True)]


def _gap(table: Table, place: int) -> float:
    """Room before a column of text that stands behind numbers."""
    is_behind = place > 0 and table.columns[place - 1].is_number and not table.columns[place].is_number
    return _GAP_MM if is_behind else 0.0


def _least(sheet: Sheet, table: Table, size_pt: float) -> list[float]:
    """The least width of each column: its longest number, its longest word in heading and texts."""
    from lighting.report.paper_sheet import FONT

    sheet.set_font(FONT, "B", size_pt)
    found = []
    for place, column in enumerate(table.columns):
        cells = {row[place] for row in table.rows}
        pieces = set(column.heading.split())
        pieces |= cells if column.is_number else {word for cell in cells for word in cell.split(" ")}
        # The width of the longest by letters is nearly the widest: only those near it are measured.
        longest = sorted(pieces, key=len)[-6:]
        found.append(
            max((sheet.get_string_width(piece) for piece in longest), default=1.0)
            + 2 * _PAD_MM
            + 1
            + _gap(table, place)
        )
    return found


def _height(
    sheet: Sheet, table: Table, row: tuple[str, ...], widths: list[float], size_pt: float, *, is_bold: bool
) -> float:
    from lighting.report.paper_sheet import FONT

    sheet.set_font(FONT, "B" if is_bold else "", size_pt)
    lines = 1.0
    for place, (cell, whole) in enumerate(zip(row, widths, strict=True)):
        width = whole - _gap(table, place)
        if sheet.get_string_width(cell) > width - 2 * _PAD_MM - 0.1:
            lines = max(lines, sheet.lines_of(cell, width, _LINE_MM) / _LINE_MM)
    return lines * _LINE_MM + 2 * _PAD_MM


def _heading(sheet: Sheet, table: Table, widths: list[float], size_pt: float) -> None:
    headings = tuple(column.heading for column in table.columns)
    height = _height(sheet, table, headings, widths, size_pt, is_bold=True)
    sheet.set_text_color(*_GREY)
    _cells(sheet, table, headings, widths, height, from_below=True)
    sheet.set_text_color(*_INK)
    sheet.rule(_INK, 0.3, length_mm=sum(widths))


def _row(
    sheet: Sheet,
    table: Table,
    row: tuple[str, ...],
    widths: list[float],
    size_pt: float,
    height: float,
    *,
    is_strong: bool,
) -> None:
    from lighting.report.paper_sheet import FONT

    sheet.set_font(FONT, "B" if is_strong else "", size_pt)
    _cells(sheet, table, row, widths, height)
    sheet.rule(_INK if is_strong else _RULE, 0.15, length_mm=sum(widths))


def _cells(
    sheet: Sheet, table: Table, row: tuple[str, ...], widths: list[float], height: float, *, from_below: bool = False
) -> None:
    top, x = sheet.get_y(), sheet.l_margin
    for place, (column, cell, width) in enumerate(zip(table.columns, row, widths, strict=True)):
        gap = _gap(table, place)
        x, width = x + gap, width - gap
        own = sheet.lines_of(cell, width, _LINE_MM) if from_below else 0.0
        sheet.set_xy(x, top + (height - own - _PAD_MM if from_below else _PAD_MM))
        sheet.multi_cell(width, _LINE_MM, cell, align="R" if column.is_number else "L")
        x += width
    sheet.set_xy(sheet.l_margin, top + height)
