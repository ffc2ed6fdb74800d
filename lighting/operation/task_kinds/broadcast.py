"""``broadcast``: one write to every device of a line at once, as a person's own act; never under any lockout there.

Parameters: ``bus``, ``point`` and ``value``, and ``word``, the name of the bus as the person typed it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from drivers.broadcasting import CommonWrite, broadcast, common_write
from drivers.device import Device, WriteOutcome
from drivers.errors import DriverError, Rejected
from drivers.profile import Point
from drivers.writing import ConfirmedAct, held_for
from lighting.assets.fact import Fact
from lighting.assets.outputs_touched import circuits_on_line, is_ruled_output
from lighting.operation.settings_kept import look_again
from lighting.operation.task_work import Result, TaskFailure, TaskKind, TaskWork
from lighting.store.records import DeviceWrite
from lighting.store.store import Store

_MOST_NAMED = 6
"""Circuits under a lockout that a refusal names."""


class _Gate:
    """Asked at the moment the bytes leave; ``closed_by`` tells afterwards which circuits kept them back."""

    def __init__(self, work: TaskWork, circuits: tuple[str, ...]) -> None:
        self.closed_by: tuple[str, ...] = ()
        self._work = work
        self._circuits = circuits

    def __call__(self) -> bool:
        if not self._work.allowed(self._circuits):
            locked = tuple(circuit for circuit in self._circuits if not self._work.allowed((circuit,)))
            self.closed_by = locked or self._circuits or ("?",)
            return False
        return True


async def _broadcast(work: TaskWork) -> Result:
    bus = work.bus()
    devices = [device for device in work.lines.devices.values() if device.bus is bus]
    gate = _Gate(work, circuits_on_line(work.site, bus.name))
    name, value = work.text("point"), _value(work)
    if not gate():
        raise _locked_out(bus.name, gate)
    write = _agreed(work, bus.name, devices, name, value)
    act = ConfirmedAct(by=work.by, reason=work.reason, word=work.text("word"))
    started_s = time.monotonic()
    try:
        outcomes = await broadcast(devices, name, value, act=act, budget=work.budget, allowed=gate)
    except DriverError as error:
        if gate.closed_by:
            raise _locked_out(bus.name, gate) from error
        if isinstance(error, Rejected):
            raise _refused(bus.name, error.detail) from error
        # It may have left before the line was lost.
        await _record(work, devices, write, value, dict.fromkeys((d.name for d in devices), error.code), started_s)
        raise
    is_written = not all(outcome.skipped for outcome in outcomes.values())
    if is_written:
        ends = {device: "verified" if outcome.verified else "not_verified" for device, outcome in outcomes.items()}
        await _record(work, devices, write, value, ends, started_s)
        if write.point.point_class == "setting":
            for device in devices:
                await look_again(work, device.name)
    return {
        "bus": bus.name,
        "point": name,
        "class": write.point.point_class,
        "value": value,
        "sent": held_for(write.point, value),
        "unit": write.point.unit_name,
        "written": is_written,
        "devices": [
            _told(device, point, outcomes[device.name]) for device, point in zip(devices, write.points, strict=True)
        ],
    }


def _agreed(work: TaskWork, bus: str, devices: Sequence[Device], name: str, value: float | str) -> CommonWrite:
    """The write that all devices take alike. Raises ``TaskFailure`` before anything is sent."""
    if work.text("word") != bus:
        raise TaskFailure(Fact("broadcast_word_missing", {"bus": bus}))
    try:
        write = common_write(devices, name, value)
    except Rejected as error:
        raise _refused(bus, error.detail) from error
    for device, point in zip(devices, write.points, strict=True):
        if work.ruled and is_ruled_output(work.site, device.name, point):
            raise TaskFailure(Fact("broadcast_output_ruled", {"bus": bus, "point": name, "device": device.name}))
    return write


def _refused(bus: str, detail: str) -> TaskFailure:
    return TaskFailure(Fact("broadcast_refused", {"bus": bus, "detail": detail}))


def _locked_out(bus: str, gate: _Gate) -> TaskFailure:
    named = ", ".join(gate.closed_by[:_MOST_NAMED]) + (" …" if len(gate.closed_by) > _MOST_NAMED else "")
    return TaskFailure(Fact("broadcast_locked_out", {"bus": bus, "circuits": named}))


def _value(work: TaskWork) -> float | str:
    found = work.params.get("value")
    return found if isinstance(found, str) else work.number("value", math.nan)


def _told(device: Device, point: Point, outcome: WriteOutcome) -> Mapping[str, object]:
    return {
        "device": device.name,
        "unit_id": device.unit_id,
        "confirmed": outcome.verified,
        "can_be_read": point.readable or bool(point.verify),
        "read_back": outcome.read_back,
        "latency_ms": outcome.latency_ms,
    }


async def _record(
    work: TaskWork,
    devices: Sequence[Device],
    write: CommonWrite,
    value: float | str,
    ends: Mapping[str, str],
    started_s: float,
) -> None:
    """Beside the controller's own writes, one row a device. A text has no number to keep; the audit has it."""
    sent = held_for(write.point, value)
    if not isinstance(sent, float):
        return
    now_ms, latency_ms = work.clock.now_ms(), round(1000 * (time.monotonic() - started_s))
    points = {device.name: point for device, point in zip(devices, write.points, strict=True)}

    def add(store: Store) -> None:
        keys = store.keys.ensure("device", list(ends), at_ms=now_ms)
        rows = [
            DeviceWrite(now_ms, keys[name], point.channel, point.quantity.value, sent, ends[name], latency_ms)
            for name, point in points.items()
        ]
        store.history.add_writes(rows)

    await work.ask(add)


KIND = TaskKind("broadcast", _broadcast, ends_with_asker=False)
