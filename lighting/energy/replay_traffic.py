"""How many classes the traffic of each section takes away, step by step, and how long in each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lighting.energy.replay_steps import Rows
from lighting.schedule.inputs import Inputs, Series

Floats = NDArray[np.float64]


def values_of(
    inputs: Inputs, sections: Sequence[str], steps_down: NDArray[np.int8], at_ms: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Return (n_sections, n_steps): the index in ``steps_down`` of what each takes away at each instant.

    A section of which nothing is known, or not yet, takes nothing away, as in the decision: the design class.
    """
    found = np.zeros((len(sections), at_ms.size), dtype=np.int8)
    for row, name in enumerate(sections):
        known = inputs.traffic.get(name)
        if known is not None and known.from_ms.size:
            found[row] = _values(known, steps_down, at_ms)
    return found


def _values(known: Series, steps_down: NDArray[np.int8], at_ms: NDArray[np.int64]) -> NDArray[np.int8]:
    first = max(0, int(np.searchsorted(known.from_ms, at_ms[0], side="right")) - 1)
    last = int(np.searchsorted(known.from_ms, at_ms[-1], side="right"))
    number = np.searchsorted(steps_down, np.maximum(known.value[first:last], 0)).astype(np.int8)
    begins = np.searchsorted(at_ms, known.from_ms[first:last], side="left")
    lengths = np.diff(begins, append=at_ms.size)
    before = np.zeros(int(begins[0]) if begins.size else at_ms.size, dtype=np.int8)
    return np.concatenate([before, np.repeat(number, lengths)])


def weights_of(values: NDArray[np.int8], n_values: int, rows: Rows, weight: Floats) -> Floats:
    """Return (n_values, n_sections, n_rows): the sum of the steps' weights, by what each section takes away there."""
    return np.stack([np.add.reduceat((values == at) * weight, rows.starts, axis=1) for at in range(n_values)])
