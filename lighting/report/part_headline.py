"""The first page: what was used and saved, how surely it is known, and against which baselines."""

from __future__ import annotations

from lighting.desk.energy_answers import BaselineLine, EnergyReport, Known, Within, Worth
from lighting.report.document import Block, Column, KeyFigure, KeyFigures, Paragraph, Points, Section, Table
from lighting.report.language import Language
from lighting.report.naming import baseline_name, main_baseline


def headline(report: EnergyReport, language: Language) -> Section:
    """Used, baseline, saved: in kWh, money and CO₂, with uncertainty and completeness beside each."""
    word = language.word
    main = main_baseline(report)
    blocks: list[Block] = [_key_figures(report, main, language), _table(report, main, language)]
    if main is None:
        blocks.append(Paragraph(language.say("report_no_baseline"), is_warning=True))
    elif report.total.known_share and not main.is_shown:
        blocks.append(Paragraph(not_shown(main, language), is_warning=True))
    if report.notes:
        blocks.append(Paragraph(word("What a reader has to know:")))
        blocks.append(Points(tuple(language.fact(note) for note in report.notes)))
    blocks.append(Paragraph(language.say("report_rounding")))
    return Section("headline", word("In short"), tuple(blocks))


def not_shown(line: BaselineLine, language: Language) -> str:
    """Why a saving is called «not shown»."""
    return language.say(
        "report_saving_not_shown",
        saved=language.energy(line.saved.energy_ws, signed=True),
        error=language.energy(line.se_ws),
    )


def saved_text(line: BaselineLine, language: Language) -> str:
    """A saving, or «not shown»."""
    if line.is_shown:
        return language.kwh(line.saved.energy_ws, signed=True)
    return f"{language.word('not shown')} ({language.kwh(line.saved.energy_ws, signed=True)})"


def _key_figures(report: EnergyReport, main: BaselineLine | None, language: Language) -> KeyFigures:
    word, total = language.word, Known.of(report, report.total)
    known = language.say("report_known", share=language.share(report.total.known_share))
    within = Within.of(report, report.total)
    of_used = (*_plus(within.used, language), *_worth(total.used, language, known))
    used = KeyFigure(word("Used"), language.energy_of(total.used), of_used)
    if main is None:
        return KeyFigures((used, _undelivered(report, language)))
    baseline = KeyFigure(
        word("Baseline"),
        language.energy_of(total.baseline),
        (
            *_plus(within.baseline, language),
            f"{baseline_name(main.code, language)}, IPMVP {main.option}",
            *_worth(total.baseline, language, known),
        ),
    )
    return KeyFigures((used, baseline, _saving(report, main, language), _undelivered(report, language)))


def _saving(report: EnergyReport, main: BaselineLine, language: Language) -> KeyFigure:
    word, total = language.word, report.total
    if not total.known_share:
        return KeyFigure(word("Saved"), language.not_known)
    known = language.say("report_known", share=language.share(total.known_share))
    within = language.say("report_within", within=language.energy(main.within_ws))
    if not main.is_shown:
        return KeyFigure(word("Saved"), word("not shown"), (within, known))
    share = language.say(
        "report_share_of_baseline", share=_of(total.saved.energy_ws, total.baseline.energy_ws, language)
    )
    return KeyFigure(
        word("Saved"),
        language.energy(total.saved.energy_ws),
        (within, share, *_worth(total.saved, language, known)),
    )


def _plus(within: Worth | None, language: Language) -> tuple[str, ...]:
    """The line that tells the ± of an energy; none where it cannot be stated."""
    return () if within is None else (language.say("report_within", within=language.energy_of(within)),)


def _worth(worth: Worth | None, language: Language, last: str) -> tuple[str, ...]:
    money, co2 = (None, None) if worth is None else (worth.money_e4, worth.co2_g)
    lines = []
    if money is not None:
        lines.append(language.money(money))
    if co2 is not None:
        lines.append(f"{language.kg(co2)} kg CO₂")
    return (*lines, last)


def _undelivered(report: EnergyReport, language: Language) -> KeyFigure:
    return KeyFigure(
        language.word("Light not delivered"),
        language.say("report_lamp_hours", hours=language.number(report.undelivered_lamp_h)),
        (language.word("in no saving"),),
    )


def _of(part: int, whole: int, language: Language) -> str:
    return language.share(part / whole if whole else None)


def _table(report: EnergyReport, main: BaselineLine | None, language: Language) -> Table:
    word, total = language.word, Known.of(report, report.total)
    known = language.share(report.total.known_share)

    def row(name: str, worth: Worth | None, energy: str, within: Worth | None) -> tuple[str, ...]:
        money, co2 = (None, None) if worth is None else (worth.money_e4, worth.co2_g)
        plus = "–" if within is None else language.kwh_of(within)
        plus_money = "–" if within is None or within.money_e4 is None else language.money(within.money_e4)
        plus_co2 = "–" if within is None or within.co2_g is None else language.kg(within.co2_g)
        return (word(name), energy, plus, language.money(money), plus_money, language.kg(co2), plus_co2, known)

    within = Within.of(report, report.total)
    rows = [row("Used", total.used, language.kwh_of(total.used), within.used)]
    if main is not None:
        saved = language.kwh_of(total.saved, signed=True)
        is_chance = total.saved is not None and not main.is_shown
        rows.append(row("Baseline", total.baseline, language.kwh_of(total.baseline), within.baseline))
        shown = f"{word('not shown')} ({saved})" if is_chance else saved
        rows.append(row("Saved", total.saved, shown, within.saved))
    columns = (
        Column(word("Figure"), is_number=False, width=1.1),
        Column("kWh", width=1.3),
        Column(word("± kWh at 90 %")),
        Column(word("Money"), width=1.3),
        Column(word("± money"), width=1.1),
        Column("kg CO₂"),
        Column(word("± kg CO₂"), width=0.8),
        Column(word("Known"), width=0.8),
    )
    caption = word("Used, baseline and saving, with uncertainty and completeness")
    return Table(caption, columns, tuple(rows), frozenset({2}))


def baselines(report: EnergyReport, language: Language) -> Section:
    """Each baseline with its option, adjustments, inputs and uncertainty."""
    word = language.word
    if not report.baselines:
        return Section("baselines", word("Baselines"), (Paragraph(language.say("report_no_baseline")),))
    columns = (
        Column(word("Baseline"), is_number=False, width=2.2),
        Column(word("IPMVP option"), is_number=False, width=0.9),
        Column(word("Baseline, kWh")),
        Column(word("Used, kWh")),
        Column(word("Saved, kWh"), width=1.4),
        Column(word("± kWh at 90 %")),
        Column(word("Standard error, kWh")),
    )
    rows = tuple(
        (
            baseline_name(line.code, language),
            line.option,
            language.kwh(line.baseline.energy_ws),
            language.kwh(line.used.energy_ws),
            saved_text(line, language),
            language.kwh(line.within_ws),
            language.kwh(line.se_ws),
        )
        for line in report.baselines
    )
    which = frozenset(number for number, line in enumerate(report.baselines) if line.code == report.baseline_code)
    blocks: list[Block] = [Table(word("Savings against each baseline"), columns, rows, which)]
    main = main_baseline(report)
    if main is not None:
        name = baseline_name(main.code, language)
        blocks.append(Paragraph(language.say("report_which_baseline", baseline=name)))
    for line in report.baselines:
        blocks += _rests_on(line, language)
    return Section("baselines", word("Baselines"), tuple(blocks))


def _rests_on(line: BaselineLine, language: Language) -> list[Block]:
    word = language.word
    input_word, adjustment = word("Input"), word("Adjustment")
    items = [f"{input_word}: {language.fact(fact)}" for fact in line.inputs]
    items += [f"{adjustment}: {language.fact(fact)}" for fact in line.adjustments]
    if not line.adjustments:
        items.append(word("Adjustments: none."))
    head = language.say("report_baseline_rests_on", baseline=baseline_name(line.code, language), option=line.option)
    return [Paragraph(head), Points(tuple(items))]
