"""``write``: one point of a device, as a person's own act, by its class; never under a lockout."""

from __future__ import annotations

import math
import time

from drivers.bus import Priority
from drivers.device import Device, WriteOutcome
from drivers.errors import DriverError, Rejected
from drivers.profile import Point
from drivers.writing import ConfirmedAct, held_for
from lighting.assets.fact import Fact
from lighting.assets.outputs_touched import circuits_touched, is_ruled_output
from lighting.operation.settings_kept import look_again
from lighting.operation.task_work import Result, TaskFailure, TaskKind, TaskWork
from lighting.store.records import DeviceWrite
from lighting.store.store import Store


class _Gate:
    """Asked at the moment the bytes leave; ``closed`` tells afterwards that it was the gate that stopped them."""

    def __init__(self, work: TaskWork, circuits: tuple[str, ...]) -> None:
        self.closed = False
        self._work = work
        self._circuits = circuits

    def __call__(self) -> bool:
        self.closed = not self._work.allowed(self._circuits)
        return not self.closed


async def _write(work: TaskWork) -> Result:
    device = work.device()
    point = work.point(device, work.text("point"))
    value = _value(work)
    circuits = circuits_touched(work.site, device.name, point)
    _refuse(work, device, point, circuits)
    gate = _Gate(work, circuits)
    locked_out = TaskFailure(Fact("task_locked_out", {"device": device.name, "point": point.name}))
    if not gate():
        raise locked_out
    started_s = time.monotonic()
    try:
        outcome = await _carried_out(work, device, point, value, gate)
    except DriverError as error:
        if gate.closed:
            raise locked_out from error
        await _record(work, device, point, value, error.code, round(1000 * (time.monotonic() - started_s)))
        if isinstance(error, Rejected) and error.exception_code is None:
            values = {"device": device.name, "detail": error.detail}
            raise TaskFailure(Fact("task_value_refused", values)) from error
        raise
    sent = held_for(point, value)
    if not outcome.skipped and sent is not None:
        await _record(work, device, point, sent, "verified" if outcome.verified else "echoed", outcome.latency_ms)
    if point.point_class == "setting" and not outcome.skipped:
        await look_again(work, device.name)
    return {**_told(device, point, value, outcome), "sent": sent}


async def _carried_out(work: TaskWork, device: Device, point: Point, value: float | str, gate: _Gate) -> WriteOutcome:
    if point.point_class == "setting":
        return await device.write_setting(point, value, budget=work.budget, allowed=gate)
    if isinstance(value, str):
        raise TaskFailure(Fact("task_parameter_wrong", {"name": "value"}))
    if point.point_class == "command":
        act = ConfirmedAct(by=work.by, reason=work.reason, word=work.text("word"))
        return await device.command(point, value, act=act, allowed=gate)
    return await device.write(point.quantity, point.channel, value, priority=Priority.PERSON, allowed=gate)


def _refuse(work: TaskWork, device: Device, point: Point, circuits: tuple[str, ...]) -> None:
    """What must not be written by this road, whoever asks."""
    if not point.writable:
        raise TaskFailure(Fact("task_point_read_only", {"point": point.name}))
    if work.ruled and is_ruled_output(work.site, device.name, point):
        raise TaskFailure(Fact("task_output_ruled", {"point": point.name, "circuit": circuits[0]}))
    if point.point_class != "setting" and work.text("word") != point.name:
        raise TaskFailure(Fact("task_word_missing", {"point": point.name}))


def _value(work: TaskWork) -> float | str:
    found = work.params.get("value")
    if isinstance(found, str):
        return found
    return work.number("value", math.nan)


async def _record(
    work: TaskWork, device: Device, point: Point, value: float | str, outcome: str, latency_ms: int
) -> None:
    """Beside the controller's own writes. A text has no number to keep; the audit has it."""
    if isinstance(value, str):
        return
    now_ms = work.clock.now_ms()

    def add(store: Store) -> None:
        key = store.keys.ensure("device", [device.name], at_ms=now_ms)[device.name]
        quantity = point.quantity.value
        store.history.add_writes([DeviceWrite(now_ms, key, point.channel, quantity, value, outcome, latency_ms)])

    await work.ask(add)


def _told(device: Device, point: Point, value: float | str, outcome: WriteOutcome) -> Result:
    return {
        "device": device.name,
        "point": point.name,
        "class": point.point_class,
        "value": value,
        "unit": point.unit_name,
        "verified": outcome.verified,
        "skipped": outcome.skipped,
        "echo_is_all": not point.readable and not point.verify,
        "read_back": outcome.read_back,
        "latency_ms": outcome.latency_ms,
    }


KIND = TaskKind("write", _write, ends_with_asker=False, bound_s=180.0)
