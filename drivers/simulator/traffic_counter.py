"""A vehicle detector on a pulse counter's input: the road that drives over it has a flow in vehicles an hour."""

from __future__ import annotations

from collections.abc import Callable

from drivers.profile import Point
from drivers.quantity import Quantity
from drivers.simulator.simulated_device import SimulatedDevice


class SimulatedCounter:
    """Counts from when it was made; the register wraps as its profile says. A boot clears it where the profile says so.

    ``flow_veh_h`` gives the flow at a site second; ``first_count`` is what a used counter starts with.
    """

    def __init__(
        self,
        device: SimulatedDevice,
        channel: str,
        flow_veh_h: Callable[[float], float],
        *,
        pulses_per_vehicle: float = 1.0,
        first_count: int = 0,
    ) -> None:
        self._device = device
        self._flow_veh_h = flow_veh_h
        self._pulses_per_vehicle = pulses_per_vehicle
        self._reached_s = device.now_s()
        self._booted_at_s = device.booted_at_s
        self._pulses = float(first_count)
        point = device.profile.point(Quantity.PULSE_COUNT, channel)
        self._keeps_count = isinstance(point, Point) and point.counter_reset == "never"
        device.provide(Quantity.PULSE_COUNT, channel, self.pulses)

    def set_flow(self, flow_veh_h: float) -> None:
        """From now on so many vehicles an hour pass, whatever was planned."""
        self.pulses(self._device.now_s())
        self._flow_veh_h = lambda _now_s: flow_veh_h

    def pulses(self, now_s: float) -> float:
        """What the counter has counted by that site second, before it wraps."""
        if self._device.booted_at_s > self._booted_at_s:
            self._booted_at_s = self._device.booted_at_s
            if not self._keeps_count:
                self._pulses, self._reached_s = 0.0, self._booted_at_s
        if now_s > self._reached_s:
            middle_s = (self._reached_s + now_s) / 2
            passed = self._flow_veh_h(middle_s) * (now_s - self._reached_s) / 3600
            self._pulses += passed * self._pulses_per_vehicle
            self._reached_s = now_s
        return float(int(self._pulses))
