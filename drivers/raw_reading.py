"""The registers of points as they are on the device, for a person who wonders about a value."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bus import Bus, Priority
from drivers.device import Device
from drivers.errors import Rejected
from drivers.profile import Limits, Point, Table
from drivers.read_plan import Block, plan_reads

NOT_THERE = (2, 3)
"""Exceptions by which a device says that it has no such address."""


async def read_raw(device: Device, points: Sequence[Point], *, priority: Priority) -> dict[str, tuple[int, ...] | None]:
    """Registers (or bits) by point name, None where the device has no such address. Raises as ``Device.read``."""
    found: dict[str, tuple[int, ...] | None] = {}
    for block in plan_reads(points, device.profile.limits):
        found |= await _read_block(device, block, priority)
    return found


async def read_span(
    bus: Bus,
    unit_id: int,
    table: Table,
    address: int,
    count: int,
    *,
    limits: Limits,
    priority: Priority,
) -> tuple[int, ...]:
    """Registers, or bits as 0 and 1, of any table."""
    if table == "coil" or table == "discrete":
        bits = await bus.read_bits(unit_id, table, address, count, priority=priority, limits=limits)
        return tuple(int(bit) for bit in bits)
    return tuple(await bus.read_registers(unit_id, table, address, count, priority=priority, limits=limits))


async def _read_block(device: Device, block: Block, priority: Priority) -> dict[str, tuple[int, ...] | None]:
    limits = device.profile.limits
    try:
        raw = await read_span(
            device.bus, device.unit_id, block.table, block.address, block.count, limits=limits, priority=priority
        )
    except Rejected as error:
        if error.exception_code not in NOT_THERE:
            raise
        if len(block.points) == 1:
            return {block.points[0].name: None}
        found: dict[str, tuple[int, ...] | None] = {}
        for point in block.points:
            alone = Block(point.table, point.address, point.register_count, (point,))
            found |= await _read_block(device, alone, priority)
        return found
    return {
        point.name: raw[point.address - block.address : point.address - block.address + point.register_count]
        for point in block.points
    }
