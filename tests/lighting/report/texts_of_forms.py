"""What a report says, without what only says how it is packed: texts of pages, cells of workbooks.

``LIGHTING_RENEW_GOLDEN=1 python -m pytest tests/lighting/report/test_golden.py`` writes the golden files anew; look at
their difference, and at the page and the paper themselves, before committing it.
"""

from __future__ import annotations

import io
import os
from html.parser import HTMLParser
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
RENEW = "LIGHTING_RENEW_GOLDEN"
_BREAKING = frozenset(
    {"title", "h1", "h2", "p", "li", "dt", "dd", "caption", "figcaption", "td", "th", "tr", "text", "desc"}
)


class _Texts(HTMLParser):
    """The texts of a page, one element a line, with its tag."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tags.append(tag)
        if tag == "tr":
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._tags and self._tags.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        within = next((tag for tag in reversed(self._tags) if tag in _BREAKING), "")
        if not text or "style" in self._tags:
            return
        if within in ("td", "th"):
            self.lines[-1] += f"| {text} "
        else:
            self.lines.append(f"{within}: {text}")


def html_text(page: bytes) -> str:
    """Every text of a page and of the figures in it, in order."""
    reader = _Texts()
    reader.feed(page.decode("utf-8"))
    return "\n".join(line.rstrip() for line in reader.lines) + "\n"


def pdf_text(paper: bytes) -> str:
    """The text of each page; where a line breaks hangs on the font's measures and is not told."""
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages]
    return "\n\n".join(" ".join(text.split()) for text in pages) + "\n"


def xlsx_cells(book: bytes) -> str:
    """Each cell that holds something: sheet, place, formula or value, format; then the named cells."""
    from openpyxl import load_workbook

    formulas = load_workbook(io.BytesIO(book))
    values = load_workbook(io.BytesIO(book), data_only=True)
    lines = []
    for sheet in formulas.worksheets:
        lines.append(f"# {sheet.title} frozen {sheet.freeze_panes} charts {len(sheet._charts)}")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                kept = values[sheet.title][cell.coordinate].value
                said = f"{cell.value} -> {_rounded(kept)}" if cell.data_type == "f" else _rounded(cell.value)
                lines.append(f"{cell.coordinate}\t{said}\t{cell.number_format}")
    lines += [f"name {name} {defined.attr_text}" for name, defined in formulas.defined_names.items()]
    return "\n".join(line.replace("\n", " ") for line in lines) + "\n"


def _rounded(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def is_golden(name: str, said: str) -> bool:
    """Whether the golden file says the same; writes it where that was asked for."""
    file = GOLDEN / name
    if os.environ.get(RENEW):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(said, encoding="utf-8")
    return file.read_text(encoding="utf-8") == said
