"""``watch``: the same points again and again, until the one who asked goes away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from drivers.bus import Priority
from drivers.device import Device
from drivers.errors import DriverError
from drivers.profile import Point
from lighting.operation.point_values import point_value
from lighting.operation.task_work import Result, TaskKind, TaskWork

LEAST_EVERY_S = 0.2


async def _watch(work: TaskWork) -> Result:
    every_s = max(LEAST_EVERY_S, work.number("every_s", 2.0))
    rounds = int(work.number("rounds", 0))
    done = 0
    next_s = time.monotonic()
    while rounds == 0 or done < rounds:
        # Looked up each time: a new revision may have opened the line anew.
        device = work.device()
        points = work.points(device)
        async with work.turn(device.bus.name):
            work.emit({"at_ms": work.clock.now_ms(), **await _look(device, points)})
        done += 1
        work.progress(done, rounds)
        next_s = max(next_s + every_s, time.monotonic())
        if rounds == 0 or done < rounds:
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
    return {"rounds": done}


async def _look(device: Device, points: tuple[Point, ...]) -> Mapping[str, object]:
    """The values, or why there are none: a device that falls silent is what somebody may be watching for."""
    try:
        samples = await device.read(points, priority=Priority.PERSON)
    except DriverError as error:
        return {"error": error.code, "detail": error.detail, "points": []}
    return {"error": None, "detail": "", "points": [point_value(point, samples[point.name]) for point in points]}


KIND = TaskKind("watch", _watch, holds_bus=False, bound_s=None)
