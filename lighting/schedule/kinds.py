"""Kinds: circuits that the decision cannot tell apart are worked out once, and the result is gathered at the end.

A kind is a trait of the site, the age of the lamps, the instructions that cover a circuit, and local control. A city of
a hundred thousand circuits has some dozens, or some thousands where lamps have many ages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.instructions import Instruction
from lighting.schedule.site_index import AgedKinds, SiteIndex

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Kinds:
    """``of_circuit`` (n_circuits,) numbers kinds, for the circuits asked about.

    (n_kinds,): ``trait`` indexes ``SiteIndex.traits``, ``output_share`` is the constant-light-output factor, ``local``
    what is in local control. ``in_scope`` (n_notes, n_kinds) says which instruction covers which kind.
    """

    of_circuit: Positions
    trait: Positions
    output_share: NDArray[np.float32]
    in_scope: NDArray[np.bool_]
    local: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.trait)


def kinds_of(
    index: SiteIndex,
    aged: AgedKinds,
    circuits: Positions | None,
    notes: Sequence[Instruction],
    local_control: NDArray[np.bool_] | None,
) -> Kinds:
    """Return the kinds among the circuits at these positions, all for None.

    Only circuits that an instruction covers or that are in local control are looked at one by one.
    """
    n = len(index.ids)
    members = [index.places.members(note.scope_kind, note.scope_id) for note in notes]
    touched = np.zeros(n, dtype=np.bool_) if local_control is None else np.array(local_control, dtype=np.bool_)
    for positions in members:
        touched[positions] = True
    base = aged.of_circuit if circuits is None else aged.of_circuit[circuits]
    here = np.flatnonzero(touched if circuits is None else touched[circuits])
    if circuits is None:
        used, of_circuit = np.arange(len(aged.trait), dtype=np.intp), base
    else:
        others = np.flatnonzero(~touched[circuits])
        used, inverse = np.unique(base[others], return_inverse=True)
        of_circuit = np.zeros(base.shape, dtype=np.intp)
        of_circuit[others] = inverse
    if not here.size:
        none = np.zeros((len(notes) + 1, len(used)), dtype=np.bool_)
        return Kinds(of_circuit, aged.trait[used], aged.output_share[used], none[:-1], none[-1])
    marks = np.zeros((len(notes) + 1, n), dtype=np.bool_)
    for row, positions in enumerate(members):
        marks[row, positions] = True
    if local_control is not None:
        marks[-1] = local_control
    marks = marks[:, here if circuits is None else circuits[here]]
    first, inverse = _unique_rows(base[here], marks)
    of_circuit = of_circuit.astype(np.intp, copy=True)
    of_circuit[here] = len(used) + inverse
    every = np.concatenate([used, base[here][first]])
    marked = np.hstack([np.zeros((len(marks), len(used)), dtype=np.bool_), marks[:, first]])
    return Kinds(of_circuit, aged.trait[every], aged.output_share[every], marked[:-1], marked[-1])


def _unique_rows(base: Positions, marks: NDArray[np.bool_]) -> tuple[Positions, Positions]:
    """Return the first place of each different column of ``marks`` with its base, and which of them each column is."""
    bits = np.packbits(marks, axis=0).T
    rows = np.ascontiguousarray(np.hstack([base.astype(np.int64)[:, None].view(np.uint8), bits]))
    keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.intp), inverse.astype(np.intp)
