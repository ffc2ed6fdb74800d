"""How long to leave something alone that does not answer: doubling, with jitter, up to a longest time."""

from __future__ import annotations

import random


class Backoff:
    """Times are real monotonic seconds, given by the caller. The jitter (±20 %) keeps lines from beating together."""

    __slots__ = ("_failures", "_first_s", "_longest_s", "_rng", "_until_s")

    def __init__(self, first_s: float, longest_s: float, rng: random.Random) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._rng = rng
        self._failures = 0
        self._until_s = float("-inf")

    def failed(self, now_s: float) -> None:
        """Another failure: the next try is allowed after twice the time of the last one."""
        wait_s = min(self._first_s * 2.0 ** min(self._failures, 30), self._longest_s)
        self._failures += 1
        self._until_s = now_s + wait_s * self._rng.uniform(0.8, 1.2)

    def succeeded(self) -> None:
        """It answered: nothing is held against it any more."""
        self._failures = 0
        self._until_s = float("-inf")

    def is_over(self, now_s: float) -> bool:
        """Whether trying is allowed now."""
        return now_s >= self._until_s

    def left_s(self, now_s: float) -> float:
        """How long it is still left alone."""
        return max(0.0, self._until_s - now_s)
