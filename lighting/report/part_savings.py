"""Savings by cause in the order of attribution, the light that was not delivered, money and CO₂."""

from __future__ import annotations

from lighting.desk.energy_answers import CauseLine, EnergyReport, Known, Within, Worth
from lighting.report.document import Block, Column, Paragraph, Picture, Section, Table, Terms
from lighting.report.language import Language
from lighting.report.naming import cause_name, co2_sources, is_cause_shown, is_loss, main_baseline


def causes(report: EnergyReport, language: Language) -> Section:
    """The waterfall and the table: baseline, each cause, unexplained, used."""
    word = language.word
    if main_baseline(report) is None or not report.causes or not report.total.known_share:
        return Section("causes", word("Savings by cause"), (Paragraph(language.say("report_no_causes")),))
    picture = Picture("waterfall", word("From the baseline to what was used"), _in_words(report, language))
    order = Paragraph(language.say("report_order_is_fixed"))
    return Section("causes", word("Savings by cause"), (order, picture, _table(report, language)), begins_page=True)


def _in_words(report: EnergyReport, language: Language) -> str:
    largest = max(report.causes, key=lambda line: line.saved.energy_ws)
    return language.say(
        "report_waterfall_says",
        baseline=language.energy(report.total.baseline.energy_ws),
        used=language.energy(report.total.used.energy_ws),
        cause=cause_name(largest.code, language),
        saved=language.energy(largest.saved.energy_ws),
    )


def _table(report: EnergyReport, language: Language) -> Table:
    word, total = language.word, report.total
    columns = (
        Column(word("Cause"), is_number=False, width=2.3),
        Column("kWh"),
        Column(word("± kWh at 90 %")),
        Column(word("Of the baseline"), width=0.9),
        Column(word("Money"), width=1.3),
        Column("kg CO₂"),
        Column(word("Verdict"), is_number=False),
    )
    rows = [_worth_row(word("Baseline"), total.baseline, total.baseline, language)]
    rows += [_cause_row(line, total.baseline, language) for line in report.causes]
    main = main_baseline(report)
    within = "–" if main is None else language.kwh(main.within_ws)
    verdict = "" if main is None or main.is_shown else word("not shown")
    if main is not None and main.is_shown and total.saved.energy_ws < 0:
        verdict = word("loss")
    row = _worth_row(word("Saved in all"), total.saved, total.baseline, language, signed=True)
    rows.append((row[0], row[1], within, *row[3:6], verdict))
    rows.append(_worth_row(word("Used"), total.used, total.baseline, language))
    strong = frozenset({0, len(rows) - 2, len(rows) - 1})
    caption = word("Savings by cause, in the order of attribution; losses are negative")
    return Table(caption, columns, tuple(rows), strong)


def _cause_row(line: CauseLine, baseline: Worth, language: Language) -> tuple[str, ...]:
    within = "–" if line.within_ws is None else language.kwh(line.within_ws)
    verdict = language.word("loss") if is_loss(line) else ""
    if line.saved.energy_ws and is_cause_shown(line) is False:
        verdict = language.word("not shown")
    row = _worth_row(cause_name(line.code, language), line.saved, baseline, language, signed=True)
    return (row[0], row[1], within, *row[3:6], verdict)


def _worth_row(
    name: str, worth: Worth, baseline: Worth, language: Language, *, signed: bool = False
) -> tuple[str, ...]:
    share = worth.energy_ws / baseline.energy_ws if baseline.energy_ws else None
    return (
        name,
        language.kwh(worth.energy_ws, signed=signed),
        "–",
        language.share(share),
        language.money(worth.money_e4),
        language.kg(worth.co2_g),
        "",
    )


def undelivered(report: EnergyReport, language: Language) -> Section:
    """Lamp-hours of light that was asked for and not delivered, and what full power would have taken in them."""
    word = language.word
    terms = Terms(
        (
            (
                word("Light not delivered"),
                language.say("report_lamp_hours", hours=language.number(report.undelivered_lamp_h)),
            ),
            (word("At full power that would have taken"), language.energy(report.undelivered_ws)),
        )
    )
    text = Paragraph(language.say("report_undelivered_is_no_saving"))
    return Section("undelivered", word("Light that was not delivered"), (text, terms))


def money(report: EnergyReport, language: Language) -> Section:
    """What it cost and what it stood for, each with its source."""
    word, total = language.word, Known.of(report, report.total)
    within = Within.of(report, report.total)
    terms = [
        (word("Tariff"), report.tariff_name or word("none: money is not known")),
        (word("Cost of what was used"), _money(total.used, within.used, language)),
        (word("Cost of the baseline"), _money(total.baseline, within.baseline, language)),
        (word("Saved money"), _money(total.saved, within.saved, language)),
        (word("CO₂ factor"), co2_sources(report, language) or word("none: CO₂ is not known")),
        (word("CO₂ of what was used"), _kg(total.used, within.used, language)),
        (word("CO₂ avoided"), _kg(total.saved, within.saved, language)),
    ]
    blocks: list[Block] = [Terms(tuple(terms))]
    main = main_baseline(report)
    if main is not None and not main.is_shown and report.total.known_share:
        blocks.append(Paragraph(language.say("report_money_not_shown"), is_warning=True))
    return Section("money", word("Money and CO₂"), tuple(blocks))


def _money(worth: Worth | None, within: Worth | None, language: Language) -> str:
    figure = language.money(None if worth is None else worth.money_e4)
    return figure if within is None or within.money_e4 is None else f"{figure} ± {language.money(within.money_e4)}"


def _kg(worth: Worth | None, within: Worth | None, language: Language) -> str:
    mass_g = None if worth is None else worth.co2_g
    if mass_g is None:
        return language.kg(mass_g)
    plus = "" if within is None or within.co2_g is None else f" ± {language.kg(within.co2_g)}"
    return f"{language.kg(mass_g)}{plus} kg"
