"""A report speaks one language whole, and no identifier of ours: every sentence, heading and cell of it."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.pofile import read_po
from openpyxl import load_workbook

from lighting.desk.energy_answers import EnergyReport
from lighting.report.page import html_bytes
from lighting.report.workbook import xlsx_bytes
from lighting.wording.extraction import TEMPLATE
from lighting.wording.speech import translate
from tests.lighting.report.texts_of_forms import html_text

_VALUE = re.compile(r"\{[^}]*\}")
_IDENTIFIER = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")
NAMED = frozenset({"same_lamps_full_power"})
"""In a command that makes the report again."""


def texts(report: EnergyReport, language: str) -> set[str]:
    """Every text of the page and every cell of the workbook, each on its own."""
    lines = html_text(html_bytes(report, language)).splitlines()
    found = {cell for line in lines for cell in re.sub(r"^[a-z0-9]+: ", "", line).split("|")}
    book = load_workbook(io.BytesIO(xlsx_bytes(report, language)))
    cells = (cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    found |= {cell for cell in cells if isinstance(cell, str) and not cell.startswith("=")}
    return {text.strip(" •") for text in (*found, *book.sheetnames)}


def english() -> list[str]:
    """Every English sentence and word of ours that reads otherwise in Vietnamese, or that nobody translated yet."""
    with TEMPLATE.open("rb") as source:
        ids = [message.id for message in read_po(source) if isinstance(message.id, str) and message.id]
    return [one for one in ids if translate(one, language="vi") != one or _letters(one) > 12]


def _letters(template: str) -> int:
    return sum(c.isalpha() for c in _VALUE.sub("", template))


def found_in(said: set[str], template: str) -> list[str]:
    """The texts that hold the template; of a word or two, which may stand inside others, those that are it."""
    if _letters(template) <= 12:
        return [text for text in said if text == template]
    parts = _VALUE.split(template)
    longest = max(parts, key=len)
    pattern = re.compile(".+?".join(re.escape(part) for part in parts))
    return [text for text in said if longest in text and pattern.search(text)]


def test_the_vietnamese_report_has_no_english_sentence(made: EnergyReport) -> None:
    said, ours = texts(made, "vi"), english()
    assert len(said) > 400
    assert len(ours) > 1000
    assert {template: found for template in ours if (found := found_in(said, template))} == {}


def test_the_test_would_find_one(made: EnergyReport) -> None:
    said = texts(made, "en")
    assert sum(bool(found_in(said, template)) for template in english()) > 150


@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_identifier_stands_in_a_sentence(language: str, made: EnergyReport) -> None:
    assert {word for text in texts(made, language) for word in _IDENTIFIER.findall(text)} <= NAMED
