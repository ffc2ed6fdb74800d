"""Step functions of many circuits laid over each other: the common pieces in which none of them changes.

A source is a table of steps, sorted by circuit and time, with a first row for every circuit. What was before the span
counts from its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Instants = NDArray[np.int64]

_TIME_BITS = 28
"""A span is under three days."""


@dataclass(frozen=True, slots=True)
class Steps:
    """(n_rows,) the circuit and the beginning of each step, ascending by both; no two alike."""

    circuit: Ints
    at_ms: Instants


@dataclass(frozen=True, slots=True)
class Pieces:
    """(n_pieces,) the circuit of each piece, its beginning and length; ``rows``: for each source, the row that holds.

    Ascending by circuit, then time; they cover the span of each circuit without gap or overlap.
    """

    circuit: Ints
    begin_ms: Instants
    length_ms: Instants
    rows: tuple[Ints, ...]


def last_of_each(circuit: Ints, at_ms: Instants) -> NDArray[np.bool_]:
    """Return which of some sorted steps count: of those at one instant, the last."""
    found = np.ones(circuit.size, dtype=np.bool_)
    found[:-1] = (circuit[1:] != circuit[:-1]) | (at_ms[1:] != at_ms[:-1])
    return found


def pieces_of(sources: Sequence[Steps], start_ms: int, end_ms: int) -> Pieces:
    """Lay sources over each other. Raises ValueError for a span of three days or more."""
    if end_ms - start_ms >= 1 << _TIME_BITS:
        raise ValueError("pieces are made of a day at a time")
    codes = [
        source.circuit.astype(np.int64) << _TIME_BITS | np.maximum(source.at_ms, start_ms) - start_ms
        for source in sources
    ]
    # Sorted and thinned by hand: NumPy's unique hashes whole numbers, which takes four times as long here.
    ordered = np.sort(np.concatenate(codes))
    every = ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered
    rows = []
    for code in codes:
        begins = np.zeros(every.size, dtype=np.intp)
        begins[np.searchsorted(every, code)] = 1
        rows.append(np.cumsum(begins) - 1)
    circuit = (every >> _TIME_BITS).astype(np.intp)
    begin_ms = start_ms + (every & ((1 << _TIME_BITS) - 1))
    ends = np.append(begin_ms[1:], end_ms)
    ends[np.append(circuit[1:] != circuit[:-1], True)] = end_ms
    return Pieces(circuit, begin_ms, ends - begin_ms, tuple(rows))


def lasting(holds: NDArray[np.bool_], pieces: Pieces, least_ms: int, start_ms: int, end_ms: int) -> NDArray[np.bool_]:
    """Return where a condition holds that holds for at least so long without a break.

    What touches the beginning or the end of the span began before, or goes on: it counts.
    """
    begins = holds.copy()
    begins[1:] &= ~holds[:-1] | (pieces.circuit[1:] != pieces.circuit[:-1])
    number = np.cumsum(begins)
    length = np.bincount(number[holds], pieces.length_ms[holds], minlength=int(number[-1]) + 1 if number.size else 1)
    is_long = length >= least_ms
    touches = holds & ((pieces.begin_ms == start_ms) | (pieces.begin_ms + pieces.length_ms == end_ms))
    is_long[number[touches]] = True
    return np.asarray(holds & is_long[number], dtype=np.bool_)
