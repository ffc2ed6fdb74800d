"""Where: the map of intensity, the worst circuits, districts, and the circuits with the most energy."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from lighting.desk.energy_answers import EnergyReport, PlaceLine
from lighting.report.document import Column, Paragraph, Picture, Section, Table
from lighting.report.language import Language
from lighting.report.naming import against, kind_name, known_of, place_name

MOST_CIRCUITS = 40
"""A page names so many; the workbook, CSV and JSON have all."""


def placed(report: EnergyReport) -> list[PlaceLine]:
    """The circuits that have a position."""
    return [line for line in report.circuits if line.latitude_deg is not None and line.longitude_deg is not None]


def intensity_map(report: EnergyReport, language: Language) -> Section:
    """Each circuit as a mark where it is: larger and darker, the more kWh per lamp."""
    word, heading = language.word, language.word("Map of intensity")
    found = placed(report)
    if not found:
        return Section("map", heading, (Paragraph(language.say("report_no_positions")),))
    most = max(found, key=lambda line: line.kwh_per_lamp)
    says = language.say(
        "report_map_says",
        circuits=language.number(len(found)),
        of=language.number(len(report.circuits)),
        circuit=most.id,
        intensity=language.number(most.kwh_per_lamp, 1),
    )
    return Section("map", heading, (Picture("map", word("kWh per lamp by circuit"), says),))


def _columns(language: Language, first: str) -> tuple[Column, ...]:
    word = language.word
    return (
        Column(first, is_number=False, width=1.9),
        Column(word("Lamps"), width=0.7),
        Column(word("Used, kWh")),
        Column(word("Saved, kWh")),
        Column(word("Cost"), width=1.2),
        Column(word("kWh per lamp")),
        Column(word("Not delivered, lamp-hours")),
        Column(word("Known"), width=0.9),
        Column(word("How known"), is_number=False, width=1.1),
    )


def _row(report: EnergyReport, line: PlaceLine, language: Language) -> tuple[str, ...]:
    used = known_of(line, line.used)
    return (
        place_name(line),
        language.number(line.lamps),
        language.kwh_of(used),
        language.kwh_of(known_of(line, line.saved) and against(report, line.saved), signed=True),
        language.money(None if used is None else used.money_e4),
        language.number(line.kwh_per_lamp if used else None, 1),
        language.number(line.undelivered_lamp_h),
        language.share(line.known_share),
        kind_name(line.kind, language),
    )


def _table(report: EnergyReport, caption: str, first: str, lines: Iterable[PlaceLine], language: Language) -> Table:
    return Table(caption, _columns(language, first), tuple(_row(report, line, language) for line in lines))


def worst(report: EnergyReport, language: Language) -> Section:
    """The ten circuits to look at first."""
    word, heading = language.word, language.word("Worst ten circuits")
    if not report.worst:
        return Section("worst", heading, (Paragraph(language.say("report_no_circuits")),))
    text = Paragraph(language.say("report_worst_are"))
    table = _table(report, word("Circuits with the most energy per lamp"), word("Circuit"), report.worst, language)
    return Section("worst", heading, (text, table))


def districts(report: EnergyReport, language: Language) -> Section:
    """Each district."""
    word, heading = language.word, language.word("Districts")
    if not report.places:
        return Section("districts", heading, (Paragraph(language.say("report_no_districts")),))
    table = _table(report, word("By district"), word("District"), report.places, language)
    return Section("districts", heading, (table,))


def circuits(report: EnergyReport, language: Language) -> Section:
    """Those with the most energy; how many there are in all."""
    word, heading = language.word, language.word("Circuits")
    if not report.circuits:
        return Section("circuits", heading, (Paragraph(language.say("report_no_circuits")),))
    most = heapq.nlargest(MOST_CIRCUITS, report.circuits, key=lambda line: line.used.energy_ws)
    text = language.say(
        "report_circuits_listed", listed=language.number(len(most)), of=language.number(len(report.circuits))
    )
    table = _table(report, word("Circuits with the most energy"), word("Circuit"), most, language)
    return Section("circuits", heading, (Paragraph(text), table))
