"""The levels of each kind of circuit, stage by stage: what the layers ask becomes what the lamps can do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.class_levels import FULL_PCT
from lighting.schedule.grid import Grid
from lighting.schedule.instructions import Layer
from lighting.schedule.kinds import Kinds
from lighting.schedule.layering import AT_ONCE, NEVER_MS, Causes, Layered, Layers
from lighting.schedule.shaping import (
    kept_on,
    lit_since,
    with_floor,
    with_minimum,
    with_output_share,
    with_ramp,
    with_short_gaps_lit,
    with_warm_up,
)
from lighting.schedule.site_index import SiteIndex

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stages:
    """The levels of each kind on the grid (n_grid, n_kinds), stage by stage; ``since_ms`` by the plan's own
    switching. ``asked`` to ``kept`` are where a level goes, ``ramped`` and ``warm`` where it is at the instant.
    """

    asked: Levels
    floored: Levels
    corrected: Levels
    kept: Levels
    ramped: Levels
    since_ms: NDArray[np.int64]
    warm: Levels


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the kinds or of circuits, (n,) each."""

    floor_pct: NDArray[np.float32]
    minimum_pct: NDArray[np.float32]
    warm_up_ms: NDArray[np.int64]
    restrike_ms: NDArray[np.int64]
    min_on_ms: NDArray[np.int64]
    min_off_ms: NDArray[np.int64]

    def gathered(self, of: NDArray[np.intp]) -> Figures:
        """Return those of circuits, made of those of kinds."""
        return Figures(*(getattr(self, name)[of] for name in Figures.__dataclass_fields__))


def figures_of(index: SiteIndex, kinds: Kinds) -> Figures:
    """Return the figures of each kind."""
    traits = [index.traits[trait] for trait in kinds.trait]
    return Figures(
        floor_pct=np.array([trait.floor_pct for trait in traits], dtype=np.float32),
        minimum_pct=np.array([trait.minimum_pct for trait in traits], dtype=np.float32),
        warm_up_ms=np.array([trait.warm_up_ms for trait in traits], dtype=np.int64),
        restrike_ms=np.array([trait.restrike_ms for trait in traits], dtype=np.int64),
        min_on_ms=np.array([trait.min_on_ms for trait in traits], dtype=np.int64),
        min_off_ms=np.array([trait.min_off_ms for trait in traits], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Shaped:
    """Levels on the grid (n_grid, n_kinds) raised to the floor, then corrected for light output, then kept to what
    lamps can do.
    """

    floored: Levels
    corrected: Levels
    kept: Levels


def programmed_levels(layers: Layers, laid: Layered, figures: Figures) -> tuple[Shaped, Levels]:
    """Return the levels that sun, program and traffic give, shaped, and the same with every fall slowed.

    What people ask, laid over it later, is at once, and so is its end: who stands at the lamp must see what he did, and
    an instruction that is over leaves no trace.
    """
    with_steps = layers.ramps(laid, figures.minimum_pct >= FULL_PCT)
    shaped = _before_lamps(laid, laid.target_pct, layers.kinds, figures)
    kept = shaped.kept if with_steps is laid.target_pct else _before_lamps(laid, with_steps, layers.kinds, figures).kept
    return shaped, with_ramp(kept, layers.grid.at_ms, laid.rate_pct_ms)


def shaped_stages(
    laid: Layered,
    grid: Grid,
    kinds: Kinds,
    figures: Figures,
    causes: Causes | None,
    programmed: tuple[Shaped, Levels] | None,
) -> Stages:
    """Return the levels of the kinds, stage by stage; a program raised to the floor changes its cause, where any is
    kept. ``programmed`` (of `_programmed`) rules wherever nobody else does; None while the clock is doubted.
    """
    at_ms = grid.at_ms[:, None]
    if programmed is None:
        shaped = _before_lamps(laid, laid.target_pct, kinds, figures)
        ramped = shaped.kept
    else:
        shaped, ramped = programmed
        columns = np.flatnonzero((laid.layer < Layer.TRAFFIC).any(axis=0))
        if columns.size:
            shaped, ramped = _by_people(laid, kinds, figures, columns, shaped, ramped)
    if causes is not None:
        _name_floor(laid, shaped.floored, figures, causes)
    since_ms = lit_since(shaped.kept, grid.at_ms, figures.min_on_ms, figures.restrike_ms)
    warm = ramped.copy()
    rows = _rows_warming(grid, since_ms, figures, laid)
    warm[rows] = with_warm_up(ramped[rows], at_ms[rows], since_ms[rows], figures.warm_up_ms, laid.rate_pct_ms[rows])
    warm = kept_on(warm, at_ms, since_ms, figures.min_on_ms, figures.minimum_pct)
    return Stages(laid.target_pct, shaped.floored, shaped.corrected, shaped.kept, ramped, since_ms, warm)


def _by_people(
    laid: Layered,
    kinds: Kinds,
    figures: Figures,
    columns: NDArray[np.intp],
    shaped: Shaped,
    ramped: Levels,
) -> tuple[Shaped, Levels]:
    """Return the levels with those columns worked out anew in which somebody else than the program rules."""
    part = laid.columns(columns, ("level_pct", "target_pct", "layer", "may_be_under", "dark", "off_for_ms"))
    share, some = kinds.output_share[columns], figures.gathered(columns)
    final = _before_lamps_of(part, part.target_pct, share, some)
    floored, corrected, kept, moving = shaped.floored.copy(), shaped.corrected.copy(), shaped.kept.copy(), ramped.copy()
    floored[:, columns], corrected[:, columns], kept[:, columns] = final.floored, final.corrected, final.kept
    asked = _before_lamps_of(part, part.level_pct, share, some).kept
    moving[:, columns] = np.where(part.layer < Layer.TRAFFIC, asked, ramped[:, columns])
    return Shaped(floored, corrected, kept), moving


def _rows_warming(grid: Grid, since_ms: NDArray[np.int64], figures: Figures, laid: Layered) -> NDArray[np.intp]:
    """Return the rows in which lamps may be warming up, or falling from there: few of a night."""
    slowest = float(laid.rate_pct_ms.min(initial=AT_ONCE))
    longest_ms = int(figures.warm_up_ms.max(initial=0)) + round(FULL_PCT / slowest)
    return np.flatnonzero((grid.at_ms[:, None] - since_ms <= longest_ms).any(axis=1))


def _before_lamps(laid: Layered, level_pct: Levels, kinds: Kinds, figures: Figures) -> Shaped:
    return _before_lamps_of(laid, level_pct, kinds.output_share, figures)


def _before_lamps_of(laid: Layered, level_pct: Levels, output_share: NDArray[np.float32], figures: Figures) -> Shaped:
    floored = with_floor(level_pct, figures.floor_pct, laid.dark, laid.may_be_under)
    corrected = with_output_share(floored, output_share)
    kept = with_minimum(corrected, figures.minimum_pct)
    if (figures.min_off_ms > 0).any():
        off_for_ms = np.where(laid.layer >= Layer.TRAFFIC, laid.off_for_ms, NEVER_MS)
        kept = with_short_gaps_lit(kept, off_for_ms, figures.min_off_ms, figures.minimum_pct)
    return Shaped(floored, corrected, kept)


def _name_floor(laid: Layered, floored: Levels, figures: Figures, causes: Causes) -> None:
    by_floor = (floored > laid.target_pct) & (laid.layer >= Layer.TRAFFIC)
    named: dict[tuple[int, float, float], int] = {}
    for column in np.flatnonzero(by_floor.any(axis=0)).tolist():
        steps = by_floor[:, column]
        for cause in np.unique(laid.cause[steps, column]).tolist():
            here = steps & (laid.cause[:, column] == cause)
            asked_pct = float(laid.target_pct[here, column][0])
            floor_pct = float(figures.floor_pct[column])
            key = (cause, asked_pct, floor_pct)
            if key not in named:
                named[key] = causes.number(floor_fact(causes.facts[cause], asked_pct, floor_pct))
            laid.cause[here, column] = named[key]


def floor_fact(asked_by: Fact, asked_pct: float, floor_pct: float) -> Fact:
    """Return the reason of a level that the floor raised, with the program whose level it replaces."""
    values = {"floor_pct": floor_pct, "asked_pct": asked_pct, "program": asked_by.values.get("program", "")}
    return Fact("raised_to_floor", values)
