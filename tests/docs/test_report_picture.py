"""The picture of a report's first page: from a browser where there is one, else left as it is with the reason."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from lighting.report.page import html_bytes
from tests.lighting.report.made_report import made_report

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def pictures() -> dict[str, Any]:
    return runpy.run_path(str(CHECKOUT / "docs" / "pictures.py"))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "report.html"
    file.write_bytes(html_bytes(made_report(n_circuits=2, n_months=1), "en"))
    return file


def test_without_a_browser_the_old_picture_stays_and_the_reason_is_said(
    pictures: dict[str, Any], page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.png"
    old.write_bytes(b"old")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no headless browser (Debian package chromium)" in pictures["photograph"](page, old)
    assert old.read_bytes() == b"old"


def test_a_browser_makes_the_picture(pictures: dict[str, Any], page: Path, tmp_path: Path) -> None:
    if not any(map(shutil.which, pictures["BROWSERS"])):
        pytest.skip("needs a browser (Debian package chromium)")
    made = tmp_path / "made.png"
    assert pictures["photograph"](page, made) == ""
    head = made.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    size = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    assert ",".join(map(str, size)) == pictures["PAGE_SIZE"]
