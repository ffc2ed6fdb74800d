"""What the city's senses say, as a history: which class the traffic of a section chose since when, and each photocell.

A live decision is given the last hours, a replay a year; both are looked up by instant, so that both decide alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact

UNKNOWN = -1
"""The value of a series where its source is missing, stale or not believed: what it means is always more light."""

BRIGHT, DARK = 0, 1
"""The values of a photocell's series."""


@dataclass(frozen=True, slots=True)
class Series:
    """A value that holds from one moment until the next, UNKNOWN before the first.

    ``from_ms`` (n,) int64 ascending UTC ms; ``value`` (n,) int8; ``fact`` (n,) indexes ``facts``, the reasons.
    """

    from_ms: NDArray[np.int64]
    value: NDArray[np.int8]
    fact: NDArray[np.int32]
    facts: tuple[Fact, ...]

    def at(self, at_ms: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.intp]]:
        """Return the value at each instant, and the index of its entry (−1 before the first)."""
        index = np.searchsorted(self.from_ms, at_ms, side="right") - 1
        if not self.from_ms.size:
            return np.full(at_ms.shape, UNKNOWN, dtype=np.int8), index
        return np.where(index >= 0, self.value[np.maximum(index, 0)], np.int8(UNKNOWN)), index

    def fact_of(self, index: int) -> Fact | None:
        """Return the reason of an entry; None before the first."""
        return None if index < 0 else self.facts[int(self.fact[index])]

    def changes_between(self, first_ms: int, last_ms: int) -> NDArray[np.int64]:
        """Return the moments in [first, last] at which an entry begins."""
        a, b = np.searchsorted(self.from_ms, (first_ms, last_ms + 1), side="left")
        return self.from_ms[a:b]


def series(entries: Sequence[tuple[int, int, Fact]]) -> Series:
    """Return the series of (from_ms, value, reason), given in ascending order of time."""
    facts: list[Fact] = []
    numbers: dict[int, int] = {}
    for _, _, fact in entries:
        if id(fact) not in numbers:
            numbers[id(fact)] = len(facts)
            facts.append(fact)
    return Series(
        np.array([at for at, _, _ in entries], dtype=np.int64),
        np.array([value for _, value, _ in entries], dtype=np.int8),
        np.array([numbers[id(fact)] for _, _, fact in entries], dtype=np.int32),
        tuple(facts),
    )


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is known beside clock, site and instructions. A section or photocell that is absent is not known at all.

    ``traffic``: by section, the value is how many classes under the design class. ``photocells``: by cell, BRIGHT or
    DARK. ``burning_h``: (n_circuits,) float64, the age of each circuit's lamps; None: as the site states it.
    """

    traffic: Mapping[str, Series] = field(default_factory=dict)
    photocells: Mapping[str, Series] = field(default_factory=dict)
    burning_h: NDArray[np.float64] | None = None

    def changes_between(self, first_ms: int, last_ms: int) -> list[NDArray[np.int64]]:
        """Return the moments in [first, last] at which any series changes."""
        every = (*self.traffic.values(), *self.photocells.values())
        return [found for one in every if (found := one.changes_between(first_ms, last_ms)).size]
