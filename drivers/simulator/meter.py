"""An electricity meter of any make: what hangs on each phase, and the quantities that it shows for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from drivers.quantity import Quantity
from drivers.simulator.noise import Drift, noise, seed_of
from drivers.simulator.simulated_device import SimulatedDevice

TOTAL = "total"
_WS_PER_KWH = 3_600_000.0


class Load(Protocol):
    """What a phase feeds: power, reactive power and energy of one part of something."""

    def power_w(self, now_s: float, part: int) -> float: ...
    def reactive_var(self, now_s: float, part: int) -> float: ...
    def energy_ws(self, now_s: float, part: int) -> float: ...


class SteadyLoad:
    """A permanent load: a controller, a heater, a camera. Its energy stands still while its supply is gone."""

    def __init__(self, power_w: float, *, now_s: float = 0.0) -> None:
        self._rated_w = power_w
        self._has_supply = True
        self._counted_s = now_s
        self._energy_ws = 0.0

    def set_supply(self, is_there: bool, now_s: float) -> None:
        self.energy_ws(now_s)
        self._has_supply = is_there

    def power_w(self, now_s: float, part: int = 0) -> float:
        return self._rated_w if self._has_supply else 0.0

    def reactive_var(self, now_s: float, part: int = 0) -> float:
        return 0.0

    def energy_ws(self, now_s: float, part: int = 0) -> float:
        self._energy_ws += self.power_w(now_s) * max(0.0, now_s - self._counted_s)
        self._counted_s = max(self._counted_s, now_s)
        return self._energy_ws


@dataclass(frozen=True, slots=True)
class _Phase:
    """One phase at one instant, as the meter shows it."""

    voltage_v: float
    power_w: float
    reactive_var: float

    @property
    def apparent_va(self) -> float:
        return math.hypot(self.power_w, self.reactive_var)


class SimulatedMeter:
    """Makes a device's electrical values out of the loads on its phases.

    ``loads`` maps a phase's channel id to (load, part) pairs. A single-phase meter has the one phase ``total``; on the
    others ``total`` is the sum of the phases. Power carries white noise of ``noise_share``, which the energy does not.
    """

    def __init__(
        self,
        device: SimulatedDevice,
        loads: Mapping[str, Sequence[tuple[Load, int]]],
        *,
        seed: int = 0,
        noise_share: float = 0.002,
        first_kwh: float = 0.0,
    ) -> None:
        self.loads = {phase: list(each) for phase, each in loads.items()}
        self._seed = seed
        self._noise_share = noise_share
        self._first_kwh = first_kwh
        self._swing = {phase: Drift(seed_of(seed, phase, "volt"), 4.0, 5400.0) for phase in self.loads}
        self._frequency = Drift(seed_of(seed, "hertz"), 0.05, 300.0)
        self._seen: tuple[float, dict[str, _Phase]] = (math.nan, {})
        self._provide(device)

    def power_w(self, now_s: float, channel: str = TOTAL) -> float:
        """What the meter shows as active power."""
        return sum(phase.power_w for phase in self._chosen(channel, now_s))

    def energy_kwh(self, now_s: float, channel: str = TOTAL) -> float:
        """The import counter, before the wire's number format rounds it."""
        chosen = self.loads if channel == TOTAL else (channel,)
        energy_ws = sum(load.energy_ws(now_s, part) for phase in chosen for load, part in self.loads[phase])
        return self._first_kwh * len(chosen) / len(self.loads) + energy_ws / _WS_PER_KWH

    def _provide(self, device: SimulatedDevice) -> None:
        for channel in {*self.loads, TOTAL}:
            for quantity, show in _SHOWN.items():
                device.provide(quantity, channel, partial(self._shown, show, channel))
            for quantity in (Quantity.ENERGY_IMPORT, Quantity.ENERGY_TOTAL):
                device.provide(quantity, channel, partial(self.energy_kwh, channel=channel))
        for channel in {*self.loads, TOTAL, ""}:
            device.provide(Quantity.FREQUENCY, channel, lambda now_s: 50.0 + self._frequency.at(now_s))

    def _shown(self, show: Callable[[list[_Phase]], float], channel: str, now_s: float) -> float:
        return show(self._chosen(channel, now_s))

    def _chosen(self, channel: str, now_s: float) -> list[_Phase]:
        # All points of one request are of one instant, so the phases are worked out once for it.
        if self._seen[0] != now_s:
            self._seen = (now_s, {phase: self._measure(phase, now_s) for phase in self.loads})
        phases = self._seen[1]
        return list(phases.values()) if channel == TOTAL else [phases[channel]]

    def _measure(self, phase: str, now_s: float) -> _Phase:
        power_w = sum(load.power_w(now_s, part) for load, part in self.loads[phase])
        reactive_var = sum(load.reactive_var(now_s, part) for load, part in self.loads[phase])
        shown_w = power_w * (1.0 + self._noise_share * noise(seed_of(self._seed, phase), now_s))
        return _Phase(230.0 + self._swing[phase].at(now_s), shown_w, reactive_var)


def _current_a(phases: list[_Phase]) -> float:
    return sum(phase.apparent_va / phase.voltage_v for phase in phases)


def _apparent_va(phases: list[_Phase]) -> float:
    return math.hypot(sum(p.power_w for p in phases), sum(p.reactive_var for p in phases))


def _power_factor(phases: list[_Phase]) -> float:
    apparent_va = _apparent_va(phases)
    return sum(p.power_w for p in phases) / apparent_va if apparent_va > 0.0 else 1.0


def _phase_angle_deg(phases: list[_Phase]) -> float:
    return math.degrees(math.atan2(sum(p.reactive_var for p in phases), sum(p.power_w for p in phases)))


_SHOWN: dict[Quantity, Callable[[list[_Phase]], float]] = {
    Quantity.VOLTAGE: lambda phases: sum(p.voltage_v for p in phases) / len(phases),
    Quantity.CURRENT: _current_a,
    Quantity.ACTIVE_POWER: lambda phases: sum(p.power_w for p in phases),
    Quantity.APPARENT_POWER: _apparent_va,
    Quantity.REACTIVE_POWER: lambda phases: sum(p.reactive_var for p in phases),
    Quantity.POWER_FACTOR: _power_factor,
    Quantity.PHASE_ANGLE: _phase_angle_deg,
}
