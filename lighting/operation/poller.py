"""Reads devices when they are due, all lines side by side, and takes the answers into what is known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog

from drivers.bus import Priority
from drivers.errors import DriverError
from lighting.operation.alarms import SILENT_AFTER_FAILURES
from lighting.operation.background import start_task
from lighting.operation.feedback import Poll, absorb, believed
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveDevice
from lighting.operation.local_control import uptime_fell
from lighting.operation.slow_reads import SlowReads
from lighting.store.clock import Clock

log = structlog.get_logger("lighting.operation.poller")


def _feed_due_s(device: LiveDevice) -> float | None:
    """When it has to be asked again for its own watchdog; None where the plan of polls is enough, or it is silent."""
    every_s = device.watch.feed_every_s
    return None if every_s is None or device.reachable is not True else device.asked_s + every_s


class Poller:
    """One poll a device at a time. ``clock_doubted`` and ``locked`` are kept current by the tick.

    ``heard`` is told of every good poll.
    """

    def __init__(self, live: Live, lines: Lines, ledger: Ledger, clock: Clock) -> None:
        self.live = live
        self.clock_doubted = False
        self.locked: Callable[[], frozenset[str]] = frozenset
        self.heard: Callable[[Poll], None] = lambda _poll: None
        self._lines = lines
        self._ledger = ledger
        self._clock = clock
        self._slow = SlowReads(lines, clock)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._follow_ups: dict[str, float] = {}

    def due(self, now_ms: int) -> list[str]:
        """Devices whose poll is due by site time, and every one that did not answer last time (its bus backs off).

        With them those that would not last until their next poll: see ``feed_due``.

        A poll that is further ahead than a period was set before the clock was stepped back: it is due now.
        """
        poll_ms = 1000 * self.live.wiring.site.control.poll_s
        devices = self.live.devices.values()
        now_s = time.monotonic()
        hungry = {d.id for d in devices if (due_s := _feed_due_s(d)) is not None and due_s <= now_s}
        return [d.id for d in devices if not 0 < d.due_ms - now_ms <= poll_ms or d.reachable is False or d.id in hungry]

    def due_now(self, device_ids: Iterable[str]) -> None:
        """Let these be polled at the next tick."""
        for device_id in device_ids:
            if device_id in self.live.devices:
                self.live.devices[device_id].due_ms = 0

    def follow_up(self, device_ids: Iterable[str], after_s: float) -> None:
        """Read these again when what was written has settled (real seconds from now): the proof by measured power."""
        due_s = time.monotonic() + after_s
        for device_id in device_ids:
            self._follow_ups[device_id] = max(due_s, self._follow_ups.get(device_id, 0.0))

    def next_follow_up_s(self) -> float | None:
        """Monotonic time of the next follow-up, or None."""
        return min(self._follow_ups.values(), default=None)

    async def follow_up_due(self, *, bound_s: float, within_s: float = 0.0) -> bool:
        """Poll the follow-ups that are due within that many seconds; False when there were none."""
        limit_s = time.monotonic() + within_s
        ready = [device_id for device_id, due_s in self._follow_ups.items() if due_s <= limit_s]
        if not ready:
            return False
        await asyncio.sleep(max(0.0, max(self._follow_ups.pop(device_id) for device_id in ready) - time.monotonic()))
        await self.round([device_id for device_id in ready if device_id in self.live.devices], bound_s=bound_s)
        return True

    def next_feed_s(self) -> float | None:
        """Monotonic time at which the next device has to be asked although its poll is not due, or None."""
        times = (_feed_due_s(device) for device in self.live.devices.values())
        return min((due_s for due_s in times if due_s is not None), default=None)

    async def feed_due(self, *, bound_s: float) -> None:
        """Poll those now whose own watchdog, as last read, would run out between two polls of the plan."""
        now_s = time.monotonic()
        ready = []
        for device in self.live.devices.values():
            due_s = _feed_due_s(device)
            if due_s is not None and due_s <= now_s:
                device.asked_s = now_s  # also where a poll is still under way: that one feeds it
                ready.append(device.id)
        if ready:
            await self.round(ready, bound_s=bound_s)

    async def round(self, device_ids: Iterable[str], *, bound_s: float) -> None:
        """Poll these side by side; what has not answered within ``bound_s`` goes on in the background."""
        polled = list(device_ids)
        tasks = [self._start(device_id) for device_id in polled]
        if tasks:
            await asyncio.wait(tasks, timeout=bound_s)
            self._slow.start_due(self.live, polled)

    def read_once_again(self, device_ids: Iterable[str]) -> None:
        """Let the points of class once of these be read again after their next poll: settings may have drifted."""
        for device_id in device_ids:
            if device_id in self.live.devices:
                self.live.devices[device_id].once_due_ms = 0

    async def stop(self) -> None:
        running = list(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=1.0)
        await self._slow.stop()

    def _start(self, device_id: str) -> asyncio.Task[None]:
        task = self._running.get(device_id)
        if task is None or task.done():
            task = start_task(self._poll(device_id), f"poll {device_id}")
            self._running[device_id] = task
        return task

    async def _poll(self, device_id: str) -> None:
        live_device = self.live.devices[device_id]
        try:
            await self._read(live_device)
        except DriverError as error:
            self._note_failure(live_device, error)
        except Exception as error:  # whatever it is: nothing is known of this device, and that must be seen
            if live_device.fault != DriverError.code:
                log.exception("poll_failed", device=device_id)
            self._note_failure(live_device, DriverError(type(error).__name__))

    async def _read(self, live_device: LiveDevice) -> None:
        device_id = live_device.id
        device = self._lines.devices[device_id]
        started_s = live_device.asked_s = time.monotonic()
        live_device.due_ms = self._clock.now_ms() + round(self.live.wiring.site.control.poll_s * 1000)
        wiring = self.live.wiring.devices[device_id]
        points = tuple(wiring.points.values())
        if wiring.slow_meters and self._slow.is_due(self.live, live_device):
            points += tuple(wiring.slow_meters.values())
            self._slow.note_meters(self.live, live_device)
        samples = await device.read(points or None, priority=Priority.POLL)
        if self.live.devices.get(device_id) is not live_device:
            return
        control = self.live.wiring.site.control
        poll = Poll(device_id, samples, started_s, self._clock.now_ms(), self.clock_doubted)
        gap_limit_ms = control.stale_after_polls * control.poll_s * 1000
        self._note_restart(live_device, believed(samples.get(wiring.uptime_point)), poll.at_ms)
        readings = absorb(self.live, poll, locked=self.locked(), gap_limit_ms=gap_limit_ms)
        self.heard(poll)
        live_device.latest.update(samples)
        self._note_answer(live_device)
        self._note_feedback_times(device_id, poll.at_ms)
        self._ledger.add_readings(readings)

    def _note_restart(self, device: LiveDevice, uptime_s: float | None, at_ms: int) -> None:
        if device.last_ok_ms is None:
            return
        if uptime_fell(device.uptime_s, uptime_s, passed_ms=at_ms - device.last_ok_ms):
            log.info("device_restarted", device=device.id, uptime_s=uptime_s)
            self._lines.devices[device.id].restarted()
            device.once_due_ms = 0

    def _note_answer(self, device: LiveDevice) -> None:
        if device.reachable is False:
            log.info("device_back", device=device.id, failures=device.failures)
            for circuit_id in self.live.wiring.circuits_of_device.get(device.id, ()):
                self.live.circuits[circuit_id].next_try_s = 0.0
            device.once_due_ms = 0  # it may be another one now
        device.reachable, device.failures, device.fault = True, 0, ""
        device.last_ok_ms, device.last_ok_s = self._clock.now_ms(), time.monotonic()

    def _note_feedback_times(self, device_id: str, at_ms: int) -> None:
        """A circuit is read back when all of its output devices are: the oldest answer counts."""
        for circuit_id in self.live.wiring.circuits_of_device.get(device_id, ()):
            circuit = self.live.circuits[circuit_id]
            answers = [self.live.devices[d].last_ok_s for d in circuit.wiring.output_devices]
            if device_id in circuit.wiring.output_devices:
                circuit.feedback_s = max(circuit.feedback_s, min(answers))
                circuit.feedback_ms = at_ms

    def _note_failure(self, device: LiveDevice, error: DriverError) -> None:
        if device.reachable is not False:
            log.warning("device_not_answering", device=device.id, bus=device.bus, code=error.code, detail=error.detail)
        device.reachable, device.fault = False, error.code
        device.failures += 1
        lost = device.failures >= SILENT_AFTER_FAILURES
        for circuit_id in self.live.wiring.circuits_of_device.get(device.id, ()):
            circuit = self.live.circuits[circuit_id]
            relay, dimmer = circuit.wiring.circuit.relay, circuit.wiring.circuit.dimmer
            if relay is not None and relay.device == device.id:
                circuit.relay_seen = None
            if not lost:
                continue
            # Only what this device reports: a silent dimmer says nothing of the contactor.
            if relay is not None and relay.device == device.id:
                circuit.relay_closed = None
            if dimmer is not None and dimmer.device == device.id:
                circuit.level_pct = circuit.output_on = None
            if any(ref.device == device.id for ref in circuit.wiring.circuit.meter):
                circuit.power_w = None
