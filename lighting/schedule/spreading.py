"""From kinds to circuits: the levels of each, with what is its own: since when it is on, and the stagger at dusk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.conditions import Conditions
from lighting.schedule.grid import look_back_ms
from lighting.schedule.instructions import Layer
from lighting.schedule.layering import NEVER_MS
from lighting.schedule.shaping import (
    kept_on,
    with_warm_up,
)
from lighting.schedule.worked import Worked

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EarlyRows:
    """Circuits (positions in the columns) that a stagger has on in a row, before their program is lit."""

    row: int
    columns: NDArray[np.intp]
    layer: NDArray[np.uint8]
    cause: NDArray[np.int32]


def spread(
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
