"""Completeness of a whole span: days of which there is no account are days whose energy is not known.

Accounts know only of the days that they are made of. A day that is over and has none is as unknown as an hour without
a reading, and so every share of known time is of all days of its span that have begun.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lighting.desk.energy_answers import EnergyReport, PlaceLine, SpanLine
from lighting.desk.energy_ledger import share
from lighting.desk.energy_notes import Basis


def with_days_lacking(report: EnergyReport, basis: Basis, today: date) -> EnergyReport:
    """The report with its shares of known time lowered by the days before today that have no account."""
    lacking = [day for day in basis.missing if day < today]
    if not lacking:
        return report

    def part(first: str, last: str) -> float:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        made = sum(begin <= day <= end for day in basis.made)
        return share(made, made + sum(begin <= day <= end for day in lacking))

    def span(line: SpanLine) -> SpanLine:
        return replace(line, known_share=_lowered(line.known_share, part(line.from_day, line.to_day)))

    whole = part(report.from_day, report.to_day)

    def places(lines: tuple[PlaceLine, ...]) -> tuple[PlaceLine, ...]:
        return tuple(replace(line, known_share=_lowered(line.known_share, whole)) for line in lines)

    known = _lowered(report.coverage.known_share, whole)
    coverage = replace(
        report.coverage,
        known_share=known,
        spread_share=_lowered(report.coverage.spread_share, whole),
        unknown_share=round(1.0 - known, 6),
    )
    return replace(
        report,
        total=span(report.total),
        months=tuple(span(line) for line in report.months),
        places=places(report.places),
        worst=places(report.worst),
        circuits=places(report.circuits),
        coverage=coverage,
    )


def _lowered(known_share: float, part: float) -> float:
    return known_share if part == 1.0 else round(known_share * part, 6)
