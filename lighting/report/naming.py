"""The names of codes in a report: causes, baselines, worlds, kinds of energy."""

from __future__ import annotations

from lighting.desk.energy_answers import BaselineLine, CauseLine, EnergyReport, PlaceLine, SpanLine, Worth
from lighting.report.language import Language
from lighting.wording.words_report import BASELINES, CAUSES, KINDS, WORLD_NAMES


def cause_name(code: str, language: Language) -> str:
    """A cause of ``lighting.energy.worlds`` by its name; the code itself where it has none."""
    return language.word(CAUSES.get(code, code))


def baseline_name(code: str, language: Language) -> str:
    return language.word(BASELINES.get(code, code))


def world_name(code: str, language: Language) -> str:
    return language.word(WORLD_NAMES.get(code, code))


def kind_name(code: str, language: Language) -> str:
    """How an energy is known; a word for several kinds where the code is empty."""
    return language.word(KINDS.get(code, code))


def place_name(place: PlaceLine) -> str:
    """Its id, with the name where that says more."""
    return place.id if place.name in ("", place.id) else f"{place.id} {place.name}"


def main_baseline(report: EnergyReport) -> BaselineLine | None:
    """The baseline that the lines and causes are against; None where none could be reckoned."""
    return next((line for line in report.baselines if line.code == report.baseline_code), None)


def against(report: EnergyReport, worth: Worth) -> Worth | None:
    """A baseline or saving of the report; None where there is no baseline, for then it is not 0 but not known."""
    return worth if main_baseline(report) is not None else None


def known_of(line: SpanLine | PlaceLine, worth: Worth) -> Worth | None:
    """A figure of a line; None where no hour of it is known, for then it is not 0."""
    return worth if line.known_share > 0 else None


def is_cause_shown(line: CauseLine) -> bool | None:
    """Whether a cause's saving is at least twice its standard error; None where that error is not known."""
    return None if line.se_ws is None else abs(line.saved.energy_ws) >= 2 * line.se_ws


def is_loss(line: CauseLine) -> bool:
    return line.saved.energy_ws < 0
