"""One write to every unit of a line, which nobody answers: only where all may take it, and each is read afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from drivers.bus import Priority
from drivers.device import Device
from drivers.errors import Rejected
from drivers.profile import WHOLE_DEVICE, Point
from drivers.quantity import Quantity
from drivers.writing import Allowed, WriteOutcome, raw_for, write_function


async def broadcast(
    devices: Sequence[Device],
    quantity: Quantity,
    value: float,
    *,
    allowed: Allowed,
    channel: str = WHOLE_DEVICE,
    priority: Priority = Priority.PERSON,
) -> Mapping[str, WriteOutcome]:
    """Write a live point of all devices of a line at once; the outcome of each, by its name, after reading it back.

    ``devices`` are all that are on the line, for all of them hear it. ``allowed`` is asked at the moment the bytes
    leave, and must answer for every circuit of the line: no lockout of one output can stop a broadcast.

    Raises Rejected before the wire unless every device allows broadcast and has that point, live, at the same place
    with the same raw value; and what the bus raises.
    """
    started_s = asyncio.get_running_loop().time()
    point, raw = _common_write(devices, quantity, channel, value)
    first = devices[0]
    line, limits = first.bus, first.profile.limits
    if point.data_type == "bit":
        await line.broadcast_coils(
            point.address_written, [bool(raw[0])], limits=limits, allowed=allowed, priority=priority
        )
    else:
        await line.broadcast_registers(point.address_written, raw, limits=limits, allowed=allowed, priority=priority)
    outcomes = await asyncio.gather(
        *(
            device.verified(_live(device, quantity, channel), raw, started_s=started_s, priority=priority)
            for device in devices
        )
    )
    return {device.name: outcome for device, outcome in zip(devices, outcomes, strict=True)}


def _common_write(
    devices: Sequence[Device], quantity: Quantity, channel: str, value: float
) -> tuple[Point, tuple[int, ...]]:
    """The write that means the same to every device of the line."""
    if not devices or any(device.bus is not devices[0].bus for device in devices):
        raise Rejected("a broadcast goes to the devices of one line")
    for device in devices:
        if not device.profile.limits.broadcast:
            raise _refused(device, f"{device.profile.id} ({device.name}) takes no broadcast")
    writes = {}
    for device in devices:
        point = _live(device, quantity, channel)
        raw, function = raw_for(point, value), write_function(point, device.profile.limits)
        writes[point.table, point.address_written, function, raw] = point, raw
        if len(writes) > 1:
            raise _refused(device, f"{quantity.value} is another write on {device.name} than on {devices[0].name}")
    return next(iter(writes.values()))


def _live(device: Device, quantity: Quantity, channel: str) -> Point:
    point = device.point_of(quantity, channel)
    if point is None or not point.writable or point.point_class != "live":
        raise _refused(device, f"{device.name} has no {quantity.value} that is written in operation")
    return point


def _refused(device: Device, detail: str) -> Rejected:
    return Rejected(detail, bus=device.bus.name, unit_id=device.unit_id)
