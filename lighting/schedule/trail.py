"""Why a circuit has its level: every layer that had a say, strongest first, then what shaped the level.

Worked out again on demand by the very function that decides, so that it cannot tell another story.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide_circuits
from lighting.schedule.inputs import UNKNOWN
from lighting.schedule.instructions import Instruction, Layer, asked_pct, instruction_fact, is_in_force, weakest_first
from lighting.schedule.layering import Causes, Layers
from lighting.schedule.next_dark import next_dark_ms, waits_for_dark
from lighting.schedule.site_index import ColumnNight, SiteIndex, site_index
from lighting.schedule.stages import floor_fact
from lighting.schedule.traffic_layer import lay_traffic
from lighting.schedule.worked import Worked, positions_of, worked_out

_SAME_PCT = 0.005


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One layer or shaping step of a circuit's trail. ``ruled`` marks what set the level that stands."""

    layer: Layer | None
    fact: Fact
    ruled: bool
    level_pct: float | None


def trail(
    site: Site, circuit_id: str, at_ms: int, instructions: Sequence[Instruction], conditions: Conditions
) -> tuple[TrailEntry, ...]:
    """Why that circuit has its level at that instant: every layer that had a say, strongest first, then shaping.

    ``ruled`` marks the layer that rules and each shaping that changed its level; the last of them gives the level that
    stands. Instructions that a newer or a stronger one sets aside are listed unmarked. Raises KeyError for a circuit
    that the site does not have.
    """
    index = site_index(site)
    instant = np.array([at_ms], dtype=np.int64)
    at = positions_of(index, (circuit_id,))
    worked = worked_out(index, instant, instructions, conditions, at)
    decided = decide_circuits(site, instant, instructions, conditions, (circuit_id,))
    row = int(worked.grid.asked[0])
    entries = _said_by_people(index, int(at[0]), at_ms, instructions, conditions)
    entries += _said_by_inputs(worked, index, instant, conditions, row)
    ruling_fact, asked = _ruling(worked, decided, row)
    ruling = next((i for i, entry in enumerate(entries) if _same(entry.fact, ruling_fact)), None)
    if ruling is None:
        layer = Layer(int(worked.laid.layer[row, 0]))
        entries.insert(0, TrailEntry(layer, ruling_fact, True, asked))
    else:
        entries[ruling] = dataclasses.replace(entries[ruling], ruled=True, level_pct=asked)
    if not worked.laid.dark[row, 0]:
        entries = _waiting_for_dark(site, at_ms, entries, {note.id for note in instructions if waits_for_dark(note)})
    return (*entries, *_shaping(worked, decided, row, ruling_fact, int(at[0]), conditions))


def _waiting_for_dark(site: Site, at_ms: int, entries: list[TrailEntry], waiting: set[int]) -> list[TrailEntry]:
    """The entries, with what emergencies wait for that light only while it is dark: by day they ask for nothing."""

    def told(entry: TrailEntry) -> TrailEntry:
        if entry.ruled or entry.layer is not Layer.EMERGENCY or entry.fact.values["id"] not in waiting:
            return entry
        values = {name: value for name, value in entry.fact.values.items() if name != "level_pct"}
        dark_ms = next_dark_ms(site, at_ms)
        fact = (
            Fact("emergency_until_dark", values)
            if dark_ms is None
            else Fact("emergency_until_dark_at", {**values, "dark_ms": dark_ms})
        )
        return dataclasses.replace(entry, fact=fact, level_pct=None)

    return [told(entry) for entry in entries]


def _same(one: Fact, other: Fact) -> bool:
    return one.code == other.code and dict(one.values) == dict(other.values)


def _said_by_people(
    index: SiteIndex, position: int, at_ms: int, instructions: Sequence[Instruction], conditions: Conditions
) -> list[TrailEntry]:
    doubted = conditions.clock_doubted
    entries = [
        TrailEntry(note.layer, instruction_fact(note), False, asked_pct(note))
        for note in reversed(weakest_first(instructions))
        if is_in_force(note, at_ms, clock_doubted=doubted)
        and position in index.places.members(note.scope_kind, note.scope_id)
    ]
    if conditions.local_control is not None and conditions.local_control[position]:
        entries.append(TrailEntry(Layer.LOCAL_CONTROL, Fact("local_control"), False, None))
    return sorted(entries, key=lambda entry: entry.layer or 0)


def _said_by_inputs(
    worked: Worked,
    index: SiteIndex,
    instant: NDArray[np.int64],
    conditions: Conditions,
    row: int,
) -> list[TrailEntry]:
    """Return what clock, traffic, photocell, calendar and program say by themselves."""
    grid = worked.grid
    causes = Causes()
    layers = Layers(index, grid, worked.kinds, conditions.inputs, causes)
    laid = layers.programs()
    program = TrailEntry(
        Layer(int(laid.layer[row, 0])),
        causes.facts[int(laid.cause[row, 0])],
        False,
        _pct(float(laid.level_pct[row, 0])),
    )
    entries = []
    if conditions.clock_doubted:
        layers.doubt(laid)
        fact = causes.facts[int(laid.cause[row, 0])]
        entries.append(TrailEntry(Layer.FALLBACK, fact, False, _pct(float(laid.level_pct[row, 0]))))
    else:
        lay_traffic(layers, laid)
        if laid.layer[row, 0] == Layer.TRAFFIC:
            fact = causes.facts[int(laid.cause[row, 0])]
            entries.append(TrailEntry(Layer.TRAFFIC, fact, False, _pct(float(laid.level_pct[row, 0]))))
    column = index.traits[int(worked.kinds.trait[0])].column
    night = next(night for rows, night in grid.nights if rows.start <= row < rows.stop)
    found = night.columns[column]
    own = index.columns[column].own_program
    if found.rule is not None and found.used != own:
        values: dict[str, Value] = {"rule": found.rule.name, "program": found.used, "own_program": own}
        values["night"] = night.sun.night.isoformat()
        entries.append(TrailEntry(Layer.PROGRAM, Fact("calendar_rule", values), False, None))
    cell = _photocell(index, column, found, conditions, int(instant[0]))
    entries += [] if cell is None or _same(cell, program.fact) else [TrailEntry(Layer.PROGRAM, cell, False, None)]
    return [*entries, program]


def _photocell(index: SiteIndex, column: int, found: ColumnNight, conditions: Conditions, at_ms: int) -> Fact | None:
    """Return what the photocell of the circuit's district says, where its program listens to it."""
    cell = index.columns[column].photocell
    if not cell or found.program is None or not found.program.uses_photocell:
        return None
    known = conditions.inputs.photocells.get(cell)
    if known is None:
        return Fact("photocell_unknown", {"photocell": cell})
    value, entry = known.at(np.array([at_ms], dtype=np.int64))
    fact = known.fact_of(int(entry[0]))
    return Fact("photocell_unknown", {"photocell": cell}) if fact is None and value[0] == UNKNOWN else fact


def _ruling(worked: Worked, decided: Decisions, row: int) -> tuple[Fact, float | None]:
    """Return the reason of who rules, before the floor has its say, and the level asked for."""
    if decided.early:
        return decided.causes[int(decided.cause[0, 0])], _pct(float(decided.level_pct[0, 0]))
    return worked.causes.facts[int(worked.cause_before_floor[row, 0])], _pct(float(worked.stages.asked[row, 0]))


def _shaping(
    worked: Worked, decided: Decisions, row: int, ruling: Fact, position: int, conditions: Conditions
) -> list[TrailEntry]:
    stages, figures = worked.stages, worked.figures
    levels = [
        float(stage[row, 0]) for stage in (stages.asked, stages.floored, stages.corrected, stages.kept, stages.ramped)
    ]
    asked, floored, corrected, kept, ramped = levels
    final = float(decided.level_pct[0, 0])
    minimum = float(figures.minimum_pct[0])
    entries: list[TrailEntry] = []

    def note(fact: Fact, level: float) -> None:
        entries.append(TrailEntry(None, fact, True, _pct(level)))

    if decided.early:
        note(Fact("staggered_early", {"ahead_s": int(worked.index.stagger_ms[position]) / 1000}), final)
        return entries
    if floored > asked:
        note(floor_fact(ruling, asked, float(figures.floor_pct[0])), floored)
    if corrected < floored:
        note(
            Fact("light_output_corrected", {"share_pct": round(100 * float(worked.kinds.output_share[0]), 1)}),
            corrected,
        )
    if kept > corrected:
        if corrected > 0:
            note(Fact("raised_to_minimum", {"minimum_pct": minimum, "asked_pct": corrected}), kept)
        else:
            note(Fact("gap_too_short", {"min_off_s": int(figures.min_off_ms[0]) / 1000, "minimum_pct": minimum}), kept)
    if ramped > kept + _SAME_PCT:
        note(Fact("dimming_down", {"target_pct": kept}), ramped)
    if final > ramped + _SAME_PCT:
        note(
            _lamp_fact(worked, row, position, conditions, at_ms=int(decided.at_ms[0]), was_on=ramped > 0, kept=kept),
            final,
        )
    return entries


def _lamp_fact(
    worked: Worked, row: int, position: int, conditions: Conditions, *, at_ms: int, was_on: bool, kept: float
) -> Fact:
    """Return why the lamps themselves keep a level up: not on for long enough, or warming up, or falling from there."""
    figures = worked.figures
    since_ms = int(worked.stages.since_ms[row, 0])
    if conditions.on_since_ms is not None:
        known = int(conditions.on_since_ms[position])
        since_ms = known if known >= 0 else at_ms
    if not was_on:
        return Fact("kept_on", {"until_ms": since_ms + int(figures.min_on_ms[0])})
    until_ms = since_ms + int(figures.warm_up_ms[0])
    return (
        Fact("warming_up", {"until_ms": until_ms}) if at_ms < until_ms else Fact("dimming_down", {"target_pct": kept})
    )


def _pct(value: float) -> float | None:
    return None if np.isnan(value) else value
