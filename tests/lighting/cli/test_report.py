"""``lighting report`` on a real folder: each form, the month, what is due, one clear error for each wrong question."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.cli.report_child import ReportNotWritten, reports_of
from lighting.desk.desk import Desk
from lighting.store.clock import Clock
from lighting.store.records import ClockRow
from tests.lighting.cli.the_site import make_site, store_of
from tests.lighting.desk.conftest import local_ms
from tests.lighting.desk.energy_store import Subject, fill

Capture = pytest.CaptureFixture[str]
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 2)
ZONE = "Asia/Ho_Chi_Minh"
SUBJECTS = tuple(
    Subject(name, district, n + 1, lamps=lamps)
    for n, (name, district, lamps) in enumerate(
        (("C-0101", "centre", 24), ("C-0102", "centre", 6), ("C-0103", "centre", 8), ("C-0201", "lakeside", 30))
    )
)
OCTOBER = ("--month", "2026-10")


def at_clock(folder: Path, now: str) -> Clock:
    """Let the site's clock stand near that local time."""
    import time

    with store_of(folder) as store:
        store.controller.set_clock_row(ClockRow(time.time_ns() // 1_000_000, local_ms(now), 1.0))
        return store.controller.clock()


def made_site(folder: Path, reports: str = "", *, leave_out: tuple[date, ...] = ()) -> Path:
    make_site(folder)
    file = folder / "site.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[reports]\n", reports or "[reports]\n"), encoding="utf-8")
    with store_of(folder) as store:
        fill(store, SUBJECTS, FIRST, LAST, ZONE, leave_out=list(leave_out))
    at_clock(folder, "2026-11-03T09:00")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_site(tmp_path_factory.mktemp("report") / "city")


def test_every_form_of_a_month(site: Path, tmp_path: Path, capsys: Capture) -> None:
    files = [tmp_path / f"october.{form}" for form in ("html", "pdf", "xlsx", "csv", "json")]
    outs = [word for file in files for word in ("--out", str(file))]
    assert run(["-s", str(site), "report", *OCTOBER, "--language", "vi", *outs]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split(": ")[0] for line in told.err.splitlines()] == [str(file) for file in files]
    heads = (b"<!DOCTYPE html>", b"%PDF-", b"PK", b"section,id,", b"{\n")
    assert [file.read_bytes()[: len(head)] for file, head in zip(files, heads, strict=True)] == list(heads)
    assert sorted(tmp_path.iterdir()) == sorted(files)  # no half of a file beside them
    found = json.loads(files[-1].read_bytes())
    assert (found["from_day"], found["to_day"]) == ("2026-10-01", "2026-10-31")
    assert found["total"]["used"]["energy_ws"] == sum(line["used"]["energy_ws"] for line in found["months"])
    assert "tháng 10 năm 2026" in files[0].read_text(encoding="utf-8")


def test_a_running_month_is_reported_until_today_and_says_so(site: Path, tmp_path: Path) -> None:
    assert run(["-s", str(site), "report", "--month", "2026-11", "-o", str(tmp_path / "a.json")]) == 0
    found = json.loads((tmp_path / "a.json").read_bytes())
    assert (found["from_day"], found["to_day"]) == ("2026-11-01", "2026-11-03")
    assert {"code": "energy_today", "values": {"date": "2026-11-03"}} in found["notes"]


def test_the_months_before_this_one_and_days_are_the_same_span(site: Path, tmp_path: Path) -> None:
    spans = (OCTOBER, ("--last-month",), ("--from", "2026-10-01", "--to", "2026-10-31"))
    for number, span in enumerate(spans):
        assert run(["-s", str(site), "report", *span, "-o", str(tmp_path / f"{number}.csv")]) == 0
    contents = {(tmp_path / f"{number}.csv").read_bytes() for number in range(len(spans))}
    assert len(contents) == 1


def test_one_district_alone(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "lake.json"
    assert run(["-s", str(site), "report", *OCTOBER, "--district", "lakeside", "-o", str(file)]) == 0
    found = json.loads(file.read_bytes())
    assert found["districts"] == ["lakeside"]
    assert {line["id"] for line in found["circuits"]} == {"C-0201"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*OCTOBER,), 2, "say where to write it"),
        ((*OCTOBER, "-o", "report.docx"), 2, "no report ends so; allowed: .html, .pdf, .xlsx, .csv, .json"),
        ((*OCTOBER, "-o", "-"), 2, "no report ends so"),
        ((*OCTOBER, "-o", "a.csv", "-o", "a.csv"), 2, "named twice"),
        ((*OCTOBER, "-o", "nowhere/a.csv"), 2, "there is no folder nowhere"),
        (("--from", "2026-10-01", "-o", "a.csv"), 2, "say which days"),
        ((*OCTOBER, "--last-month", "-o", "a.csv"), 2, "choose one of them"),
        (("--month", "2026-13", "-o", "a.csv"), 2, "no month such as 2026-10"),
        (("--from", "1.10.2026", "--to", "2026-10-31", "-o", "a.csv"), 2, "no day such as 2026-10-01"),
        (("--from", "2026-10-31", "--to", "2026-10-01", "-o", "a.csv"), 2, "before --from"),
        (("--month", "2027-01", "-o", "a.csv"), 2, "future"),
        (("--month", "2020-01", "-o", "a.csv"), 3, "accounts of 2026-10-01 to 2026-11-02"),
        ((*OCTOBER, "--language", "xx", "-o", "a.csv"), 2, "there are en, vi"),
        ((*OCTOBER, "--baseline", "dreams", "-o", "a.csv"), 2, "dreams"),
        ((*OCTOBER, "--district", "moon", "-o", "a.csv"), 3, "moon"),
        (("--due",), 2, "monthly = true"),
    ],
)
def test_a_wrong_question_is_one_line(
    words: tuple[str, ...], code: int, said: str, site: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert run(["-s", str(site), "report", *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert said in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(site: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "taken.csv").mkdir()
    assert run(["-s", str(site), "report", *OCTOBER, "-o", str(tmp_path / "taken.csv")]) == 1
    assert "taken.csv" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["taken.csv"]


def test_a_site_without_accounts_says_so(tmp_path: Path, capsys: Capture) -> None:
    folder = make_site(tmp_path / "new")
    assert run(["-s", str(folder), "report", "--last-month", "-o", str(tmp_path / "a.csv")]) == 3
    assert "no day of this site has an account yet" in capsys.readouterr().err


MONTHLY = '[reports]\nmonthly = true\nfolder = "energy"\nformats = ["html", "csv"]\nlanguages = ["en", "vi"]\n'


def test_the_monthly_report_is_written_once(tmp_path: Path, capsys: Capture) -> None:
    folder = made_site(tmp_path / "city", MONTHLY)
    assert run(["-s", str(folder), "report", "--due"]) == 0
    names = sorted(file.name for file in (folder / "energy").iterdir())
    stem = names[0].removesuffix(".csv")
    assert names == [f"{stem}.csv", f"{stem}.en.html", f"{stem}.vi.html"]
    assert stem.endswith("-energy-2026-10")
    before = {file.name: file.stat().st_mtime_ns for file in (folder / "energy").iterdir()}
    capsys.readouterr()
    assert run(["-s", str(folder), "report", "--due"]) == 0
    assert "No monthly report is due." in capsys.readouterr().err
    assert {file.name: file.stat().st_mtime_ns for file in (folder / "energy").iterdir()} == before


def test_the_controller_has_a_child_write_what_is_due(tmp_path: Path) -> None:
    folder = made_site(tmp_path / "city", MONTHLY.replace('"html", "csv"', '"json"'))
    clock = at_clock(folder, "2026-11-03T09:00")
    with Desk(folder, user_id="operator") as desk:
        site = desk.site
    write = reports_of(folder)
    asyncio.run(write(site, clock.now_ms()))
    assert [file.suffix for file in (folder / "energy").iterdir()] == [".json"]
    asyncio.run(write(site, clock.now_ms()))  # nothing is due: no child is begun


def test_a_child_that_fails_is_an_error_for_the_alarm(tmp_path: Path) -> None:
    folder = made_site(tmp_path / "city", MONTHLY.replace('"html", "csv"', '"json"'))
    clock = at_clock(folder, "2026-11-03T09:00")
    with Desk(folder, user_id="operator") as desk:
        site = desk.site
    (folder / "energy").write_text("in the way", encoding="utf-8")
    with pytest.raises(ReportNotWritten) as refused:
        asyncio.run(reports_of(folder)(site, clock.now_ms()))
    assert refused.value.fact.values["exit_code"] == 1
    assert "energy" in str(refused.value.fact.values["detail"])
