"""The workbook's formulas give the values that are stored with them, by a reckoner of our own."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from lighting.desk.energy_answers import EnergyReport, Worth
from lighting.report.workbook import xlsx_bytes
from tests.lighting.report.made_report import made_report

_SUM = re.compile(r"=SUM\(([A-Z]+[0-9]+:[A-Z]+[0-9]+)\)")
_ONE = re.compile(r"=[a-z_0-9]+")
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
            counted = [cell for row in cells for cell in row if not self._is_text(sheet, cell.coordinate)]
            return sum(self.value(sheet, cell.coordinate) for cell in counted)
        if _ONE.fullmatch(said):
            return self._named(sheet, said[1:])
        found = _TWO.fullmatch(said)
        assert found is not None, said
        one, other = (self._named(sheet, found[number]) for number in (1, 3))
        return {"-": one - other, "*": one * other, "/": one / other if found[2] == "/" else 0.0}[found[2]]

    def _is_text(self, sheet: str, place: str) -> bool:
        """What SUM leaves out."""
        said = self.book[sheet][place].value
        return isinstance(said, str) and not said.startswith("=")

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


def with_one_month_and_circuit_unknown(made: EnergyReport) -> EnergyReport:
    """The same report, but that nothing is known of its first month and its first circuit."""
    none = Worth(0, 0, 0)
    month = replace(made.months[0], known_share=0.0, used=none, baseline=none, saved=none)
    circuit = replace(made.circuits[0], known_share=0.0, used=none, baseline=none, saved=none, kwh_per_lamp=0.0)
    return replace(made, months=(month, *made.months[1:]), circuits=(circuit, *made.circuits[1:]))


def test_a_line_of_which_nothing_is_known_is_no_zero_and_in_no_formula(made: EnergyReport) -> None:
    report = with_one_month_and_circuit_unknown(made)
    reckoner = Reckoner(xlsx_bytes(report, "en"))
    months, circuits = reckoner.book["Months"], reckoner.book["Circuits"]
    assert [months[f"{column}2"].value for column in "CDEFGHIJK"] == ["not known"] * 9
    assert [circuits[f"{column}2"].value for column in "EFGHIJ"] == ["not known"] * 6
    # The sum is of what is known, and how much of the time that is stands beside it.
    known = sum(line.used.energy_ws for line in report.months[1:]) / 3_600_000
    assert reckoner.value("Months", f"C{len(report.months) + 2}") == pytest.approx(known)
    assert months[f"M{len(report.months) + 2}"].value == report.total.known_share
    # A mean over lamps of which nothing is known would take them for lamps that were off.
    assert circuits[f"J{len(report.circuits) + 2}"].value == ""


def test_where_nothing_is_known_no_sheet_says_zero(made: EnergyReport) -> None:
    none = Worth(0, 0, 0)
    total = replace(made.total, known_share=0.0, used=none, baseline=none, saved=none)
    months = tuple(replace(line, known_share=0.0, used=none, baseline=none, saved=none) for line in made.months)
    book = load_workbook(io.BytesIO(xlsx_bytes(replace(made, total=total, months=months), "en")), data_only=True)
    assert {book["Summary"].cell(row, column).value for row in (10, 11, 12) for column in range(2, 6)} == {"not known"}
    assert {book["Months"].cell(len(months) + 2, column).value for column in range(3, 12)} == {"not known"}


def test_a_permanent_load_has_no_lamps_and_no_place(made: EnergyReport) -> None:
    circuits = load_workbook(io.BytesIO(xlsx_bytes(made, "en")), data_only=True)["Circuits"]
    row = next(row for row in circuits.iter_rows(values_only=True) if str(row[0]).endswith("gateway"))
    assert row[1] == "Permanent load"
    assert (row[9], row[15], row[16]) == ("", "", "")


def test_the_saving_in_all_has_its_uncertainty_beside_it(made: EnergyReport) -> None:
    reckoner = Reckoner(xlsx_bytes(made, "en"))
    last = len(made.causes) + 2
    within = made.baselines[0].within_ws / 3_600_000
    assert reckoner.value("Causes", f"E{last}") == pytest.approx(within)


def test_standby_by_day_is_reckoned_from_its_inputs(made: EnergyReport) -> None:
    reckoner = Reckoner(xlsx_bytes(made, "en"))
    rows = {row[0].value: row[1].coordinate for row in reckoner.book["Summary"].iter_rows(max_col=2)}
    place = rows["Standby by day, modelled: that power for those hours"]
    told = made.indicators.standby_ws or 0
    assert reckoner.value("Summary", place) == pytest.approx(told / 3600)
