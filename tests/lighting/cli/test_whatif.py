"""``lighting whatif`` on a real folder: words, JSON, CSV, and one clear error for each wrong question."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.cli.say_whatif import written
from tests.lighting.cli.the_site import make_site, weeks_of_counts, with_traffic

Capture = pytest.CaptureFixture[str]
WEEK = ("--from", "2026-10-19", "--to", "2026-10-25")
BY_TRAFFIC = """
[programs.by-traffic]
extends = "main-road"
steps = [{ at = "dusk", level_pct = 100, adaptive = true }]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "city")


def asked(site: Path, capsys: Capture, *words: str) -> dict[str, object]:
    assert run(["-s", str(site), "whatif", *WEEK, *words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def figure(answer: object, world: str, name: str) -> float:
    value = answer["total"]["worlds"][world][name]  # type: ignore[index]
    assert isinstance(value, (int, float))
    return value


def test_other_rules_stand_beside_the_present_ones_and_full_power(site: Path, capsys: Capture) -> None:
    answer = asked(site, capsys, "--program", "main-road=full-night")
    assert answer["worlds"] == ["other", "present", "full"]
    energy = [figure(answer, world, "energy_kwh") for world in ("other", "present", "full")]
    assert energy[1] < energy[0] < energy[2]
    changes = answer["total"]["changes"]  # type: ignore[index]
    assert changes["energy_kwh"]["difference"] == pytest.approx(energy[0] - energy[1])
    for world in ("other", "present", "full"):
        parts = [line["worlds"][world] for line in answer["circuits"]]  # type: ignore[attr-defined]
        districts = [line["worlds"][world] for line in answer["districts"]]  # type: ignore[attr-defined]
        for name in ("energy_kwh", "money", "lamp_h", "switchings", "below_floor_min"):
            assert sum(part[name] for part in parts) == pytest.approx(figure(answer, world, name))
            assert sum(part[name] for part in districts) == pytest.approx(figure(answer, world, name))
        nights = [night["energy_kwh"][world] for night in answer["nights"]]  # type: ignore[attr-defined]
        assert sum(nights) == pytest.approx(figure(answer, world, "energy_kwh"))


def test_rules_that_are_alike_change_nothing(site: Path, capsys: Capture) -> None:
    for words in (
        ("--other", str(site)),
        ("--calendar", str(site / "calendar.toml")),
        ("--program", "festival=festival"),
    ):
        answer = asked(site, capsys, *words)
        for line in (answer["total"], *answer["districts"], *answer["circuits"]):  # type: ignore[misc]
            assert {change["difference"] for change in line["changes"].values()} == {0.0}


def test_the_edited_folder_beside_the_accepted_revision(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "apply"]) == 0
    programs = site / "programs.toml"
    programs.write_text(programs.read_text(encoding="utf-8").replace("level_pct = 50 }", "level_pct = 40 }"), "utf-8")
    capsys.readouterr()
    answer = asked(site, capsys, "--other", str(site))
    assert answer["revision"] == 1
    # The floor of the class M5 is 45.5 %: that is what is left of 40 %.
    assert figure(answer, "other", "energy_kwh") < figure(answer, "present", "energy_kwh")


def test_traffic_of_a_file_lights_less_than_none(site: Path, capsys: Capture, tmp_path: Path) -> None:
    with_traffic(site)
    programs = site / "programs.toml"
    programs.write_text(programs.read_text(encoding="utf-8") + BY_TRAFFIC, encoding="utf-8")
    times = [
        f"2026-10-{day:02d}T{hour:02d}:{minute}"
        for day in range(19, 27)
        for hour in range(24)
        for minute in ("00", "10", "20", "30", "40", "50")
    ]
    rows = [f"MARKET,{begin},{end},5" for begin, end in pairwise(times)]
    counts = tmp_path / "counts.csv"
    counts.write_text(
        "\n".join(["section,from,until,vehicles", *rows, "NOWHERE,never,never,x"]) + "\n", encoding="utf-8"
    )
    swap = ("--program", "main-road=by-traffic")
    with_counts = asked(site, capsys, *swap, "--traffic", str(counts))
    without = asked(site, capsys, *swap)
    assert figure(with_counts, "other", "energy_kwh") < figure(without, "other", "energy_kwh")
    codes = {note["code"]: note["values"] for note in with_counts["notes"]}  # type: ignore[attr-defined]
    assert codes["whatif_traffic_counts"]["covered_pct"] == pytest.approx(100, abs=1)
    assert codes["whatif_counts_refused"]["count"] == 1
    assert "whatif_no_traffic" in {note["code"] for note in without["notes"]}  # type: ignore[attr-defined]


def test_a_site_without_a_tariff_says_so(site: Path, capsys: Capture) -> None:
    (site / "tariff.toml").unlink()
    answer = asked(site, capsys)
    assert answer["total"]["worlds"]["present"]["money"] is None  # type: ignore[index]
    assert "whatif_no_tariff" in {note["code"] for note in answer["notes"]}  # type: ignore[attr-defined]


def test_co2_is_energy_times_the_factor_of_the_tariff(site: Path, capsys: Capture) -> None:
    tariff = site / "tariff.toml"
    factor = '\n[co2]\ng_per_kwh = 500.0\nsource = "a table"\nyear = 2025\n'
    tariff.write_text(tariff.read_text(encoding="utf-8") + factor, encoding="utf-8")
    answer = asked(site, capsys)
    assert figure(answer, "present", "co2_kg") == pytest.approx(figure(answer, "present", "energy_kwh") / 2)


def test_words_and_bars_fit_a_terminal(site: Path, capsys: Capture) -> None:
    assert (
        run(["-s", str(site), "whatif", *WEEK, "--program", "main-road=full-night", "--by", "circuit", "--chart"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    table = [line for line in lines if not line.startswith(("Rules", "Minutes"))]
    assert max(map(len, table)) <= 80
    assert any(line.startswith("energy, kWh") for line in lines)
    assert any("C-0101" in line and "+" in line for line in lines)
    assert sum(line.startswith("2026-10-") for line in lines) == 7


def test_a_table_for_a_sheet(site: Path, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    assert run(["-s", str(site), "whatif", *WEEK, "--csv", str(file)]) == 0
    capsys.readouterr()
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 2 * (1 + 2 + 4)
    assert run(["-s", str(site), "whatif", *WEEK, "--csv", "-"]) == 0
    again = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert again == rows
    assert rows[0]["peak_at"].endswith("+07:00")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "2026-10-25", "--to", "2026-10-24"), 2, "is before --from"),
        (("--to", "2026-06-01"), 2, "--to 2026-06-01 is before tonight, 20"),
        (("--from", "2026-13-01"), 2, "is no date"),
        (("--from", "2020-01-01", "--to", "2031-01-01"), 2, "ten years"),
        (("--program", "main-road=nothing"), 3, "no program nothing"),
        (("--program", "main-road"), 2, "ID=OTHER"),
        (("--program", "main-road=park-path", "--program", "main-road=festival"), 2, "replaced twice"),
        (("--program", "main-road=park-path", "--other", "."), 2, "choose one of them"),
        (("--other", "nowhere"), 2, "holds no site"),
        (("--calendar", "nowhere.toml"), 2, "nowhere.toml"),
        (("--traffic", "nowhere.csv"), 2, "nowhere.csv"),
        (("--typical-week",), 2, "no typical week"),
        (("--step", "1s"), 2, "is not between"),
        (("--by", "road"), 2, "by district or by circuit"),
        (("--chart", "--json"), 2, "--chart, --json"),
    ],
)
def test_a_wrong_question_has_one_clear_answer(
    site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(site.parent)
    assert run(["-s", str(site), "whatif", *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_calendar_with_problems_is_told_with_its_lines(site: Path, capsys: Capture, tmp_path: Path) -> None:
    broken = tmp_path / "next.toml"
    broken.write_text('schema_version = 1\n[[rules]]\nname = "x"\nuse = { "*" = "nothing" }\n', encoding="utf-8")
    assert run(["-s", str(site), "whatif", *WEEK, "--calendar", str(broken)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(f"{broken}:4")
    assert "cannot be used as a calendar: 1 problem" in told[-1]


def test_problems_of_another_folder_are_told_with_the_folder(site: Path, capsys: Capture, tmp_path: Path) -> None:
    other = make_site(tmp_path / "other")
    (other / "calendar.toml").write_text("schema_version = 1\nrulez = 1\n", encoding="utf-8")
    assert run(["-s", str(site), "whatif", *WEEK, "--other", str(other)]) == 2
    assert capsys.readouterr().err.startswith(f"{other / 'calendar.toml'}:2")


@pytest.mark.parametrize("form", [(), ("--csv", "-")])
def test_counts_that_were_not_taken_are_told_with_their_reason(
    site: Path, capsys: Capture, tmp_path: Path, form: tuple[str, ...]
) -> None:
    with_traffic(site)
    counts = tmp_path / "l.csv"
    good, bad = "MARKET,2026-10-19T20:00,2026-10-19T20:10,5", "MARKET,2026-10-19T21:10,2026-10-19T21:00,5"
    counts.write_text(f"section,from,until,vehicles\n{good}\n{bad}\n", encoding="utf-8")
    assert run(["-s", str(site), "whatif", *WEEK, "--traffic", str(counts), *form]) == 0
    told = capsys.readouterr()
    said = told.err if form else told.out
    assert f"{counts}: 1 count not taken, the first in line 3: it ends at 2026-10-19 21:00, not after" in said


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0"), (1234567.8, "1 234 568"), (12.34, "12.3"), (1.234, "1.23"), (7.0, "7")]
)
def test_figures_have_as_many_digits_as_they_need(value: float | None, text: str) -> None:
    assert written(value) == text
    assert written(-12.3, signed=True) == "-12.3"


def test_a_typical_week_of_the_counts_on_record_lights_less_than_none(
    site: Path, capsys: Capture, tmp_path: Path
) -> None:
    with_traffic(site)
    programs = site / "programs.toml"
    programs.write_text(programs.read_text(encoding="utf-8") + BY_TRAFFIC, encoding="utf-8")
    counts = tmp_path / "counts.csv"
    counts.write_text(weeks_of_counts("MARKET", 6), encoding="utf-8")
    assert run(["-s", str(site), "apply"]) == 0
    assert run(["-s", str(site), "traffic", "import", str(counts), "--format", "csv", "--user", "operator"]) == 0
    capsys.readouterr()
    swap = ("--program", "main-road=by-traffic")
    typical, without = asked(site, capsys, *swap, "--typical-week"), asked(site, capsys, *swap)
    assert figure(typical, "other", "energy_kwh") < figure(without, "other", "energy_kwh")
    (note,) = (one for one in typical["notes"] if one["code"] == "whatif_traffic_typical")  # type: ignore[attr-defined]
    weeks = (note["values"]["until_ms"] - note["values"]["from_ms"]) / (7 * 86_400_000)
    assert weeks == 6, "it names the span that it learnt from"
