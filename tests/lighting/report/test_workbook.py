"""The workbook's formulas give the values that are stored with them, by a reckoner of our own."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from lighting.desk.energy_answers import EnergyReport
from lighting.report.workbook import xlsx_bytes
from tests.lighting.report.made_report import made_report

_SUM = re.compile(r"=SUM\(([A-Z]+[0-9]+:[A-Z]+[0-9]+)\)")
_TWO = re.compile(r"=([A-Za-z_0-9]+)([-/*])([A-Za-z_0-9]+)")


class Reckoner:
    """Sums, differences, products and quotients of cells and named cells: all that the workbook uses."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))
        self.kept = load_workbook(io.BytesIO(content), data_only=True)

    def value(self, sheet: str, place: str) -> float:
        """What a cell is worth, by reckoning."""
        said: Any = self.book[sheet][place].value
        if not (isinstance(said, str) and said.startswith("=")):
            assert isinstance(said, (int, float)), (sheet, place, said)
            return float(said)
        summed = _SUM.fullmatch(said)
        if summed:
            left, top, right, bottom = range_boundaries(summed[1])
            cells = self.book[sheet].iter_rows(top, bottom, left, right)
            return sum(self.value(sheet, cell.coordinate) for row in cells for cell in row)
        found = _TWO.fullmatch(said)
        assert found is not None, said
        one, other = (self._named(sheet, found[number]) for number in (1, 3))
        return {"-": one - other, "*": one * other, "/": one / other if found[2] == "/" else 0.0}[found[2]]

    def _named(self, sheet: str, text: str) -> float:
        defined = self.book.defined_names.get(text)
        if defined is None:
            return self.value(sheet, text)
        ((title, place),) = defined.destinations
        return self.value(title, place.replace("$", ""))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_formula_gives_its_stored_value(language: str, made: EnergyReport) -> None:
    reckoner = Reckoner(xlsx_bytes(made, language))
    formulas = 0
    for sheet in reckoner.book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    kept = reckoner.kept[sheet.title][cell.coordinate].value
                    assert reckoner.value(sheet.title, cell.coordinate) == pytest.approx(kept, rel=1e-12, abs=1e-6)
                    formulas += 1
    assert formulas > 200


def test_a_manager_can_follow_the_saving(made: EnergyReport) -> None:
    book = Reckoner(xlsx_bytes(made, "en")).book
    assert book["Summary"]["D10"].value == "=baseline_energy-used_energy"
    assert {"used_energy", "baseline_energy", "saved_energy", "system_power_w", "illuminance_area"} <= set(
        book.defined_names
    )
    formulas = {cell.value for row in book["Summary"].iter_rows() for cell in row if cell.data_type == "f"}
    assert "=system_power_w/illuminance_area" in formulas
    assert "=used_money/used_energy" in formulas


def test_sheets_are_laid_out_for_reading_and_printing(made: EnergyReport) -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes(made, "en")))
    assert book.sheetnames == ["Summary", "Months", "Causes", "Districts", "Circuits", "Load", "Bills", "Method"]
    for sheet in book.worksheets[:-1]:
        assert sheet.freeze_panes is not None, sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
    assert len(book["Months"]._charts) == 1


def test_what_is_not_known_is_in_no_sum() -> None:
    made = made_report(n_circuits=2, n_months=1, has_money=False)
    book = load_workbook(io.BytesIO(xlsx_bytes(made, "en")), data_only=True)
    assert book["Months"]["G2"].value == "not known"
    assert book["Months"]["G3"].value == "not known"
