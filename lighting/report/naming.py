"""The names of codes in a report: causes, baselines, worlds, kinds of energy."""

from __future__ import annotations

from lighting.desk.energy_answers import BaselineLine, BillLine, CauseLine, EnergyReport, PlaceLine
from lighting.report.language import Language
from lighting.wording.words_report import BASELINES, BILL_VERDICTS, CAUSES, KINDS, WORLD_NAMES


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


def bill_verdict(line: BillLine, language: Language) -> str:
    """What a bill is beside the meters and the tariff."""
    return language.word(BILL_VERDICTS[line.verdict])


def place_name(place: PlaceLine) -> str:
    """Its id, with the name where that says more; a dash for circuits that name no supply."""
    return (place.id or "–") if place.name in ("", place.id) else f"{place.id} {place.name}"


def circuits_of(report: EnergyReport) -> list[PlaceLine]:
    """The circuits that have an account."""
    return [line for line in report.circuits if line.is_circuit]


def loads_of(report: EnergyReport) -> list[PlaceLine]:
    """The permanent loads that have one: gateways, controllers and what else is no lamp."""
    return [line for line in report.circuits if not line.is_circuit]


_MODELLED_LEVELS = frozenset({"energy_days_replayed", "energy_days_without_reports"})


def burning_label(report: EnergyReport, language: Language) -> str:
    """What mean burning hours are called: they rest on levels, which are modelled where no device reported them."""
    if any(note.code in _MODELLED_LEVELS for note in report.notes):
        return language.word("Mean burning hours of a lamp, in part modelled")
    return language.word("Mean burning hours of a lamp, by reported levels")


def main_baseline(report: EnergyReport) -> BaselineLine | None:
    """The baseline that the lines and causes are against; None where none could be reckoned."""
    return next((line for line in report.baselines if line.code == report.baseline_code), None)


def per_lamp_decimals(report: EnergyReport) -> int:
    """With how many decimals kWh per lamp are written: of some days there are few."""
    return 1 if report.indicators.kwh_per_lamp >= 10 else 2


def is_cause_shown(line: CauseLine) -> bool | None:
    """Whether a cause's saving is at least twice its standard error; None where that error is not known."""
    return None if line.se_ws is None else abs(line.saved.energy_ws) >= 2 * line.se_ws


def co2_sources(report: EnergyReport, language: Language) -> str:
    """Where the factors of CO₂ come from; empty where there is none."""
    return "; ".join(language.fact(one) for one in report.co2_sources) or report.co2_source


def is_loss(line: CauseLine) -> bool:
    return line.saved.energy_ws < 0
