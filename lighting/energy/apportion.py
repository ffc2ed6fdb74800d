"""Whole numbers split by weights so that the parts sum to the whole exactly: the method of the largest remainder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_MOST = 2**62


def apportion(total: Integers, weights: Integers, part_of: NDArray[np.intp]) -> Integers:
    """Split ``total`` (n_wholes, n_slots) among parts, by ``weights`` (n_parts, n_slots), each 0 or more.

    ``part_of`` (n_parts,) says of which whole each is; every whole has a part. Where all weights of a whole are 0, its
    parts are equal. Of equal remainders the first part takes what is left.
    """
    if not part_of.size:
        return np.zeros_like(weights)
    order = np.argsort(part_of, kind="stable")
    of, ordered = part_of[order], weights[order]
    first = np.searchsorted(of, np.arange(len(total)))
    if (np.diff(np.append(first, of.size)) <= 0).any():
        raise ValueError("every whole that is split has a part")
    sums = np.add.reduceat(ordered, first, axis=0)
    ordered = np.where((sums == 0)[of], 1, ordered)
    sums = np.add.reduceat(ordered, first, axis=0)[of]
    wholes = total[of]
    quota, rest = _divided(np.abs(wholes), ordered, sums)
    left = np.abs(total) - np.add.reduceat(quota, first, axis=0)
    quota += _is_given(rest, of, first, left)
    parts = np.empty_like(quota)
    parts[order] = np.where(wholes < 0, -quota, quota)
    return parts


def _divided(whole: Integers, weight: Integers, total: Integers) -> tuple[Integers, Integers]:
    """Return quotient and remainder of whole times weight by total; in Python's integers where 64 bits are too few."""
    if float(whole.max(initial=0)) * float(weight.max(initial=0)) < _MOST:
        product = whole * weight
        return product // total, product % total
    products = whole.astype(object) * weight.astype(object)
    return (products // total.astype(object)).astype(np.int64), (products % total.astype(object)).astype(np.int64)


def _is_given(rest: Integers, of: NDArray[np.intp], first: NDArray[np.intp], left: Integers) -> Integers:
    """Return 1 for the parts of the largest remainders of each whole, as many as are left over."""
    n_parts, n_slots = rest.shape
    slots = np.broadcast_to(np.arange(n_slots), rest.shape).ravel()
    wholes = np.repeat(of, n_slots)
    order = np.lexsort((-rest.ravel(), wholes, slots))
    # In that order, the parts of one whole in one slot stand together, as many as in every slot.
    rank = np.tile(np.arange(n_parts) - first[of], n_slots)
    given = np.zeros(rest.size, dtype=np.int64)
    given[order] = rank < left[wholes[order], slots[order]]
    return given.reshape(rest.shape)
