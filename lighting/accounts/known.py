"""Recorded decisions and reports of a day as steps of numbered circuits, and what the meters counted by slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import ChannelRef
from lighting.energy.day_account import MeteredBySlot
from lighting.energy.day_worlds import NOT_DECIDED, Decided, Reported
from lighting.energy.level_runs import LIT_UNKNOWN, Runs, unpack_many
from lighting.energy.pieces import Steps, last_of_each
from lighting.energy.rollup import UNKNOWN, Rollups
from lighting.energy.rule_levels import as_levels
from lighting.schedule.inputs import Inputs, Series, series
from lighting.store.records import DecisionColumns, InputKind
from lighting.store.store import Store

Integers = NDArray[np.int64]
Places = NDArray[np.intp]

LOOK_BACK_MS = 36 * 3_600_000
"""Of what senses said: longer than a lighting night and any ramp."""


class Numbered:
    """The circuits of a site by their keys: (n,) keys in the order of the site."""

    def __init__(self, keys: Sequence[int]) -> None:
        self.n = len(keys)
        table = np.array(keys, dtype=np.int64)
        self._order = np.argsort(table)
        self._sorted = table[self._order]

    def numbers(self, keys: Integers) -> Places:
        """Return the number of each key; -1 for one that no circuit of the site has."""
        if not self.n:
            return np.full(keys.shape, -1, dtype=np.intp)
        place = np.minimum(np.searchsorted(self._sorted, keys), self.n - 1)
        return np.where(self._sorted[place] == keys, self._order[place], -1).astype(np.intp)


def decided_of(rows: DecisionColumns, circuits: Numbered, start_ms: int, end_ms: int) -> Decided:
    """Return the decisions of some circuits in a span; what held before counts from its beginning."""
    number = circuits.numbers(rows.circuit_key)
    mine = np.flatnonzero((number >= 0) & (rows.at_ms < end_ms))
    every = np.arange(circuits.n, dtype=np.intp)
    of = np.concatenate([every, number[mine]])
    at_ms = np.concatenate([np.full(circuits.n, start_ms), np.maximum(rows.at_ms[mine], start_ms)])
    level = np.concatenate([np.full(circuits.n, -1, dtype=np.int32), as_levels(rows.level_pct[mine])])
    layer = np.concatenate([np.full(circuits.n, NOT_DECIDED, dtype=np.uint8), rows.layer[mine]])
    order = np.lexsort((at_ms, of))  # stable: rows at one instant stay in the order of their recording
    kept = order[last_of_each(of[order], at_ms[order])]
    return Decided(Steps(of[kept], at_ms[kept]), level[kept], layer[kept])


def untold(decided: Decided, reported: Reported, edges_ms: Integers, n: int) -> NDArray[np.bool_]:
    """Return (n_circuits, n_slots) the slots of which nobody told anything: begun before anything was ever decided for
    the circuit, and without a report. What lamps did before a controller ran is nothing that its rules could tell.
    """
    first_ms = np.full(n, edges_ms[-1])
    is_decided = decided.layer != NOT_DECIDED
    np.minimum.at(first_ms, decided.steps.circuit[is_decided], decided.steps.at_ms[is_decided])
    found = edges_ms[None, :-1] < first_ms[:, None]
    says = (reported.lit != LIT_UNKNOWN) | (reported.level >= 0)
    slot = np.searchsorted(edges_ms, reported.steps.at_ms[says], side="right") - 1
    found[reported.steps.circuit[says], slot] = False
    return found


class DayRuns:
    """The runs of levels of a day, unpacked once: (n_runs,) the series key of each."""

    def __init__(self, rollups: Rollups) -> None:
        rows = np.array([place for place, blob in enumerate(rollups.levels) if blob is not None], np.intp)
        blobs = [blob for blob in rollups.levels if blob is not None]
        of_blob, self.runs = unpack_many(blobs, rollups.start_ms[rows])
        self.series_key = rollups.series_key[rows][of_blob]
        self._says = (self.runs.lit != LIT_UNKNOWN) | ~np.isnan(self.runs.level_pct)
        self._row_key, self._row_start = rollups.series_key[rows], rollups.start_ms[rows]

    def reported_of(self, circuits: Numbered, edges_ms: Integers) -> Reported:
        """Return the reports of some circuits from the first edge to the last; unknown in every slot without runs."""
        start_ms, end_ms = int(edges_ms[0]), int(edges_ms[-1])
        is_missing = np.ones((circuits.n, edges_ms.size - 1), dtype=np.bool_)
        number = circuits.numbers(self._row_key)
        slot = np.searchsorted(edges_ms, np.maximum(self._row_start, start_ms), side="right") - 1
        has_runs = (number >= 0) & (self._row_start < end_ms) & (slot < edges_ms.size - 1)
        is_missing[number[has_runs], slot[has_runs]] = False
        is_missing[:, 0] = True  # a first row for every circuit
        missing, missing_slot = np.nonzero(is_missing)
        runs = self._in_span(circuits, start_ms, end_ms)
        of = np.concatenate([missing, runs[0]])
        at_ms = np.concatenate([edges_ms[missing_slot], np.maximum(runs[1].at_ms, start_ms)])
        level = np.concatenate([np.full(missing.size, -1, dtype=np.int32), as_levels(runs[1].level_pct)])
        lit = np.concatenate([np.full(missing.size, LIT_UNKNOWN, dtype=np.uint8), runs[1].lit])
        spoke = np.zeros(circuits.n, dtype=np.bool_)
        every = circuits.numbers(self.series_key)
        spoke[every[(every >= 0) & self._says]] = True
        order = np.lexsort((at_ms, of))
        kept = order[last_of_each(of[order], at_ms[order])]
        return Reported(Steps(of[kept], at_ms[kept]), level[kept], lit[kept], spoke)

    def _in_span(self, circuits: Numbered, start_ms: int, end_ms: int) -> tuple[Places, Runs]:
        number, runs = circuits.numbers(self.series_key), self.runs
        mine = np.flatnonzero((number >= 0) & (runs.at_ms < end_ms))
        return number[mine], Runs(runs.at_ms[mine], runs.level_pct[mine], runs.lit[mine])


def metered_of(
    rollups: Rollups,
    channels: Sequence[tuple[ChannelRef, ...]],
    meter_keys: Mapping[str, int],
    edges_ms: Integers,
) -> MeteredBySlot:
    """Return what the meters of each group counted in each slot; known only where every channel knows all of it."""
    rows: list[int] = []
    groups: list[int] = []
    for group, refs in enumerate(channels):
        rows += [meter_keys.get(str(ref), -1 - len(rows)) for ref in refs]
        groups += [group] * len(refs)
    keys, n_slots = Numbered(rows), edges_ms.size - 1
    number = keys.numbers(rollups.series_key)
    slot = np.searchsorted(edges_ms, rollups.start_ms, side="right") - 1
    inside = (number >= 0) & (slot >= 0) & (slot < n_slots)
    inside[inside] &= edges_ms[slot[inside]] == rollups.start_ms[inside]
    cells = (number[inside], slot[inside])
    lengths = np.diff(edges_ms)
    energy, spread, reactive = (np.zeros((len(rows), n_slots), dtype=np.int64) for _ in range(3))
    known, has_reactive = (np.zeros((len(rows), n_slots), dtype=np.bool_) for _ in range(2))
    has_energy, is_reactive = rollups.energy_ws[inside] != UNKNOWN, rollups.reactive_vars[inside] != UNKNOWN
    energy[cells], spread[cells] = np.where(has_energy, rollups.energy_ws[inside], 0), rollups.spread_ms[inside]
    reactive[cells], has_reactive[cells] = np.where(is_reactive, rollups.reactive_vars[inside], 0), is_reactive
    known[cells] = has_energy & (rollups.known_ms[inside] >= lengths[cells[1]])
    of = np.array(groups, dtype=np.intp)
    sums = [np.zeros((len(channels), n_slots), dtype=np.int64) for _ in range(4)]
    longest = np.zeros((len(channels), n_slots), dtype=np.int64)
    for into, values in zip(sums, (energy, ~known, reactive, ~has_reactive), strict=True):
        np.add.at(into, of, values)
    np.maximum.at(longest, of, spread)
    return MeteredBySlot(sums[0], sums[1] == 0, longest, sums[2], sums[3] == 0)


def inputs_of(store: Store, start_ms: int, end_ms: int, burning_h: NDArray[np.float64] | None) -> Inputs:
    """Return what the city's senses said, as the decisions of that span were given it."""
    return Inputs(
        traffic=_series(store, "traffic", start_ms, end_ms),
        photocells=_series(store, "photocell", start_ms, end_ms),
        burning_h=burning_h,
    )


def _series(store: Store, kind: InputKind, start_ms: int, end_ms: int) -> dict[str, Series]:
    changes = store.senses.changes_between(kind, start_ms - LOOK_BACK_MS, end_ms)
    return {name: series([(one.at_ms, one.value, one.fact) for one in found]) for name, found in changes.items()}
