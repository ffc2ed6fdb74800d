"""``record``: all that passes a line for a while, and every point of its devices read once or again."""

from __future__ import annotations

import asyncio
import time

from drivers.bus import Bus, Priority
from drivers.device import Device
from drivers.errors import DriverError
from drivers.recording import Exchange
from lighting.assets.fact import Fact
from lighting.operation.task_work import Result, TaskFailure, TaskKind, TaskWork

LONGEST_S = 3600.0
MOST_EXCHANGES = 200_000
READ_AGAIN_S = 5.0
_LOOK_S = 0.1


class _Tap:
    """Stands at the bus where bytes leave and come, and tells each exchange."""

    def __init__(self, work: TaskWork) -> None:
        self.count = 0
        self._work = work
        self._begun_s = time.monotonic()

    def __call__(self, unit_id: int, request: bytes, reply: bytes | None, elapsed_s: float) -> None:
        if self.count >= MOST_EXCHANGES:
            return
        self.count += 1
        at_ms = 1000 * (time.monotonic() - self._begun_s - elapsed_s)
        self._work.emit(Exchange(max(0.0, at_ms), unit_id, request, reply, 1000 * elapsed_s).as_dict())


async def _record(work: TaskWork) -> Result:
    bus = work.bus()
    seconds = min(LONGEST_S, work.number("seconds", 60.0))
    if bus.observer is not None:
        raise TaskFailure(Fact("task_recording_already", {"bus": bus.name}))
    tap = bus.observer = _Tap(work)
    reading = asyncio.ensure_future(_read_all(work, bus))
    until_s = time.monotonic() + seconds
    try:
        while (left_s := until_s - time.monotonic()) > 0 and tap.count < MOST_EXCHANGES:
            work.progress(round(seconds - left_s), round(seconds))
            await asyncio.sleep(min(_LOOK_S, left_s))
    finally:
        bus.observer = None
        reading.cancel()
        await asyncio.wait([reading])
    work.progress(round(seconds), round(seconds))
    return {"bus": bus.name, "url": bus.url, "exchanges": tap.count, "seconds": seconds}


async def _read_all(work: TaskWork, bus: Bus) -> None:
    """The fast points as they are polled, then all of each device; again and again where no controller polls."""
    while True:
        for device in [one for one in work.lines.devices.values() if one.bus is bus]:
            await _read_device(device)
        if work.ruled:
            return
        await asyncio.sleep(READ_AGAIN_S)


async def _read_device(device: Device) -> None:
    points = [point for point in device.profile.points if point.readable]
    for wanted in (None, points):
        try:
            await device.read(wanted, priority=Priority.POLL)
        except DriverError:
            continue  # silence and refusals are recorded too


KIND = TaskKind("record", _record, holds_bus=False, bound_s=None)
