"""``lighting energy`` on a real folder: one quiet screen, each form, and one clear error for each wrong question."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from lighting.assets.template import template_texts
from lighting.cli import energy_bars, energy_csv, voice
from lighting.cli.entry import run
from lighting.cli.say_energy import Told
from lighting.desk.energy_answers import EnergyReport, Worth
from lighting.store.clock import Clock
from lighting.store.records import ClockRow
from lighting.wording import words_energy
from tests.lighting.accounts.conftest import past_of
from tests.lighting.cli.the_site import make_site, store_of
from tests.lighting.desk.conftest import local_ms
from tests.lighting.desk.energy_store import Subject, fill
from tests.lighting.report.made_report import made_report

Capture = pytest.CaptureFixture[str]
FIRST, LAST = date(2026, 9, 20), date(2026, 11, 22)
ZONE = "Asia/Ho_Chi_Minh"
SUBJECTS = tuple(
    Subject(name, district, n + 1, lamps=lamps)
    for n, (name, district, lamps) in enumerate(
        (("C-0101", "centre", 24), ("C-0102", "centre", 6), ("C-0103", "centre", 8), ("C-0201", "lakeside", 30))
    )
)


def at_clock(folder: Path, now: str) -> None:
    """Let the site's clock stand near that local time: an accelerated one that has only just begun."""
    import time

    with store_of(folder) as store:
        store.controller.set_clock_row(ClockRow(time.time_ns() // 1_000_000, local_ms(now), 1.0))
        clock: Clock = store.controller.clock()
        assert abs(clock.now_ms() - local_ms(now)) < 60_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_site(tmp_path_factory.mktemp("energy") / "city")
    with store_of(folder) as store:
        fill(store, SUBJECTS, FIRST, LAST, ZONE, leave_out=[date(2026, 10, 4)])
    at_clock(folder, "2026-11-23T09:00")
    return folder


def asked(site: Path, capsys: Capture, *words: str) -> str:
    assert run(["-s", str(site), "energy", *words]) == 0
    return capsys.readouterr().out


def test_one_quiet_screen(site: Path, capsys: Capture) -> None:
    lines = asked(site, capsys).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80 or all(line.endswith(".") for line in lines if len(line) > 80)
    assert lines[1].split() == ["FIGURE", "LAST", "NIGHT", "THIS", "MONTH", "THIS", "YEAR"]
    assert lines[2].split() == ["11-22", "–", "11-23", "11-01", "–", "11-22", "09-20", "–", "11-22"]
    used = next(line for line in lines if line.startswith("used, kWh")).split()
    assert used[2] == "48.6"  # until midnight: what comes after has no account yet
    assert any(line.startswith("SAVED BY") for line in lines)
    assert any(("used by day this month" in line and "▁" in line) or "█" in line for line in lines)
    assert any("2026-10-04" in line for line in lines)


def test_the_night_that_is_over_is_the_last_one(site: Path, capsys: Capture) -> None:
    """At nine in the morning the night that has just ended is meant, though its second half has no account yet."""
    found = json.loads(asked(site, capsys, "--last-night", "--json"))["spans"][0]
    assert (found["span"], found["from_day"]) == ("night", "2026-11-22")
    at_clock(site, "2026-11-22T20:00")
    try:
        found = json.loads(asked(site, capsys, "--last-night", "--json"))["spans"][0]
    finally:
        at_clock(site, "2026-11-23T09:00")
    assert found["from_day"] == "2026-11-21"
    assert found["total"]["used"]["energy_ws"] == 10 * 12 * 3600 * (805 + 5)


def test_a_month_with_its_causes_and_what_is_known(site: Path, capsys: Capture) -> None:
    out = asked(site, capsys, "--month", "2026-10")
    assert "2026-10-01 to 2026-10-31, 31 days" in out
    for word in ("scheduled dimming", "day burners", "± 90 %", "lamp-hours", "Known: 96.8 % of the time"):
        assert word in out
    assert max(map(len, out.splitlines()[:20])) <= 80


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("month", ["2026-09", "2026-10", "2026-11"]),
        ("district", ["centre", "lakeside"]),
        ("circuit", ["C-0101", "C-0102", "C-0103", "C-0201"]),
        ("cause", ["switching times", "unexplained"]),
        ("day", ["2026-09-20", "2026-11-22"]),
    ],
)
def test_lines_by(site: Path, capsys: Capture, by: str, names: list[str]) -> None:
    lines = asked(site, capsys, "--by", by).splitlines()
    for name in names:
        assert any(line.startswith(name) for line in lines)
    assert max(len(line) for line in lines if any(line.startswith(name) for name in names)) <= 80


def test_lines_by_supply(site: Path, capsys: Capture) -> None:
    """Without supplies it says where they are named; with some, circuits that name none stand under a dash."""
    assert run(["energy", "--site", str(site), "--month", "2026-10", "--by", "supply"]) == 0
    assert "supplies.csv names them" in capsys.readouterr().err
    table = site / "supplies.csv"
    before = table.read_bytes()
    table.write_text("id,name,kind,tariff\nN,North,metered,\n", encoding="utf-8")
    lines = asked(site, capsys, "--by", "supply").splitlines()
    table.write_bytes(before)
    assert any(line.startswith("–") for line in lines)
    assert any(line.startswith("N ") for line in lines)


def test_bars_of_days_or_months(site: Path, capsys: Capture) -> None:
    of_month = asked(site, capsys, "--month", "2026-11", "--chart").splitlines()
    assert sum(line.startswith("2026-11-") and "█" in line and "░" in line for line in of_month) == 22
    of_year = asked(site, capsys, "--year", "2026", "--chart").splitlines()
    assert sum(line.startswith("2026-") and "█" in line for line in of_year) == 3
    assert max(len(line) for line in of_year if "█" in line) <= 80


def test_bars_without_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_bars, "_has_blocks", lambda: False)
    assert energy_bars.bar(0.5, 10) == "#####"
    assert energy_bars.bar(-0.2, 10) == "--"
    assert energy_bars.spark([0.0, 1.0]) == "_#"
    assert energy_bars.spark([1.0]) == ""


def test_json_is_the_whole_report_of_each_span(site: Path, capsys: Capture) -> None:
    found = json.loads(asked(site, capsys, "--json"))
    assert found["schema"] == "lighting.energy/1"
    assert [one["span"] for one in found["spans"]] == ["night", "month", "year"]
    year = found["spans"][2]
    assert sum(line["saved"]["energy_ws"] for line in year["causes"]) == year["total"]["saved"]["energy_ws"]
    (one,) = json.loads(asked(site, capsys, "--month", "2026-11", "--json"))["spans"]
    assert len(one["circuits"]) == 4
    assert len(one["days"]) == 22


def test_a_table_for_a_sheet_adds_up(site: Path, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "energy.csv"
    assert run(["-s", str(site), "energy", "--month", "2026-11", "--csv", str(file)]) == 0
    capsys.readouterr()
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    again = list(csv.DictReader(io.StringIO(asked(site, capsys, "--month", "2026-11", "--csv", "-"))))
    assert again == rows
    total = next(row for row in rows if row["scope"] == "total")
    for scope, name in (
        ("day", "used_kwh"),
        ("circuit", "used_kwh"),
        ("cause", "saved_kwh"),
        ("district", "used_money"),
    ):
        parts = sum(float(row[name]) for row in rows if row["scope"] == scope)
        assert parts == pytest.approx(float(total[name]), abs=1e-4)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "2026-10-25", "--to", "2026-10-24"), 2, "is before --from"),
        (("--to", "2027-01-01"), 2, "is in the future: today is 2026-11-23"),
        (("--month", "2026-13"), 2, "is no month"),
        (("--month", "2027-02"), 2, "is in the future"),
        (("--year", "abc"), 2, "is no year"),
        (("--year", "0000"), 2, "is no year"),
        (("--from", "20261-1"), 2, "is no date"),
        (("--from", "2001-01-01"), 2, "ten years"),
        (("--district", "lakesid"), 3, "nearest: lakeside"),
        (("--from", "2026-01-01", "--to", "2026-02-01"), 3, "there are accounts from 2026-09-20 to 2026-11-22"),
        (("--month", "2026-10", "--year", "2026"), 2, "--month, --year: choose one"),
        (("--by", "road"), 2, "it is by one of month, day"),
        (("--chart", "--json"), 2, "--chart, --json"),
        (("--baseline", "x"), 2, "no baseline x"),
        (("--baseline", "metered_reference"), 3, "[[reference.periods]] in baseline.toml"),
        (("--last-night", "--by", "circuit"), 2, "is not told of a night"),
    ],
)
def test_a_wrong_question_has_one_clear_answer(
    site: Path, capsys: Capture, words: tuple[str, ...], code: int, said: str
) -> None:
    assert run(["-s", str(site), "energy", *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_site_without_accounts_says_what_makes_them(tmp_path: Path, capsys: Capture) -> None:
    folder = make_site(tmp_path / "new")
    assert run(["-s", str(folder), "energy"]) == 3
    assert "`lighting run` makes accounts" in capsys.readouterr().err
    assert not (folder / "state").exists()


def test_without_a_tariff_there_is_no_money(tmp_path: Path, capsys: Capture) -> None:
    folder = make_site(tmp_path / "free")
    (folder / "tariff.toml").unlink()
    with store_of(folder) as store:
        fill(store, SUBJECTS, LAST - timedelta(days=2), LAST, ZONE)
    at_clock(folder, "2026-11-23T09:00")
    out = asked(folder, capsys)
    assert "VND" not in out
    assert "No money and no CO2" in out
    assert "SAVED VND" not in asked(folder, capsys, "--by", "day")


def test_the_first_evening_of_a_site_is_told_alone(tmp_path: Path, capsys: Capture) -> None:
    folder = make_site(tmp_path / "first")
    with store_of(folder) as store:
        past = past_of(store, template_texts())
        past.meter("CB02-M:total", date(2026, 11, 20), [3_600_000] * 24)
    at_clock(folder, "2026-11-20T21:30")
    out = asked(folder, capsys)
    assert "The night of 2026-11-20, noon to noon" in out
    assert any(line.split()[:2] == ["used", "9"] for line in out.splitlines())
    assert run(["-s", str(folder), "energy", "--month", "2026-10"]) == 3


def speak(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a language as a person does; what this run spoke before is what the next test finds again."""
    monkeypatch.setenv("LIGHTING_LANGUAGE", language)
    monkeypatch.setattr(voice, "_of_this_run", voice.voice_of_this_run())


QUESTIONS = ((), ("--month", "2026-11"), ("--month", "2026-11", "--by", "circuit"), ("--year", "2026", "--chart"))


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("words", QUESTIONS)
def test_no_line_is_wider_than_the_terminal(
    site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, language: str, words: tuple[str, ...]
) -> None:
    speak(language, monkeypatch)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = asked(site, capsys, *words).splitlines()
    assert [line for line in lines if cell_len(line) > 80] == []
    assert not lines[0].startswith(" ")
    assert not lines[1].startswith("  ")  # the title stands on one line


def test_it_follows_the_language(site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    english = {words: asked(site, capsys, *words) for words in QUESTIONS}
    speak("vi", monkeypatch)
    ours = [*words_energy.FIGURES, *words_energy.CAUSES.values(), *words_energy.BASELINES.values(), "FIGURE", "CIRCUIT"]
    for words, said in english.items():
        out = asked(site, capsys, *words)
        assert out != said
        left = {word for word in ours if len(word) > 4 and re.search(rf"\b{re.escape(word)}(?!\w)", out)}
        assert left == set()


def test_a_line_of_which_nothing_is_known_is_empty_in_a_table_for_a_sheet(made: EnergyReport) -> None:
    none = Worth(0, 0, 0)
    blank = replace(made.months[0], known_share=0.0, used=none, baseline=none, saved=none)
    out = io.StringIO()
    energy_csv._write(out, [Told("asked", replace(made, months=(blank, *made.months[1:])))])
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    told = next(row for row in rows if row["scope"] == "month")
    assert [
        told[f"{name}_{unit}"] for name in ("used", "baseline", "saved") for unit in ("kwh", "money", "co2_kg")
    ] == [""] * 9
    assert [row["id"] for row in rows if row["scope"] == "permanent_load"] == ["CB01-M:L1/gateway"]


@pytest.fixture
def made() -> EnergyReport:
    return made_report(n_circuits=3, n_months=2)
