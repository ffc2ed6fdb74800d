"""Reports that lack things say so: never a 0 for what is not known, never a saving that is chance."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from lighting.desk.energy_answers import EnergyReport, LoadProfile, Worth
from lighting.energy.worlds import CAUSES
from lighting.report.contents import document
from lighting.report.document import KeyFigures, Paragraph, Picture, Section, Table, Terms
from lighting.report.language import language_of
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
    made = replace(made_reports.made_report(n_circuits=2, n_months=1), site_name="<script>alert(1)</script> & Co")
    page = FORMS["html"](made, "en")
    assert b"<script" not in page
    assert "<script>alert(1)</script> & Co" in html_text(page)


def test_a_formula_in_a_name_is_a_text() -> None:
    import io as bytes_io

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


def section(report: EnergyReport, name: str) -> Section:
    return next(one for one in document(report, "en").sections if one.id == name)


def terms(report: EnergyReport, name: str) -> dict[str, str]:
    return {
        term: text for block in section(report, name).blocks if isinstance(block, Terms) for term, text in block.pairs
    }


def tables(report: EnergyReport, name: str) -> list[Table]:
    return [block for block in section(report, name).blocks if isinstance(block, Table)]


def test_where_no_hour_is_known_the_first_page_says_no_zero() -> None:
    made = made_reports.made_empty()
    (table,) = tables(made, "headline")
    assert table.rows[0][1] == "not known"
    assert terms(made, "money")["Cost of what was used"] == "not known"


def test_permanent_loads_are_no_circuits(made: EnergyReport) -> None:
    circuits, loads = tables(made, "circuits")
    assert [row[0] for row in loads.rows] == ["CB01-M:L1/gateway"]
    assert not any("gateway" in row[0] for row in circuits.rows)
    said = [block.text for block in section(made, "circuits").blocks if isinstance(block, Paragraph)]
    assert said[0] == "The 24 with the most energy of 24; workbook, CSV and JSON have all."
    pictures = [block.description for block in section(made, "map").blocks if isinstance(block, Picture)]
    assert pictures[0].startswith("24 of 24 circuits have a position.")
    rows = list(csv.DictReader(io.StringIO(FORMS["csv"](made, "en").decode("utf-8"))))
    assert {row["id"] for row in rows if row["section"] == "permanent_load"} == {"CB01-M:L1/gateway"}


def test_the_times_of_no_tariff_period_have_a_name(made: EnergyReport) -> None:
    (table,) = tables(made, "reactive")
    assert [row[0] for row in table.rows] == ["peak", "night", "all other times"]


def test_the_saving_in_all_has_its_uncertainty(made: EnergyReport) -> None:
    (table,) = tables(made, "causes")
    row = next(row for row in table.rows if row[0] == "Saved in all")
    assert row[2] == language_of(made, "en").kwh(made.baselines[0].within_ws) != "–"


def test_standby_by_day_is_modelled_and_says_so(made: EnergyReport) -> None:
    found = terms(made, "indicators")
    assert found["Standby power by day, stated: permanent loads, and lamps without a contactor"] == "0.87 kW"
    assert found["Standby by day, modelled: that power for those hours"] == "3,890 kWh"
    bare = replace(made, indicators=replace(made.indicators, standby_w=None, standby_h=None, standby_ws=None))
    assert terms(bare, "indicators")["Standby by day, modelled: that power for those hours"] == "not known"


def test_burning_hours_say_what_they_rest_on(made: EnergyReport) -> None:
    assert "Mean burning hours of a lamp, in part modelled" in terms(made, "indicators")
    assert "Mean burning hours of a lamp, by reported levels" in terms(replace(made, notes=()), "indicators")


def test_a_class_of_one_value_has_one_figure_in_the_key_of_the_map(made: EnergyReport) -> None:
    alike = tuple(replace(line, kwh_per_lamp=263.0) for line in made.circuits)
    page = html_text(FORMS["html"](replace(made, circuits=alike), "en"))
    assert "text: 263.0\n" in page
    assert "263.0 – 263.0" not in page


def test_classes_of_the_map_that_differ_are_written_differently(made: EnergyReport) -> None:
    few = tuple(replace(line, kwh_per_lamp=0.31 + 0.013 * (number % 5)) for number, line in enumerate(made.circuits))
    page = html_text(FORMS["html"](replace(made, circuits=few), "en"))
    classes = re.findall(r"text: (0\.3\d+(?: – 0\.3\d+)?)$", page, re.MULTILINE)
    assert classes == ["0.31", "0.32", "0.34", "0.35", "0.36"]


def test_powers_of_one_table_have_the_same_decimals(made: EnergyReport) -> None:
    profile = LoadProfile((12, 13), (192_199.0, 55_201.0), (200_800.0, 16_600.0), (30, 29), (31, 31))
    (table,) = tables(replace(made, load_profile=profile), "night")
    assert table.rows[0] == ("12:00", "192.2", "200.8", "30 / 31", "13:00", "55.2", "16.6", "29 / 31")


def test_one_month_is_neither_the_most_nor_the_least() -> None:
    months = section(made_reports.made_report(n_circuits=2, n_months=1), "months")
    (picture,) = [block for block in months.blocks if isinstance(block, Picture)]
    assert picture.description.startswith("All of it in January 2026: ")
