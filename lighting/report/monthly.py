"""The monthly report: which month is due, which files it has, and when it waits for accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lighting.assets.model import Site
from lighting.report.writing import WORDLESS

LATEST_DAY = 5
"""On this day of the next month the report is written though days lack an account; it says which share is known."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month by its first and last day."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """Such as ``2026-10``."""
        return f"{self.first:%Y-%m}"


def month_before(at_ms: int, timezone: str) -> Month:
    """The month before the one of that instant on the site's calendar."""
    last = local_day(at_ms, timezone).replace(day=1) - timedelta(days=1)
    return Month(last.replace(day=1), last)


def local_day(at_ms: int, timezone: str) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)).date()


def month_of(first: date) -> Month:
    """The month that begins on that day."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Month(first, following - timedelta(days=1))


def files_of(site: Site, folder: Path, month: Month) -> dict[Path, str]:
    """Every file that ``[reports]`` asks for with its language; ``folder`` is the site's own."""
    wanted, into = site.reports, folder / site.reports.folder
    stem = f"{site.id}-energy-{month.name}"
    files: dict[Path, str] = {}
    for form in wanted.formats:
        for language in wanted.languages:
            name = f"{stem}.{form}" if form in WORDLESS else f"{stem}.{language}.{form}"
            files.setdefault(into / name, language)
    return files


def missing(site: Site, folder: Path, month: Month) -> dict[Path, str]:
    """Those files that are not there yet: what was written once is never written over by the schedule."""
    return {file: language for file, language in files_of(site, folder, month).items() if not file.exists()}


def is_due(site: Site, folder: Path, at_ms: int) -> bool:
    """Whether a file of last month's report is wanted and not there."""
    return site.reports.monthly and bool(missing(site, folder, month_before(at_ms, site.timezone)))


def waits(days_without_account: int, at_ms: int, timezone: str) -> bool:
    """Whether last month's report still waits for accounts."""
    return days_without_account > 0 and local_day(at_ms, timezone).day < LATEST_DAY
