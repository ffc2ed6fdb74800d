"""Which month is due, which files it has, and until when it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.reports import ReportSettings
from lighting.assets.template import write_template
from lighting.report.monthly import Month, files_of, is_due, month_before, month_of, waits

HANOI = "Asia/Ho_Chi_Minh"


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    write_template(tmp_path / "city")
    found = read_site(folder_texts(tmp_path / "city")).site
    assert found is not None
    return replace(found, reports=ReportSettings(True, "out", ("html", "csv"), ("en", "vi")))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-11-01T00:00", "2026-10"),
        ("2026-10-31T17:00", "2026-10"),  # midnight at the site
        ("2026-10-31T16:59", "2026-09"),
        ("2027-01-15T00:00", "2026-12"),
    ],
)
def test_the_month_before_is_that_of_the_sites_calendar(now: str, month: str) -> None:
    assert month_before(ms(now), HANOI).name == month


def test_a_month_ends_on_its_last_day() -> None:
    assert month_of(date(2028, 2, 1)) == Month(date(2028, 2, 1), date(2028, 2, 29))
    assert month_of(date(2026, 12, 1)).last == date(2026, 12, 31)


def test_figures_have_one_file_and_words_one_for_each_language(site: Site, tmp_path: Path) -> None:
    files = files_of(site, tmp_path, month_of(date(2026, 10, 1)))
    stem = f"{site.id}-energy-2026-10"
    assert [file.name for file in files] == [f"{stem}.en.html", f"{stem}.vi.html", f"{stem}.csv"]
    assert {file.parent for file in files} == {tmp_path / "out"}


def test_it_is_due_until_every_file_is_there(site: Site, tmp_path: Path) -> None:
    now_ms = ms("2026-11-02T00:00")
    assert is_due(site, tmp_path, now_ms)
    assert not is_due(replace(site, reports=ReportSettings()), tmp_path, now_ms)
    (tmp_path / "out").mkdir()
    files = list(files_of(site, tmp_path, month_before(now_ms, HANOI)))
    for file in files[:-1]:
        file.touch()
    assert is_due(site, tmp_path, now_ms)
    files[-1].touch()
    assert not is_due(site, tmp_path, now_ms)


def test_it_waits_for_accounts_but_not_for_ever() -> None:
    assert waits(1, ms("2026-11-03T00:00"), HANOI)
    assert not waits(0, ms("2026-11-01T00:00"), HANOI)
    assert not waits(1, ms("2026-11-05T00:00"), HANOI)
