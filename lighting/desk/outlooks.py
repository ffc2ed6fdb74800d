"""The city's level at this instant and its next change, told from the changes of every kind of circuit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.desk.answers import CityOutlook
from lighting.desk.plans import city_mean
from lighting.desk.scopes import CircuitIndex
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction
from lighting.schedule.plan_changes import NightChanges, is_switching_on

CHANGE_PCT = 1.0


@dataclass(frozen=True, slots=True)
class _Moves:
    """Changes of level of all kinds in the order in which they begin, (n,) each; NaN: not ours to write."""

    kind: NDArray[np.intp]
    begin_ms: NDArray[np.int64]
    reached_ms: NDArray[np.int64]
    level_pct: NDArray[np.float64]


def outlook(
    site: Site,
    index: CircuitIndex,
    instructions: Sequence[Instruction],
    changes: NightChanges,
    now_ms: int,
    inputs: Inputs,
) -> CityOutlook:
    """The level decided at this instant, where a change that is under way leads, and when the next one begins.

    ``changes`` are those of every circuit of the site in this lighting night.
    """

    def mean_at(at_ms: int) -> float:
        decided = decide(site, np.array([at_ms], dtype=np.int64), instructions, Conditions(inputs=inputs))
        return float(city_mean(index, decided).level_pct[0, 0])

    now_pct = mean_at(now_ms)
    moves, weight = _moves(changes), _weights(index, changes)
    begun = int(np.searchsorted(moves.begin_ms, now_ms, side="right"))
    level_pct = np.full(weight.size, np.nan)
    for i in range(begun):
        level_pct[moves.kind[i]] = moves.level_pct[i]
    base_pct = _mean(level_pct, weight)
    reaches = None if not _differs(base_pct, now_pct) else _pct(base_pct)
    for i in range(begun, moves.kind.size):
        level_pct[moves.kind[i]] = moves.level_pct[i]
        if _differs(_mean(level_pct, weight), base_pct):
            return CityOutlook(_pct(now_pct), int(moves.begin_ms[i]), _pct(mean_at(_end_ms(moves, i))), reaches)
    return CityOutlook(_pct(now_pct), reaches_pct=reaches)


def _end_ms(moves: _Moves, first: int) -> int:
    """When all is reached that begins before the change has ended."""
    end_ms = int(moves.reached_ms[first])
    for i in range(first + 1, moves.kind.size):
        if moves.begin_ms[i] > end_ms:
            break
        end_ms = max(end_ms, int(moves.reached_ms[i]))
    return end_ms


def _moves(changes: NightChanges) -> _Moves:
    longest_ms = np.zeros(len(changes.of_kind), dtype=np.int64)
    np.maximum.at(longest_ms, changes.of_circuit, changes.stagger_ms)
    found: list[tuple[int, int, int, float]] = []
    for kind, of_kind in enumerate(changes.of_kind):
        for number, change in enumerate(of_kind):
            ahead_ms = 0
            if number and is_switching_on(of_kind[number - 1], change):
                ahead_ms = int(longest_ms[kind])
            level_pct = np.nan if change.level_pct is None else change.level_pct
            found.append((change.at_ms - ahead_ms, change.reached_ms, kind, level_pct))
    found.sort()
    begin_ms, reached_ms, kinds, level = zip(*found, strict=True) if found else ((), (), (), ())
    return _Moves(
        np.array(kinds, dtype=np.intp),
        np.array(begin_ms, dtype=np.int64),
        np.array(reached_ms, dtype=np.int64),
        np.array(level, dtype=np.float64),
    )


def _weights(index: CircuitIndex, changes: NightChanges) -> NDArray[np.float64]:
    rated_w = index.rated_w if index.rated_w.sum() > 0 else np.ones_like(index.rated_w)
    weights = np.bincount(changes.of_circuit, weights=rated_w, minlength=len(changes.of_kind))
    return np.asarray(weights, dtype=np.float64)


def _mean(level_pct: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    ours = ~np.isnan(level_pct)
    share = float(weight[ours].sum())
    return float((level_pct[ours] * weight[ours]).sum()) / share if share > 0 else float("nan")


def _differs(level_pct: float, from_pct: float) -> bool:
    """Whether it is another level by a percent or more; or is ours and was not, or no more is."""
    if np.isnan(from_pct) or np.isnan(level_pct):
        return bool(np.isnan(from_pct) != np.isnan(level_pct))
    return abs(level_pct - from_pct) >= CHANGE_PCT


def _pct(value: float) -> float | None:
    return None if np.isnan(value) else value
