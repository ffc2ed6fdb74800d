"""The workbook's first sheet: used, baseline, saved; the named inputs; the indicators with their formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lighting.desk.energy_answers import Within
from lighting.report.document import Document
from lighting.report.language import Z_90
from lighting.report.naming import burning_label, main_baseline
from lighting.report.part_time import hours_known
from lighting.report.workbook_book import Book, Cell, Formula, Heading, Look, difference, kwh, quotient

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_HEAD = 8
HEADINGS = (
    Heading("Figure", "text", 52),
    Heading("Used", "kwh", 16),
    Heading("Baseline", "kwh", 16),
    Heading("Saved", "kwh", 16),
    Heading("Saved share", "share", 12),
    Heading("Unit", "text", 14),
    Heading("Used ±", "kwh", 14),
    Heading("Baseline ±", "kwh", 14),
    Heading("Saved ±", "kwh", 14),
)


def put_summary(book: Book, made: Document) -> None:
    """Title, what stands under it, the three figures in kWh, money and CO₂, then the inputs and indicators."""
    sheet = book.sheet("Summary")
    for column, heading in enumerate(HEADINGS):
        sheet.set_column(column, column, heading.width)
        is_text = heading.look == "text"
        sheet.write_string(
            _HEAD, column, book.language.word(heading.text), book.heading if is_text else book.heading_right
        )
    sheet.freeze_panes(_HEAD + 1, 1)
    sheet.write_string(0, 0, made.title, book.title)
    sheet.write_string(1, 0, made.subtitle, book.bold)
    for row, (term, text) in enumerate(made.facts[:5], 2):
        sheet.write_string(row, 0, f"{term}: {text}", book.grey)
    row = _figures(book, sheet)
    row = _uncertainty(book, sheet, row + 1)
    _inputs(book, sheet, row + 1)


def _figures(book: Book, sheet: Worksheet) -> int:
    """The rows of energy, money and CO₂; returns the row after them."""
    report, word = book.report, book.language.word
    found = book.figures(report.total)
    used, baseline = found.used, found.baseline
    pairs: tuple[tuple[str, str, float | None, float | None, str, Look], ...] = (
        ("energy", word("Energy"), used.kwh, baseline.kwh, "kWh", "kwh"),
        (
            "money",
            word("Money"),
            used.money,
            baseline.money,
            report.currency,
            "money",
        ),
        ("co2", "CO₂", used.co2_kg, baseline.co2_kg, "kg", "whole"),
    )
    for number, (name, label, of_used, against, unit, look) in enumerate(pairs):
        row = _HEAD + 1 + number
        sheet.write_string(row, 0, label, book.look("text"))
        book.put(sheet, row, 1, of_used, look)
        book.put(sheet, row, 2, against, look)
        used_name, baseline_name = f"used_{name}", f"baseline_{name}"
        book.name_cell(used_name, sheet, row, 1)
        book.name_cell(baseline_name, sheet, row, 2)
        book.name_cell(f"saved_{name}", sheet, row, 3)
        saved = difference(baseline_name, used_name, against, of_used)
        book.put(sheet, row, 3, saved, look)
        book.put(sheet, row, 4, quotient(f"saved_{name}", baseline_name, saved.value, against), "share")
        sheet.write_string(row, 5, unit, book.look("text"))
        _put_within(book, sheet, row, name, look)
    return _HEAD + 1 + len(pairs)


def _put_within(book: Book, sheet: Worksheet, row: int, name: str, look: Look) -> None:
    """± at 90 % of used, baseline and saved; of money and CO₂ that of the energy at the mean price."""
    within, total = Within.of(book.report, book.report.total), book.figures(book.report.total)
    plus = (
        ("G", "used_mean", within.used, total.used),
        ("H", "mean", within.baseline, total.baseline),
        ("I", "mean", within.saved, total.baseline),
    )
    for column, (letter, mean, worth, priced) in enumerate(plus, 6):
        of_energy = None if worth is None else kwh(worth.energy_ws)
        value = {"energy": of_energy, "money": priced.money, "co2": priced.co2_kg}[name]
        cell: Cell = value
        if of_energy is None or value is None or not priced.kwh:
            cell = "–"
        elif name != "energy":
            cell = Formula(f"={letter}{_HEAD + 2}*{mean}_{name}", of_energy * value / priced.kwh)
        book.put(sheet, row, column, cell, "text" if cell == "–" else look)


def _line(
    book: Book, sheet: Worksheet, row: int, label: str, value: Cell, look: Look, unit: str, name: str = ""
) -> int:
    sheet.write_string(row, 0, label, book.look("text"))
    book.put(sheet, row, 1, value, look)
    sheet.write_string(row, 5, unit, book.look("text"))
    if name:
        book.name_cell(name, sheet, row, 1)
    return row + 1


def _uncertainty(book: Book, sheet: Worksheet, row: int) -> int:
    """Standard error, ± at 90 %, the verdict, completeness, and the mean price."""
    report, word = book.report, book.language.word
    main = main_baseline(report)
    if main is not None:
        row = _line(book, sheet, row, word("Standard error, kWh"), kwh(main.se_ws), "kwh", "kWh", "standard_error")
        row = _line(book, sheet, row, word("± kWh at 90 %"), kwh(main.within_ws), "kwh", "kWh", "within_90")
        if not main.is_shown:
            row = _line(book, sheet, row, word("Verdict"), word("not shown"), "text", "")
    row = _line(book, sheet, row, word("Known"), report.total.known_share, "share", "")
    used = book.figures(report.total).used
    price = quotient("used_money", "used_energy", used.money, used.kwh)
    row = _means(book, sheet, row)
    label = book.language.say("report_sheet_price")
    row = _line(book, sheet, row, label, price, "ratio", f"{report.currency}/kWh" if report.currency else "", "price")
    return _line(book, sheet, row, "z (90 %)", Z_90, "ratio", "", "z_90")


def _means(book: Book, sheet: Worksheet, row: int) -> int:
    """Mean price and CO₂ of what was used and of the baseline: by them, ± of energy is ± of money and of CO₂."""
    found, currency = book.figures(book.report.total), book.report.currency
    for of, prefix, label in ((found.used, "used_", "Used"), (found.baseline, "", "Baseline")):
        source = prefix or "baseline_"
        for name, value, unit in (("money", of.money, currency), ("co2", of.co2_kg, "kg CO₂")):
            mean = quotient(f"{source}{name}", f"{source}energy", value, of.kwh)
            words = f"{book.language.word(label)}, {unit}/kWh"
            row = _line(book, sheet, row, words, mean, "ratio", f"{unit}/kWh", f"{prefix}mean_{name}")
    return row


def _inputs(book: Book, sheet: Worksheet, row: int) -> None:
    """The inputs of the indicators by name, then the indicators that follow from them."""
    word, found = book.language.word, book.report.indicators
    sheet.write_string(row, 0, word("Indicators"), book.bold)
    sheet.write_string(row, 1, book.language.say("report_sheet_note"), book.grey)
    row += 1
    row = _line(
        book, sheet, row, word("System power P, with controllers and gateways"), found.system_power_w,
        "power", "W", "system_power_w",
    )  # fmt: skip
    row = _line(
        book, sheet, row, word("Illuminance times area, Σ(E·A)"), found.illuminance_area_lx_m2, "whole", "lx·m²",
        "illuminance_area",
    )  # fmt: skip
    row = _line(book, sheet, row, word("Lit area A"), found.area_m2, "whole", "m²", "lit_area")
    row = _line(book, sheet, row, word("Lamps"), found.lamps, "whole", "", "lamps")
    row = _line(book, sheet, row, word("Length of lit roads"), found.length_km, "tenth", "km", "length_km")
    row = _line(
        book, sheet, row, word("Power density D_P = P / Σ(E·A), EN 13201-5"), _density(book), "ratio", "W/(lx·m²)"
    )
    annual = word("Annual energy D_E = Σ(P·t) / A, EN 13201-5")
    row = _line(book, sheet, row, annual, found.annual_energy_wh_m2, "tenth", "Wh/m²")
    of_lamps = quotient("used_energy", "lamps", book.figures(book.report.total).used.kwh, found.lamps)
    row = _line(book, sheet, row, word("kWh per lamp"), of_lamps, "tenth", "kWh")
    row = _line(book, sheet, row, word("kWh per km"), found.kwh_per_km, "tenth", "kWh/km")
    row = _line(book, sheet, row, burning_label(book.report, book.language), found.burning_h, "whole", "h")
    row = _line(book, sheet, row, word("Peak of an hour"), found.peak_w, "power", "W")
    known = book.language.say("report_profile_known", **hours_known(book.report, book.language))
    sheet.write_string(row - 1, 6, known, book.grey)
    _standby(book, sheet, row)


def _standby(book: Book, sheet: Worksheet, row: int) -> None:
    """Standby by day, modelled: stated watts times the hours in which the baseline is off."""
    word, found = book.language.word, book.report.indicators
    power = word("Standby power by day, stated: permanent loads, and lamps without a contactor")
    hours = word("Hours of these days in which the baseline is off")
    row = _line(book, sheet, row, power, found.standby_w, "power", "W", "standby_power_w")
    row = _line(book, sheet, row, hours, found.standby_h, "tenth", "h", "standby_hours")
    product = None if found.standby_w is None or found.standby_h is None else found.standby_w * found.standby_h
    energy = Formula("=standby_power_w*standby_hours", product)
    row = _line(book, sheet, row, word("Standby by day, modelled: that power for those hours"), energy, "power", "Wh")
    used = word("Used outside the baseline's hours, by whatever took it")
    _line(book, sheet, row, used, kwh(found.daytime_ws), "kwh", "kWh")


def _density(book: Book) -> Cell:
    """A formula where it gives what the report says; the bare figure where circuits without area were left out."""
    found = book.report.indicators
    told = found.power_density_w_lx_m2
    made = quotient("system_power_w", "illuminance_area", found.system_power_w, found.illuminance_area_lx_m2)
    if told is None or made.value is None or abs(made.value - told) > 1e-9 * abs(told):
        return told
    return Formula(made.text, made.value)
