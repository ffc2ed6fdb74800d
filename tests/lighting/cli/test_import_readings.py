"""``lighting import readings``: every row is used or refused with its line; the same file again adds nothing."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.desk import readings_recording
from lighting.exchange import readings_csv
from lighting.store.records import Quality, Reading
from tests.lighting.cli.the_site import make_site, store_of

Capture = pytest.CaptureFixture[str]
GERMAN = (
    "\ufeffZeit;circuit;Zählerstand (kWh);power_kw\r\n"
    "2026-01-01 00:00;C-0101;1000,5;0,1\r\n"
    "2026-01-01 00:15;C-0101;1000,525;\r\n"
    "2026-01-01 00:15;C-0102;7;0,05\r\n"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_site(tmp_path / "site")
    monkeypatch.setenv("LIGHTING_SITE", str(folder))
    return folder


def answer_of(capsys: Capture, *words: str, code: int = 0) -> dict[str, object]:
    capsys.readouterr()
    assert run(["import", "readings", *words, "--json"]) == code
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def readings_of(site: Path, circuit: str) -> list[Reading]:
    with store_of(site) as store:
        return store.readings.of_series(store.keys.known("circuit")[circuit], 0, 2**61)


def test_a_file_with_semicolons_commas_and_a_byte_order_mark(site: Path, capsys: Capture) -> None:
    file = site.parent / "zaehler.csv"
    file.write_text(GERMAN.replace("Zählerstand", "Zaehlerstand"), encoding="utf-8", newline="")
    answer = answer_of(capsys, str(file))
    assert (answer["read_count"], answer["used_count"], answer["added"], answer["series_count"]) == (3, 3, 3, 2)
    first, second = readings_of(site, "C-0101")
    assert (first.energy_ws, first.power_w, first.quality) == (3_601_800_000, 100.0, 0)
    assert (second.energy_ws, second.power_w) == (3_601_890_000, None)
    assert second.at_ms - first.at_ms == 900_000
    again = answer_of(capsys, str(file))
    assert (again["readings"], again["added"]) == (3, 0)
    with store_of(site) as store:
        assert [entry.act for entry in store.history.audit()] == ["readings_import", "readings_import"]


def test_every_refused_row_has_its_line_and_reason(site: Path, capsys: Capture) -> None:
    file, report = site.parent / "m.csv", site.parent / "report.csv"
    file.write_text(
        "time,circuit,energy_kwh,voltage\n"
        "2026-01-01 00:00,C-0101,1,230\n"
        "2026-01-01 00:15,C-0191,1,230\n"
        "yesterday,C-0101,1,230\n"
        "2026-01-01 00:30,C-0101,-1,230\n"
        "2026-01-01 00:45,C-0101,x,230\n"
        "2026-01-01 01:00,C-0101,1,1e6\n"
        "2026-01-01 01:15,C-0101,,\n"
        "2026-01-01 01:30,C-0101,1\n"
        "2999-01-01 01:30,C-0101,1,230\n"
    )
    answer = answer_of(capsys, str(file), "--report", str(report))
    assert (answer["read_count"], answer["used_count"], answer["refused_count"]) == (9, 1, 8)
    lines = [line.split(",")[:4] for line in report.read_text().splitlines()[1:]]
    assert [(line[1], line[3]) for line in lines] == [
        ("3", "reading_series_unknown_nearest"),
        ("4", "reading_time_not_understood"),
        ("5", "reading_value_outside"),
        ("6", "reading_not_a_number"),
        ("7", "reading_value_outside"),
        ("8", "reading_row_empty"),
        ("9", "reading_row_width"),
        ("10", "reading_time_in_future"),
    ]


def test_a_doubled_hour_is_told_apart_by_the_order_or_refused(site: Path, capsys: Capture) -> None:
    file = site.parent / "m.csv"
    texts = ["2026-10-25 01:30", "2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25 03:30"]
    file.write_text("time,circuit,power_w\n" + "".join(f"{text},C-0101,1\n" for text in texts))
    answer = answer_of(capsys, str(file), "--timezone", "Europe/Berlin")
    assert answer["refused_count"] == 0
    times = [reading.at_ms for reading in readings_of(site, "C-0101")]
    assert [after - before for before, after in pairwise(times)] == [3_600_000] * 3
    file.write_text("time,circuit,power_w\n" + "".join(f"{text},C-0102,1\n" for text in texts[1:2]))
    assert answer_of(capsys, str(file), "--timezone", "Europe/Berlin", code=1)["refused_count"] == 1


def test_energies_of_intervals_become_a_counter(site: Path, capsys: Capture) -> None:
    file = site.parent / "utility.csv"
    file.write_text(
        "time,energy\n2026-01-01 00:15,0.5\n2026-01-01 00:30,0.25\n2026-01-01 01:00,1\n2026-01-01 01:15,2\n"
    )
    words = (str(file), "--circuit", "C-0101", "--interval", "15m", "--stamp", "end", "--unit", "kWh")
    assert answer_of(capsys, *words)["added"] == 6
    found = readings_of(site, "C-0101")
    summed, after_gap = int(Quality.SUMMED), int(Quality.SUMMED | Quality.AFTER_GAP)
    assert [(one.energy_ws, one.quality) for one in found] == [
        (0, after_gap),
        (1_800_000, summed),
        (2_700_000, summed),
        (0, after_gap),
        (3_600_000, summed),
        (10_800_000, summed),
    ]
    assert found[0].at_ms == 1_767_200_400_000, "the begin of the first interval, 00:00 in Viet Nam"
    assert answer_of(capsys, *words)["added"] == 0
    file.write_text("time,energy\n2026-01-01 01:30,3\n")
    assert answer_of(capsys, *words)["added"] == 1
    assert readings_of(site, "C-0101")[-1].energy_ws == 21_600_000, "it goes on with the sum"
    file.write_text("time,energy\n2026-01-01 01:15,4\n2026-01-01 01:30,3\n")
    refused = answer_of(capsys, *words, code=1)
    assert (refused["refused_count"], refused["used_count"]) == (2, 0)


@pytest.mark.parametrize("dry_words", [(), ("--dry-run",)])
def test_what_contradicts_is_refused_and_counted_apart(
    site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, dry_words: tuple[str, ...]
) -> None:
    file, report = site.parent / "m.csv", site.parent / "report.csv"
    head = "time,circuit,energy_kwh,power_w\n"
    file.write_text(head + "2026-01-01 00:00,C-0101,51.8,\n2026-01-01 00:15,C-0101,52,100\n")
    assert answer_of(capsys, str(file))["contradicted_count"] == 0
    file.write_text(
        head
        + "2026-01-01 00:00,C-0101,1.234,\n"  # 2: another value than the stored one
        + "2026-01-01 00:00,C-0101,51.8,5\n"  # 3: a value where the stored one has none
        + "2026-01-01 00:15,C-0101,52,\n"  # 4: known already
        + "2026-01-01 00:30,C-0101,34.0,\n"
        + "2026-01-01 00:30,C-0101,34.2,\n"  # 6: another than in line 5
        + "2026-01-01 00:30,C-0101,34,\n"  # the same again
        + "2026-01-01 00:00,C-0102,34.2,\n"
    )
    answer = answer_of(capsys, str(file), "--report", str(report), *dry_words)
    assert (answer["read_count"], answer["used_count"], answer["contradicted_count"]) == (7, 4, 3)
    assert answer["added"] == (0 if dry_words else 2)
    assert [row.split(",", 5)[1::2] for row in report.read_text().splitlines()[1:]] == [
        ["2", "reading_contradicts_stored", report.read_text().splitlines()[1].split(",", 5)[5]],
        ["3", "reading_contradicts_stored", report.read_text().splitlines()[2].split(",", 5)[5]],
        ["6", "reading_contradicts_line", report.read_text().splitlines()[3].split(",", 5)[5]],
    ]
    for said in (
        "energy 1.234 kWh at 2026-01-01 00:00",
        "has 51.8 kWh",
        "power 5 W",
        "has unknown",
        "line 5, which has 34",
    ):
        assert said in report.read_text()
    assert readings_of(site, "C-0101")[0].energy_ws == 51.8 * 3_600_000, "what is stored stands"
    # Also where the two stand in different portions, which is what a real run has stored meanwhile.
    monkeypatch.setattr(readings_recording, "_AT_ONCE", 1)
    monkeypatch.setattr(readings_csv, "ROWS_AT_ONCE", 1)
    file.write_text(head + "2026-01-02 00:30,C-0101,34.0,\n" + "2026-01-02 00:30,C-0101,34.2,\n")
    assert answer_of(capsys, str(file), *dry_words)["contradicted_count"] == 1


def test_without_a_revision_it_is_said_why_there_are_no_accounts(site: Path, capsys: Capture) -> None:
    file = site.parent / "m.csv"
    file.write_text("time,circuit,energy_kwh\n2026-01-01 00:00,C-0101,1\n2026-01-01 01:00,C-0101,2\n")
    for words, code in (
        (["import", "readings", str(file)], 0),
        (["db", "rebuild"], 1),
        (["energy"], 3),
        (["report", "--out", str(site.parent / "r.csv")], 3),
    ):
        assert run(words) == code
        told = capsys.readouterr()
        assert "no revision of the site was accepted" in told.err, words
        assert "are made" not in told.out


def test_a_dry_run_records_nothing(site: Path, capsys: Capture) -> None:
    file = site.parent / "m.csv"
    file.write_text("time,circuit,power_w\n2026-01-01 00:15,C-0101,1\n")
    answer = answer_of(capsys, str(file), "--dry-run")
    assert (answer["dry_run"], answer["used_count"], answer["added"]) == (True, 1, 0)
    assert not (site / "state").exists(), "not even a store"


def test_parquet_is_read_like_csv(site: Path, capsys: Capture) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = site.parent / "m.parquet"
    times = pa.array([1_767_200_400_000, 1_767_201_300_000], pa.timestamp("ms", tz="UTC"))
    table = {"time": times, "circuit": ["C-0101", "C-0101"], "energy_wh": [1.5, None], "power_w": [10, 11]}
    parquet.write_table(pa.table(table), file)
    assert answer_of(capsys, str(file))["added"] == 2
    found = readings_of(site, "C-0101")
    assert [(one.at_ms, one.energy_ws, one.power_w) for one in found] == [
        (1_767_200_400_000, 5400, 10.0),
        (1_767_201_300_000, None, 11.0),
    ]


@pytest.mark.parametrize(
    ("content", "words", "code", "said"),
    [
        (b"", (), 2, "is empty"),
        (b"time,circuit,energy\n", (), 2, "the unit of column energy is not known; say --unit kWh, Wh, MWh"),
        (b"when,circuit,power_w\n", (), 2, "no column is the time; say it with --map time=COLUMN"),
        (b"time,power_w\n", (), 2, "no column is the meter"),
        (b"time,circuit\n", (), 2, "no column is the energy"),
        (b"time,circuit,power_w\n", ("--map", "power=powr_w"), 2, "did you mean power_w?"),
        (b"time,circuit,power_w\n", ("--map", "watts=power_w"), 2, "with a role of time, meter"),
        (b"time,circuit,power_w\n", ("--timezone", "Mars/Base"), 2, "Mars/Base"),
        (b"time,circuit,power_w\n", ("--interval", "15m"), 2, "--interval is for energies"),
        (b"time,power_w\n", ("--meter", "CB01-X:1"), 3, "no meter CB01-X:1 is known"),
        (b"time,circuit,power_w\n\xff\xfe\n", (), 2, "line 2: it is no CSV text in UTF-8"),
        (b"PAR1 and no more", (), 2, "is no Parquet file"),
        (b"time,circuit,power_w\n", (), 2, "m.csv has a heading and no rows: nothing to import"),
        (
            b"time,circuit,energy_kwh\n2026-01-01 00:15,C-0101,-5\n",
            (),
            1,
            "energy -5 is not between 0 and 1 000 000 000 000 kWh",
        ),
        (b"time,circuit,power_w\n", ("--dates", "ymd"), 2, "--dates ymd: allowed are dmy, mdy"),
        (b"time,circuit,power_w\n03/04/2026 00:15,C-0101,1\n", (), 1, "2026-04-03 or 2026-03-04"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(
    site: Path, capsys: Capture, content: bytes, words: tuple[str, ...], code: int, said: str
) -> None:
    file = site.parent / "m.csv"
    file.write_bytes(content)
    assert run(["import", "readings", str(file), *words]) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


def test_a_viewer_may_not_import(site: Path, capsys: Capture) -> None:
    file = site.parent / "m.csv"
    file.write_text("time,circuit,power_w\n2026-01-01 00:15,C-0101,1\n")
    text = (site / "site.toml").read_text(encoding="utf-8")
    text += '\n[users.thu]\nname = "Thu"\nrole = "viewer"\n' if "[users" not in text else ""
    (site / "site.toml").write_text(text, encoding="utf-8")
    assert run(["--user", "nobody", "import", "readings", str(file)]) == 5
    assert "nobody" in capsys.readouterr().err
