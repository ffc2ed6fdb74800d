"""Seeded disturbance as a function of time: the same seed and instant always give the same value."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

_MASK = (1 << 64) - 1


def seed_of(seed: int, *names: str) -> int:
    """A seed of its own for a named thing, the same in every process (unlike ``hash``)."""
    return zlib.crc32(":".join((str(seed), *names)).encode())


def noise(seed: int, at_s: float, *, hold_s: float = 1.0) -> float:
    """About normal (mean 0, standard deviation 1, never beyond ±3.5), a new value every ``hold_s``."""
    mixed = _mix(seed * 0x9E3779B97F4A7C15 + math.floor(at_s / hold_s))
    total = sum((mixed >> shift) & 0xFFFF for shift in (0, 16, 32, 48)) / 0xFFFF
    return (total - 2.0) * math.sqrt(3.0)


def _mix(number: int) -> int:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    number &= _MASK
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & _MASK
    return number ^ (number >> 31)


@dataclass(frozen=True, slots=True)
class Drift:
    """A slow wander of at most ``amplitude``, mean 0: two sines whose periods and phases come from the seed."""

    seed: int
    amplitude: float
    period_s: float = 3600.0

    def at(self, at_s: float) -> float:
        if self.amplitude == 0.0:
            return 0.0
        first = (self.seed & 0xFFFF) / 0xFFFF * math.tau
        second = (self.seed >> 16 & 0xFFFF) / 0xFFFF * math.tau
        turn = math.tau * at_s / self.period_s
        return self.amplitude * 0.5 * (math.sin(turn + first) + math.sin(turn * 0.381966 + second))
