"""Watches the settings that keep a street lit without us: read seldom, and compared with what was commissioned.

After a start, after a device was silent or has restarted, and once a day; while something has drifted every poll
period, so that a setting put right is soon seen. Reading wears out no memory, and lamps come first: what is due is read
in the background, few devices at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from drivers.bus import Priority
from drivers.errors import DriverError
from lighting.assets.fact import Fact
from lighting.assets.failsafe_settings import Outputs, outputs_by_device, watched_points
from lighting.assets.model import Site
from lighting.operation.background import start_task
from lighting.operation.failsafe_reading import FreshReading, drift_fact, keep, read_settings
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveDevice
from lighting.store.clock import Clock
from lighting.store.failsafe_record import found_settings
from lighting.store.records import FailsafeState
from lighting.store.store import StoreError

log = structlog.get_logger("lighting.operation.failsafe")

AT_ONCE = 16
"""Devices whose settings are read at the same time, of all lines."""
KEPT_TOGETHER = 256
_LEAST_AGAIN_S = 1.0


@dataclass(slots=True)
class _Seen:
    """A device as of its last look. ``due``: its settings are to be read; ``again_ms``: not before then."""

    device: LiveDevice
    due: bool = True
    lost: bool = False
    uptime_s: float | None = None
    again_ms: int = 0


class FailsafeWatch:
    """``drifted`` has the fact of each device that is not as it was commissioned."""

    def __init__(self, live: Live, lines: Lines, ledger: Ledger, clock: Clock) -> None:
        self.live = live
        self.drifted: dict[str, Fact] = {}
        self._lines = lines
        self._ledger = ledger
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._site: Site | None = None
        self._outputs: Mapping[str, Outputs] = {}
        self._reading: asyncio.Task[None] | None = None

    def restore(self, rows: Mapping[int, FailsafeState]) -> None:
        """Take over what had drifted when the last controller looked: an alarm that stands does not blink."""
        site = self.live.wiring.site
        for device in self.live.devices.values():
            row = rows.get(device.key)
            fact = None if row is None else drift_fact(site, device.id, found_settings(row.found))
            if fact is not None:
                self.drifted[device.id] = fact

    def look(self) -> None:
        """Note what is due, and begin to read it unless a reading is under way."""
        site = self.live.wiring.site
        if site is not self._site:
            self._take(site)
        for device_id, seen in self._seen.items():
            self._note(seen, self.live.devices[device_id])
        if self._reading is None or self._reading.done():
            due = [device_id for device_id, seen in self._seen.items() if self._is_due(device_id, seen)]
            if due:
                self._reading = start_task(self._read_all(site, due), "failsafe check")

    def read_again(self) -> None:
        """Let all of them be read again: the daily check."""
        for seen in self._seen.values():
            seen.due, seen.again_ms = True, 0

    async def stop(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait([self._reading], timeout=1.0)

    def _take(self, site: Site) -> None:
        """Another revision: what it changed of a device is read anew."""
        self._site, self._outputs = site, outputs_by_device(site)
        known, self._seen = self._seen, {}
        for device_id in self._outputs:
            device, before = self.live.devices[device_id], known.get(device_id)
            self._seen[device_id] = before if before is not None and before.device is device else _Seen(device)
            self._seen[device_id].due = True
        self.drifted = {name: fact for name, fact in self.drifted.items() if name in self._seen}

    def _note(self, seen: _Seen, device: LiveDevice) -> None:
        if device.reachable is False:
            seen.lost = True
        elif device.reachable is True and seen.lost:
            seen.lost, seen.due, seen.again_ms = False, True, 0  # it may be another one now
        if seen.uptime_s is not None and device.uptime_s is not None and device.uptime_s < seen.uptime_s:
            seen.due, seen.again_ms = True, 0
        seen.uptime_s = device.uptime_s

    def _is_due(self, device_id: str, seen: _Seen) -> bool:
        """A time further ahead than a period was set before a step of the clock."""
        if seen.device.reachable is not True or not (seen.due or device_id in self.drifted):
            return False
        return not 0 < seen.again_ms - self._clock.now_ms() <= self._period_ms()

    def _period_ms(self) -> int:
        return round(1000 * max(_LEAST_AGAIN_S, self.live.wiring.site.control.poll_s))

    async def _read_all(self, site: Site, device_ids: list[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(device_id: str) -> FreshReading | None:
            async with gate:
                return await self._read(site, device_id)

        for first in range(0, len(device_ids), KEPT_TOGETHER):
            read = await asyncio.gather(*(one(name) for name in device_ids[first : first + KEPT_TOGETHER]))
            await self._settle(site, [reading for reading in read if reading is not None])

    async def _read(self, site: Site, device_id: str) -> FreshReading | None:
        """The settings of one device; None when it does not answer: it is tried again after a period."""
        seen, device = self._seen.get(device_id), self._lines.devices.get(device_id)
        if seen is None or device is None or self._site is not site:
            return None
        seen.again_ms = self._clock.now_ms() + self._period_ms()
        points = watched_points(device.profile, self._outputs[device_id])
        try:
            values = await read_settings(device, points, Priority.POLL)
        except DriverError as error:
            log.info("failsafe_not_read", device=device_id, code=error.code, detail=error.detail)
            return None
        seen.due = False
        return FreshReading(seen.device.key, self._clock.now_ms(), values)

    async def _settle(self, site: Site, readings: list[FreshReading]) -> None:
        if not readings:
            return
        store = self._ledger.store
        by_key = {device.key: device.id for device in self.live.devices.values()}
        try:
            kept = await self._ledger.ask(lambda: keep(store, readings))
        except StoreError as error:
            log.error("failsafe_not_kept", code=error.fact.code)
            for seen in self._seen.values():
                seen.due = seen.due or seen.device.key in {reading.device_key for reading in readings}
            return
        for key, found in kept.items():
            device_id = by_key.get(key)
            if device_id is None or self._site is not site:
                continue
            fact = drift_fact(site, device_id, found)
            if fact is None:
                self.drifted.pop(device_id, None)
            else:
                self.drifted[device_id] = fact
