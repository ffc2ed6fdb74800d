"""``lighting traffic``: what it answers, where it writes, and which exit code it ends with."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site, store_of, weeks_of_counts, with_traffic

Capture = pytest.CaptureFixture[str]
Ask = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parents[3]
SECTIONS = (
    "MARKET,Market street,uni_11248,1800,1,no,,,,2\n"
    "RING,Ring road,uni_11248,1800,2,no,,,,2\n"
    "QUAY,Quay road,cen_13201,3600,2,no,,,,2\n"
    "COUNTED,With a counter,uni_11248,1800,1,no,CB01-C:1,,,2\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = with_traffic(make_site(tmp_path / "city"), SECTIONS)
    devices = folder / "devices.csv"
    text = devices.read_text(encoding="utf-8")
    devices.write_text(text.rstrip("\n") + "\nCB01-C,CB01,CB01-bus,77,wb-mcm8\n", encoding="utf-8")
    return folder


@pytest.fixture
def ask(site: Path, capsys: Capture) -> Ask:
    def asked(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["-s", str(site), "traffic", *words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return asked


@pytest.fixture
def piped(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    def asked(lines: str, *words: str) -> tuple[int, str, str]:
        file = tmp_path / "lines"
        file.write_text(lines, encoding="utf-8")
        with file.open(encoding="utf-8") as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            return ask("push", "-", *words)

    return asked


def vehicles_of(site: Path, section: str) -> list[tuple[float, ...]]:
    with store_of(site) as store:
        return [count.vehicles for count in store.senses.counts_between(section, 0, 2**62)]


_begun_s = [0.0]


@pytest.fixture(autouse=True)
def one_begin_a_test() -> None:
    """What is ``ago`` must not move where a test runs over the end of ten minutes."""
    _begun_s[0] = time.time() // 600 * 600


def ago(minutes: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_begun_s[0] - 60 * minutes))


# --- one count ---


def test_the_same_count_again_is_known_and_another_is_refused(site: Path, ask: Ask) -> None:
    moments = ("--from", ago(20), "--until", ago(10))
    code, out, err = ask("push", "MARKET", "57", *moments)
    assert (code, err) == (0, "")
    assert "57 vehicles recorded (342 veh/h)" in out
    code, out, _ = ask("push", "MARKET", "57", *moments)
    assert code == 0
    assert "already known" in out
    code, out, err = ask("push", "MARKET", "58", *moments)
    assert (code, out) == (5, "")
    assert "58 vehicles, but 57 are on record, which stays" in err
    assert vehicles_of(site, "MARKET") == [(57.0,)]


def test_a_count_that_overlaps_another_is_refused(site: Path, ask: Ask) -> None:
    ask("push", "MARKET", "57", "--from", ago(20), "--until", ago(10))
    code, _, err = ask("push", "MARKET", "57", "--from", ago(15), "--until", ago(5))
    assert code == 5
    assert "overlaps a count" in err
    assert len(vehicles_of(site, "MARKET")) == 1


def test_without_moments_the_last_whole_minutes_of_the_clock_are_meant(site: Path, ask: Ask) -> None:
    assert ask("push", "MARKET", "57", "--minutes", "20")[0] == 0
    with store_of(site) as store:
        (count,) = store.senses.counts_between("MARKET", 0, 2**62)
    assert (count.from_ms % 1_200_000, count.until_ms - count.from_ms) == (0, 1_200_000)
    assert 0 <= time.time() * 1000 - count.until_ms < 1_260_000


def test_one_number_a_lane(site: Path, ask: Ask) -> None:
    assert ask("push", "RING", "57+41")[0] == 0
    assert vehicles_of(site, "RING") == [(57.0, 41.0)]
    code, _, err = ask("push", "RING", "57", "--from", ago(50), "--until", ago(40))
    assert code == 2
    assert "1 number for the 2 lanes of section RING: write one a lane, such as 57+41" in err
    code, _, err = ask("push", "RING", "57", "--lane", "2", "--from", ago(50), "--until", ago(40))
    assert code == 5
    assert "lanes 1 are not counted" in err
    assert ask("push", "QUAY", "57")[0] == 0, "a carriageway may be counted as one"


def test_a_count_too_long_for_the_lamps_says_so(ask: Ask) -> None:
    code, _, err = ask("push", "MARKET", "57", "--minutes", "60")
    assert code == 0
    assert "plan and what-if only" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("push", "MARKTE", "57"), 3, "nearest: MARKET"),
        (("push", "MARKET"), 2, "how many vehicles?"),
        (("push", "MARKET", "many"), 2, "“many” is no number"),
        (("push", "MARKET", "-5"), 2, "“-5” vehicles: less than none"),
        (("push", "MARKET", "-5", "--minutes", "10"), 2, "“-5” vehicles: less than none"),
        (("push", "--minutes", "10", "MARKET", "--json", "-5"), 2, "“-5” vehicles: less than none"),
        (("push", "RING", "57+-5"), 2, "“-5” vehicles: less than none"),
        (("push", "RING", "-5+57"), 2, "“-5” vehicles: less than none"),
        (("push", "MARKET", "57", "--minutes", "-5"), 2, "--minutes -5: only minutes that divide an hour"),
        (("push", "MARKET", "57", "--lane", "-1"), 2, "lane -1"),
        (("push", "MARKET", "1.5"), 2, "“1.5” vehicles: write whole vehicles"),
        (("push", "MARKET", "57", "--minutes", "700"), 2, "divide an hour end on the clock (1, 2, 3, 4, 5, 6, 10, 12,"),
        (("push", "MARKET", "5000"), 5, "more than 3000 veh/h"),
        (("push", "MARKET", "57", "--minutes", "7"), 2, "--minutes 7"),
        (("push", "MARKET", "57", "--from", "20m"), 2, "say either"),
        (("push", "MARKET", "57", "--minutes", "10", "--from", "20m", "--until", "10m"), 2, "say either"),
        (("push", "MARKET", "57", "--from", "10m", "--until", "20m"), 2, "not after it begins"),
        (("push", "MARKET", "57", "--from", "2026-11-20T10:00Z", "--until", "2100-01-01T10:00Z"), 2, "at most"),
        (("push", "MARKET", "57", "--from", "2100-01-01T10:00Z", "--until", "2100-01-01T10:10Z"), 5, "nobody can"),
        (("push", "MARKET", "57", "--lane", "2"), 2, "lane 2"),
        (("push", "MARKET", "57", "--most-veh-h", "0"), 2, "--most-veh-h"),
        (("push", "COUNTED", "57"), 5, "counters of its own (CB01-C:1)"),
        (("show", "MARKTE"), 3, "nearest: MARKET"),
        (("week", "MARKET"), 2, "no counts to learn from"),
        (("push", "-", "57"), 2, "lines from standard input"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_code(ask: Ask, words: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = ask(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_person_who_may_only_read_cannot_push(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "--user", "stranger", "traffic", "push", "MARKET", "57"]) == 5
    assert "stranger" in capsys.readouterr().err


def test_a_site_without_sections_says_where_they_are_described(tmp_path: Path, capsys: Capture) -> None:
    plain = make_site(tmp_path / "plain")
    for words in (["push", "MARKET", "57"], ["show"], ["week", "MARKET"]):
        assert run(["-s", str(plain), "traffic", *words]) == 2
        assert "traffic_sections.csv" in capsys.readouterr().err


# --- lines ---


def test_one_bad_line_loses_no_good_one_and_the_code_says_that_there_was_one(site: Path, piped: Ask) -> None:
    lines = (
        "section,from,until,vehicles\n"
        f"MARKET,{ago(30)},{ago(20)},57\n"
        f"MARKET,{ago(20)},{ago(10)},many\n"
        f"MARKET,{ago(10)},{ago(0)},60\n"
    )
    code, out, err = piped(lines)
    assert (code, out) == (2, "2 counts recorded, 0 already known, 1 refused\n")
    assert err == "line 3: “many” is no number of vehicles\n"
    assert vehicles_of(site, "MARKET") == [(57.0,), (60.0,)]
    code, out, _ = piped(lines)
    assert (code, out) == (2, "0 counts recorded, 2 already known, 1 refused\n")


def test_the_code_is_3_where_only_a_section_is_unknown_and_5_where_only_the_record_contradicts(piped: Ask) -> None:
    heading, good = "section,from,until,vehicles\n", f"MARKET,{ago(30)},{ago(20)},57\n"
    assert piped(heading + good + f"MARKTE,{ago(30)},{ago(20)},57\n")[0] == 3
    assert piped(heading + good + f"MARKET,{ago(30)},{ago(20)},58\n")[0] == 5
    assert piped(heading + good)[0] == 0


def test_lanes_may_come_as_lines_in_any_order_and_json_as_well(site: Path, piped: Ask) -> None:
    lanes = (
        "section,from,until,vehicles,lane\n"
        f"RING,{ago(30)},{ago(20)},7,2\nRING,{ago(20)},{ago(10)},8,1\nRING,{ago(30)},{ago(20)},5,1\n"
    )
    code, out, err = piped(lanes)
    assert (code, out) == (5, "1 count recorded, 0 already known, 1 refused\n")
    assert "line 3: lanes 2 are not counted" in err
    one = json.dumps({"section": "RING", "from": ago(20), "until": ago(10), "vehicles": [9, 4]})
    assert piped(one + "\n")[:2] == (0, "1 count recorded, 0 already known, 0 refused\n")
    assert vehicles_of(site, "RING") == [(5.0, 7.0), (9.0, 4.0)]


@pytest.mark.parametrize(("lines", "said"), [("", ""), ("MARKET;now\n", "is no heading of counts")])
def test_a_stream_without_a_heading_is_told_what_it_needs(piped: Ask, lines: str, said: str) -> None:
    code, _, err = piped(lines)
    assert code == (2 if said else 0)
    assert said in err


def test_each_line_is_on_record_before_the_next_comes(site: Path) -> None:
    """A script may keep the pipe open for days; what it has said is there at once, also when it is killed."""
    command = [sys.executable, "-m", "lighting", "-s", str(site), "traffic", "push", "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, bufsize=0)
    assert child.stdin is not None
    assert child.stderr is not None
    try:
        child.stdin.write(f"section,from,until,vehicles\nMARKET,{ago(30)},{ago(20)},57\n".encode())
        child.stdin.write(b"MARKET,never,never,1\n")
        assert child.stderr.readline().startswith(b"line 3:"), "said while the pipe is open"
        assert vehicles_of(site, "MARKET") == [(57.0,)]
    finally:
        child.kill()
        child.communicate()


def test_json_tells_each_refused_line_with_its_code(piped: Ask) -> None:
    lines = f"section,from,until,vehicles\nMARKET,{ago(30)},{ago(20)},57\nMARKTE,{ago(30)},{ago(20)},57\n"
    code, out, _ = piped(lines, "--json")
    found = json.loads(out)
    assert code == 3
    assert found["sections"] == [{"section": "MARKET", "added": 1, "same": 0}]
    assert [(one["line"], one["fact"]["code"]) for one in found["refused"]] == [(3, "unknown_reference_nearest")]


# --- files ---


@pytest.fixture
def history(tmp_path: Path) -> Path:
    file = tmp_path / "history.csv"
    file.write_text(weeks_of_counts("MARKET", 6) + "MARKET,never,never,1\nMARKTE,,,\n", encoding="utf-8")
    return file


def test_an_import_tells_what_became_of_every_count_and_may_be_repeated(
    site: Path, ask: Ask, history: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    words = ("import", str(history), "--format", "csv", "--report", str(report))
    code, out, _ = ask(*words, "--dry-run")
    assert code == 0
    assert "1008 counts" in out
    assert vehicles_of(site, "MARKET") == []
    code, out, _ = ask(*words)
    assert code == 0
    assert "Read 1010 counts in 1 file: 1008 used, 2 refused." in out
    assert "Section MARKET: 1008 new, 0 already known" in out
    assert "plan and what-if only" in out
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"], row["code"]) for row in rows] == [
        ("history.csv", "1010", "count_time_not_understood"),
        ("history.csv", "1011", "count_time_not_understood"),
    ]
    assert "Section MARKET: 0 new, 1008 already known" in ask(*words)[1]
    with store_of(site) as store:
        entries = [entry for entry in store.history.audit() if entry.act == "traffic_import"]
    assert [(entry.by, entry.values["added_count"]) for entry in entries] == [("operator", 0), ("operator", 1008)]


def test_a_file_that_contradicts_the_record_is_refused_count_by_count(site: Path, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"section,from,until,vehicles\nMARKET,{ago(30)},{ago(20)},57\n", encoding="utf-8")
    assert ask("import", str(file), "--format", "csv")[0] == 0
    other = tmp_path / "b.csv"
    other.write_text(file.read_text().replace(",57", ",58") + f"MARKET,{ago(20)},{ago(10)},5\n", encoding="utf-8")
    code, out, _ = ask("import", str(other), "--format", "csv")
    assert code == 0
    assert "2 counts in 1 file: 1 used, 1 refused" in out
    assert vehicles_of(site, "MARKET") == [(57.0,), (5.0,)]


def test_a_section_with_counters_may_have_a_past(site: Path, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"section,from,until,vehicles\nCOUNTED,{ago(30)},{ago(20)},57\n", encoding="utf-8")
    assert ask("import", str(file), "--format", "csv")[0] == 0


def test_of_several_files_none_is_imported_where_one_cannot_be_read(
    site: Path, ask: Ask, history: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"section\xff")
    code, out, err = ask("import", str(history), str(broken), "--format", "csv")
    assert (code, out) == (2, "")
    assert "broken.csv line 1 is not UTF-8 text" in err
    assert vehicles_of(site, "MARKET") == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--format", "xml"), 2, "pems, muenster, csv"),
        (("--format", "csv", "--section", "MARKET"), 2, "leave out --section"),
        (("--format", "pems"), 2, "--section one of: MARKET"),
        (("--format", "pems", "--section", "MARKTE"), 3, "nearest: MARKET"),
        (("--format", "pems", "--section", "MARKET", "--dates", "iso"), 2, "day-first or month-first"),
        (("--format", "pems", "--section", "MARKET", "--detector", "A"), 2, "--format muenster only"),
        (("--format", "pems", "--section", "MARKET", "--timezone", "Mars/Olympus"), 2, "no time zone"),
        (("--format", "muenster", "--section", "MARKET"), 2, "--detector NAME"),
        (("--format", "muenster", "--section", "RING", "--detector", "A"), 2, "name one a lane"),
        (("--format", "muenster", "--section", "MARKET", "--detector", "LSA 1 Schleifen"), 5, "sums the loops"),
        (("--format", "muenster", "--section", "MARKET", "--detector", "A", "--dates", "day-first"), 2, "pems only"),
        (("--format", "csv", "--most-veh-h", "-1"), 2, "--most-veh-h"),
    ],
)
def test_options_that_do_not_belong_together_are_said(
    ask: Ask, history: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, err = ask("import", str(history), *words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_one_line(ask: Ask) -> None:
    code, _, err = ask("import", "nowhere.csv", "--format", "csv")
    assert code == 2
    assert err == "lighting: nowhere.csv cannot be read: No such file or directory\n"


def test_a_file_of_which_nothing_can_be_used_ends_with_1(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("section,from,until,vehicles\nMARKET,never,never,1\n", encoding="utf-8")
    code, out, _ = ask("import", str(file), "--format", "csv")
    assert code == 1
    assert "Read 1 count in 1 file: 0 used, 1 refused." in out


@pytest.mark.shared
def test_the_real_files_of_pems_and_muenster(site: Path, ask: Ask, shared_dir: Path) -> None:
    pems = str(shared_dir / "data" / "traffic_pems_5min" / "train.csv")
    code, out, _ = ask(
        *("import", pems, "--format", "pems", "--section", "MARKET", "--timezone", "America/Los_Angeles")
    )
    assert code == 0
    assert "Read 7776 counts in 1 file: 7775 used, 1 refused." in out
    assert "day-first, as line 2018 proves" in out
    assert "30 whole days are missing in 10 gaps" in out
    days = sorted((shared_dir / "data" / "traffic_muenster" / "raw").glob("2016_10_[23]*_24mq.csv"))
    detectors = ("--detector", "MQ_03290_FV12_GR", "--detector", "MQ_03290_FV3_GR")
    muenster = ("import", *map(str, days), "--format", "muenster", "--timezone", "Europe/Berlin")
    code, out, _ = ask(*muenster, "--section", "RING", *detectors)
    assert code == 0
    assert "Read 288 counts in 12 files: 263 used, 25 refused." in out
    assert "02:00 comes twice that day in Europe/Berlin" in out
    assert len(vehicles_of(site, "RING")) == 263
    code, _, err = ask(*muenster, "--section", "MARKET", "--detector", "MQ_03290_FV99_GR")
    assert code == 3
    assert "is in none of the 12 files; nearest: MQ_03290_FV" in err
    code, out, _ = ask(*muenster, "--section", "QUAY", "--detector", "LSA 3290 Schleifen", "--most-veh-h", "9000")
    assert code == 0, "a sum that is named, for a carriageway, with a limit of its own"
    assert ask("week", "MARKET")[0] == 0


# --- show and week ---


def test_show_tells_flow_class_and_age(ask: Ask) -> None:
    code, out, err = ask("show")
    assert code == 0
    assert "No controller runs" in err
    assert out.splitlines()[1].split() == ["MARKET", "–", "1800", "–", "worst", "lane", "M3", "–", "–"]
    for minutes in (30, 20, 10):
        ask("push", "MARKET", "57", "--from", ago(minutes), "--until", ago(minutes - 10))
    _, out, _ = ask("show", "MARKET")
    assert out.splitlines()[1].split()[:8] == ["MARKET", "342", "1800", "19", "%", "worst", "lane", "M4"]
    assert "(M3)" in out
    assert "342 veh/h until" in out
    assert "Counts are pushed or imported." in out


def test_show_has_the_flow_of_the_window_that_the_class_goes_by(ask: Ask) -> None:
    """A few busy minutes of an open window are no hour's flow, and rule only where they ask for a higher class."""

    def shown() -> tuple[list[str], str]:
        out = ask("show", "MARKET")[1]
        return out.splitlines()[1].split()[:8], out

    for minutes in (40, 30, 20):
        ask("push", "MARKET", "30", "--from", ago(minutes), "--until", ago(minutes - 10))
    ask("push", "MARKET", "60", "--from", ago(10), "--until", ago(8))
    cells, out = shown()
    assert cells == ["MARKET", "180", "1800", "10", "%", "worst", "lane", "M4"], "60 in ten minutes would be 20 %"
    assert "180 veh/h until" in out
    ask("push", "MARKET", "100", "--from", ago(8), "--until", ago(6))
    cells, out = shown()
    assert cells == ["MARKET", "960", "1800", "53", "%", "worst", "lane", "M3"]
    assert "960 veh/h until" in out


def test_before_a_window_is_complete_show_has_the_flow_of_the_newest_counts(ask: Ask) -> None:
    ask("push", "MARKET", "20", "--from", ago(9), "--until", ago(5))
    assert ask("show", "MARKET")[1].splitlines()[1].split()[:5] == ["MARKET", "300", "1800", "17", "%"]


def test_show_of_a_section_that_no_circuit_names_says_so(ask: Ask) -> None:
    assert "No circuit names the section" in ask("show", "QUAY")[1]
    assert "Counted by CB01-C:1." in ask("show", "COUNTED")[1]


def test_the_week_is_a_table_and_a_chart_of_24_blocks_a_day(ask: Ask, history: Path) -> None:
    ask("import", str(history), "--format", "csv")
    code, out, _ = ask("week", "MARKET")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Typical week of section MARKET: 4")
    assert max(map(len, lines)) <= 80
    chart = [line for line in lines if line[:5] in {f"{day}  " for day in ("MON", "TUE", "WED", "SUN")}]
    assert {len(line) for line in chart} == {5 + 24}
    found: dict[str, Any] = json.loads(ask("week", "MARKET", "--json")[1])
    assert [day["day"] for day in found["days"]][:7] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert {len(day["median_veh_h"]) for day in found["days"]} == {24}


def test_one_live_count_does_not_switch_the_week_off(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text(weeks_of_counts("MARKET", 6, days_ago=500), encoding="utf-8")
    ask("import", str(file), "--format", "csv")
    before = ask("week", "MARKET")[1].splitlines()
    assert ask("push", "MARKET", "57")[0] == 0
    code, out, _ = ask("week", "MARKET")
    assert code == 0
    assert out.splitlines()[0] == before[0], "the span that it is of"
    assert "are too few for a week of their own" in out
    assert "too few" not in "\n".join(before)


def test_too_little_history_is_no_week(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(weeks_of_counts("MARKET", 2), encoding="utf-8")
    ask("import", str(file), "--format", "csv")
    code, _, err = ask("week", "MARKET")
    assert code == 2
    assert "a typical week needs 4 samples of a weekday and hour within a year; the most are from 20" in err
