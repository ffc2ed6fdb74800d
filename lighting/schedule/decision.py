"""The one decision function: which level each circuit should have at given instants, and because of what.

Used live (one instant), for tonight's plan and for a replay (many instants). Pure: time is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.class_levels import FULL_PCT
from lighting.schedule.grid import Grid, grid_of, look_back_ms
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction, Layer, span_ms, weakest_first
from lighting.schedule.kinds import Kinds, kinds_of
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
from lighting.schedule.site_index import SiteIndex, site_index
from lighting.schedule.sun import is_dark
from lighting.schedule.traffic_layer import lay_traffic, lay_unchanging_traffic

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is known of the world beside the site and the clock. Arrays are in the order of ``site.circuits``.

    ``local_control``: (n_circuits,) bool. ``on_since_ms``: (n_circuits,) int64, −1 where off or unknown; None in a
    plan (there it follows from the plan itself). ``clock_doubted`` leaves a believed photocell or full light below
    lockout and local control.
    """

    local_control: NDArray[np.bool_] | None = None
    on_since_ms: NDArray[np.int64] | None = None
    clock_doubted: bool = False
    inputs: Inputs = field(default_factory=Inputs)


@dataclass(frozen=True, slots=True)
class EarlyRows:
    """Circuits (positions in the columns) that a stagger has on in a row, before their program is lit."""

    row: int
    columns: NDArray[np.intp]
    layer: NDArray[np.uint8]
    cause: NDArray[np.int32]


@dataclass(frozen=True)
class Decisions:
    """What was decided. ``level_pct`` (n_steps, n_circuits) is NaN where nothing may be written (lockout, local
    control).

    ``causes`` are facts such as ``override_in_force(id, by, until_ms)``; ``cause`` indexes them. Layer, cause and
    darkness are kept for each kind (n_steps, n_kinds) and spread over the circuits when asked for.
    """

    at_ms: NDArray[np.int64]
    level_pct: Levels
    causes: tuple[Fact, ...]
    of_circuit: NDArray[np.intp]
    kind_layer: NDArray[np.uint8]
    kind_cause: NDArray[np.int32]
    kind_dark: NDArray[np.bool_]
    kind_target: Levels
    early: tuple[EarlyRows, ...] = ()

    @cached_property
    def layer(self) -> NDArray[np.uint8]:
        """(n_steps, n_circuits)"""
        layer = self.kind_layer[:, self.of_circuit]
        for rows in self.early:
            layer[rows.row, rows.columns] = rows.layer
        return layer

    @cached_property
    def cause(self) -> NDArray[np.int32]:
        """(n_steps, n_circuits)"""
        cause = self.kind_cause[:, self.of_circuit]
        for rows in self.early:
            cause[rows.row, rows.columns] = rows.cause
        return cause

    @cached_property
    def target_pct(self) -> Levels:
        """(n_steps, n_circuits): where a level goes that is on its way down, or that warming up keeps at full."""
        return self.kind_target[:, self.of_circuit]

    @cached_property
    def dark(self) -> NDArray[np.bool_]:
        """(n_steps, n_circuits): by the sun, or by a believed photocell in its district."""
        return self.kind_dark[:, self.of_circuit]


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


def decide(
    site: Site,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    conditions: Conditions,
) -> Decisions:
    """Decide the level of every circuit of ``site`` at each instant of ``at_ms`` (UTC milliseconds, ascending).

    ``layer`` and ``cause`` name who rules. Where the floor raises what a program asks, the cause is
    ``raised_to_floor``; an instruction stays the cause whatever shaping makes of its level.
    """
    return decide_circuits(site, at_ms, instructions, conditions, None)


def decide_circuits(
    site: Site,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    conditions: Conditions,
    circuit_ids: Sequence[str] | None,
) -> Decisions:
    """Decide as `decide` does, for some circuits in the given order; None is every circuit. ``conditions`` are of all.

    Raises KeyError for a circuit that the site does not have, ValueError for instants that do not ascend.
    """
    at_ms = np.asarray(at_ms, dtype=np.int64)
    if (np.diff(at_ms) < 0).any():
        raise ValueError("the instants of a decision ascend")
    index = site_index(site)
    circuits = None if circuit_ids is None else positions_of(index, circuit_ids)
    worked = worked_out(index, at_ms, instructions, conditions, circuits)
    level, early = _spread(worked, circuits, conditions)
    asked = worked.grid.asked
    # The grid reaches further than what was asked about: causes that only it knows are left out.
    cause = worked.laid.cause[asked]
    used = np.unique(np.concatenate([cause.ravel(), *(rows.cause for rows in early)]))
    number = np.zeros(len(worked.causes.facts) + 1, dtype=np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    return Decisions(
        at_ms=at_ms,
        level_pct=level,
        causes=tuple(worked.causes.facts[i] for i in used.tolist()),
        of_circuit=worked.kinds.of_circuit,
        kind_layer=worked.laid.layer[asked],
        kind_cause=number[cause],
        kind_dark=worked.laid.dark[asked],
        kind_target=worked.stages.kept[asked],
        early=tuple(replace(rows, cause=number[rows.cause]) for rows in early),
    )


def positions_of(index: SiteIndex, circuit_ids: Sequence[str]) -> NDArray[np.intp]:
    """Return the positions of circuits in ``site.circuits``."""
    return np.array([index.position[circuit_id] for circuit_id in circuit_ids], dtype=np.intp)


def dark_at(site: Site, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return when it is dark at the site: the sun is under its ``dusk_elevation_deg``. (n_steps,) bool."""
    return is_dark(at_ms, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg)


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
    grid = grid_of(index, at_ms, notes, conditions.inputs, planned=planned)
    causes = Causes()
    layers = Layers(index, grid, kinds, conditions.inputs, causes)
    laid = layers.programs()
    lay_traffic(layers, laid)
    figures = figures_of(index, kinds)
    programmed: tuple[_Shaped, Levels] | None = _programmed(layers, laid, figures)
    if conditions.clock_doubted:
        programmed = None
        layers.doubt(laid)
    else:
        layers.instructions(laid, notes)
    layers.untouchable(laid, notes, clock_doubted=conditions.clock_doubted)
    before_floor = laid.cause.copy()
    stages = _shaped(laid, grid, kinds, figures, causes, programmed)
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
    programmed = _programmed(layers, laid, figures)
    return grid, laid, _shaped(laid, grid, kinds, figures, None, programmed)


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
class _Shaped:
    """Levels on the grid (n_grid, n_kinds) raised to the floor, then corrected for light output, then kept to what
    lamps can do.
    """

    floored: Levels
    corrected: Levels
    kept: Levels


def _programmed(layers: Layers, laid: Layered, figures: Figures) -> tuple[_Shaped, Levels]:
    """Return the levels that sun, program and traffic give, shaped, and the same with every fall slowed.

    What people ask, laid over it later, is at once, and so is its end: who stands at the lamp must see what he did, and
    an instruction that is over leaves no trace.
    """
    with_steps = layers.ramps(laid, figures.minimum_pct >= FULL_PCT)
    shaped = _before_lamps(laid, laid.target_pct, layers.kinds, figures)
    kept = shaped.kept if with_steps is laid.target_pct else _before_lamps(laid, with_steps, layers.kinds, figures).kept
    return shaped, with_ramp(kept, layers.grid.at_ms, laid.rate_pct_ms)


def _shaped(
    laid: Layered,
    grid: Grid,
    kinds: Kinds,
    figures: Figures,
    causes: Causes | None,
    programmed: tuple[_Shaped, Levels] | None,
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
    shaped: _Shaped,
    ramped: Levels,
) -> tuple[_Shaped, Levels]:
    """Return the levels with those columns worked out anew in which somebody else than the program rules."""
    part = laid.columns(columns, ("level_pct", "target_pct", "layer", "may_be_under", "dark", "off_for_ms"))
    share, some = kinds.output_share[columns], figures.gathered(columns)
    final = _before_lamps_of(part, part.target_pct, share, some)
    floored, corrected, kept, moving = shaped.floored.copy(), shaped.corrected.copy(), shaped.kept.copy(), ramped.copy()
    floored[:, columns], corrected[:, columns], kept[:, columns] = final.floored, final.corrected, final.kept
    asked = _before_lamps_of(part, part.level_pct, share, some).kept
    moving[:, columns] = np.where(part.layer < Layer.TRAFFIC, asked, ramped[:, columns])
    return _Shaped(floored, corrected, kept), moving


def _rows_warming(grid: Grid, since_ms: NDArray[np.int64], figures: Figures, laid: Layered) -> NDArray[np.intp]:
    """Return the rows in which lamps may be warming up, or falling from there: few of a night."""
    slowest = float(laid.rate_pct_ms.min(initial=AT_ONCE))
    longest_ms = int(figures.warm_up_ms.max(initial=0)) + round(FULL_PCT / slowest)
    return np.flatnonzero((grid.at_ms[:, None] - since_ms <= longest_ms).any(axis=1))


def _before_lamps(laid: Layered, level_pct: Levels, kinds: Kinds, figures: Figures) -> _Shaped:
    return _before_lamps_of(laid, level_pct, kinds.output_share, figures)


def _before_lamps_of(laid: Layered, level_pct: Levels, output_share: NDArray[np.float32], figures: Figures) -> _Shaped:
    floored = with_floor(level_pct, figures.floor_pct, laid.dark, laid.may_be_under)
    corrected = with_output_share(floored, output_share)
    kept = with_minimum(corrected, figures.minimum_pct)
    if (figures.min_off_ms > 0).any():
        off_for_ms = np.where(laid.layer >= Layer.TRAFFIC, laid.off_for_ms, NEVER_MS)
        kept = with_short_gaps_lit(kept, off_for_ms, figures.min_off_ms, figures.minimum_pct)
    return _Shaped(floored, corrected, kept)


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


def _spread(
    worked: Worked, circuits: NDArray[np.intp] | None, conditions: Conditions
) -> tuple[Levels, tuple[EarlyRows, ...]]:
    """Return the levels of the circuits, with what is each one's own: since when it is on, and the stagger."""
    asked, of_circuit = worked.grid.asked, worked.kinds.of_circuit
    on_since = conditions.on_since_ms
    table = worked.stages.warm[asked] if on_since is None else worked.stages.ramped[asked]
    level = gathered(table, of_circuit)
    early = _staggered(worked, circuits, level, planned=on_since is None)
    if on_since is not None:
        _warm_each(worked, level, on_since if circuits is None else on_since[circuits])
    return level, early


def gathered(table: Levels, of_circuit: NDArray[np.intp]) -> Levels:
    """Return (n_steps, n_circuits) levels out of those of kinds, row by row: each row of the table stays in the
    cache. Most minutes are as the one before, and copied.
    """
    level = np.empty((len(table), len(of_circuit)), dtype=np.float32)
    differs = np.ones(len(table), dtype=np.bool_)
    differs[1:] = (table[1:] != table[:-1]).any(axis=1)
    for row in range(len(table)):
        if differs[row]:
            np.take(table[row], of_circuit, out=level[row], mode="clip")
        else:
            level[row] = level[row - 1]
    return level


def _warm_each(worked: Worked, level: Levels, on_since_ms: NDArray[np.int64]) -> None:
    """Change the levels in place for lamps whose time of switching on is known (−1: off, so they come on now)."""
    of_circuit, at_ms = worked.kinds.of_circuit, worked.grid.at_ms[worked.grid.asked]
    mine = worked.figures
    busy = np.flatnonzero(((mine.warm_up_ms > 0) | (mine.min_on_ms > 0))[of_circuit])
    if not busy.size or not at_ms.size:
        return
    kind = of_circuit[busy]
    figures = mine.gathered(kind)
    since = np.where(on_since_ms[busy] >= 0, on_since_ms[busy], at_ms[0])
    rate = worked.laid.rate_pct_ms[worked.grid.asked]
    was_on = on_since_ms[busy] >= 0
    for row in range(len(at_ms)):
        now_ms = at_ms[row : row + 1]
        part = with_warm_up(level[row, busy], now_ms, since, figures.warm_up_ms, rate[row][kind])
        held = kept_on(part, now_ms, since, figures.min_on_ms, figures.minimum_pct)
        level[row, busy] = np.where(was_on, held, part)
        comes_on = ~was_on & (level[row, busy] > 0) & (row > 0)
        if comes_on.any():
            since = np.where(comes_on, now_ms, since)
        was_on = level[row, busy] > 0


def _staggered(
    worked: Worked, circuits: NDArray[np.intp] | None, level: Levels, *, planned: bool
) -> tuple[EarlyRows, ...]:
    """Switch circuits on a little before their program, each at its own time, in place; return who and why.

    In a plan their warm-up, too, begins earlier than that of their kind.
    """
    index, grid, laid = worked.index, worked.grid, worked.laid
    longest_ms = index.longest_stagger_ms
    if not longest_ms or not grid.asked.size:
        return ()
    stagger = index.stagger_ms if circuits is None else index.stagger_ms[circuits]
    found = []
    rows, now_ms = grid.asked, grid.at_ms[grid.asked]
    unlit = laid.unlit[rows]
    comes_on = np.where(unlit & (laid.layer[rows] >= Layer.TRAFFIC), laid.comes_on_ms[rows], NEVER_MS)
    early: NDArray[np.bool_] = np.any(comes_on <= now_ms[:, None] + longest_ms, axis=1)
    warming: NDArray[np.bool_] = np.zeros(now_ms.shape, dtype=np.bool_)
    if planned and (worked.figures.warm_up_ms > 0).any():
        since = np.where(unlit, laid.comes_on_ms[rows], worked.stages.since_ms[rows])
        warming = np.any(_recent(worked, since, now_ms[:, None]), axis=1)
    for step in np.flatnonzero(early | warming).tolist():
        if early[step]:
            found += _early(worked, level[step], step, int(now_ms[step]), comes_on[step], stagger)
        if warming[step]:
            _warm_earlier(worked, level[step], int(rows[step]), stagger)
    return tuple(found)


def _recent(worked: Worked, since_ms: NDArray[np.int64], now_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where lamps came on, or will, so near to an instant that their warm-up may show there."""
    index, warm_up_ms = worked.index, worked.figures.warm_up_ms
    look_ms = index.longest_stagger_ms + int(warm_up_ms.max(initial=0)) + look_back_ms(index)
    # Neither "always" nor "never" is near to any instant, and neither overflows beside one.
    return (since_ms >= now_ms - look_ms) & (since_ms <= now_ms + look_ms) & (warm_up_ms > 0)


def _early(
    worked: Worked,
    level: Levels,
    step: int,
    now_ms: int,
    comes_on: NDArray[np.int64],
    stagger: NDArray[np.int64],
) -> list[EarlyRows]:
    kinds, grid, laid = worked.kinds, worked.grid, worked.laid
    found = []
    for moment in np.unique(comes_on[comes_on <= now_ms + worked.index.longest_stagger_ms]).tolist():
        at = grid.row_of(moment)
        if at is None:
            continue
        programmed = (comes_on == moment) & (laid.layer[at] >= Layer.TRAFFIC) & (worked.stages.ramped[at] > 0)
        columns = np.flatnonzero(programmed[kinds.of_circuit] & (stagger >= moment - now_ms) & (level == 0.0))
        if columns.size:
            kind = kinds.of_circuit[columns]
            level[columns] = worked.stages.ramped[at][kind]
            found.append(EarlyRows(step, columns, laid.layer[at][kind], laid.cause[at][kind]))
    return found


def _warm_earlier(worked: Worked, level: Levels, row: int, stagger: NDArray[np.int64]) -> None:
    """Change in place what warming-up lamps have that came on before their kind did."""
    kinds, figures, laid = worked.kinds, worked.figures, worked.laid
    now_ms = worked.grid.at_ms[row]
    since = np.where(laid.unlit[row], laid.comes_on_ms[row], worked.stages.since_ms[row])
    recent = _recent(worked, since, np.asarray(now_ms))
    for moment in np.unique(since[recent]).tolist():
        at = worked.grid.row_of(moment)
        if at is None or not at:
            recent &= since != moment
            continue
        by_program = laid.unlit[at - 1] & (laid.layer[at - 1 : at + 1] >= Layer.TRAFFIC).all(axis=0)
        recent &= (since != moment) | by_program
    if not recent.any():
        return
    columns = np.flatnonzero(recent[kinds.of_circuit] & (level > 0))
    if not columns.size:
        return
    kind = kinds.of_circuit[columns]
    base = np.where(laid.unlit[row][kind], level[columns], worked.stages.ramped[row][kind])
    own = since[kind] - stagger[columns]
    level[columns] = with_warm_up(base, now_ms, own, figures.warm_up_ms[kind], laid.rate_pct_ms[row][kind])
