"""``lighting plan`` in every form, as a person and as a script ask for it."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from lighting.assets.template import write_template
from lighting.cli.entry import run
from lighting.cli.plan_steps import clocks
from lighting.cli.voice import Voice

Capture = pytest.CaptureFixture[str]
NIGHT = ["--night", "2026-11-23"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    write_template(folder)
    programs = (folder / "programs.toml").read_text(encoding="utf-8")
    slow = programs.replace('at = "22:00", level_pct = 70', 'at = "22:00", level_pct = 70, ramp_s = 300')
    assert slow != programs
    (folder / "programs.toml").write_text(slow, encoding="utf-8")
    return folder


def said(site: Path, capsys: Capture, *words: str) -> str:
    assert run(["-s", str(site), "plan", *words]) == 0
    return capsys.readouterr().out


def test_a_ramp_is_one_line_of_the_city_and_of_a_circuit(site: Path, capsys: Capture) -> None:
    city = said(site, capsys, *NIGHT)
    assert "22:00 100 → 70 % in 5 min  00:00 50 %  05:00 100 %" in city
    one = said(site, capsys, "C-0101", *NIGHT).splitlines()
    assert [line.split("  ")[0] for line in one[2:]] == ["12:00", "17:13", "22:00", "00:00", "05:00", "06:12"]
    assert "100 → 70 % in 5 min  program main-road: 70 % from 22:00 to 00:00" in one[4]
    assert all(len(line) <= 80 for line in one), "on another night than this, too"


def test_the_json_tells_when_a_ramp_begins_and_ends(site: Path, capsys: Capture) -> None:
    document = json.loads(said(site, capsys, "C-0101", *NIGHT, "--at-step", "6h", "--json"))
    changes = document["circuits"][0]["changes"]
    ramp = next(change for change in changes if change["level_pct"] == pytest.approx(70.0))
    assert ramp["from_pct"] == 100.0
    assert ramp["over_ms"] == pytest.approx(300_000, abs=1_000)
    assert document["step_s"] == 21_600
    assert [(at - document["at_ms"][0]) // 3_600_000 for at in document["at_ms"]] == [0, 6, 12, 18]
    assert document["circuits"][0]["levels_pct"] == pytest.approx([0.0, 100.0, 70.0, 100.0], abs=0.01)


def test_the_csv_has_a_row_a_step_and_a_column_a_circuit(site: Path, tmp_path: Path, capsys: Capture) -> None:
    rows = list(csv.reader(io.StringIO(said(site, capsys, *NIGHT, "--csv", "-", "--at-step", "1h"))))
    assert rows[0] == ["local_time", "C-0101", "C-0102", "C-0103", "C-0201"]
    assert len(rows) == 25
    assert rows[11] == ["2026-11-23T22:00:00+07:00", "100", "100", "100", "80"]
    target = tmp_path / "night.csv"
    assert said(site, capsys, *NIGHT, "--csv", str(target)) == ""
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1441
    assert [path.name for path in tmp_path.iterdir() if "night" in path.name] == ["night.csv"]


def test_a_csv_that_cannot_be_written_names_its_file(site: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "nowhere" / "night.csv"
    assert run(["-s", str(site), "plan", "--csv", str(target)]) == 1
    assert capsys.readouterr().err == f"lighting: {target}: No such file or directory\n"


def test_the_steps_of_the_city_stand_in_columns_of_equal_circuits(site: Path, capsys: Capture) -> None:
    lines = said(site, capsys, *NIGHT, "--at-step", "2h").splitlines()
    assert lines[1:4] == ["  1  C-0102, C-0103", "  2  C-0101", "  3  C-0201"]
    assert lines[5].split() == ["FROM", "1", "2", "3"]
    assert lines[13].split() == ["02:00", "100", "%", "50", "%", "off"]
    one = said(site, capsys, "C-0101", *NIGHT, "--at-step", "2h").splitlines()
    assert len(one) == 2 + 12
    assert one[-1].startswith("10:00    off  program main-road: off since")


def test_the_chart_fits_a_screen_and_needs_no_colour(site: Path, capsys: Capture) -> None:
    text = said(site, capsys, *NIGHT, "--chart")
    lines = text.splitlines()
    assert len(lines) < 24
    assert all(len(line) <= 80 for line in lines)
    assert "\x1b" not in text
    hours = next(line for line in lines if line.strip().startswith("17"))
    midnight = hours.index("00")
    band = lines[lines.index("C-0101") + 1]
    assert band[midnight - 2] == "▃", "70 % in the upper of two lines"
    assert band[midnight + 2] == " ", "50 % fills the lower line only"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--chart", "--json"], 2, "choose one of --chart, --json"),
        (["--chart", "--at-step", "1h"], 2, "choose one of --chart, --at-step"),
        (["--at-step", "0s"], 2, "is no length of time"),
        (["--at-step", "13h"], 2, "is not between 1 s and 12 h"),
        (["--night", "2026-02-30"], 2, "is no date"),
        (["C-9999", "--csv", "-"], 3, "there is no circuit C-9999"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    site: Path, capsys: Capture, words: list[str], code: int, told: str
) -> None:
    assert run(["-s", str(site), "plan", *words]) == code
    heard = capsys.readouterr()
    assert heard.out == ""
    assert told in heard.err
    assert len(heard.err.splitlines()) == 1


def test_on_a_step_why_names_the_level_that_comes(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "why", "C-0101", "--at", "2126-11-23 22:00"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "on its way down: 70 % at 22:05:00" in lines
    assert any("00:00, then 50 %" in line for line in lines)


def test_times_that_would_read_alike_are_told_apart(site: Path, capsys: Capture) -> None:
    fine = [line.split()[0] for line in said(site, capsys, "C-0101", *NIGHT, "--at-step", "30s").splitlines()[2:]]
    assert fine[:3] == ["12:00:00", "12:00:30", "12:01:00"]
    assert len(set(fine)) == len(fine)
    voice = Voice("Australia/Lord_Howe")
    at_ms = [1_775_312_100_000 + quarter * 900_000 for quarter in range(6)]  # 2026-04-05, half an hour back at 02:00
    twice = ["01:15", "01:30+11:00", "01:45+11:00", "01:30+10:30", "01:45+10:30", "02:00"]
    assert clocks(at_ms, voice) == twice
    assert clocks([at_ms[0], at_ms[0] + 4_000, at_ms[5]], voice) == ["01:15:00", "01:15:04", "02:00"]
    assert clocks([at_ms[0] + 4_000, at_ms[5]], voice) == ["01:15", "02:00"]


@pytest.mark.parametrize(
    "words",
    [
        ["calendar", "--from", "2026-01-01", "--to", "2026-12-31"],
        ["plan", *NIGHT, "--at-step", "1h"],
        ["why", "C-0201", "--at", "2026-01-01 01:30"],
        ["why", "C-0201", "--at", "tonight"],
        ["why", "C-0201", "--att", "a wrong option that takes more room on its line than there is"],
    ],
    ids=" ".join,
)
def test_a_terminal_of_80_columns_breaks_no_word(
    site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    run(["-s", str(site), *words])
    piped = capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run(["-s", str(site), *words])
    shown = capsys.readouterr()
    assert [line for line in (shown.out + shown.err).splitlines() if len(line) > 80] == []
    assert (shown.out + shown.err).split() == (piped.out + piped.err).split(), "the same words, unbroken in a pipe"
