"""EN 13201-5 with its inputs, the other indicators, reactive energy, and the utility's bills."""

from __future__ import annotations

from lighting.desk.energy_answers import BillLine, EnergyReport
from lighting.report.document import Block, Column, Paragraph, Points, Section, Table, Terms
from lighting.report.language import Language
from lighting.report.naming import bill_verdict, burning_label, per_lamp_decimals
from lighting.report.part_time import hours_known, kw


def indicators(report: EnergyReport, language: Language) -> Section:
    """Power density and annual energy with what they rest on, then what a department compares years by."""
    word, found = language.word, report.indicators
    blocks: list[Block] = [Terms(_of_the_standard(report, language)), Terms(_others(report, language))]
    if found.circuits_with_area < found.circuits:
        missing = language.say(
            "report_area_missing",
            circuits=language.number(found.circuits - found.circuits_with_area),
            of=language.number(found.circuits),
        )
        blocks.insert(1, Paragraph(missing, is_warning=True))
    return Section("indicators", word("Indicators"), tuple(blocks))


def _of_the_standard(report: EnergyReport, language: Language) -> tuple[tuple[str, str], ...]:
    word, found = language.word, report.indicators
    annual = _unit(found.annual_energy_wh_m2, 1, "Wh/m²", language)
    if found.annual_energy_wh_m2 is not None and found.is_annualised:
        brought = word("brought to 365 days")
        annual = f"{annual} ({brought})"
    return (
        (
            word("Power density D_P = P / Σ(E·A), EN 13201-5"),
            _unit(found.power_density_w_lx_m2, 5, "W/(lx·m²)", language),
        ),
        (word("Annual energy D_E = Σ(P·t) / A, EN 13201-5"), annual),
        (word("System power P, with controllers and gateways"), kw(found.system_power_w, language)),
        (word("Illuminance times area, Σ(E·A)"), _unit(found.illuminance_area_lx_m2, 0, "lx·m²", language)),
        (word("Lit area A"), _unit(found.area_m2, 0, "m²", language)),
        (
            word("Circuits with illuminance and area"),
            f"{language.number(found.circuits_with_area)} / {language.number(found.circuits)}",
        ),
        *_standby(report, language),
    )


def _standby(report: EnergyReport, language: Language) -> tuple[tuple[str, str], ...]:
    """The daytime standby that the standard asks for: no meter tells it apart, so that it is modelled."""
    word, found = language.word, report.indicators
    return (
        (
            word("Standby power by day, stated: permanent loads, and lamps without a contactor"),
            kw(found.standby_w, language),
        ),
        (word("Hours of these days in which the baseline is off"), _unit(found.standby_h, 0, "h", language)),
        (word("Standby by day, modelled: that power for those hours"), language.energy(found.standby_ws)),
    )


def _others(report: EnergyReport, language: Language) -> tuple[tuple[str, str], ...]:
    word, found = language.word, report.indicators
    return (
        (word("Lamps"), language.number(found.lamps)),
        (word("kWh per lamp"), language.number(found.kwh_per_lamp, per_lamp_decimals(report))),
        (word("Length of lit roads"), _unit(found.length_km, 2, "km", language)),
        (word("kWh per km"), language.number(found.kwh_per_km)),
        (burning_label(report, language), _unit(found.burning_h, 0, "h", language)),
        (word("Used outside the baseline's hours, by whatever took it"), language.energy(found.daytime_ws)),
        (
            word("Peak of an hour"),
            language.say("report_of_hours", power=kw(found.peak_w, language), **hours_known(report, language)),
        ),
        (word("When"), language.moment(found.peak_ms)),
    )


def _unit(value: float | None, decimals: int, unit: str, language: Language) -> str:
    return language.not_known if value is None else f"{language.number(value, decimals)} {unit}"


def reactive(report: EnergyReport, language: Language) -> Section:
    """tan φ by tariff period."""
    word, heading = language.word, language.word("Reactive energy (tan φ)")
    if not report.reactive:
        return Section("reactive", heading, (Paragraph(language.say("report_no_reactive")),))
    columns = (
        Column(word("Tariff period"), is_number=False, width=1.6),
        Column(word("Active, kWh")),
        Column(word("Reactive, kvarh")),
        Column("tan φ"),
        Column(word("Limit")),
        Column(word("Verdict"), is_number=False, width=1.2),
    )
    rows = tuple(
        (
            line.period or (word("all other times") if len(report.reactive) > 1 else word("at any time")),
            language.kwh(line.energy_ws),
            language.kwh(line.reactive_vars, signed=True),
            language.number(line.tan_phi, 3, signed=True),
            "–" if line.limit is None else language.number(line.limit, 3),
            _verdict(line.tan_phi, line.limit, language),
        )
        for line in report.reactive
    )
    sign = Paragraph(language.say("report_tan_phi_sign"))
    return Section("reactive", heading, (Table(word("By tariff period"), columns, rows), sign))


def _verdict(tan_phi: float | None, limit: float | None, language: Language) -> str:
    if tan_phi is None or limit is None:
        return "–"
    return language.word("over the limit") if abs(tan_phi) > limit else language.word("within the limit")


def bills(report: EnergyReport, language: Language) -> Section:
    """Each bill beside the meters."""
    word, heading = language.word, language.word("Utility bills")
    if not report.bills:
        return Section("bills", heading, (Paragraph(language.say("report_no_bills")),))
    columns = (
        Column(word("Supply and bill"), is_number=False, width=1.5),
        Column(word("Days"), is_number=False, width=1.7),
        Column(word("Billed, kWh")),
        Column(word("Metered, kWh")),
        Column(word("Billed"), width=1.2),
        Column(word("Reckoned"), width=1.2),
        Column(word("Known"), width=0.8),
        Column(word("Verdict"), is_number=False),
    )
    rows = tuple(_bill_row(line, language) for line in report.bills)
    blocks: list[Block] = [Table(word("Bills beside meters and tariff"), columns, rows)]
    why = [(f"{line.supply} {line.number}", line.notes) for line in report.bills if line.notes]
    if why:
        blocks.append(Points(tuple(f"{name}: {'; '.join(map(language.fact, notes))}" for name, notes in why)))
    return Section("bills", heading, tuple(blocks))


def _bill_row(line: BillLine, language: Language) -> tuple[str, ...]:
    return (
        f"{line.supply} {line.number}",
        language.span(line.from_day, line.to_day),
        language.kwh(line.billed_ws),
        language.kwh(line.metered_ws),
        language.money(line.billed_e4, line.currency),
        language.money(line.reckoned_e4, line.currency),
        language.share(line.known_share),
        bill_verdict(line, language),
    )
