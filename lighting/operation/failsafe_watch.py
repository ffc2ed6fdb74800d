"""Watches the settings that keep a street lit without us: read seldom, and compared with what was commissioned.

After a start, after a device was silent, has restarted or did what nothing explains, and every hour; while something
has drifted every poll period, so that a setting put right is soon seen. Reading wears out no memory, and lamps come
first: what is due is read in the background, few devices at a time.
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
from lighting.assets.poll_cycle import PollCycle, poll_cycles
from lighting.assets.watchdog_feeding import closed_after, not_fed, shortest_watchdog_s
from lighting.operation.background import start_task
from lighting.operation.failsafe_reading import FreshReading, drift_fact, keep, mode_fact, read_settings
from lighting.operation.feedback import explain_by_failsafe
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveDevice, OwnWatch
from lighting.store.clock import Clock
from lighting.store.failsafe_record import FoundSettings, SettingValues, found_settings
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
    """``drifted`` has the fact of each device that is not as it was commissioned.

    ``not_fed`` has that of each whose watchdog, as last read, is too short for the polls of the running plan; those are
    asked more often meanwhile, as far as their line can. ``other_mode`` has that of each whose outputs work in another
    way than its profile says, so that its levels mean something else.
    """

    def __init__(self, live: Live, lines: Lines, ledger: Ledger, clock: Clock) -> None:
        self.live = live
        self.drifted: dict[str, Fact] = {}
        self.not_fed: dict[str, Fact] = {}
        self.other_mode: dict[str, Fact] = {}
        self._values: dict[str, SettingValues] = {}
        self._cycles: Mapping[str, PollCycle] = {}
        self._lines = lines
        self._ledger = ledger
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._site: Site | None = None
        self._outputs: Mapping[str, Outputs] = {}
        self._reading: asyncio.Task[None] | None = None

    def restore(self, rows: Mapping[int, FailsafeState]) -> None:
        """Take over what was found when the last controller looked: an alarm that stands does not blink.

        And a watchdog that the polls cannot feed is known from the first tick on.
        """
        site = self.live.wiring.site
        self._take(site)
        for device_id in self._outputs:
            row = rows.get(self.live.devices[device_id].key)
            if row is not None:
                self._know(site, device_id, found_settings(row.found))

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

    def take_found(self, device_id: str, found: FoundSettings) -> None:
        """Take what another reading found and kept: that of a commissioning."""
        if self._site is self.live.wiring.site and device_id in self._outputs:
            self._know(self._site, device_id, found)

    def read_again(self) -> None:
        """Let all of them be read again: the hourly check."""
        for seen in self._seen.values():
            seen.due, seen.again_ms = True, 0

    async def stop(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait([self._reading], timeout=1.0)

    def _take(self, site: Site) -> None:
        """Another revision: what it changed of a device is read anew."""
        self._site, self._outputs, self._cycles = site, outputs_by_device(site), poll_cycles(site)
        known, self._seen = self._seen, {}
        for device_id in self._outputs:
            device, before = self.live.devices[device_id], known.get(device_id)
            self._seen[device_id] = before if before is not None and before.device is device else _Seen(device)
            self._seen[device_id].due = True
        self.drifted = {name: fact for name, fact in self.drifted.items() if name in self._seen}
        self._values = {name: values for name, values in self._values.items() if name in self._seen}
        self.not_fed, self.other_mode = {}, {}
        for device_id, values in self._values.items():
            self._mind_watchdog(site, device_id, values)
            self._mind_mode(site, device_id, values)

    def _know(self, site: Site, device_id: str, found: FoundSettings) -> None:
        fact = drift_fact(site, device_id, found)
        if fact is None:
            self.drifted.pop(device_id, None)
        else:
            self.drifted[device_id] = fact
        self._values[device_id] = found.values
        self._mind_watchdog(site, device_id, found.values)
        self._mind_mode(site, device_id, found.values)

    def _mind_mode(self, site: Site, device_id: str, values: SettingValues) -> None:
        fact = mode_fact(site, device_id, values)
        if fact is None:
            self.other_mode.pop(device_id, None)
        else:
            self.other_mode[device_id] = fact

    def _mind_watchdog(self, site: Site, device_id: str, values: SettingValues) -> None:
        """Work out how the device watches us, and whether the plan of polls is quick enough for it."""
        outputs = self._outputs[device_id]
        device = self.live.devices[device_id]
        profile = site.profiles[site.devices[device_id].profile]
        unfed = not_fed(site, {device_id: values}, outputs=self._outputs, cycles=self._cycles).get(device_id)
        device.watch = OwnWatch(
            watchdog_s=shortest_watchdog_s(profile, outputs, values),
            feed_every_s=None if unfed is None else unfed.feed_every_s,
            closed_after=closed_after(profile, outputs, values),
        )
        if unfed is None:
            self.not_fed.pop(device_id, None)
        else:
            self.not_fed[device_id] = unfed.fact()
        for circuit_id in self.live.wiring.circuits_of_device.get(device_id, ()):
            if explain_by_failsafe(self.live.circuits[circuit_id], device):
                log.info("explained_by_failsafe", circuit=circuit_id, device=device_id)

    def _note(self, seen: _Seen, device: LiveDevice) -> None:
        if device.reachable is False:
            seen.lost = True
        elif device.reachable is True and seen.lost:
            seen.lost, seen.due, seen.again_ms = False, True, 0  # it may be another one now
        if seen.uptime_s is not None and device.uptime_s is not None and device.uptime_s < seen.uptime_s:
            seen.due, seen.again_ms = True, 0
        if device.settings_doubted:
            device.settings_doubted = False
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
            self._know(site, device_id, found)
