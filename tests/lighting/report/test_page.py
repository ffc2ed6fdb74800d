"""The page stands alone: nothing fetched, no script, figures with words, headings in order; a browser shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lighting.desk.energy_answers import EnergyReport
from lighting.report.contents import document
from lighting.report.document import Picture
from lighting.report.figures import FIGURES
from lighting.report.page import html_bytes

_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def page(made: EnergyReport) -> str:
    return html_bytes(made, "vi").decode("utf-8")


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    named = set(re.findall(r"""(?:https?:)?//[^"'\s)<]+""", page))
    assert named <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_every_figure_has_a_title_and_words(page: str) -> None:
    figures = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    assert len(figures) == len(FIGURES)
    for figure in figures:
        root = ET.fromstring(figure)
        assert root.get("role") == "img"
        words = {root.find(f"{_SVG}{tag}") for tag in ("title", "desc")}
        assert all(word is not None and word.text for word in words)


def test_no_id_is_given_twice(page: str) -> None:
    outside = re.sub(r"<defs>.*?</defs>", "", page, flags=re.DOTALL)
    ids = re.findall(r'\bid="([^"]+)"', outside)
    assert len(ids) == len(set(ids))
    named = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= named
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= named


def test_tables_have_captions_and_heads(page: str) -> None:
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) > 8
    for table in tables:
        assert "<caption>" in table
        assert 'scope="col"' in table


def test_every_picture_of_the_contents_is_drawn(made: EnergyReport) -> None:
    names = [
        block.name
        for section in document(made, "en").sections
        for block in section.blocks
        if isinstance(block, Picture)
    ]
    assert sorted(names) == sorted(FIGURES)


def test_a_browser_shows_the_page(page: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs a browser (Debian package chromium)")
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom")
    shown = subprocess.run([chromium, *options, file.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.count("<svg") == len(FIGURES)
    assert "Báo cáo năng lượng" in shown.stdout
