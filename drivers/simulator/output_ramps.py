"""How a device's outputs move: from wherever they are to what was asked, at the device's own pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Ramp:
    from_pct: float
    to_pct: float
    start_s: float
    end_s: float


class OutputRamps:
    """The level that each output has reached, by channel. ``now_s`` are site seconds."""

    def __init__(self) -> None:
        self._ramps: dict[str, _Ramp] = {}
        self._sources: dict[str, Callable[[float], float]] = {}

    def provide(self, channel: str, level_pct: Callable[[float], float]) -> None:
        """From now on something wired to the output tells how far it has come."""
        self._sources[channel] = level_pct

    def begin(self, channel: str, level_pct: float, now_s: float, *, ms_per_pct: Callable[[bool], float]) -> None:
        """Move that output to a level; ``ms_per_pct`` gives the pace upwards (True) or downwards."""
        reached_pct = self._own(channel, now_s)
        length_s = abs(level_pct - reached_pct) * ms_per_pct(level_pct > reached_pct) / 1000.0
        self._ramps[channel] = _Ramp(reached_pct, level_pct, now_s, now_s + length_s)

    def reached_pct(self, channel: str, now_s: float) -> float:
        """Where the output is."""
        source = self._sources.get(channel)
        return self._own(channel, now_s) if source is None else source(now_s)

    def _own(self, channel: str, now_s: float) -> float:
        ramp = self._ramps.get(channel)
        if ramp is None:
            return 0.0
        if now_s >= ramp.end_s:
            return ramp.to_pct
        share = max(0.0, now_s - ramp.start_s) / (ramp.end_s - ramp.start_s)
        return ramp.from_pct + (ramp.to_pct - ramp.from_pct) * share
