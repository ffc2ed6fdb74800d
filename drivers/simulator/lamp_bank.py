"""The luminaires of one circuit behind a dimmer and a contactor: power, warm-up, faults, and energy by integration."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.simulator.noise import Drift, seed_of

COLD_POWER_SHARE = 0.5
"""A lamp that has just ignited draws this share of its power, rising linearly until it is warm."""
DISCHARGE_WARM_UP_S = 60.0
"""A type that warms up for longer is a discharge lamp: until it is warm it runs undimmed whatever the dimmer says."""
_LONGEST_PIECE_S = 600.0
_GAUSS = 0.5 / math.sqrt(3.0)
_LED_POWER_FACTOR = ((0.0, 0.30), (10.0, 0.60), (30.0, 0.78), (50.0, 0.88), (100.0, 0.97))
_GEAR_POWER_FACTOR = 0.88


@dataclass(frozen=True, slots=True, eq=False)
class LampKind:
    """``count`` equal lamps. ``power_w`` gives one warm lamp's power at a level in percent; at 0 its standby."""

    count: int
    power_w: Callable[[float], float]
    minimum_level_pct: float = 10.0
    dimmable: bool = True
    start_s: float = 1.0
    warm_up_s: float = 5.0
    restrike_s: float = 0.0

    @property
    def is_discharge(self) -> bool:
        return self.warm_up_s >= DISCHARGE_WARM_UP_S


@dataclass(slots=True)
class _Lamp:
    kind: LampKind
    part: int
    factor: float
    failed: bool = False


class LampBank:
    """All lamps of a circuit. ``part`` numbers the phases that they are spread over, round robin.

    Time is in site seconds and never runs backwards: a call with an earlier time is taken as the latest one seen.
    Energy is integrated piecewise between events by two-point Gauss-Legendre, exact for the cubic that a
    linear-quadratic power curve makes under a linear ramp and warm-up.
    """

    def __init__(
        self,
        kinds: Sequence[LampKind],
        *,
        now_s: float = 0.0,
        parts: int = 1,
        seed: int = 0,
        tolerance: float = 0.03,
        drift: float = 0.003,
    ) -> None:
        self.parts = parts
        self.lamps = _lamps(kinds, parts, random.Random(seed), tolerance)
        self._chance = random.Random(seed + 1)
        self._drift = Drift(seed_of(seed, "drift"), drift)
        self._weights: list[list[tuple[LampKind, float]]] = []
        self._weigh()
        self._commanded = True
        self._stuck: Literal["open", "closed"] | None = None
        self._has_supply = True
        self._output_on = True
        self._ramp = (0.0, 0.0, now_s, now_s)
        self._asked_pct = 0.0
        self._supplied_s: float | None = now_s
        self._dark_since_s: float | None = None
        self._ignite_s: dict[LampKind, float] = {}
        self._ignite(now_s, dark_since_s=None)
        self._counted_s = now_s
        self._energy_ws = [0.0] * parts

    # -- what is done to it ----------------------------------------------------------------------------------------

    def set_level(self, level_pct: float, now_s: float, *, ramp_ms_per_pct: float = 0.0) -> None:
        """The dimmer's new setpoint; the light follows with the given ramp from wherever it is."""
        self._asked_pct = level_pct
        self._begin_ramp(now_s, ramp_ms_per_pct)

    def set_output_on(self, is_on: bool, now_s: float) -> None:
        """The dimmer's own on/off: off is level 0 without forgetting the setpoint."""
        self._output_on = is_on
        self._begin_ramp(now_s, 0.0)

    def set_contactor(self, is_closed: bool, now_s: float) -> None:
        """What the relay asks of the contactor; a stuck one does not follow."""
        self._commanded = is_closed
        self._switch(now_s)

    def stick_contactor(self, stuck: Literal["open", "closed"] | None, now_s: float) -> None:
        """Weld the contactor closed, break it open, or mend it (None)."""
        self._stuck = stuck
        self._switch(now_s)

    def set_supply(self, is_there: bool, now_s: float) -> None:
        """Take away or give back the feeder's supply."""
        self._has_supply = is_there
        self._switch(now_s)

    def fail_lamps(self, count: int, now_s: float) -> None:
        """Let that many more lamps burn out, chosen by the seed."""
        self._count_until(now_s)
        working = [lamp for lamp in self.lamps if not lamp.failed]
        for lamp in self._chance.sample(working, min(count, len(working))):
            lamp.failed = True
        self._weigh()

    def repair_lamps(self, now_s: float) -> None:
        """Make every lamp work again."""
        self._count_until(now_s)
        for lamp in self.lamps:
            lamp.failed = False
        self._weigh()

    # -- what it does ----------------------------------------------------------------------------------------------

    @property
    def is_supplied(self) -> bool:
        """Whether voltage stands at the lamps."""
        return self._supplied_s is not None

    @property
    def failed_count(self) -> int:
        return sum(lamp.failed for lamp in self.lamps)

    def level_pct(self, now_s: float) -> float:
        """The level that the dimmer's output has reached."""
        from_pct, to_pct, start_s, end_s = self._ramp
        if now_s >= end_s:
            return to_pct
        return from_pct + (to_pct - from_pct) * max(0.0, now_s - start_s) / (end_s - start_s)

    def power_w(self, now_s: float, part: int | None = None) -> float:
        """Active power of one phase's lamps, or of all."""
        if self._supplied_s is None:
            return 0.0
        chosen = range(self.parts) if part is None else (part,)
        level_pct = self.level_pct(now_s)
        total_w = 0.0
        for index in chosen:
            for kind, weight in self._weights[index]:
                total_w += weight * self._lamp_w(kind, level_pct, now_s)
        return total_w * (1.0 + self._drift.at(now_s))

    def reactive_var(self, now_s: float, part: int) -> float:
        """Reactive power of one phase's lamps: LED drivers lead (negative), magnetic gear lags."""
        if self._supplied_s is None:
            return 0.0
        level_pct = self.level_pct(now_s)
        total_var = 0.0
        for kind, weight in self._weights[part]:
            active_w = weight * self._lamp_w(kind, level_pct, now_s)
            total_var += active_w * _tan_phi(kind, level_pct)
        return total_var

    def energy_ws(self, now_s: float, part: int) -> float:
        """Watt-seconds of one phase's lamps since the bank was made."""
        self._count_until(now_s)
        return self._energy_ws[part]

    # -- inside ----------------------------------------------------------------------------------------------------

    def _begin_ramp(self, now_s: float, ramp_ms_per_pct: float) -> None:
        self._count_until(now_s)
        start_pct = self.level_pct(now_s)
        target_pct = self._asked_pct if self._output_on else 0.0
        length_s = abs(target_pct - start_pct) * ramp_ms_per_pct / 1000.0
        self._ramp = (start_pct, target_pct, now_s, now_s + length_s)

    def _switch(self, now_s: float) -> None:
        closed = self._commanded if self._stuck is None else self._stuck == "closed"
        supplied = closed and self._has_supply
        if supplied == self.is_supplied:
            return
        self._count_until(now_s)
        if supplied:
            self._ignite(now_s, dark_since_s=self._dark_since_s)
            self._supplied_s = now_s
        else:
            self._dark_since_s = now_s
            self._supplied_s = None

    def _ignite(self, now_s: float, *, dark_since_s: float | None) -> None:
        for kind in {lamp.kind for lamp in self.lamps}:
            ready_s = now_s
            if dark_since_s is not None and kind.restrike_s and self._ignite_s.get(kind, math.inf) < dark_since_s:
                # A hot discharge lamp does not strike before it has cooled.
                ready_s = max(now_s, dark_since_s + kind.restrike_s)
            self._ignite_s[kind] = ready_s + kind.start_s

    def _lamp_w(self, kind: LampKind, level_pct: float, now_s: float) -> float:
        ignite_s = self._ignite_s[kind]
        if now_s < ignite_s:
            return 0.0
        warm = 1.0 if now_s >= ignite_s + kind.warm_up_s else (now_s - ignite_s) / kind.warm_up_s
        if not kind.dimmable or (kind.is_discharge and warm < 1.0):
            level_pct = 100.0
        elif level_pct > 0.0:
            level_pct = max(level_pct, kind.minimum_level_pct)
        return kind.power_w(level_pct) * (COLD_POWER_SHARE + (1.0 - COLD_POWER_SHARE) * warm)

    def _count_until(self, now_s: float) -> None:
        start_s = self._counted_s
        if now_s <= start_s:
            return
        self._counted_s = now_s
        if self._supplied_s is None:
            return
        edges = [start_s, *self._edges(start_s, now_s), now_s]
        for left_s, right_s in itertools.pairwise(edges):
            pieces = max(1, math.ceil((right_s - left_s) / _LONGEST_PIECE_S))
            step_s = (right_s - left_s) / pieces
            for piece in range(pieces):
                self._add_piece(left_s + piece * step_s, step_s)

    def _add_piece(self, left_s: float, length_s: float) -> None:
        middle_s = left_s + 0.5 * length_s
        for at_s in (middle_s - _GAUSS * length_s, middle_s + _GAUSS * length_s):
            for part in range(self.parts):
                self._energy_ws[part] += 0.5 * length_s * self.power_w(at_s, part)

    def _edges(self, start_s: float, end_s: float) -> list[float]:
        """The instants at which the power has a jump or a kink."""
        from_pct, to_pct, ramp_start_s, ramp_end_s = self._ramp
        edges = {ramp_end_s}
        for kind, ignite_s in self._ignite_s.items():
            edges |= {ignite_s, ignite_s + kind.warm_up_s}
            if ramp_end_s > ramp_start_s and from_pct != to_pct:
                share = (kind.minimum_level_pct - from_pct) / (to_pct - from_pct)
                edges.add(ramp_start_s + share * (ramp_end_s - ramp_start_s))
        return sorted(edge for edge in edges if start_s < edge < end_s)

    def _weigh(self) -> None:
        self._weights = []
        for part in range(self.parts):
            sums: dict[LampKind, float] = {}
            for lamp in self.lamps:
                if lamp.part == part and not lamp.failed:
                    sums[lamp.kind] = sums.get(lamp.kind, 0.0) + lamp.factor
            self._weights.append(list(sums.items()))


def _lamps(kinds: Iterable[LampKind], parts: int, chance: random.Random, tolerance: float) -> list[_Lamp]:
    each = [kind for kind in kinds for _ in range(kind.count)]
    return [_Lamp(kind, i % parts, 1.0 + chance.uniform(-tolerance, tolerance)) for i, kind in enumerate(each)]


def _tan_phi(kind: LampKind, level_pct: float) -> float:
    if kind.is_discharge:
        return math.tan(math.acos(_GEAR_POWER_FACTOR))
    return -math.tan(math.acos(_interpolated(_LED_POWER_FACTOR, level_pct if kind.dimmable else 100.0)))


def _interpolated(table: Sequence[tuple[float, float]], at: float) -> float:
    for (left, low), (right, high) in itertools.pairwise(table):
        if at <= right:
            return low + (high - low) * max(0.0, at - left) / (right - left)
    return table[-1][1]
