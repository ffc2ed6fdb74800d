"""One write to every unit of a line, which nobody answers: only where all may take it, and each is read afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.bus import Priority
from drivers.device import Device
from drivers.errors import DriverError, Rejected
from drivers.profile import Limits, Point
from drivers.setting_budget import SettingBudget
from drivers.writing import Allowed, ConfirmedAct, WriteOutcome, raw_for, write_function

Value = float | str


@dataclass(frozen=True, slots=True)
class CommonWrite:
    """The write that means the same to every device of a line: ``points`` are theirs, in the order of the devices.

    ``limits`` are those that all of them keep: the functions that each knows, and the longest pause.
    """

    points: tuple[Point, ...]
    raw: tuple[int, ...]
    limits: Limits

    @property
    def point(self) -> Point:
        """Of the first device; those of the others have the same place, class and meaning."""
        return self.points[0]


def common_write(devices: Sequence[Device], point_name: str, value: Value) -> CommonWrite:
    """What is sent to set that point of all devices of a line. Sends nothing.

    Raises Rejected unless every device's profile allows broadcast (on a Modbus TCP or TLS line for these lines too,
    for there unit 0 may be the gateway itself) and has a writable point of that name with the same class and meaning,
    at the same place, to be written by a function that all have and with the same raw value, which none forbids.
    """
    if not devices or any(device.bus is not devices[0].bus for device in devices):
        raise Rejected("a broadcast goes to the devices of one line")
    for device in devices:
        _refuse_unless_it_hears(device)
    limits = _limits(devices)
    points: list[Point] = []
    places: dict[object, tuple[int, ...]] = {}
    for device in devices:
        point = _point(device, point_name)
        try:
            raw, function = raw_for(point, value), write_function(point, limits)
        except Rejected as error:
            raise _refused(device, f"{device.name}: {error.detail}") from error
        points.append(point)
        places[point.table, point.address_written, function, raw, point.point_class, point.quantity] = raw
        if len(places) > 1:
            raise _refused(device, f"{point_name} is another write on {device.name} than on {devices[0].name}")
    return CommonWrite(tuple(points), next(iter(places.values())), limits)


async def broadcast(
    devices: Sequence[Device],
    point_name: str,
    value: Value,
    *,
    act: ConfirmedAct,
    budget: SettingBudget,
    allowed: Allowed,
    priority: Priority = Priority.PERSON,
) -> Mapping[str, WriteOutcome]:
    """Write a point of all devices of a line at once; the outcome of each, by its name, after reading it back.

    ``devices`` are all that are on the line, for all of them hear it. ``act`` is a person's own, confirmed by the name
    of the line. ``allowed`` must answer for every circuit of the line, for no lockout of one output can stop a
    broadcast: it is asked first, and again at the moment the bytes leave. A setting that stands so already everywhere
    is not written (``skipped``); else ``budget`` accounts for the write on every device before the bytes leave.

    Raises Rejected before the wire as ``common_write``, for an act without name, reason or the right word, for a
    setting that a device has not, for a budget that is used up; and what the bus raises.
    """
    started_s = asyncio.get_running_loop().time()
    write = common_write(devices, point_name, value)
    line, point = devices[0].bus, write.point
    if not act.by.strip() or not act.reason.strip() or act.word != line.name:
        raise Rejected(f"a broadcast needs who does it, why, and {line.name} typed", bus=line.name)
    if not allowed():
        raise Rejected("not allowed", bus=line.name)
    if point.point_class == "setting":
        standing = await _standing(devices, write, started_s, priority)
        if standing is not None:
            return standing
        if not allowed():
            raise Rejected("no longer allowed", bus=line.name)  # before anything is accounted for
        for device, own in zip(devices, write.points, strict=True):
            await budget.claim(device.name, own)
    if point.data_type == "bit":
        on = [bool(write.raw[0])]
        await line.broadcast_coils(point.address_written, on, limits=write.limits, allowed=allowed, priority=priority)
    else:
        await line.broadcast_registers(
            point.address_written, write.raw, limits=write.limits, allowed=allowed, priority=priority
        )
    outcomes = await asyncio.gather(
        *(
            (device.setting_verified if point.point_class == "setting" else device.verified)(
                own, write.raw, started_s=started_s, priority=priority
            )
            for device, own in zip(devices, write.points, strict=True)
        )
    )
    return {device.name: outcome for device, outcome in zip(devices, outcomes, strict=True)}


async def _standing(
    devices: Sequence[Device], write: CommonWrite, started_s: float, priority: Priority
) -> Mapping[str, WriteOutcome] | None:
    """The outcomes of a setting that stands so everywhere; None where it does not, or a device cannot tell."""

    async def of(device: Device, point: Point) -> WriteOutcome | None:
        try:
            return await device.setting_standing(point, write.raw, started_s=started_s, priority=priority)
        except Rejected:
            raise
        except DriverError:
            return None  # silent now; reading back tells what became of it

    found = await asyncio.gather(*(of(device, point) for device, point in zip(devices, write.points, strict=True)))
    outcomes = {device.name: outcome for device, outcome in zip(devices, found, strict=True) if outcome is not None}
    return outcomes if len(outcomes) == len(devices) else None


def _limits(devices: Sequence[Device]) -> Limits:
    """What every device keeps: each has to know the function, and to be let do it."""
    all_limits = [device.profile.limits for device in devices]
    return replace(
        all_limits[0],
        pause_ms=max(limits.pause_ms for limits in all_limits),
        functions=tuple(f for f in all_limits[0].functions if all(f in limits.functions for limits in all_limits)),
        max_registers_per_write=min(limits.max_registers_per_write for limits in all_limits),
    )


def _refuse_unless_it_hears(device: Device) -> None:
    limits = device.profile.limits
    if not limits.broadcast:
        raise _refused(device, f"{device.profile.id} ({device.name}) takes no broadcast")
    if not device.bus.address.is_rtu and not limits.broadcast_tcp:
        raise _refused(device, f"{device.profile.id} ({device.name}) takes no broadcast over Modbus TCP or TLS")


def _point(device: Device, name: str) -> Point:
    point = device.profile.point_named(name)
    if point is None or not point.writable:
        raise _refused(device, f"{device.name} has no {name} that can be written")
    return point


def _refused(device: Device, detail: str) -> Rejected:
    return Rejected(detail, bus=device.bus.name, unit_id=device.unit_id)
