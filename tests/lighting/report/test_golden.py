"""The bytes are the contract: each form of the report in each language, and twice the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lighting.desk.energy_answers import EnergyReport
from lighting.report.writing import FORMS
from tests.lighting.report.made_report import made_report
from tests.lighting.report.texts_of_forms import html_text, is_golden, pdf_text, xlsx_cells

SAID: dict[str, Callable[[bytes], str]] = {
    "html": html_text,
    "pdf": pdf_text,
    "xlsx": xlsx_cells,
    "csv": lambda content: content.decode("utf-8"),
    "json": lambda content: content.decode("utf-8"),
}


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("form", ["html", "pdf", "xlsx"])
def test_what_a_form_with_words_says(form: str, language: str, made: EnergyReport) -> None:
    content = FORMS[form](made, language)
    assert is_golden(f"report.{language}.{form}.txt", SAID[form](content))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_a_form_of_figures_says(form: str, made: EnergyReport) -> None:
    content = FORMS[form](made, "en")
    assert is_golden(f"report.{form}", SAID[form](content))
    assert FORMS[form](made, "vi") == content


@pytest.mark.parametrize("form", list(FORMS))
def test_the_same_report_is_the_same_bytes(form: str) -> None:
    one, other = (FORMS[form](made_report(n_circuits=3, n_months=2), "vi") for _ in range(2))
    assert one == other
