"""A report's contents in one language, in the order in which an auditor reads them."""

from __future__ import annotations

from lighting.desk.energy_answers import EnergyReport
from lighting.report import part_headline, part_indicators, part_method, part_places, part_savings, part_time
from lighting.report.document import Document
from lighting.report.language import Language, language_of
from lighting.report.naming import baseline_name, co2_sources, main_baseline

PARTS = (
    part_headline.headline,
    part_headline.baselines,
    part_savings.causes,
    part_savings.undelivered,
    part_savings.money,
    part_time.months,
    part_time.night_profile,
    part_time.load_duration,
    part_places.intensity_map,
    part_indicators.indicators,
    part_indicators.reactive,
    part_indicators.bills,
    part_places.worst,
    part_places.districts,
    part_places.circuits,
    part_method.coverage,
    part_method.method,
)


def document(report: EnergyReport, code: str) -> Document:
    """The whole report in the language of that code. The same report gives the same document."""
    language = language_of(report, code)
    sections = tuple(part(report, language) for part in PARTS)
    title = language.say("report_title", site=report.site_name)
    return Document(code, title, language.span(report.from_day, report.to_day), _facts(report, language), sections)


def _facts(report: EnergyReport, language: Language) -> tuple[tuple[str, str], ...]:
    word = language.word
    main = main_baseline(report)
    baseline = word("none") if main is None else f"{baseline_name(main.code, language)} (IPMVP {main.option})"
    return (
        (word("Districts"), ", ".join(report.districts) or word("all")),
        (word("Circuits"), language.number(report.indicators.circuits)),
        (word("Baseline"), baseline),
        (word("Tariff"), report.tariff_name or word("none")),
        (word("CO₂ factor"), co2_sources(report, language) or word("none")),
        (word("Time zone"), report.timezone),
    )
