"""What is known of a meter channel's energy counter, and the marks of what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntFlag
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
ResetBehaviour = Literal["never", "on_power_loss", "unknown"]

GAP_LIMIT_MS = 900_000


class EnergyFlag(IntFlag):
    """What happened to the counter within a slot."""

    WRAPPED = 1
    RESET = 2
    REPLACED = 4
    BACKWARDS = 8
    IMPLAUSIBLE = 16
    AMBIGUOUS = 32
    SPREAD = 64
    INTEGRATED = 128


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """What is known of a channel's counter.

    ``modulus_ws``: it goes back to 0 when it would reach this (None: not known, so that a fall is never resolved).
    ``reset``: what else makes it 0. ``rated_w``: what all that hangs on it draws at most (None: not known; then nothing
    is too much). ``resolution_ws``: its smallest step. ``is_counted``: whether there is a counter at all; None: where a
    reading has one. ``gap_limit_ms``: readings further apart are a gap.
    """

    modulus_ws: int | None = None
    reset: ResetBehaviour = "unknown"
    rated_w: float | None = None
    resolution_ws: int = 1
    is_counted: bool | None = None
    gap_limit_ms: int = GAP_LIMIT_MS


@dataclass(frozen=True, slots=True)
class FactTable:
    """``CounterFacts`` of many series as arrays (n_series,). A modulus of 0 and a rated power of inf are unknown."""

    modulus_ws: Integers
    may_reset: NDArray[np.bool_]
    counts_since_reset: NDArray[np.bool_]
    rated_w: Floats
    resolution_ws: Integers
    is_counted: Integers
    gap_limit_ms: Integers

    @classmethod
    def of(cls, facts: Sequence[CounterFacts]) -> FactTable:
        return cls(
            np.array([one.modulus_ws or 0 for one in facts], np.int64),
            np.array([one.reset != "never" for one in facts], np.bool_),
            np.array([one.reset == "on_power_loss" for one in facts], np.bool_),
            np.array([np.inf if one.rated_w is None else one.rated_w for one in facts], np.float64),
            np.array([one.resolution_ws for one in facts], np.int64),
            np.array([-1 if one.is_counted is None else one.is_counted for one in facts], np.int64),
            np.array([one.gap_limit_ms for one in facts], np.int64),
        )

    def part(self, first: int, last: int) -> FactTable:
        return FactTable(*(getattr(self, one.name)[first:last] for one in fields(self)))
