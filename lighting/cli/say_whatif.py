"""``lighting whatif`` in words: the figures of each world side by side, what they do not know, bars of energy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence

from lighting.assets.fact import Fact, Value
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice
from lighting.desk.whatif_answers import FULL, OTHER, PRESENT, Change, Figures, Line, NightEnergy, WhatIfAnswer
from lighting.desk.whatif_traffic import REFUSED_COUNTS

WORLDS = {
    OTHER: Column("OTHER", right=True),
    PRESENT: Column("PRESENT", right=True),
    FULL: Column("FULL POWER", right=True),
}
_ENERGY = {
    OTHER: Column("OTHER kWh", right=True),
    PRESENT: Column("PRESENT kWh", right=True),
    FULL: Column("FULL POWER kWh", right=True),
}
_KEYS = {"district": Column("DISTRICT", gives_way=True), "circuit": Column("CIRCUIT", gives_way=True)}
_CHANGE, _SAVED = Column("CHANGE", right=True), Column("SAVED", right=True)
_PERCENT = Column("%", right=True)
_ROWS = (
    ("energy_kwh", "energy, kWh"),
    ("peak_kw", "peak, kW"),
    ("money", "money"),
    ("co2_kg", "CO2, kg"),
    ("lamp_h", "lamp-hours"),
    ("full_load_h", "full-load hours"),
    ("switchings", "switchings"),
    ("below_class_min", "minutes below class"),
    ("below_floor_min", "minutes below floor"),
)
_TOP = 15
_MOST_NIGHT_BARS, _MOST_MONTH_BARS = 31, 36
_MARKS = {OTHER: "█", PRESENT: "▓", FULL: "░"}
_PLAIN_MARKS = {OTHER: "#", PRESENT: "=", FULL: "-"}


def print_in_words(answer: WhatIfAnswer, voice: Voice, *, by: str | None, chart: bool) -> None:
    """Print the whole site, then districts or circuits, then bars, then what is not known."""
    values: dict[str, Value] = {"from_date": answer.first, "to_date": answer.last, "nights": answer.n_nights}
    voice.data(Fact("whatif_heading", {**values, "circuits": answer.total.circuits, "step_s": answer.step_s}))
    if answer.revision is None:
        voice.data(Fact("whatif_present_folder"))
    else:
        voice.data(Fact("whatif_present_revision", {"revision": answer.revision}))
    print()
    _print_total(answer, voice)
    if by is not None:
        print()
        _print_lines(answer.districts if by == "district" else answer.circuits, by, answer, voice)
    if chart:
        print()
        _print_bars(answer, voice)
    print()
    voice.data(*spoken_notes(answer, voice))


def spoken_notes(answer: WhatIfAnswer, voice: Voice) -> list[Fact]:
    """The notes to be said, with the reason of counts that were not taken as a sentence."""
    notes = []
    for note in answer.notes:
        if note.code == REFUSED_COUNTS:
            reason = voice.sentence(Fact(str(note.values["code"]), note.values))
            note = Fact(note.code, {**note.values, "reason": reason})
        notes.append(note)
    return notes


def _print_total(answer: WhatIfAnswer, voice: Voice) -> None:
    total = answer.total
    against = _CHANGE if OTHER in answer.worlds else _SAVED
    columns = (Column("FIGURE", gives_way=True), *(WORLDS[name] for name in answer.worlds), against, _PERCENT)
    rows = []
    for name, words in _ROWS:
        figures = [getattr(total.worlds[world], name) for world in answer.worlds]
        if any(value is not None for value in figures):
            label = voice.heading(words)
            label = f"{label}, {answer.currency}" if name == "money" else label
            rows.append([label, *(written(value) for value in figures), *_change(total.changes.get(name), against)])
    print_table(columns, rows, voice)
    for world in answer.worlds:
        peak_ms = total.worlds[world].peak_ms
        if world == answer.worlds[0] and peak_ms is not None:
            voice.data(Fact("whatif_peak_at", {"at_ms": peak_ms}))


def _change(change: Change | None, against: Column) -> tuple[str, str]:
    if change is None:
        return "", ""
    sign = 1.0 if against is _CHANGE else -1.0
    percent = "" if change.percent is None else f"{sign * change.percent:+.1f}" if change.percent else "0"
    return written(sign * change.difference, signed=True), percent


def written(value: float | None, *, signed: bool = False) -> str:
    """A figure with thin groups: whole from 100 on, one decimal under that, two under 10; nothing for none."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    decimals = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    return text.replace(",", " ")


def _print_lines(lines: Sequence[Line], by: str, answer: WhatIfAnswer, voice: Voice) -> None:
    """Energy by district or circuit, those that change most first."""
    against = _CHANGE if OTHER in answer.worlds else _SAVED
    energies = (_ENERGY[name] for name in answer.worlds)
    columns = (_KEYS[by], *energies, against, _PERCENT, Column("MIN BELOW CLASS", right=True))
    ordered = sorted(lines, key=lambda line: -_size(line.changes))
    rows = []
    for line in ordered[:_TOP]:
        worlds = [line.worlds.get(name) for name in answer.worlds]
        energy = [written(None if figures is None else figures.energy_kwh) for figures in worlds]
        below = _below(line.worlds, answer.worlds[0])
        rows.append([line.id, *energy, *_change(line.changes.get("energy_kwh"), against), below])
    print_table(columns, rows, voice)
    if len(lines) > _TOP:
        voice.data(Fact("whatif_more_lines", {"more": len(lines) - _TOP}))


def _size(changes: Mapping[str, Change]) -> float:
    return abs(changes["energy_kwh"].difference) if "energy_kwh" in changes else 0.0


def _below(worlds: Mapping[str, Figures], name: str) -> str:
    return written(worlds[name].below_class_min) if name in worlds else "–"


def _print_bars(answer: WhatIfAnswer, voice: Voice) -> None:
    """A bar of energy for each world and night, month or year, to one scale."""
    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
    marks = _MARKS if "utf" in (sys.stdout.encoding or "").lower() else _PLAIN_MARKS
    sums = _summed(answer.nights)
    most = max((value for worlds in sums.values() for value in worlds.values()), default=0.0)
    label = max(map(len, sums))
    figure = max(len(written(value)) for worlds in sums.values() for value in worlds.values())
    room = max(10, width - label - figure - 3)
    for period, worlds in sums.items():
        for number, (name, value) in enumerate(worlds.items()):
            bar = marks[name] * (round(room * value / most) if most > 0 else 0)
            print(f"{period if not number else '':<{label}} {bar:<{room}} {written(value):>{figure}}".rstrip())
    print(
        f"{'':<{label}} "
        + "  ".join(f"{marks[name]} {voice.heading(WORLDS[name].heading)}" for name in answer.worlds)
        + "  kWh"
    )


def _summed(nights: Sequence[NightEnergy]) -> dict[str, dict[str, float]]:
    """Energy by night, by month where that are many, by year where that are many, too."""
    length = 10
    if len(nights) > _MOST_NIGHT_BARS:
        length = 7 if len({night.night[:7] for night in nights}) <= _MOST_MONTH_BARS else 4
    sums: dict[str, dict[str, float]] = {}
    for night in nights:
        of_period = sums.setdefault(night.night[:length], {})
        for name, value in night.energy_kwh.items():
            of_period[name] = of_period.get(name, 0.0) + value
    return sums
