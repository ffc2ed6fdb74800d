"""``lighting report``: what was asked for, checked; the report made once and written in each form."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lighting.assets.fact import Fact, Value
from lighting.cli.energy_forms import why_no_accounts
from lighting.cli.voice import Voice
from lighting.desk.desk import Desk
from lighting.desk.energy_answers import SAME_LAMPS, EnergyReport
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.energy.slots import local_day
from lighting.report.monthly import LATEST_DAY, Month, missing, month_before, month_of, waits
from lighting.report.writing import check_files, write_report

LANGUAGES = ("en", "vi")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_KINDER = 10
"""How much kinder than others the scheduled report is to the machine that controls the lamps."""


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What was asked for on the command line."""

    files: tuple[Path, ...]
    first: str | None
    last: str | None
    month: str | None
    last_month: bool
    districts: tuple[str, ...]
    baseline: str | None
    language: str | None
    due: bool

    def check(self) -> None:
        """Raises ``WrongUsage`` for what cannot be meant, before anything is opened or reckoned."""
        span = self.first is not None or self.last is not None
        chosen = (
            ("--from/--to", span),
            ("--month", self.month is not None),
            ("--last-month", self.last_month),
            ("--due", self.due),
        )
        named = [name for name, is_asked in chosen if is_asked]
        if len(named) > 1:
            raise WrongUsage(Fact("report_one_span", {"options": ", ".join(named)}))
        if span and (self.first is None or self.last is None):
            raise WrongUsage(Fact("report_needs_span"))
        if self.language is not None and self.language not in LANGUAGES:
            raise WrongUsage(Fact("report_language_unknown", {"found": self.language, "allowed": ", ".join(LANGUAGES)}))
        if self.due and self.files:
            raise WrongUsage(Fact("report_one_span", {"options": "--due, --out"}))
        if not self.due:
            check_files(self.files)

    def span(self, desk: Desk) -> Month:
        """The days. Raises ``WrongUsage`` for one that cannot be read."""
        if self.month is not None:
            return _until_today(month_of(_first_of(self.month)), desk)
        if self.last_month:
            return month_before(desk.clock.now_ms(), desk.site.timezone)
        if self.first is None:
            return _newest_month(desk)
        return Month(_day("--from", self.first or ""), _day("--to", self.last or ""))


def _newest_month(desk: Desk) -> Month:
    """The newest month that has accounts, as far as it has; today where there are none, of which the report tells."""
    today = local_day(desk.clock.now_ms(), desk.site.timezone)
    if desk.energy_days() is None:
        # Where no controller runs, a question makes the accounts that can be made.
        desk.energy_report(today, today, with_circuits=False)
    first, last = desk.energy_days() or (today, today)
    last = min(last, today)
    return Month(max(first, last.replace(day=1)), last)


def _until_today(month: Month, desk: Desk) -> Month:
    """A month that is running as far as it has come; one that has not begun is refused with the question."""
    today = local_day(desk.clock.now_ms(), desk.site.timezone)
    return Month(month.first, min(month.last, today)) if month.first <= today else month


def _day(option: str, text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(Fact("report_day_not_understood", {"option": option, "found": text})) from error


def _first_of(text: str) -> date:
    found = _MONTH.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        return date(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise WrongUsage(Fact("report_month_not_understood", {"found": text})) from error


def write_reports(desk: Desk, voice: Voice, wanted: ReportForm) -> None:
    """Reckon once, write each file, say each on stderr."""
    language = wanted.language or (voice.language if voice.language in LANGUAGES else "en")
    made = report_of(desk, wanted.span(desk), wanted.districts, wanted.baseline or SAME_LAMPS)
    for file in wanted.files:
        write_report(made, file, language)
        voice.tell(Fact("report_written", {"file": str(file)}))


def report_of(desk: Desk, span: Month, districts: tuple[str, ...], baseline: str) -> EnergyReport:
    """The report of these days. Raises ``NotFound`` where no hour of them is known."""
    made = desk.energy_report(span.first, span.last, districts, baseline)
    if made.coverage.days_without_account < made.coverage.days and made.coverage.known_share > 0:
        return made
    known = desk.energy_days()
    if known is None:
        raise NotFound(why_no_accounts(desk, "report_no_accounts"))
    values: dict[str, Value] = {"from_day": made.from_day, "to_day": made.to_day}
    raise NotFound(
        Fact("report_no_data", {**values, "first_day": known[0].isoformat(), "last_day": known[1].isoformat()})
    )


def write_due(desk: Desk, voice: Voice, _wanted: ReportForm) -> None:
    """Write those files of last month's report that are not there yet; wait a few days for accounts that lack.

    Idempotent: a second call writes nothing. A month without any account is no month to report on.
    """
    site, now_ms = desk.site, desk.clock.now_ms()
    if not site.reports.monthly:
        raise WrongUsage(Fact("report_not_scheduled"))
    month = month_before(now_ms, site.timezone)
    files = missing(site, desk.folder, month)
    if not files:
        voice.tell(Fact("report_nothing_due"))
        return
    os.nice(_KINDER)
    made = desk.energy_report(month.first, month.last, (), site.reports.baseline)
    lacking = made.coverage.days_without_account
    if lacking == made.coverage.days:
        voice.tell(Fact("report_nothing_due"))
        return
    if waits(lacking, now_ms, site.timezone):
        voice.tell(Fact("report_waits_for_accounts", {"month": month.name, "days": lacking, "day": LATEST_DAY}))
        return
    for file, language in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_report(made, file, language)
        voice.tell(Fact("report_written", {"file": str(file)}))
