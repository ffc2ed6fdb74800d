"""``lighting energy`` in words: three spans side by side on one screen, or one span with its lines and bars."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from lighting.assets.fact import Fact, Value
from lighting.cli.energy_bars import bar, print_bars, spark
from lighting.cli.say_whatif import written
from lighting.cli.table import Column, table_lines, terminal_width
from lighting.cli.voice import Voice, laid_out
from lighting.desk.energy_answers import CauseLine, EnergyReport, Known, PlaceLine, SpanLine, Within, Worth
from lighting.wording.figures import energy
from lighting.wording.words_energy import BASELINES, CAUSES

KWH_WS = 3_600_000
_MOST_CAUSES, _MOST_LINES = 6, 15
_BAR = 18
_HEADINGS = {"night": "LAST NIGHT", "month": "THIS MONTH", "year": "THIS YEAR", "asked": "SPAN"}


@dataclass(frozen=True, slots=True)
class Told:
    """A report and what its span is called: ``night``, ``month``, ``year`` or ``asked``."""

    span: str
    report: EnergyReport


def kwh(worth: Worth) -> float:
    """Kilowatt-hours."""
    return worth.energy_ws / KWH_WS


def _kwh(worth: Worth | None, *, signed: bool = False) -> str:
    return written(None if worth is None else kwh(worth), signed=signed)


def money_of(money_e4: int | None, report: EnergyReport) -> float | None:
    """An amount in the report's currency."""
    return None if money_e4 is None else money_e4 / 10 ** (report.currency_digits + 4)


def _money(worth: Worth | None, report: EnergyReport) -> str:
    return written(None if worth is None else money_of(worth.money_e4, report))


def _co2(worth: Worth | None) -> str:
    return written(None if worth is None or worth.co2_g is None else worth.co2_g / 1000)


def percent_saved(line: SpanLine | PlaceLine) -> str:
    """The saving in percent of the baseline; none of a permanent load, of which nothing can be saved."""
    whole = line.baseline.energy_ws
    if whole <= 0 or not line.known_share or (isinstance(line, PlaceLine) and not line.is_circuit):
        return "–"
    return f"{100 * line.saved.energy_ws / whole:.1f}"


def known_pct(share: float) -> str:
    """A share of known time; 100 is all of it and nothing less."""
    return "100" if share == 1 else f"{min(99.9, 100 * share):.1f}"


def print_side_by_side(spans: Sequence[Told], voice: Voice) -> None:
    """The overview: at most 24 lines of 80, notes only where there is room for them."""
    widest = spans[-1].report
    lines = [laid_out(voice.sentence(_title(widest, voice)), sys.stdout)]
    columns = [Column("FIGURE", gives_way=True), *(Column(_HEADINGS[told.span], right=True) for told in spans)]
    rows = [["", *(_days(told.report) for told in spans)]]
    for words, figure in _FIGURES:
        cells = [figure(told.report) for told in spans]
        if any(cell != "–" for cell in cells):
            rows.append([_label(words, widest, voice), *cells])
    lines += table_lines(columns, rows, voice, width=terminal_width() or 80)
    lines += ["", *_cause_lines(widest, voice)]
    month = spans[1].report
    drawn = spark([kwh(day.used) for day in month.days])
    if drawn:
        lines.append(voice.sentence(Fact("energy_spark", {"drawn": drawn, "most_ws": _most_ws(month.days)})))
    print("\n".join(lines))
    room = _height() - len("\n".join(lines).splitlines()) - 1
    _print_notes(_unique(note for told in spans for note in told.report.notes), voice, room=room)


def _height() -> int:
    return shutil.get_terminal_size((80, 24)).lines if sys.stdout.isatty() else 1000


def _title(report: EnergyReport, voice: Voice) -> Fact:
    values: dict[str, Value] = {"site": report.site_name, "baseline": voice.heading(BASELINES[report.baseline_code])}
    if report.districts:
        return Fact("energy_title_districts", {**values, "districts": ", ".join(report.districts)})
    return Fact("energy_title", values)


def _days(report: EnergyReport) -> str:
    first, last = report.from_day[5:], report.to_day[5:]
    return first if first == last else f"{first} – {last}"


Figure = Callable[[EnergyReport], str]


def _is_chance(report: EnergyReport) -> bool:
    """Whether the saving in all is known, and under twice its standard error."""
    line = next((one for one in report.baselines if one.code == report.baseline_code), None)
    return line is not None and bool(report.total.known_share) and not line.is_shown


def _is_loss(report: EnergyReport) -> bool:
    line = next((one for one in report.baselines if one.code == report.baseline_code), None)
    return line is not None and bool(report.total.known_share) and line.is_shown and line.saved.energy_ws < 0


def _kwh_within(worth: Worth | None, within: Worth | None) -> str:
    return _with(_kwh(worth), _kwh(within))


def _with(figure: str, within: str) -> str:
    """A figure with its ±, where that can be stated."""
    return figure if "–" in (figure, within) else f"{figure} ± {within}"


def _saved_within(report: EnergyReport) -> str:
    """A saving that is no more than chance is marked."""
    known, within = Known.of(report, report.total).saved, Within.of(report, report.total).saved
    return _kwh_within(known, within) + (" *" if _is_chance(report) else "")


_FIGURES: tuple[tuple[str, Figure], ...] = (
    ("used, kWh", lambda r: _kwh_within(Known.of(r, r.total).used, Within.of(r, r.total).used)),
    ("baseline, kWh", lambda r: _kwh_within(Known.of(r, r.total).baseline, Within.of(r, r.total).baseline)),
    ("saved, kWh", _saved_within),
    ("saved, % of baseline", lambda r: percent_saved(r.total)),
    ("saved, money", lambda r: _with(_money(Known.of(r, r.total).saved, r), _money(Within.of(r, r.total).saved, r))),
    ("saved, CO2 kg", lambda r: _with(_co2(Known.of(r, r.total).saved), _co2(Within.of(r, r.total).saved))),
    ("not delivered, lamp-hours", lambda r: written(r.undelivered_lamp_h)),
    ("known, % of the time", lambda r: known_pct(r.coverage.known_share)),
)


def _label(words: str, report: EnergyReport, voice: Voice) -> str:
    text = voice.heading(words)
    return f"{text} ({report.currency})" if words == "saved, money" else text


def _cause_lines(report: EnergyReport, voice: Voice, *, every: bool = False) -> list[str]:
    """A line for each cause that changed anything, in the order of attribution, with a bar."""
    if not report.total.known_share:
        return [voice.sentence(Fact("energy_nothing_known"))]
    lines = [one for one in report.causes if one.saved.energy_ws]
    rest: list[CauseLine] = []
    if not every and len(lines) > _MOST_CAUSES:
        ordered = sorted(lines, key=lambda one: -abs(one.saved.energy_ws))
        rest = ordered[_MOST_CAUSES - 1 :]
        lines = [one for one in lines if one not in rest]
    most = max((abs(one.saved.energy_ws) for one in lines), default=1)
    rows = [
        _cause_row(voice.heading(CAUSES[one.code]), one.saved, most, report, Within.of_cause(report, one))
        for one in lines
    ]
    if rest:
        worth = Worth(
            sum(one.saved.energy_ws for one in rest),
            None if rest[0].saved.money_e4 is None else sum(one.saved.money_e4 or 0 for one in rest),
        )
        rows.append(_cause_row(voice.heading("all others"), worth, most, report))
    if not rows:
        return [voice.sentence(Fact("energy_no_causes"))]
    columns = [Column("SAVED BY", gives_way=True), Column("kWh", right=True), Column("± 90 %", right=True)]
    columns += [Column(report.currency, right=True), Column("")]
    return table_lines(columns, rows, voice, width=terminal_width() or 80)


def _cause_row(label: str, saved: Worth, most: int, report: EnergyReport, within: Worth | None = None) -> list[str]:
    money = money_of(saved.money_e4, report)
    drawn = bar(saved.energy_ws / most, _BAR)
    return [label, written(kwh(saved), signed=True), _kwh(within), written(money, signed=True), drawn]


def print_one(told: Told, voice: Voice, *, by: str | None, chart: bool) -> None:
    """One span: the totals in energy, money and CO₂, then lines, then bars, then what a reader has to know."""
    report = told.report
    voice.data(_title(report, voice), _heading(told))
    print()
    _print_totals(report, voice)
    print()
    if chart:
        print_bars(report, voice)
    elif by in (None, "cause"):
        print("\n".join(_cause_lines(report, voice, every=True)))
    else:
        _print_lines(str(by), report, voice)
    print()
    voice.data(_coverage(report, voice))
    if report.undelivered_lamp_h:
        voice.data(Fact("energy_undelivered", {"lamp_h": report.undelivered_lamp_h, "would_ws": report.undelivered_ws}))
    if _is_chance(report):
        voice.data(Fact("energy_not_shown"))
    elif _is_loss(report):
        voice.data(Fact("energy_loss"))
    _print_notes(report.notes, voice, room=None)


def _heading(told: Told) -> Fact:
    report = told.report
    values: dict[str, Value] = {"from_date": report.from_day, "to_date": report.to_day}
    if told.span == "night":
        return Fact("energy_heading_night", values)
    return Fact("energy_heading", {**values, "days": report.coverage.days})


def _print_totals(report: EnergyReport, voice: Voice) -> None:
    """Used, baseline and saved, each figure with its ± beside it."""
    total, known, within = report.total, Known.of(report, report.total), Within.of(report, report.total)
    named = (("used", known.used, within.used), ("baseline", known.baseline, within.baseline))
    rows = []
    for words, worth, plus in (*named, ("saved", known.saved, within.saved)):
        mark = " *" if words == "saved" and _is_chance(report) else ""
        cells = [_kwh(worth), _kwh(plus) + mark, _money(worth, report), _money(plus, report), _co2(worth), _co2(plus)]
        rows.append([voice.heading(words), *cells])
    money, co2 = _money_share(total)
    rows.append([voice.heading("saved, % of baseline"), percent_saved(total), "", money, "", co2, ""])
    within_90 = Column("± 90 %", right=True)
    columns = [Column("FIGURE", gives_way=True), Column("kWh", right=True), within_90]
    columns += [Column(report.currency or "MONEY", right=True), within_90, Column("CO2 kg", right=True), within_90]
    has_money, has_co2 = total.used.money_e4 is not None, total.used.co2_g is not None
    wanted = [True, True, True, has_money, has_money, has_co2, has_co2]
    kept = [[cell for cell, is_wanted in zip(row, wanted, strict=True) if is_wanted] for row in rows]
    shown = [column for column, is_wanted in zip(columns, wanted, strict=True) if is_wanted]
    print("\n".join(table_lines(shown, kept, voice, width=terminal_width())))


def _money_share(total: SpanLine) -> tuple[str, str]:
    if not total.known_share:
        return "", ""
    pairs = ((total.saved.money_e4, total.baseline.money_e4), (total.saved.co2_g, total.baseline.co2_g))
    one, other = (f"{100 * part / whole:.1f}" if part is not None and whole else "–" for part, whole in pairs)
    return one, other


def _coverage(report: EnergyReport, voice: Voice) -> Fact:
    of = report.coverage
    kinds = [
        f"{voice.heading(words)} {energy(energy_ws / KWH_WS)}"
        for words, energy_ws in (
            ("metered", of.metered_ws),
            ("apportioned", of.apportioned_ws),
            ("modelled", of.modelled_ws),
            ("unmetered supplies", of.unmetered_ws),
        )
        if energy_ws
    ]
    return Fact(
        "energy_coverage",
        {
            "known": known_pct(of.known_share),
            "spread": known_pct(of.spread_share) if of.spread_share else "0",
            "kinds": ", ".join(kinds) or "–",
        },
    )


def _print_lines(by: str, report: EnergyReport, voice: Voice) -> None:
    """Lines by month or day in their order, by district or circuit with the most energy first."""
    lines: Sequence[SpanLine | PlaceLine]
    shown: Sequence[SpanLine | PlaceLine]
    if by in ("month", "day"):
        lines = report.months if by == "month" else report.days
        shown = lines
    else:
        places = {"district": report.places, "supply": report.supplies}.get(by, report.circuits)
        if by == "supply" and not places:
            voice.tell(Fact("energy_no_supplies"))
            return
        lines = sorted(places, key=lambda one: -one.used.energy_ws)
        shown = lines[:_MOST_LINES]
    rows = [_line_row(by, line, report, voice) for line in shown]
    columns = [
        Column(by.upper(), gives_way=True),
        Column("USED kWh", right=True),
        Column("BASELINE kWh", right=True),
        Column("SAVED kWh", right=True),
        Column("± 90 %", right=True),
        Column("%", right=True),
        Column(f"{voice.heading('SAVED')} {report.currency}", right=True),
        Column("KNOWN %", right=True),
    ]
    if report.total.saved.money_e4 is None:
        columns, rows = [*columns[:6], columns[7]], [[*row[:6], row[7]] for row in rows]
    print("\n".join(_fitting(columns, rows, voice)))
    if len(lines) > len(shown):
        voice.data(Fact("whatif_more_lines", {"more": len(lines) - len(shown)}))
    if any(isinstance(line, PlaceLine) and not line.is_circuit for line in shown):
        voice.data(Fact("energy_loads_save_nothing"))


def _fitting(columns: list[Column], rows: list[list[str]], voice: Voice) -> list[str]:
    """The table, in a narrow terminal without percents, and without money where it is wider still."""
    width = terminal_width()
    lines = table_lines(columns, rows, voice, width=width)
    for column in (5, 5):
        if width is None or len(columns) <= 6 or max(map(cell_len, lines)) <= width:
            break
        columns = columns[:column] + columns[column + 1 :]
        rows = [row[:column] + row[column + 1 :] for row in rows]
        lines = table_lines(columns, rows, voice, width=width)
    return lines


def _line_row(by: str, line: SpanLine | PlaceLine, report: EnergyReport, voice: Voice) -> list[str]:
    known = Known.of(report, line)
    energies = [_kwh(worth) for worth in (known.used, known.baseline, known.saved)]
    figures = [
        *energies,
        _kwh(Within.of(report, line).saved),
        percent_saved(line),
        _money(known.saved, report),
        known_pct(line.known_share),
    ]
    if isinstance(line, SpanLine):
        return [line.from_day[: 7 if by == "month" else 10], *figures]
    name = line.id or "–"
    return [name if line.is_circuit else f"{name} ({voice.heading('permanent load')})", *figures]


def _unique(notes: Iterable[Fact]) -> list[Fact]:
    """The last of each code: that of the longest span."""
    found: dict[str, Fact] = {}
    for note in notes:
        found[note.code] = note
    return list(found.values())


def _most_ws(days: Sequence[SpanLine]) -> int:
    return max((day.used.energy_ws for day in days), default=0)


def _print_notes(notes: Sequence[Fact], voice: Voice, *, room: int | None) -> None:
    """The notes, or how many there are where the screen has no room for them."""
    written_notes = [laid_out(voice.sentence(note), sys.stdout) for note in notes]
    if room is None or sum(text.count("\n") + 1 for text in written_notes) <= room:
        for text in written_notes:
            print(text)
    else:
        voice.data(Fact("energy_more_notes", {"count": len(notes)}))
