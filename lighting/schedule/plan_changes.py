"""When the level or its cause changes in a night, to the millisecond where a border says it, else to the second.

Asked of the decision itself: first at every moment at which something may change, then ever closer around the moments
at which a level begins or ends to fall. A ramp is one change: from when, from which level, to which, and how long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.grid import grid_of
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction, weakest_first
from lighting.schedule.kinds import kinds_of
from lighting.schedule.night import night_span_ms
from lighting.schedule.site_index import SiteIndex, site_index
from lighting.schedule.worked import positions_of, worked_out

SAME_PCT = 0.001
"""Levels nearer to each other than this are one level."""
_FINE_MS = 1_000
_PARTS = 16
_JUMP_PCT = 0.5
_KINDS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class LevelChange:
    """From ``at_ms`` on (UTC ms) the level goes from ``from_pct`` to ``level_pct``, which it has after ``over_ms``.

    ``over_ms`` is 0 where it is at once. Levels are None where nothing is ours to write; ``from_pct`` also at the
    night's beginning. A ramp that something else cuts short has the level at which it was cut.
    """

    at_ms: int
    level_pct: float | None
    cause: Fact
    from_pct: float | None = None
    over_ms: int = 0

    @property
    def reached_ms(self) -> int:
        return self.at_ms + self.over_ms


@dataclass(frozen=True, slots=True)
class NightChanges:
    """The changes of every circuit asked about, told once for each kind of circuit.

    ``of_circuit`` (n_circuits,) indexes ``of_kind``; ``stagger_ms`` (n_circuits,) is how much earlier than its kind a
    circuit comes on at its program's switching on.
    """

    of_circuit: NDArray[np.intp]
    of_kind: tuple[tuple[LevelChange, ...], ...]
    stagger_ms: NDArray[np.int64]
    warm_up_ms: NDArray[np.int64]

    def of(self, column: int) -> tuple[LevelChange, ...]:
        """Return the changes of one circuit, with its own stagger."""
        kind = int(self.of_circuit[column])
        return staggered(self.of_kind[kind], int(self.stagger_ms[column]), int(self.warm_up_ms[kind]))


def night_changes(
    site: Site,
    night: date,
    instructions: Sequence[Instruction],
    circuit_ids: Sequence[str] | None = None,
    inputs: Inputs | None = None,
) -> NightChanges:
    """Return the changes of a lighting night for some circuits in their order, or all.

    The first of each kind is at the night's noon. Raises KeyError for an unknown circuit.
    """
    index = site_index(site)
    circuits = np.arange(len(index.ids)) if circuit_ids is None else positions_of(index, circuit_ids)
    notes = weakest_first(instructions)
    known = Inputs() if inputs is None else inputs
    kinds = kinds_of(index, index.kinds_by_age(known.burning_h), circuits, notes, None)
    used, first, of_circuit = np.unique(kinds.of_circuit, return_index=True, return_inverse=True)
    span = night_span_ms(night, site.timezone)
    asking = _Asking(index, instructions, known)
    of_kind: list[tuple[LevelChange, ...]] = []
    for begin in range(0, used.size, _KINDS_AT_ONCE):
        some = circuits[first[begin : begin + _KINDS_AT_ONCE]]
        of_kind += asking.changes(some, span)
    return NightChanges(
        of_circuit=of_circuit.astype(np.intp),
        of_kind=tuple(of_kind),
        stagger_ms=index.stagger_ms[circuits],
        warm_up_ms=index.warm_up_ms[circuits[first]],
    )


def staggered(changes: tuple[LevelChange, ...], ahead_ms: int, warm_up_ms: int) -> tuple[LevelChange, ...]:
    """Return the changes with each switching on by the program that much earlier, and the warm-up that follows it."""
    if ahead_ms <= 0:
        return changes
    moved: list[LevelChange] = list(changes[:1])
    switched_on_ms: int | None = None
    for before, change in pairwise(changes):
        if is_switching_on(before, change):
            switched_on_ms = change.at_ms
            moved.append(replace(change, at_ms=max(moved[-1].at_ms, change.at_ms - ahead_ms)))
        elif switched_on_ms is not None and warm_up_ms and abs(change.at_ms - switched_on_ms - warm_up_ms) < _FINE_MS:
            moved.append(replace(change, at_ms=max(moved[-1].at_ms, change.at_ms - ahead_ms)))
        else:
            moved.append(change)
    return tuple(moved)


def is_switching_on(before: LevelChange, change: LevelChange) -> bool:
    """Whether the program switches on there by itself: that is what a stagger spreads."""
    is_on = before.level_pct == 0.0 and change.level_pct is not None and change.level_pct > 0
    return is_on and before.cause.code == "program_off_until" and not change.cause.code.endswith("_in_force")


@dataclass(slots=True)
class _Seen:
    """What was decided at ascending instants: (n,), (n, n_kinds), (n, n_kinds)."""

    at_ms: NDArray[np.int64]
    level_pct: NDArray[np.float32]
    cause: NDArray[np.int32]

    def joined(self, other: _Seen) -> _Seen:
        at_ms = np.concatenate([self.at_ms, other.at_ms])
        order = np.argsort(at_ms, kind="stable")
        return _Seen(
            at_ms[order],
            np.concatenate([self.level_pct, other.level_pct])[order],
            np.concatenate([self.cause, other.cause])[order],
        )


class _Asking:
    """Asks the decision of some kinds at chosen instants, and numbers causes by what they say."""

    def __init__(self, index: SiteIndex, instructions: Sequence[Instruction], inputs: Inputs) -> None:
        self.index, self.instructions, self.inputs = index, instructions, inputs
        self.facts: list[Fact] = []
        self.numbers: dict[tuple[object, ...], int] = {}

    def changes(self, circuits: NDArray[np.intp], span_ms: tuple[int, int]) -> list[tuple[LevelChange, ...]]:
        start_ms, end_ms = span_ms
        if end_ms <= start_ms:
            return [() for _ in circuits]
        ends = np.array([start_ms, end_ms - 1], dtype=np.int64)
        grid = grid_of(self.index, ends, weakest_first(self.instructions), self.inputs).at_ms
        seen = self.ask(circuits, grid[(grid >= start_ms) & (grid < end_ms)])
        while (closer := _closer(seen)).size:
            seen = seen.joined(self.ask(circuits, closer))
        return [self._told(seen, kind) for kind in range(circuits.size)]

    def ask(self, circuits: NDArray[np.intp], at_ms: NDArray[np.int64]) -> _Seen:
        """The levels of each circuit's kind, without anyone's stagger."""
        worked = worked_out(self.index, at_ms, self.instructions, Conditions(inputs=self.inputs), circuits)
        rows, columns = worked.grid.asked, worked.kinds.of_circuit
        number = np.array([self._number(fact) for fact in worked.causes.facts], dtype=np.int32)
        return _Seen(at_ms, worked.stages.warm[rows][:, columns], number[worked.laid.cause[rows]][:, columns])

    def _number(self, fact: Fact) -> int:
        key = (fact.code, *sorted(fact.values.items()))
        if key not in self.numbers:
            self.numbers[key] = len(self.facts)
            self.facts.append(fact)
        return self.numbers[key]

    def _told(self, seen: _Seen, kind: int) -> tuple[LevelChange, ...]:
        level, cause = seen.level_pct[:, kind], seen.cause[:, kind]
        moves = _moves(level[:, None])[:, 0]
        falls = moves & (np.diff(level) < 0)
        told = [LevelChange(int(seen.at_ms[0]), _pct(level[0]), self.facts[cause[0]])]
        falling = False  # whether what was told last is a way down that may go on
        for i in np.flatnonzero(moves | (cause[1:] != cause[:-1])).tolist():
            now_ms, next_ms = int(seen.at_ms[i]), int(seen.at_ms[i + 1])
            drop = float(level[i]) - float(level[i + 1]) if falls[i] else 0.0
            is_jump = next_ms - now_ms <= 1 and drop > _JUMP_PCT
            going, last = falls[i] and not is_jump, told[-1]
            if cause[i + 1] != cause[i]:
                told.append(LevelChange(next_ms, _pct(level[i + 1]), self.facts[cause[i + 1]], _pct(level[i])))
                going = not moves[i] or going
            elif going and falling and now_ms - last.reached_ms <= _FINE_MS:
                told[-1] = replace(last, level_pct=_settled(level, i + 1), over_ms=next_ms - last.at_ms)
            else:
                alone = not falls[i - 1 : i + 2 : 2].any()
                at_ms = now_ms if going and not (alone and next_ms - now_ms <= _FINE_MS) else next_ms
                told.append(LevelChange(at_ms, _settled(level, i + 1), last.cause, _pct(level[i]), next_ms - at_ms))
            falling = bool(going)
        return tuple(told)


def _moves(level_pct: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return between which neighbouring instants the level changes, (n - 1, n_kinds)."""
    ours = ~np.isnan(level_pct)
    step = np.abs(np.diff(np.where(ours, level_pct, 0.0), axis=0)) >= SAME_PCT
    return np.asarray(step | (ours[1:] != ours[:-1]), dtype=np.bool_)


def _closer(seen: _Seen) -> NDArray[np.int64]:
    """Return instants inside the spans in which a level begins or ends to change and that are still too long."""
    # What borders say is known to the millisecond: it neither needs a closer look nor saves its neighbours one.
    moves = _moves(seen.level_pct) & (np.diff(seen.at_ms) > 1)[:, None]
    same = np.zeros((1, moves.shape[1]), dtype=np.bool_)
    edge = moves & ~(np.vstack([same, moves[:-1]]) & np.vstack([moves[1:], same]))
    spans = np.flatnonzero(edge.any(axis=1) & (np.diff(seen.at_ms) > _FINE_MS))
    first, width = seen.at_ms[spans], np.diff(seen.at_ms)[spans]
    inside = first[:, None] + width[:, None] * np.arange(1, _PARTS)[None, :] // _PARTS
    return np.setdiff1d(inside.ravel(), seen.at_ms)


def _settled(level_pct: NDArray[np.float32], row: int) -> float | None:
    """Return the level of a row, or of the next one where the little that is left to fall is nobody's news."""
    following = level_pct[min(row + 1, level_pct.size - 1)]
    return _pct(following if abs(following - level_pct[row]) < SAME_PCT else level_pct[row])


def _pct(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)


def levels_of(changes: Sequence[LevelChange], at_ms: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the levels that some changes mean at each instant, (n,); NaN where nothing is ours to write.

    A way down is drawn straight.
    """
    levels = np.full(at_ms.shape, np.nan, dtype=np.float32)
    begins = np.array([change.at_ms for change in changes], dtype=np.int64)
    which = np.searchsorted(begins, at_ms, side="right") - 1
    for number, change in enumerate(changes):
        here = which == number
        if change.level_pct is None or not here.any():
            continue
        levels[here] = change.level_pct
        if change.over_ms and change.from_pct is not None:
            left = np.clip(1.0 - (at_ms[here] - change.at_ms) / change.over_ms, 0.0, 1.0)
            levels[here] += (np.float32(change.from_pct - change.level_pct) * left).astype(np.float32)
    return levels
