"""``lighting baseline``: what is in force, what it means tonight, and what a claim lacks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site

Capture = pytest.CaptureFixture[str]
STATED = """format = 1
[switching]
on_lx = 55.0
off_lx = 28.0
source = "data sheet of the cells"
[[watts]]
luminaire_type = "led-90"
basis = "sample"
sample_size = 12
mean_w = 90.1
standard_deviation_w = 1.5
date = "2025-03-12"
instrument = "clamp meter"
by = "An"
[[adjustments]]
date = "2026-05-01"
signed_by = "An"
reason = "festoons of the square"
kwh_per_year = 900.0
[[reference.periods]]
from = "2023-01-01"
to = "2023-12-31"
kwh = 40000.0
lamps = 68
source = "bill"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "city")


def test_without_a_statement_everything_is_a_default_and_says_so(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "baseline"]) == 0
    text = capsys.readouterr().out
    assert "states nothing" in text
    assert "on at 35 lx and off at 70 lx" in text
    assert "no metered reference period" in text
    assert run(["-s", str(site), "baseline", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["is_stated"] is False
    assert 4150 < answer["year_h"] < answer["sunset_to_sunrise_year_h"] - 100
    assert [one["is_there"] for one in answer["options"]] == [True, True, False]
    assert "lacking_reference" in [one["code"] for one in answer["lacking"]]


def test_what_is_stated_is_shown_with_what_it_rests_on(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "apply", "--yes"]) == 0
    capsys.readouterr()
    (site / "baseline.toml").write_text(STATED, encoding="utf-8")
    assert run(["-s", str(site), "apply", "--yes"]) == 0
    assert "baseline, switching:" in capsys.readouterr().out
    assert run(["-s", str(site), "baseline"]) == 0
    text = capsys.readouterr().out
    assert "The baseline of revision" in text
    assert "source: data sheet of the cells" in text
    assert "a sample of 12 of 30 lamps gave 90.1 W, standard deviation 1.5 W (2025-03-12, clamp meter, An)" in text
    assert "from 2026-05-01 until further notice: 900 kWh a year; festoons of the square (signed by An)" in text
    assert "2023-01-01 to 2023-12-31: 40 000 kWh by bill" in text
    assert "fewer than three reference periods (1) and no error_pct: 10 % is taken" in text
    assert "the switching point has no source" not in text


def test_a_broken_statement_is_refused_with_its_place(site: Path, capsys: Capture) -> None:
    (site / "baseline.toml").write_text(STATED.replace("off_lx = 28.0\n", ""), encoding="utf-8")
    assert run(["-s", str(site), "check"]) != 0
    out, err = capsys.readouterr()
    assert "baseline.toml:2" in out + err
    assert "off_lx is missing" in out + err


def test_no_line_is_wider_than_the_terminal(site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the baseline nor of the table of bills, which leaves out first who entered them."""
    (site / "bills.csv").write_text(
        "number;from;to;kwh;amount\nBILL-2026-0001-OF-THE-CITY;2026-01-01;31.01.2026;1.234.567,5;1.234.567,89\n"
    )
    assert run(["-s", str(site), "--user", "operator", "bills", "import", str(site / "bills.csv")]) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for words in (["baseline"], ["bills", "list"]):
        assert run(["-s", str(site), *words]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if cell_len(line) > 80] == []
    assert len(lines) == 2, "the table needs no second line for a bill"
    assert "1 234 567.5" in lines[1]
    assert "WITHDRAWN" not in lines[0]
