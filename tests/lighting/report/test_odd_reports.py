"""Reports that lack things say so: never a 0 for what is not known, never a saving that is chance."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from lighting.desk.energy_answers import EnergyReport, Worth
from lighting.energy.worlds import CAUSES
from lighting.report.contents import document
from lighting.report.document import KeyFigures, Paragraph, Table, Terms
from lighting.report.writing import FORMS
from tests.lighting.report import made_report as made_reports
from tests.lighting.report.texts_of_forms import html_text

ODD = (
    made_reports.made_not_shown,
    made_reports.made_loss,
    made_reports.made_bare,
    made_reports.made_empty,
)


def test_the_made_report_is_consistent(made: EnergyReport) -> None:
    total = made.total
    assert total.saved.energy_ws == total.baseline.energy_ws - total.used.energy_ws
    assert sum(line.saved.energy_ws for line in made.causes) == total.saved.energy_ws
    assert sum(line.saved.money_e4 or 0 for line in made.causes) == total.saved.money_e4
    for lines in (made.months, made.places, made.circuits):
        assert sum(line.used.energy_ws for line in lines) == total.used.energy_ws
        assert sum(line.saved.co2_g or 0 for line in lines) == total.saved.co2_g


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("form", list(FORMS))
def test_every_odd_report_has_every_form(form: str, odd: Callable[[], EnergyReport]) -> None:
    assert FORMS[form](odd(), "vi")


def test_a_saving_under_twice_its_error_is_not_shown() -> None:
    made = document(made_reports.made_not_shown(), "en")
    headline = made.sections[0]
    figures = next(block for block in headline.blocks if isinstance(block, KeyFigures))
    saved = next(figure for figure in figures.figures if figure.label == "Saved")
    assert saved.value == "not shown"
    assert any(isinstance(block, Paragraph) and block.is_warning for block in headline.blocks)


def test_without_a_tariff_money_is_not_known() -> None:
    made = document(made_reports.made_bare(), "en")
    money = next(section for section in made.sections if section.id == "money")
    terms = dict(next(block for block in money.blocks if isinstance(block, Terms)).pairs)
    assert terms["Cost of what was used"] == "not known"
    assert terms["CO₂ of what was used"] == "not known"
    assert terms["Saved money"] == "not known"


def test_without_a_baseline_nothing_is_saved_or_lost() -> None:
    made = document(made_reports.made_bare(), "en")
    circuits = next(section for section in made.sections if section.id == "circuits")
    table = next(block for block in circuits.blocks if isinstance(block, Table))
    place = [column.heading for column in table.columns].index("Saved, kWh")
    assert {row[place] for row in table.rows} == {"not known"}


def test_losses_are_negative_and_named() -> None:
    made = document(made_reports.made_loss(), "en")
    causes = next(section for section in made.sections if section.id == "causes")
    table = next(block for block in causes.blocks if isinstance(block, Table))
    row = next(row for row in table.rows if row[0] == "Overrides and tests")
    assert row[1].startswith("−")
    assert row[-1] == "loss"


def test_the_order_of_attribution_is_printed_whole() -> None:
    made = document(made_reports.made_empty(), "en")
    method = made.sections[-1]
    table = next(block for block in method.blocks if isinstance(block, Table))
    assert len(table.rows) == len(CAUSES)


def test_unknown_is_empty_in_csv_and_null_in_json() -> None:
    made = made_reports.made_bare()
    rows = list(csv.DictReader(io.StringIO(FORMS["csv"](made, "en").decode("utf-8"))))
    money = [row for row in rows if row["section"] == "total" and row["quantity"] == "used_money"]
    assert [row["value"] for row in money] == [""]
    assert json.loads(FORMS["json"](made, "en"))["total"]["used"]["money_e4"] is None


def test_json_holds_the_exact_integers(made: EnergyReport) -> None:
    found = json.loads(FORMS["json"](made, "en"))
    assert (found["schema"], found["format"]) == ("lighting.report/1", 1)
    assert found["total"]["used"]["energy_ws"] == made.total.used.energy_ws
    assert [line["code"] for line in found["causes"]] == [cause.code for cause in CAUSES]
    assert found["circuits"][3]["latitude_deg"] == made.circuits[3].latitude_deg


def test_what_people_wrote_is_text_and_no_markup() -> None:
    from dataclasses import replace

    made = replace(made_reports.made_report(n_circuits=2, n_months=1), site_name="<script>alert(1)</script> & Co")
    page = FORMS["html"](made, "en")
    assert b"<script" not in page
    assert "<script>alert(1)</script> & Co" in html_text(page)


def test_a_formula_in_a_name_is_a_text() -> None:
    import io as bytes_io
    from dataclasses import replace

    from openpyxl import load_workbook

    made = made_reports.made_report(n_circuits=2, n_months=1)
    evil = replace(made.circuits[0], name='=HYPERLINK("http://x")')
    book = load_workbook(bytes_io.BytesIO(FORMS["xlsx"](replace(made, circuits=(evil,)), "en")))
    assert book["Circuits"]["B2"].data_type == "s"


def test_a_month_of_which_no_hour_is_known_used_not_nothing(made: EnergyReport) -> None:
    none = Worth(0, 0, 0)
    blank = replace(made.months[0], known_share=0.0, used=none, baseline=none, saved=none)
    report = replace(made, months=(blank, *made.months[1:]))
    months = next(section for section in document(report, "en").sections if section.id == "months")
    table = next(block for block in months.blocks if isinstance(block, Table))
    assert table.rows[0][1:6] == ("not known",) * 5
    rows = csv.DictReader(io.StringIO(FORMS["csv"](report, "en").decode("utf-8-sig")))
    told = [row["value"] for row in rows if row["section"] == "month" and row["id"] == blank.from_day[:7]]
    assert told[:9] == [""] * 9
