"""``probe``: is the device there, and is it what its profile says? By reading alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from drivers.bus import Priority
from drivers.codec import Sample, SampleQuality
from drivers.device import Device
from drivers.errors import Rejected
from drivers.profile import Point
from drivers.quantity import Quantity
from drivers.raw_reading import NOT_THERE, read_span
from drivers.scan import Fit, ProbeRead, checks_of, fit_of
from lighting.operation.point_values import point_value
from lighting.operation.task_work import Result, TaskKind, TaskWork

ROUND_TRIPS = 5
_OF_ITSELF = (Quantity.FIRMWARE_VERSION, Quantity.SERIAL_NUMBER)


async def _probe(work: TaskWork) -> Result:
    device = work.device()
    checks = checks_of(device.profile)
    of_itself = [point for point in device.profile.points if point.quantity in _OF_ITSELF and point.readable]
    total = len(checks) + 1 + ROUND_TRIPS
    answers: dict[ProbeRead, tuple[int, ...] | None] = {}
    for number, check in enumerate(checks):
        work.progress(number, total)
        answers[check.read] = await _answer(device, check.read)
    work.progress(len(checks), total)
    samples = await device.read((*_fast(device), *of_itself), priority=Priority.PERSON)
    times_ms = await _round_trips(work, device, checks[0].read if checks else None, total)
    fit = fit_of(device.profile, answers)
    return {
        "device": device.name,
        "profile": device.profile.id,
        "profile_name": device.profile.name,
        "bus": device.bus.name,
        "unit_id": device.unit_id,
        "at_ms": work.clock.now_ms(),
        "fits": _verdict(fit),
        "checks": [check_told(fit, at) for at in range(len(fit.results))],
        "of_itself": [point_value(point, samples[point.name]) for point in of_itself],
        "points_read": len(samples),
        "out_of_range": _named(samples, SampleQuality.OUT_OF_RANGE),
        "unknown": _named(samples, SampleQuality.UNKNOWN),
        "round_trips_ms": times_ms,
    }


def check_told(fit: Fit, at: int) -> dict[str, object]:
    """A check as plain JSON; ``expected`` is null where any value in the valid range will do."""
    result = fit.results[at]
    point = result.check.point
    told = point_value(point, result.sample or Sample(None, SampleQuality.UNKNOWN))
    return told | {
        "expected": result.check.equals,
        "valid_min": point.valid_min,
        "valid_max": point.valid_max,
        "is_there": result.sample is not None,
        "fits": result.fits,
    }


def _verdict(fit: Fit) -> str:
    if not fit.results:
        return "unknown"
    return "yes" if fit.is_whole else "no"


def _fast(device: Device) -> Sequence[Point]:
    return device.points("fast")


def _named(samples: dict[str, Sample], quality: SampleQuality) -> list[str]:
    return [name for name, sample in samples.items() if sample.quality is quality]


async def _answer(device: Device, read: ProbeRead) -> tuple[int, ...] | None:
    try:
        return await read_span(
            device.bus,
            device.unit_id,
            read.table,
            read.address,
            read.count,
            limits=device.profile.limits,
            priority=Priority.PERSON,
        )
    except Rejected as error:
        if error.exception_code not in NOT_THERE:
            raise
        return None


async def _round_trips(work: TaskWork, device: Device, read: ProbeRead | None, total: int) -> dict[str, object]:
    """How long the device takes, its pause left out; nothing without a probe point."""
    if read is None:
        return {"count": 0}
    times_ms = []
    for number in range(ROUND_TRIPS):
        await asyncio.sleep(device.profile.limits.pause_ms / 1000)
        started_s = time.monotonic()
        await _answer(device, read)
        times_ms.append(1000 * (time.monotonic() - started_s))
        work.progress(total - ROUND_TRIPS + number + 1, total)
    return {
        "count": len(times_ms),
        "min": round(min(times_ms), 1),
        "mean": round(sum(times_ms) / len(times_ms), 1),
        "max": round(max(times_ms), 1),
    }


KIND = TaskKind("probe", _probe, bound_s=120.0)
