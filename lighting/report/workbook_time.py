"""The workbook's sheets of months (with a chart), causes, load and bills."""

from __future__ import annotations

from datetime import date

from lighting.desk.energy_answers import BillLine, SpanLine, Within
from lighting.report.language import Z_90
from lighting.report.naming import bill_verdict, cause_name, is_cause_shown, is_loss, main_baseline
from lighting.report.workbook_book import (
    Book,
    Cell,
    Formula,
    Heading,
    OfWorth,
    amount,
    column_sum,
    difference,
    kg,
    kwh,
    quotient,
)

MONTHS = (
    Heading("From", "day", 12),
    Heading("To", "day", 12),
    Heading("Used, kWh"),
    Heading("Baseline, kWh"),
    Heading("Saved, kWh"),
    Heading("Saved share", "share"),
    Heading("Cost", "money"),
    Heading("Baseline cost", "money"),
    Heading("Saved money", "money"),
    Heading("Price per kWh", "ratio"),
    Heading("kg CO₂", "whole"),
    Heading("Not delivered, lamp-hours", "tenth"),
    Heading("Known", "share", 10),
    Heading("Used ±, kWh"),
    Heading("Baseline ±, kWh"),
    Heading("Saved ±, kWh"),
    Heading("Cost ±", "money"),
)


def put_months(book: Book) -> None:
    """A row each with formulas, the sum, its difference to the summary, and a chart."""
    sheet = book.sheet("Months", MONTHS, freeze_columns=2)
    months = book.report.months
    for row, line in enumerate(months, 1):
        book.put_row(sheet, row, MONTHS, _month_cells(book, line, row + 1))
    if not months:
        return
    last = len(months) + 1
    book.put_row(sheet, last, MONTHS, _month_sums(book, last + 1), is_total=True)
    total = book.figures(book.report.total).used.kwh
    of_months = sum(book.figures(line).used.kwh or 0.0 for line in months)
    sheet.write_string(last + 1, 0, book.language.word("Difference"), book.grey)
    book.put(sheet, last + 1, 2, difference(f"C{last + 1}", "used_energy", of_months, total), "kwh")
    _chart(book, len(months))


def _month_cells(book: Book, line: SpanLine, n: int) -> list[Cell]:
    found = book.figures(line)
    used, baseline = found.used.kwh, found.baseline.kwh
    cost, cost_before = found.used.money, found.baseline.money
    saved = difference(f"D{n}", f"C{n}", baseline, used)
    return [
        date.fromisoformat(line.from_day),
        date.fromisoformat(line.to_day),
        used,
        baseline,
        saved,
        quotient(f"E{n}", f"D{n}", saved.value, baseline),
        cost,
        cost_before,
        difference(f"H{n}", f"G{n}", cost_before, cost),
        quotient(f"G{n}", f"C{n}", cost, used),
        found.used.co2_kg,
        line.undelivered_lamp_h,
        line.known_share,
        *_within(book, line, n, None if cost is None or not used else cost / used),
    ]


def _within(book: Book, line: SpanLine, n: int, price: float | None) -> list[Cell]:
    """± at 90 % of the energies, and of the cost at the mean price; «–» where it cannot be stated."""
    within = Within.of(book.report, line)
    plus = [None if one is None else one.energy_ws for one in (within.used, within.baseline, within.saved)]
    of_used = kwh(plus[0])
    cost = Formula(f"=N{n}*J{n}", None if of_used is None or price is None else of_used * price)
    return [*("–" if one is None else kwh(one) for one in plus), "–" if cost.value is None else cost]


def _month_sums(book: Book, n: int) -> list[Cell]:
    months = book.report.months
    found = [book.figures(line) for line in months]
    used = column_sum("C", 2, [one.used.kwh for one in found])
    baseline = column_sum("D", 2, [one.baseline.kwh for one in found])
    cost = column_sum("G", 2, [one.used.money for one in found])
    cost_before = column_sum("H", 2, [one.baseline.money for one in found])
    saved = difference(f"D{n}", f"C{n}", baseline.value, used.value)
    return [
        book.language.word("In all"),
        "",
        used,
        baseline,
        saved,
        quotient(f"E{n}", f"D{n}", saved.value, baseline.value),
        cost,
        cost_before,
        difference(f"H{n}", f"G{n}", cost_before.value, cost.value),
        quotient(f"G{n}", f"C{n}", cost.value, used.value),
        column_sum("K", 2, [one.used.co2_kg for one in found]),
        column_sum("L", 2, [line.undelivered_lamp_h for line in months]),
        book.report.total.known_share,
        *_within(
            book, book.report.total, n, cost.value / used.value if cost.value is not None and used.value else None
        ),
    ]


def _chart(book: Book, n: int) -> None:
    """Baseline hatched beside what was used: it reads in grey, too."""
    word = book.language.word
    name = word("Months")
    chart = book.file.add_chart({"type": "column"})
    looks: tuple[tuple[int, str, dict[str, object]], ...] = (
        (
            3,
            "Baseline",
            {"pattern": {"pattern": "light_upward_diagonal", "fg_color": "#1b1f24", "bg_color": "#e3ebf4"}},
        ),
        (2, "Used", {"fill": {"color": "#1f4e79"}}),
    )
    for column, text, look in looks:
        chart.add_series(
            {
                "name": word(text),
                "categories": [name, 1, 0, n, 0],
                "values": [name, 1, column, n, column],
                "border": {"color": "#1b1f24", "width": 0.5},
                "gap": 60,
                **look,
            }
        )
    chart.set_title({"name": word("Used and baseline by month"), "name_font": {"size": 12}})
    chart.set_x_axis({"num_format": "mm/yy", "date_axis": False})
    chart.set_y_axis(
        {"name": "kWh", "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#d0d7de"}}}
    )
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 860, "height": 320})
    sheet = book.file.get_worksheet_by_name(name)
    if sheet is not None:
        sheet.insert_chart(n + 4, 0, chart, {"description": word("Used and baseline by month")})


CAUSES = (
    Heading("Order", "whole", 8),
    Heading("Cause", "text", 34),
    Heading("Saved, kWh"),
    Heading("Standard error, kWh"),
    Heading("± kWh at 90 %"),
    Heading("Of the baseline", "share"),
    Heading("Money", "money"),
    Heading("kg CO₂", "whole"),
    Heading("Verdict", "text", 16),
    Heading("± money", "money"),
    Heading("± kg CO₂", "tenth"),
)


def put_causes(book: Book) -> None:
    """The causes in their order; their sum is the saving of the summary."""
    sheet = book.sheet("Causes", CAUSES, freeze_columns=2)
    report, word = book.report, book.language.word
    total_of, main = book.figures(report.total), main_baseline(report)
    causes = report.causes if total_of.baseline.kwh is not None else ()
    baseline = total_of.baseline.kwh
    for row, line in enumerate(causes, 1):
        saved, error = kwh(line.saved.energy_ws), kwh(line.se_ws)
        is_chance = bool(line.saved.energy_ws) and is_cause_shown(line) is False
        verdict = word("not shown") if is_chance else word("loss") if is_loss(line) else ""
        cells: list[Cell] = [
            row,
            cause_name(line.code, book.language),
            saved,
            "–" if error is None else error,
            "–" if error is None else Formula(f"=z_90*D{row + 1}", Z_90 * error),
            quotient(f"C{row + 1}", "baseline_energy", saved, baseline),
            amount(line.saved.money_e4, report.currency_digits),
            kg(line.saved.co2_g),
            verdict,
            *_of_cause(f"E{row + 1}", None if error is None else Z_90 * error, total_of.baseline),
        ]
        book.put_row(sheet, row, CAUSES, cells)
    if not causes:
        return
    last = len(causes) + 1
    total = column_sum("C", 2, [kwh(line.saved.energy_ws) for line in causes])
    sums: list[Cell] = [
        "",
        word("Saved in all"),
        total,
        Formula("=standard_error", None if main is None else kwh(main.se_ws)),
        Formula("=within_90", None if main is None else kwh(main.within_ws)),
        quotient(f"C{last + 1}", "baseline_energy", total.value, baseline),
        column_sum("G", 2, [amount(line.saved.money_e4, report.currency_digits) for line in causes]),
        column_sum("H", 2, [kg(line.saved.co2_g) for line in causes]),
        _verdict_in_all(book),
        *_of_cause(f"E{last + 1}", None if main is None else kwh(main.within_ws), total_of.baseline),
    ]
    book.put_row(sheet, last, CAUSES, sums, is_total=True)
    sheet.write_string(last + 1, 1, word("Difference"), book.grey)
    saved = (baseline or 0.0) - (total_of.used.kwh or 0.0)
    book.put(sheet, last + 1, 2, difference(f"C{last + 1}", "saved_energy", total.value, saved), "kwh")


def _verdict_in_all(book: Book) -> str:
    main, word = main_baseline(book.report), book.language.word
    if main is None:
        return ""
    if not main.is_shown:
        return word("not shown")
    return word("loss") if book.report.total.saved.energy_ws < 0 else ""


def _of_cause(cell: str, within: float | None, baseline: OfWorth) -> list[Cell]:
    """± of money and CO₂: that of the energy at the mean price and factor of the baseline."""
    found: list[Cell] = []
    for name, value in (("money", baseline.money), ("co2", baseline.co2_kg)):
        text = f"={cell}*mean_{name}"
        if within is None or value is None or not baseline.kwh:
            found.append("–")
        else:
            found.append(Formula(text, within * value / baseline.kwh))
    return found


LOAD = (
    Heading("Hour", "text", 10),
    Heading("Used, W", "power"),
    Heading("Baseline, W", "power"),
    Heading("Difference", "power"),
    Heading("Nights known", "whole", 10),
    Heading("Nights", "whole", 10),
    Heading("", "text", 4),
    Heading("Share of the time", "share"),
    Heading("Power, W", "power"),
)


def put_load(book: Book) -> None:
    """The night's profile, and beside it the load duration."""
    sheet = book.sheet("Load", LOAD)
    profile, points = book.report.load_profile, book.report.load_duration_w
    for number in range(max(len(profile.hours), len(points))):
        row = number + 1
        if number < len(profile.hours):
            used, baseline = profile.used_w[number], profile.baseline_w[number]
            cells: list[Cell] = [f"{profile.hours[number] % 24:02d}:00", used, baseline]
            cells.append(difference(f"C{row + 1}", f"B{row + 1}", baseline, used))
            of_nights = (profile.known_nights, profile.of_nights)
            cells += [nights[number] if nights else None for nights in of_nights]
            book.put_row(sheet, row, LOAD[:6], cells)
        if number < len(points):
            book.put(sheet, row, 7, points[number][0], "share")
            book.put(sheet, row, 8, points[number][1], "power")


BILLS = (
    Heading("Supply", "text", 14),
    Heading("Bill", "text", 16),
    Heading("From", "day", 12),
    Heading("To", "day", 12),
    Heading("Billed, kWh"),
    Heading("Metered, kWh"),
    Heading("Difference"),
    Heading("Billed", "money"),
    Heading("Reckoned", "money"),
    Heading("Difference", "money"),
    Heading("Currency", "text", 10),
    Heading("Known", "share", 10),
    Heading("Verdict", "text", 18),
)


def put_bills(book: Book) -> None:
    """Each bill beside meters and tariff."""
    sheet = book.sheet("Bills", BILLS, freeze_columns=2)
    for row, line in enumerate(book.report.bills, 1):
        book.put_row(sheet, row, BILLS, _bill_cells(book, line, row + 1))
    if not book.report.bills:
        sheet.write_string(1, 0, book.language.say("report_no_bills"), book.grey)


def _bill_cells(book: Book, line: BillLine, n: int) -> list[Cell]:
    digits = book.report.currency_digits
    billed, metered = kwh(line.billed_ws), kwh(line.metered_ws)
    paid, reckoned = amount(line.billed_e4, digits), amount(line.reckoned_e4, digits)
    return [
        line.supply,
        line.number,
        date.fromisoformat(line.from_day),
        date.fromisoformat(line.to_day),
        billed,
        metered,
        difference(f"E{n}", f"F{n}", billed, metered),
        paid,
        reckoned,
        difference(f"H{n}", f"I{n}", paid, reckoned),
        line.currency,
        line.known_share,
        bill_verdict(line, book.language),
    ]
