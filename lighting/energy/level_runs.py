"""Levels of a circuit within an hour, and whether it was lit, as runs: what a rollup keeps of thousands of readings.

A run is a level, and whether light was seen, from one instant until the next run. Both may be unknown, which is a state
of its own: before the first reading, and when no reading has come for longer than one is believed (``hold_ms``). Most
hours of most circuits are one run, six bytes.

A blob is a row of little-endian pairs: uint32, the run's beginning after that of the hour in ms, with ``lit`` in its
two highest bits (0 dark, 1 lit, 2 unknown); uint16, the level in hundredths of a percent (65,535: unknown).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNLIT, LIT, LIT_UNKNOWN = 0, 1, 2
"""The three states of ``lit``: seen dark, seen lit, not known."""

LIT_SHARE = 0.2
"""A circuit that draws more than this share of what it should at its lowest level gives light (Echelon CPD 3000 guide:
lamp failed under 20 %).
"""

_RUN = np.dtype([("begin", "<u4"), ("level", "<u2")])
_LIT_SHIFT = 30
_OFFSET_MASK = (1 << _LIT_SHIFT) - 1
_STEPS_PER_PCT = 100.0
_LEVEL_UNKNOWN = 0xFFFF

Floats = NDArray[np.float64]
Instants = NDArray[np.int64]
Lits = NDArray[np.uint8]


class LevelRunsError(ValueError):
    """A blob that is no row of runs."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of one series, ascending: (n,) when each begins (UTC ms), its level in percent (NaN unknown), ``lit``."""

    at_ms: Instants
    level_pct: Floats
    lit: Lits


@dataclass(frozen=True, slots=True)
class Before:
    """The last reading before a span, of one series or of many ((n_series,) each). NaN and ``LIT_UNKNOWN`` where there
    is none; its ``at_ms`` then is of no meaning.
    """

    at_ms: Instants
    level_pct: Floats
    lit: Lits

    @classmethod
    def nothing(cls, n_series: int) -> Before:
        """Nothing was read before."""
        return cls(
            np.zeros(n_series, np.int64), np.full(n_series, np.nan), np.full(n_series, LIT_UNKNOWN, dtype=np.uint8)
        )


def lit_of(level_pct: ArrayLike, power_w: ArrayLike, lit_above_w: ArrayLike) -> Lits:
    """Return whether circuits give light, from readings; all three broadcast, NaN is unknown.

    Measured power decides where there is any: more than ``lit_above_w``, which is ``LIT_SHARE`` of what the circuit
    should draw at its lowest lit level. Else the level that its devices report does.
    """
    power, level = np.asarray(power_w, dtype=np.float64), np.asarray(level_pct, dtype=np.float64)
    by_power = np.where(power > np.asarray(lit_above_w, dtype=np.float64), LIT, UNLIT)
    by_report = np.where(np.isnan(level), LIT_UNKNOWN, np.where(level > 0, LIT, UNLIT))
    return np.where(np.isnan(power), by_report, by_power).astype(np.uint8)


def pack_runs(offset_ms: ArrayLike, level_pct: ArrayLike, lit: ArrayLike) -> bytes:
    """Return the blob of runs that begin ``offset_ms`` (n,) after the beginning of their hour."""
    return _packed(np.asarray(offset_ms, np.int64), np.asarray(level_pct, np.float64), np.asarray(lit)).tobytes()


def unpack_runs(blob: bytes, start_ms: int) -> Runs:
    """Return the runs of a blob whose hour begins at ``start_ms``. Raises LevelRunsError."""
    if len(blob) % _RUN.itemsize:
        raise LevelRunsError(f"{len(blob)} bytes are no row of runs of {_RUN.itemsize} bytes")
    return _unpacked(np.frombuffer(blob, dtype=_RUN), np.int64(start_ms))


def unpack_many(blobs: list[bytes], start_ms: Instants) -> tuple[NDArray[np.intp], Runs]:
    """Return the runs of many blobs at once, (n_runs,), and which of the blobs each is of."""
    lengths = np.fromiter(map(len, blobs), np.int64, len(blobs))
    if (lengths % _RUN.itemsize).any():
        raise LevelRunsError("a blob is no row of runs")
    of_blob = np.repeat(np.arange(len(blobs), dtype=np.intp), lengths // _RUN.itemsize)
    return of_blob, _unpacked(np.frombuffer(b"".join(blobs), dtype=_RUN), start_ms[of_blob])


def runs_of_hour(
    at_ms: ArrayLike,
    level_pct: ArrayLike,
    lit: ArrayLike,
    start_ms: int,
    until_ms: int,
    before: Before | None = None,
    *,
    hold_ms: int,
) -> bytes:
    """Return the runs of one series between two instants, from its readings (n,), ascending by time.

    ``before`` has one element. A reading holds until the next, but for ``hold_ms`` at most.
    """
    at = np.asarray(at_ms, np.int64)
    known = before if before is not None else Before.nothing(1)
    return many_runs(
        np.zeros(at.size, dtype=np.intp), at, level_pct, lit, 1, start_ms, until_ms, known, hold_ms=hold_ms
    )[0]


def many_runs(
    series: NDArray[np.intp],
    at_ms: ArrayLike,
    level_pct: ArrayLike,
    lit: ArrayLike,
    n_series: int,
    start_ms: int,
    until_ms: int,
    before: Before,
    *,
    hold_ms: int | Instants,
) -> list[bytes]:
    """Return the blob of each of many series between two instants.

    Readings (n,) with ``series`` in [0, n_series), in any order; those outside the span are left out, of two at one
    instant the last given counts. ``hold_ms``, for all or (n_series,), is how long a reading is believed.
    """
    at, lit_state = np.asarray(at_ms, np.int64), np.asarray(lit, np.uint8)
    inside = (at >= start_ms) & (at < until_ms)
    # The reading before stands first in each series; none of its own is one that knows nothing.
    every = np.arange(n_series, dtype=np.intp)
    nothing = np.isnan(before.level_pct) & (before.lit == LIT_UNKNOWN)
    first_at = np.where(nothing, start_ms, np.minimum(before.at_ms, start_ms))
    of = np.concatenate([every, np.asarray(series, np.intp)[inside]])
    when = np.concatenate([first_at, at[inside]])
    level = np.concatenate([before.level_pct, np.asarray(level_pct, np.float64)[inside]])
    state = np.concatenate([before.lit, lit_state[inside]])
    order = np.lexsort((when, of))
    of, when, level, state = of[order], when[order], level[order], state[order]

    ends = np.append(when[1:], until_ms)
    ends[np.append(of[1:] != of[:-1], True)] = until_ms
    lapses = when + np.broadcast_to(np.asarray(hold_ms, np.int64), (n_series,))[of]
    silent = lapses < ends
    if silent.any():
        of = np.concatenate([of, of[silent]])
        when = np.concatenate([when, lapses[silent]])
        level = np.concatenate([level, np.full(int(silent.sum()), np.nan)])
        state = np.concatenate([state, np.full(int(silent.sum()), LIT_UNKNOWN, dtype=np.uint8)])
        order = np.lexsort((when, of))
        of, when, level, state = of[order], when[order], level[order], state[order]
    return _blobs(of, np.maximum(when, start_ms) - start_ms, level, state, n_series)


def _blobs(of: NDArray[np.intp], offset_ms: Instants, level_pct: Floats, lit: Lits, n_series: int) -> list[bytes]:
    """Leave out what is over at once and what is as the one before; cut into one blob a series."""
    last_at_instant = np.ones(of.size, dtype=np.bool_)
    last_at_instant[:-1] = (of[1:] != of[:-1]) | (offset_ms[1:] != offset_ms[:-1])
    of, runs = (
        of[last_at_instant],
        _packed(offset_ms[last_at_instant], level_pct[last_at_instant], lit[last_at_instant]),
    )
    value = (runs["begin"] >> _LIT_SHIFT).astype(np.int64) << 16 | runs["level"]
    differs = np.ones(of.size, dtype=np.bool_)
    differs[1:] = (of[1:] != of[:-1]) | (value[1:] != value[:-1])
    of, runs = of[differs], runs[differs]
    whole = runs.tobytes()
    cuts = (np.searchsorted(of, np.arange(n_series + 1)) * _RUN.itemsize).tolist()
    return [whole[begin:end] for begin, end in pairwise(cuts)]


def _packed(offset_ms: Instants, level_pct: Floats, lit: NDArray[np.integer]) -> NDArray[np.void]:
    runs = np.empty(offset_ms.shape, dtype=_RUN)
    runs["begin"] = offset_ms.astype(np.uint32) | lit.astype(np.uint32) << np.uint32(_LIT_SHIFT)
    known = np.where(np.isnan(level_pct), 0.0, np.clip(level_pct, 0.0, 100.0))
    runs["level"] = np.where(np.isnan(level_pct), _LEVEL_UNKNOWN, np.round(known * _STEPS_PER_PCT)).astype(np.uint16)
    return runs


def _unpacked(runs: NDArray[np.void], start_ms: Instants | np.int64) -> Runs:
    begin, level = runs["begin"], runs["level"]
    return Runs(
        at_ms=start_ms + (begin & np.uint32(_OFFSET_MASK)).astype(np.int64),
        level_pct=np.where(level == _LEVEL_UNKNOWN, np.nan, level / _STEPS_PER_PCT),
        lit=(begin >> np.uint32(_LIT_SHIFT)).astype(np.uint8),
    )
