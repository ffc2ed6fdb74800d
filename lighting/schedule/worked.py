"""A decision worked out for every kind of circuit, on the grid of the instants asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.conditions import Conditions
from lighting.schedule.grid import Grid, grid_of, look_back_ms
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction, span_ms, weakest_first
from lighting.schedule.kinds import Kinds, kinds_of
from lighting.schedule.layering import Causes, Layered, Layers
from lighting.schedule.site_index import SiteIndex
from lighting.schedule.stages import Figures, Shaped, Stages, figures_of, programmed_levels, shaped_stages
from lighting.schedule.traffic_layer import lay_traffic, lay_unchanging_traffic

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Worked:
    """A decision before it is spread over the circuits: all that a trail, too, is told from."""

    index: SiteIndex
    grid: Grid
    kinds: Kinds
    laid: Layered
    causes: Causes
    figures: Figures
    stages: Stages
    cause_before_floor: NDArray[np.int32]


def positions_of(index: SiteIndex, circuit_ids: Sequence[str]) -> NDArray[np.intp]:
    """Return the positions of circuits in ``site.circuits``."""
    return np.array([index.position[circuit_id] for circuit_id in circuit_ids], dtype=np.intp)


def worked_out(
    index: SiteIndex,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    conditions: Conditions,
    circuits: NDArray[np.intp] | None,
) -> Worked:
    """Work the decision out for every kind of circuit, on the grid of the instants asked about."""
    planned = conditions.on_since_ms is None
    back_ms = look_back_ms(index, planned=planned)
    notes = weakest_first(_near(index, at_ms, instructions, back_ms, clock_doubted=conditions.clock_doubted))
    kinds = kinds_of(index, index.kinds_by_age(conditions.inputs.burning_h), circuits, notes, conditions.local_control)
    grid = grid_of(index, at_ms, notes, conditions.inputs, planned=planned, before_acts=False)
    causes = Causes()
    layers = Layers(index, grid, kinds, conditions.inputs, causes)
    laid = layers.programs()
    lay_traffic(layers, laid)
    figures = figures_of(index, kinds)
    programmed: tuple[Shaped, Levels] | None = programmed_levels(layers, laid, figures)
    if conditions.clock_doubted:
        programmed = None
        layers.doubt(laid)
    else:
        layers.instructions(laid, notes)
    layers.untouchable(laid, notes, clock_doubted=conditions.clock_doubted)
    before_floor = laid.cause.copy()
    stages = shaped_stages(laid, grid, kinds, figures, causes, programmed)
    return Worked(index, grid, kinds, laid, causes, figures, stages, before_floor)


def worked_kinds(
    index: SiteIndex,
    kinds: Kinds,
    figures: Figures,
    class_pct: NDArray[np.float32],
    at_ms: NDArray[np.int64],
    inputs: Inputs,
) -> tuple[Grid, Layered, Stages]:
    """Work out, as `worked_out` does, kinds that are known already, by the site's rules alone.

    For a replay of many nights: ``figures`` (of `figures_of`) are made once; traffic never changes, ``class_pct``
    (n_kinds,) being the level of its class, NaN without a section; no reason is kept for a floor or for traffic.
    """
    grid = grid_of(index, at_ms, (), inputs, planned=True)
    layers = Layers(index, grid, kinds, inputs, Causes())
    laid = layers.programs()
    lay_unchanging_traffic(laid, class_pct)
    programmed = programmed_levels(layers, laid, figures)
    return grid, laid, shaped_stages(laid, grid, kinds, figures, None, programmed)


def _near(
    index: SiteIndex,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    back_ms: int,
    *,
    clock_doubted: bool,
) -> Sequence[Instruction]:
    """Leave out what was over before the look back began, or begins after all: it neither shows nor makes kinds."""
    if not at_ms.size or clock_doubted:
        return instructions
    first_ms, last_ms = int(at_ms[0]) - back_ms, int(at_ms[-1]) + index.longest_stagger_ms
    spans = ((note, *span_ms(note)) for note in instructions)
    return [note for note, from_ms, until_ms in spans if until_ms > first_ms and from_ms <= last_ms]
