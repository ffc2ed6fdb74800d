"""Reads in the background what changes seldom: health and lamp failures now and then, settings and identity once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from drivers.bus import Priority
from drivers.errors import DriverError, Unreachable
from drivers.profile import Point
from lighting.operation.background import start_task
from lighting.operation.feedback import is_odd
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveDevice
from lighting.operation.wiring import DeviceWiring
from lighting.store.clock import Clock

log = structlog.get_logger("lighting.operation.slow_reads")

AT_ONCE = 64
"""Devices that are read so at the same time, of all lines: after a start thousands are due, and lamps come first."""


class SlowReads:
    """Slow points every ``slow_poll_s`` of site time; those of class once at the start, after silence and a restart.

    Their values are kept as the latest of each device and are no readings. A device that does not answer is asked again
    after its next poll; one that refuses, when the next slow poll is due.
    """

    def __init__(self, lines: Lines, clock: Clock) -> None:
        self._lines = lines
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    def is_due(self, live: Live, device: LiveDevice) -> bool:
        """Whether its slow points are due. A time further ahead than a period was set before a step of the clock."""
        return not 0 < device.slow_due_ms - self._clock.now_ms() <= _period_ms(live)

    def note_meters(self, live: Live, device: LiveDevice) -> None:
        """The slow meter points go with this poll; where nothing else is slow, that was all."""
        if not live.wiring.devices[device.id].slow:
            device.slow_due_ms = self._clock.now_ms() + _period_ms(live)

    def start_due(self, live: Live, device_ids: Iterable[str]) -> None:
        """Begin to read what is due of these devices, as far as they answer."""
        for device_id in device_ids:
            device = live.devices.get(device_id)
            if device is None or device.reachable is not True or self._is_running(device_id):
                continue
            if self._due_points(live, device):
                self._running[device_id] = start_task(self._read(live, device), f"slow read {device_id}")

    async def stop(self) -> None:
        running = [task for task in self._running.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=1.0)

    def _is_running(self, device_id: str) -> bool:
        task = self._running.get(device_id)
        return task is not None and not task.done()

    def _due_points(self, live: Live, device: LiveDevice) -> tuple[Point, ...]:
        wiring = live.wiring.devices[device.id]
        slow = wiring.slow if self.is_due(live, device) else ()
        return slow + (wiring.once if self._is_once_due(live, device, wiring) else ())

    def _is_once_due(self, live: Live, device: LiveDevice, wiring: DeviceWiring) -> bool:
        if device.once_due_ms is None:
            return device.once_names != _names(wiring.once)  # another revision uses other channels
        return not 0 < device.once_due_ms - self._clock.now_ms() <= _period_ms(live)

    async def _read(self, live: Live, device: LiveDevice) -> None:
        async with self._gate:
            points = self._due_points(live, device)
            next_ms = self._clock.now_ms() + _period_ms(live)
            driver = self._lines.devices.get(device.id)
            if driver is None or not points:
                return  # gone with a revision
            try:
                samples = await driver.read(points, priority=Priority.POLL)
            except Unreachable:
                return
            except DriverError as error:
                log.warning("slow_read_failed", device=device.id, bus=device.bus, code=error.code, detail=error.detail)
                device.slow_due_ms = next_ms
                device.once_due_ms = None if device.once_due_ms is None else next_ms
                return
        wiring, at_ms = live.wiring.devices[device.id], self._clock.now_ms()
        device.latest.update(samples)
        if any(point.poll == "slow" for point in points):
            device.slow_due_ms, device.slow_ms = next_ms, at_ms
            odd = (p.name for p in wiring.slow if p.point_class == "live" and is_odd(samples.get(p.name)))
            device.odd_slow = next(odd, "")
        if any(point.poll == "once" for point in points):
            device.once_due_ms, device.once_ms, device.once_names = None, at_ms, _names(wiring.once)


def _period_ms(live: Live) -> int:
    return round(1000 * live.wiring.site.control.slow_poll_s)


def _names(points: Iterable[Point]) -> tuple[str, ...]:
    return tuple(point.name for point in points)
