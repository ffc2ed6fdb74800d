"""The levels that a site's rules alone give in a span, by kinds of circuits: the worlds ``switched`` to ``output``.

They are those of the one decision (`lighting.schedule.decision`) on its own grid of changes: between two of these
instants nothing changes but ramps, so that a level taken at one holds until the next, to the millisecond. Ramps,
staggering and warm-up are left out: they belong to what was asked in truth. Traffic is looked up as in a replay: the
levels of each number of classes down are worked out once, and the section's own counts choose among them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lighting.energy.replay_cast import Cast, cast_of, lamps_of, steps_down_of
from lighting.energy.replay_traffic import values_of
from lighting.schedule.grid import borders_of, nights_between
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Layer
from lighting.schedule.site_index import AgedKinds, SiteIndex
from lighting.schedule.worked import worked_kinds

RULE_WORLDS = ("switched", "scheduled", "traffic", "output")
STEPS_PER_PCT = 100
FULL_LEVEL = 100 * STEPS_PER_PCT
"""Levels are integers in hundredths of a percent here, so that equal is equal."""

_CASTS_KEPT = 6

Levels = NDArray[np.int32]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RuleLevels:
    """Levels of each kind, as rows that hold from one instant until the next of the kind.

    ``kind`` (n_rows,) ascending, ``at_ms`` (n_rows,) ascending within a kind, the first at the span's beginning;
    ``levels`` (n_worlds, n_rows) in the order of ``RULE_WORLDS``. ``of_circuit`` (n_circuits,) numbers the kinds.
    """

    kind: Ints
    at_ms: NDArray[np.int64]
    levels: Levels
    of_circuit: Ints

    def of_circuits(self, circuits: slice) -> tuple[Ints, Ints]:
        """Return which row, and of which circuit of the slice (from 0), one after the other."""
        kinds = self.of_circuit[circuits]
        first = np.searchsorted(self.kind, np.arange(int(self.of_circuit.max(initial=-1)) + 2))
        lengths = np.diff(first)[kinds]
        circuit = np.repeat(np.arange(kinds.size, dtype=np.intp), lengths)
        begins = np.cumsum(lengths) - lengths
        rows = np.arange(int(lengths.sum()), dtype=np.intp) - np.repeat(begins - first[kinds], lengths)
        return rows, circuit


class RuleCasts:
    """The kinds of a site sorted for the decision, kept from day to day: with many ages of lamps they take a while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, bytes, int], tuple[AgedKinds, Cast]] = OrderedDict()

    def cast(self, index: SiteIndex, aged: AgedKinds, inputs: Inputs, steps_down: NDArray[np.int8]) -> Cast:
        key = (id(index), steps_down.tobytes(), id(aged))
        found = self._kept.get(key)
        if found is None or found[0] is not aged:
            found = aged, cast_of(index, aged, lamps_of(index.site), inputs, steps_down)
            self._kept[key] = found
            while len(self._kept) > _CASTS_KEPT:
                self._kept.popitem(last=False)
        return replace(found[1], inputs=Inputs(photocells=inputs.photocells))

    def plain(self, index: SiteIndex, inputs: Inputs, steps_down: NDArray[np.int8]) -> Cast:
        """The same without light-output correction: one kind for each trait."""
        if self._plain is None or self._plain[0] is not index:
            traits = np.arange(len(index.traits), dtype=np.intp)
            self._plain = index, AgedKinds(None, index.kind, traits, np.ones(traits.size, dtype=np.float32))
        return self.cast(index, self._plain[1], inputs, steps_down)

    _plain: tuple[SiteIndex, AgedKinds] | None = None


def rule_levels(
    index: SiteIndex, inputs: Inputs, start_ms: int, end_ms: int, casts: RuleCasts | None = None
) -> RuleLevels:
    """Return what the rules ask of every kind of circuit from one instant to another."""
    casts = casts or RuleCasts()
    at_ms = _changes(index, inputs, start_ms, end_ms)
    aged, steps_down = index.kinds_by_age(inputs.burning_h), steps_down_of(index, inputs)
    plain = casts.plain(index, inputs, steps_down)
    switched, kept = _levels(plain, at_ms)
    cast, corrected, trait = plain, kept, aged.trait
    if index.output.is_used:
        cast = casts.cast(index, aged, inputs, steps_down)
        corrected = _levels(cast, at_ms)[1]
    parts: list[tuple[Ints, NDArray[np.int64], Levels]] = []
    sections = plain.section[trait]
    for section in np.unique(sections).tolist():
        kinds = np.flatnonzero(sections == section)
        name = plain.sections[section]
        mine = _instants(at_ms, inputs, name, start_ms, end_ms)
        value = values_of(inputs, (name,), steps_down, mine)[0][:, None]
        row = (np.searchsorted(at_ms, mine, side="right") - 1)[:, None]
        undimmed, by_traffic = plain.tried[0][trait[kinds]][None], plain.tried[value, trait[kinds][None]]
        levels = np.stack(
            [
                switched[row, undimmed],
                kept[row, undimmed],
                kept[row, by_traffic],
                corrected[row, cast.tried[value, kinds[None]]],
            ]
        )
        differs = np.ones(levels.shape[1:], dtype=np.bool_)
        differs[1:] = (levels[:, 1:] != levels[:, :-1]).any(axis=0)
        column, at = np.nonzero(differs.T)
        parts.append((kinds[column], mine[at], levels[:, at, column]))
    kind = np.concatenate([np.zeros(0, np.intp), *(part[0] for part in parts)])
    order = np.argsort(kind, kind="stable")
    return RuleLevels(
        kind=kind[order],
        at_ms=np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)])[order],
        levels=np.concatenate([np.zeros((len(RULE_WORLDS), 0), np.int32), *(part[2] for part in parts)], axis=1)[
            :, order
        ],
        of_circuit=aged.of_circuit,
    )


def as_levels(level_pct: NDArray[np.floating]) -> Levels:
    """Return levels in hundredths of a percent; -1 where they are NaN."""
    known = np.where(np.isnan(level_pct), -1.0 / STEPS_PER_PCT, np.clip(level_pct, 0.0, 100.0))
    return np.rint(known.astype(np.float64) * STEPS_PER_PCT).astype(np.int32)


def _changes(index: SiteIndex, inputs: Inputs, start_ms: int, end_ms: int) -> NDArray[np.int64]:
    """Return the span's beginning and every instant in it at which rules or photocells, not traffic, change."""
    nights = [night for _, night in nights_between(index, start_ms, end_ms - 1)]
    borders = borders_of(index, nights, Inputs(photocells=inputs.photocells), start_ms, end_ms - 1)
    return np.unique(np.concatenate([[start_ms], borders])).astype(np.int64)


def _instants(at_ms: NDArray[np.int64], inputs: Inputs, section: str, start_ms: int, end_ms: int) -> NDArray[np.int64]:
    known = inputs.traffic.get(section)
    return at_ms if known is None else np.union1d(at_ms, known.changes_between(start_ms, end_ms - 1))


def _levels(cast: Cast, at_ms: NDArray[np.int64]) -> tuple[Levels, Levels]:
    """(n_rows, n_tried) each: full power in the lit period; what the program asks of the lamps, without ramps."""
    grid, laid, stages = worked_kinds(cast.index, cast.kinds, cast.figures, cast.class_pct, at_ms, cast.inputs)
    asked = grid.asked
    kept = as_levels(stages.kept[asked])
    # The fallback has no lit period: it is lit while it is dark.
    lit = np.where(laid.layer[asked] == Layer.FALLBACK, kept > 0, ~laid.unlit[asked])
    return np.where(lit, FULL_LEVEL, 0).astype(np.int32), kept
