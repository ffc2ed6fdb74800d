"""What one section or photocell has said in the last hours, as the decisions are given it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from lighting.assets.fact import Fact
from lighting.schedule.inputs import UNKNOWN, Series, series
from lighting.store.records import InputChange, InputKind

KEPT_MS = 6 * 3_600_000
"""Longer than any ramp shows what was before."""


class SenseHistory:
    """Changes stand at the moment at which the controller took them: that is what it has decided by."""

    def __init__(self, kind: InputKind, input_id: str, known: Iterable[InputChange] = ()) -> None:
        self.kind: InputKind = kind
        self.id = input_id
        self.entries = sorted(((c.at_ms, c.value, c.fact) for c in known), key=lambda entry: entry[0])
        self._series: Series | None = None

    @property
    def fact(self) -> Fact | None:
        """The newest reason; None before the first."""
        return self.entries[-1][2] if self.entries else None

    def value_at(self, now_ms: int) -> int:
        return next((value for at_ms, value, _ in reversed(self.entries) if at_ms <= now_ms), UNKNOWN)

    def take(self, changes: Iterable[tuple[int, int, Fact]], now_ms: int) -> list[InputChange]:
        """Say from now on what the last of some changes says; what has to be stored of it."""
        last = list(changes)[-1:]
        for _, value, fact in last:
            # What a clock that was stepped back had written is ahead of now, and not yet true again.
            self.entries = [entry for entry in self.entries if entry[0] < now_ms]
            self.entries.append((now_ms, value, fact))
            self._forget_before(now_ms - KEPT_MS)
            self._series = None
        return [InputChange(self.kind, self.id, now_ms, value, fact) for _, value, fact in last]

    def series(self) -> Series:
        if self._series is None:
            self._series = series(self.entries)
        return self._series

    def _forget_before(self, at_ms: int) -> None:
        """All but the last of before: that one still holds."""
        gone = sum(later[0] <= at_ms for _, later in pairwise(self.entries))
        del self.entries[:gone]
