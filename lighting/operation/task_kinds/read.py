"""``read``: points of one device with their values, and with their raw registers where wanted."""

from __future__ import annotations

import time

from drivers.bus import Priority
from drivers.codec import Sample, decode
from drivers.device import Device
from drivers.profile import Point
from drivers.raw_reading import read_raw
from lighting.operation.point_values import point_value
from lighting.operation.task_work import Result, TaskKind, TaskWork


async def read_points(
    device: Device, points: tuple[Point, ...], *, with_raw: bool
) -> dict[str, tuple[Sample, tuple[int, ...] | None]]:
    """Samples by point name, with the registers that they come from if wanted. Raises the drivers' errors."""
    if not with_raw:
        samples = await device.read(points, priority=Priority.PERSON)
        return {point.name: (samples[point.name], None) for point in points}
    raws = await read_raw(device, points, priority=Priority.PERSON)
    return {point.name: (_decoded(point, raws[point.name]), raws[point.name]) for point in points}


def _decoded(point: Point, raw: tuple[int, ...] | None) -> Sample:
    from drivers.codec import UNKNOWN

    return UNKNOWN if raw is None else decode(point, raw)


async def _read(work: TaskWork) -> Result:
    device = work.device()
    points = work.points(device)
    started_s = time.monotonic()
    work.progress(0, len(points))
    found = await read_points(device, points, with_raw=work.params.get("raw") is True)
    return {
        "device": device.name,
        "profile": device.profile.id,
        "bus": device.bus.name,
        "unit_id": device.unit_id,
        "at_ms": work.clock.now_ms(),
        "took_ms": round(1000 * (time.monotonic() - started_s)),
        "points": [point_value(point, *found[point.name]) for point in points],
    }


KIND = TaskKind("read", _read, bound_s=120.0)
