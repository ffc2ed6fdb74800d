"""``lighting energy`` in all its forms: which spans were asked for, then words, JSON or CSV."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lighting.assets.fact import Fact, Value
from lighting.cli.csv_file import STDOUT
from lighting.cli.energy_csv import write_csv
from lighting.cli.json_forms import form, plain
from lighting.cli.say_energy import Told, print_one, print_side_by_side
from lighting.cli.voice import Voice, print_json
from lighting.desk.desk import Desk
from lighting.desk.energy_answers import SAME_LAMPS, EnergyReport
from lighting.desk.energy_span import month_end
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.desk.times import known_night
from lighting.energy.slots import local_day

SCHEMA = "lighting.energy/1"
KEYS = ("month", "day", "district", "supply", "circuit", "cause")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})\Z", re.ASCII)
_YEAR = re.compile(r"\d{4}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class EnergyForm:
    """What was asked for on the command line."""

    first: str | None = None
    last: str | None = None
    month: str | None = None
    year: str | None = None
    last_night: bool = False
    districts: tuple[str, ...] = ()
    baseline: str | None = None
    by: str | None = None
    chart: bool = False
    csv: str | None = None
    as_json: bool = False

    def check(self) -> None:
        """Raises ``WrongUsage`` for two spans or two forms at once, and for lines by what there is not."""
        spans = (
            ("--from/--to", self.first is not None or self.last is not None),
            ("--month", self.month is not None),
            ("--year", self.year is not None),
            ("--last-night", self.last_night),
        )
        forms = (("--by", self.by is not None), ("--csv", self.csv is not None), ("--json", self.as_json))
        charted = (("--chart", self.chart), *forms[1:])
        for names, code in ((spans, "energy_one_span"), (forms, "plan_one_form"), (charted, "plan_one_form")):
            _at_most_one(names, code)
        if self.by is not None and self.by not in KEYS:
            raise WrongUsage(Fact("energy_by_what", {"found": self.by, "known": ", ".join(KEYS)}))
        if self.last_night and self.by in ("circuit", "supply", "month", "day"):
            raise WrongUsage(Fact("energy_night_by", {"found": str(self.by)}))

    @property
    def names_a_span(self) -> bool:
        return self.last_night or any(one is not None for one in (self.first, self.last, self.month, self.year))

    @property
    def needs_circuits(self) -> bool:
        return self.by in ("circuit", "supply") or self.as_json or self.csv is not None


def _at_most_one(names: Sequence[tuple[str, bool]], code: str) -> None:
    named = [name for name, is_asked in names if is_asked]
    if len(named) > 1:
        if code == "energy_one_span":
            raise WrongUsage(Fact("energy_one_span", {"options": ", ".join(named)}))
        raise WrongUsage(Fact("plan_one_form", {"forms": ", ".join(named)}))


def print_energy(desk: Desk, voice: Voice, wanted: EnergyForm) -> None:
    """Assemble what was asked for and print it in that form. Raises ``DeskError``."""
    accounted = desk.energy_days()
    if accounted is None:
        # It says what else is wrong with the question, and where no controller runs it makes what can be made.
        desk.energy_report(*_asked_days(desk, wanted), wanted.districts, _baseline(wanted), with_circuits=False)
        accounted = desk.energy_days()
    if accounted is None:
        _print_first_night(desk, voice, wanted)
        return
    if not wanted.names_a_span and wanted.by is None and not wanted.chart:
        _print_overview(desk, voice, wanted, accounted)
        return
    told = _night(desk, wanted, accounted) if wanted.last_night else _days(desk, wanted, accounted)
    _refuse_empty(told.report, accounted)
    _print_told(told, voice, wanted)


def _baseline(wanted: EnergyForm) -> str:
    return SAME_LAMPS if wanted.baseline is None else wanted.baseline


def _asked_days(desk: Desk, wanted: EnergyForm) -> tuple[date, date]:
    """The local days that were asked for; a month or year that is not over ends today."""
    today = local_day(desk.clock.now_ms(), desk.site.timezone)
    if wanted.month is not None:
        return _until_today(_first_of_month(wanted.month), month_end(_first_of_month(wanted.month)), today)
    if wanted.year is not None:
        if not _YEAR.match(wanted.year) or wanted.year == "0000":
            raise WrongUsage(Fact("energy_year_not_understood", {"text": wanted.year}))
        year = known_night(f"{wanted.year}-01-01").year
        return _until_today(date(year, 1, 1), date(year, 12, 31), today)
    last = today if wanted.last is None else known_night(wanted.last)
    if wanted.first is not None:
        return known_night(wanted.first), last
    if wanted.last is not None:
        return last.replace(month=1, day=1), last
    return today.replace(month=1, day=1), today


def _until_today(first: date, last: date, today: date) -> tuple[date, date]:
    return first, min(last, today) if first <= today else last


def _first_of_month(text: str) -> date:
    found = _MONTH.match(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        raise WrongUsage(Fact("energy_month_not_understood", {"text": text}))
    return known_night(f"{found[1]}-{int(found[2]):02d}-01")


def _days(desk: Desk, wanted: EnergyForm, accounted: tuple[date, date]) -> Told:
    first, last = _asked_days(desk, wanted)
    if not wanted.names_a_span:  # nobody asked for the days before the first account, or after the last
        last = min(last, accounted[1])
        first = min(max(last.replace(month=1, day=1), accounted[0]), last)
    report = desk.energy_report(first, last, wanted.districts, _baseline(wanted), with_circuits=wanted.needs_circuits)
    return Told("asked", report)


def _night(desk: Desk, wanted: EnergyForm, accounted: tuple[date, date]) -> Told:
    evening = last_night(desk, accounted)
    return Told("night", desk.energy_of_night(evening, wanted.districts, _baseline(wanted)))


def last_night(desk: Desk, accounted: tuple[date, date]) -> date:
    """The evening of the last lighting night: the present one from its dawn on, and while there is no other.

    Where nothing was read for longer, it is the last night of which there are readings.
    """
    tonight = desk.status().tonight
    evening = date.fromisoformat(tonight.night)
    is_over = tonight.dawn_ms is not None and desk.clock.now_ms() >= tonight.dawn_ms
    last = evening if is_over or accounted[0] >= evening else evening - timedelta(days=1)
    return min(last, desk.newest_night_read() or last)


def _print_overview(desk: Desk, voice: Voice, wanted: EnergyForm, accounted: tuple[date, date]) -> None:
    """The last night, this month and this year, as far as they are accounted."""
    today = local_day(desk.clock.now_ms(), desk.site.timezone)
    last = min(today, accounted[1])
    spans = [_night(desk, wanted, accounted)]
    for name, begin in (("month", last.replace(day=1)), ("year", last.replace(month=1, day=1))):
        first = max(begin, min(accounted[0], last))
        report = desk.energy_report(first, last, wanted.districts, _baseline(wanted), with_circuits=False)
        spans.append(Told(name, report))
    if wanted.as_json:
        print_json(form(SCHEMA, spans=[_form(told) for told in spans]))
    elif wanted.csv is not None:
        _write(wanted.csv, spans, voice)
    else:
        print_side_by_side(spans, voice)


def _print_first_night(desk: Desk, voice: Voice, wanted: EnergyForm) -> None:
    """While no day is over, the hours of the present night are all that there is. Raises ``NotFound`` without any."""
    evening = date.fromisoformat(desk.status().tonight.night)
    told = Told("night", desk.energy_of_night(evening, wanted.districts, _baseline(wanted)))
    if not told.report.days or (wanted.names_a_span and not wanted.last_night):
        raise NotFound(why_no_accounts(desk, "energy_no_accounts"))
    _print_told(told, voice, wanted)


def why_no_accounts(desk: Desk, code: str) -> Fact:
    """``code``, or the reason that stands before it: readings are there, and no revision to make accounts by."""
    store = desk.existing_store
    if desk.revision is None and store is not None and store.readings.span() is not None:
        return Fact("accounts_need_revision")
    return Fact(code)


def _print_told(told: Told, voice: Voice, wanted: EnergyForm) -> None:
    if wanted.as_json:
        print_json(form(SCHEMA, spans=[_form(told)]))
    elif wanted.csv is not None:
        _write(wanted.csv, [told], voice)
    else:
        print_one(told, voice, by=wanted.by, chart=wanted.chart)


def _refuse_empty(report: EnergyReport, accounted: tuple[date, date]) -> None:
    if not report.days:
        span: dict[str, Value] = {"from_date": report.from_day, "to_date": report.to_day}
        known: dict[str, Value] = {"first_date": accounted[0].isoformat(), "last_date": accounted[1].isoformat()}
        raise NotFound(Fact("energy_no_accounts_then", {**span, **known}))


def _form(told: Told) -> dict[str, object]:
    return {"span": told.span, **plain(told.report)}


def _write(file: str, spans: Sequence[Told], voice: Voice) -> None:
    rows = write_csv(file, spans)
    if file != STDOUT:
        voice.tell(Fact("energy_csv_written", {"file": file, "rows": rows}))
