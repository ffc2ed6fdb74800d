"""Where: the map of intensity, the worst circuits, districts, and the circuits with the most energy."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from lighting.desk.energy_answers import EnergyReport, Known, PlaceLine, Within
from lighting.report.document import Block, Column, Paragraph, Picture, Section, Table
from lighting.report.language import Language
from lighting.report.naming import circuits_of, kind_name, loads_of, per_lamp_decimals, place_name

MOST_CIRCUITS = 40
"""A page names so many; the workbook, CSV and JSON have all."""


def placed(report: EnergyReport) -> list[PlaceLine]:
    """The circuits that have a position."""
    found = [line for line in circuits_of(report) if line.latitude_deg is not None and line.longitude_deg is not None]
    return [line for line in found if line.known_share > 0]


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
        of=language.number(len(circuits_of(report))),
        circuit=most.id,
        intensity=language.number(most.kwh_per_lamp, per_lamp_decimals(report)),
    )
    return Section("map", heading, (Picture("map", word("kWh per lamp by circuit"), says),))


def _columns(language: Language, first: str) -> tuple[Column, ...]:
    word = language.word
    return (
        Column(first, is_number=False, width=1.9),
        Column(word("Lamps"), width=0.7),
        Column(word("Used, kWh"), width=1.4),
        Column(word("Saved, kWh"), width=1.4),
        Column(word("Cost"), width=1.2),
        Column(word("kWh per lamp")),
        Column(word("Not delivered, lamp-hours")),
        Column(word("Known"), width=0.9),
        Column(word("How known"), is_number=False, width=1.1),
    )


def _row(report: EnergyReport, line: PlaceLine, language: Language) -> tuple[str, ...]:
    known, within = Known.of(report, line), Within.of(report, line)
    used = known.used
    return (
        place_name(line),
        language.number(line.lamps),
        language.kwh_within(used, within.used),
        language.kwh_within(known.saved, within.saved, signed=True),
        language.money(None if used is None else used.money_e4),
        language.number(line.kwh_per_lamp if used and line.lamps else None, per_lamp_decimals(report)),
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
    """Each district, and each supply where the site has any."""
    word, heading = language.word, language.word("Districts")
    if not report.places:
        return Section("districts", heading, (Paragraph(language.say("report_no_districts")),))
    tables = [_table(report, word("By district"), word("District"), report.places, language)]
    if report.supplies:
        tables.append(_table(report, word("By supply"), word("Supply"), report.supplies, language))
    return Section("districts", heading, tuple(tables))


def circuits(report: EnergyReport, language: Language) -> Section:
    """Those with the most energy; how many there are in all; and the permanent loads, which are none of them."""
    word, heading = language.word, language.word("Circuits")
    found = circuits_of(report)
    blocks: list[Block] = [Paragraph(language.say("report_no_circuits"))]
    if found:
        most = heapq.nlargest(MOST_CIRCUITS, found, key=lambda line: line.used.energy_ws)
        listed, of = language.number(len(most)), language.number(len(found))
        table = _table(report, word("Circuits with the most energy"), word("Circuit"), most, language)
        blocks = [Paragraph(language.say("report_circuits_listed", listed=listed, of=of)), table]
    return Section("circuits", heading, (*blocks, *_loads(report, language)))


def _loads(report: EnergyReport, language: Language) -> list[Block]:
    """Gateways, controllers and what else takes power all day: no lamps, and no circuits."""
    word, found = language.word, loads_of(report)
    if not found:
        return []
    most = heapq.nlargest(MOST_CIRCUITS, found, key=lambda line: line.used.energy_ws)
    columns = (
        Column(word("Permanent load"), is_number=False, width=2.4),
        Column(word("Used, kWh")),
        Column(word("Cost"), width=1.2),
        Column(word("Known"), width=0.9),
        Column(word("How known"), is_number=False, width=1.1),
    )
    rows = tuple(_load_row(report, line, language) for line in most)
    says = language.say("report_loads_are")
    if len(found) > len(most):
        listed, of = language.number(len(most)), language.number(len(found))
        says = f"{says} {language.say('report_loads_listed', listed=listed, of=of)}"
    return [Paragraph(says), Table(word("Permanent loads"), columns, rows)]


def _load_row(report: EnergyReport, line: PlaceLine, language: Language) -> tuple[str, ...]:
    used = Known.of(report, line).used
    return (
        place_name(line),
        language.kwh_within(used, Within.of(report, line).used),
        language.money(None if used is None else used.money_e4),
        language.share(line.known_share),
        kind_name(line.kind, language),
    )
