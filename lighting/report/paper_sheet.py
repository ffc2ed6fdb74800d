"""A sheet of paper: fpdf2's document with our margins, running head, page numbers and a few ways to write."""

from __future__ import annotations

from pathlib import Path

from fpdf import FPDF, XPos, YPos
from fpdf.enums import MethodReturnValue

Colour = tuple[int, int, int]
INK: Colour = (27, 31, 36)
GREY: Colour = (87, 96, 106)
RULE: Colour = (208, 215, 222)
FONT = "DejaVu Sans"
"""The name under which the figures ask for it, too."""


class Sheet(FPDF):
    """A4 with a running head from the second page on."""

    def __init__(self, head: str, page_word: str, fonts: tuple[Path, Path]) -> None:
        super().__init__(format="A4")
        self._running_head, self._page_word = head, page_word
        self.set_margins(18, 18, 18)
        self.set_auto_page_break(True, margin=18)
        self.add_font(FONT, "", fonts[0])
        self.add_font(FONT, "B", fonts[1])
        self.set_font(FONT, "", 9.5)

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.set_y(9)
        self.write_line(self._running_head, size_pt=7.5, colour=GREY, line_mm=4)
        self.set_y(self.t_margin)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(FONT, "", 7.5)
        self.set_text_color(*GREY)
        self.cell(0, 4, f"{self._page_word} {self.page_no()} / {{nb}}", align="R")
        self.set_text_color(*INK)

    def write_line(
        self,
        text: str,
        *,
        size_pt: float,
        line_mm: float,
        is_bold: bool = False,
        colour: Colour = INK,
        width_mm: float = 0.0,
    ) -> None:
        """Text over as many lines as it needs, then the next line."""
        self.set_font(FONT, "B" if is_bold else "", size_pt)
        self.set_text_color(*colour)
        self.multi_cell(width_mm, line_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, padding=0)
        self.set_text_color(*INK)

    def write_fitting(self, text: str, *, size_pt: float, line_mm: float, width_mm: float) -> None:
        """Bold text in one line, as large as it fits."""
        self.set_font(FONT, "B", size_pt)
        needed = self.get_string_width(text) + 2 * self.c_margin
        if needed > width_mm:
            self.set_font(FONT, "B", size_pt * width_mm / needed)
        self.cell(width_mm, line_mm, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def lines_of(self, text: str, width_mm: float, line_mm: float) -> float:
        """How high a text stands in that width, in the present font."""
        height = self.multi_cell(width_mm, line_mm, text, dry_run=True, output=MethodReturnValue.HEIGHT, align="L")
        return float(height)  # type: ignore[arg-type]

    def bullet(self, text: str, *, size_pt: float, line_mm: float) -> None:
        self.set_font(FONT, "", size_pt)
        height = self.lines_of(text, self.epw - 5, line_mm)
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()
            self.set_font(FONT, "", size_pt)
        self.cell(5, line_mm, "•")
        self.multi_cell(self.epw - 5, line_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(0.8)

    def boxed(self, text: str, *, size_pt: float, line_mm: float) -> None:
        """What must not be missed: a frame with a strong left edge."""
        self.set_font(FONT, "", size_pt)
        height = self.lines_of(text, self.epw - 6, line_mm) + 3
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()
            self.set_font(FONT, "", size_pt)
        x, y = self.l_margin, self.get_y()
        self.set_draw_color(*INK)
        self.set_line_width(0.2)
        self.rect(x, y, self.epw, height)
        self.set_fill_color(*INK)
        self.rect(x, y, 1.2, height, style="F")
        self.set_xy(x + 4, y + 1.5)
        self.multi_cell(self.epw - 6, line_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(y + height)

    def pair(self, term: str, text: str, *, size_pt: float, line_mm: float) -> None:
        """A term in grey with its text beside it, a hairline under both."""
        left = self.epw * 0.45
        self.set_font(FONT, "", size_pt)
        height = max(self.lines_of(term, left, line_mm), self.lines_of(text, self.epw - left, line_mm))
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()
            self.set_font(FONT, "", size_pt)
        y = self.get_y()
        self.set_text_color(*GREY)
        self.multi_cell(left, line_mm, term, align="L")
        self.set_text_color(*INK)
        self.set_xy(self.l_margin + left, y)
        self.multi_cell(self.epw - left, line_mm, text, align="L")
        self.set_xy(self.l_margin, y + height)
        self.rule(RULE, 0.15)

    def rule(self, colour: Colour, width_mm: float, x: float | None = None, length_mm: float | None = None) -> None:
        """A line at the present height, across the page unless said otherwise."""
        start = self.l_margin if x is None else x
        self.set_draw_color(*colour)
        self.set_line_width(width_mm)
        self.line(start, self.get_y(), start + (self.epw if length_mm is None else length_mm), self.get_y())
