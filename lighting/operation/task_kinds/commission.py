"""``commission``: read what devices would do without us, and with ``write`` give them the settings that were agreed.

Parameters: ``devices`` and ``circuits`` (ids), ``write``, and ``agreed``: [device, point, raw number] of each change
that a person has seen and confirmed. What differs otherwise, because it changed meanwhile, is told and not written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from drivers.bus import Priority
from drivers.device import Device
from drivers.errors import DriverError
from lighting.assets.fact import Fact
from lighting.assets.failsafe_settings import (
    Outputs,
    SettingChange,
    mode_holds,
    outputs_by_device,
    setting_changes,
    watched_points,
)
from lighting.assets.model import Site
from lighting.assets.outputs_touched import circuits_touched
from lighting.assets.poll_cycle import poll_cycles
from lighting.assets.watchdog_feeding import does_harm, planned_not_fed
from lighting.operation.commissioning import DONE, SettingOutcome, outputs_of_circuits, told, write_changes
from lighting.operation.failsafe_reading import read_settings
from lighting.operation.setting_budget import StoredBudget
from lighting.operation.settings_kept import keep_settings
from lighting.operation.task_work import Params, Result, TaskFailure, TaskKind, TaskWork
from lighting.store.failsafe_record import SettingValues
from lighting.store.records import DeviceWrite
from lighting.store.store import Store


@dataclass(frozen=True, slots=True)
class _DeviceEnd:
    """How one device came out of it. ``error`` is the code of what kept it from being read; empty: it was."""

    device: str
    error: str = ""
    detail: str = ""
    outcomes: tuple[SettingOutcome, ...] = ()
    not_agreed: tuple[SettingChange, ...] = ()
    commissioned: bool = False


async def _commission(work: TaskWork) -> Result:
    devices = [str(name) for name in work.list("devices")]
    outputs = outputs_by_device(work.site)
    for name in devices:
        if name not in outputs or name not in work.lines.devices:
            raise TaskFailure(Fact("task_no_device", {"device": name}))
    too_short = planned_not_fed(work.site, devices) if work.params.get("write") is True else None
    if too_short is not None:
        raise TaskFailure(too_short.fact("commission_watchdog_not_fed"))
    needed_s = {bus: cycle.needed_s for bus, cycle in poll_cycles(work.site).items()}
    by_bus: dict[str, list[str]] = {}
    for name in devices:
        by_bus.setdefault(work.site.devices[name].bus, []).append(name)
    ends: list[_DeviceEnd] = []

    async def line(names: list[str]) -> None:
        for name in names:
            ends.append(await _device(work, name, outputs[name], needed_s[work.site.devices[name].bus]))
            work.progress(len(ends), len(devices))

    work.progress(0, len(devices))
    await asyncio.gather(*(line(names) for names in by_bus.values()))
    order = {name: place for place, name in enumerate(devices)}
    return _result(sorted(ends, key=lambda end: order[end.device]))


async def _device(work: TaskWork, name: str, outputs: Outputs, needed_s: float) -> _DeviceEnd:
    device = work.lines.devices[name]
    points = watched_points(device.profile, outputs)
    try:
        values = await read_settings(device, points, Priority.PERSON)
    except DriverError as error:
        return _DeviceEnd(name, error.code, error.detail)
    if work.params.get("write") is not True:
        await keep_settings(work, name, values, {})
        return _DeviceEnd(name)
    wanted, not_agreed = _agreed(work, name, outputs, values)
    gate = lambda change: work.allowed(_touched(work.site, device, change))  # noqa: E731
    budget = StoredBudget(work.ask, work.clock, by=work.by)
    read = dict(values)

    def harm(change: SettingChange, done: Collection[SettingChange]) -> bool:
        before = read | {one.point: one.to_value for one in done}
        after = before | {change.point: change.to_value}
        return does_harm(device.profile, outputs, before, after, needed_s=needed_s)

    outcomes = await write_changes(device, wanted, budget=budget, allowed=gate, does_harm=harm)
    await _record(work, device, outcomes)
    try:
        values = await read_settings(device, points, Priority.PERSON)
    except DriverError as error:
        return _DeviceEnd(name, error.code, error.detail, outcomes, not_agreed)
    is_right = not not_agreed and all(outcome.became in DONE for outcome in outcomes)
    is_right = is_right and mode_holds(device.profile, values) is not False
    selected = outputs_of_circuits(outputs, _circuits(work))
    signed = {point.name for point in watched_points(device.profile, selected)} if is_right else set()
    agreed_to = {n: v for n, v in values.items() if n in signed and v is not None}
    await keep_settings(work, name, values, agreed_to, as_found=work.params.get("as_found") is True)
    return _DeviceEnd(name, outcomes=outcomes, not_agreed=not_agreed, commissioned=bool(signed))


def _circuits(work: TaskWork) -> frozenset[str]:
    return frozenset(str(circuit) for circuit in work.list("circuits"))


def _agreed(
    work: TaskWork, name: str, outputs: Outputs, values: SettingValues
) -> tuple[tuple[SettingChange, ...], tuple[SettingChange, ...]]:
    """What differs for the circuits that are meant: as it was agreed, and otherwise."""
    agreed = {tuple(one) for one in work.list("agreed") if isinstance(one, (list, tuple))}
    circuits = _circuits(work)
    changes = [c for c in setting_changes(work.site, name, outputs, values) if circuits.intersection(c.circuits)]
    known = [(change.device, change.point, change.to_raw) in agreed for change in changes]
    return (
        tuple(change for change, is_known in zip(changes, known, strict=True) if is_known),
        tuple(change for change, is_known in zip(changes, known, strict=True) if not is_known),
    )


def _touched(site: Site, device: Device, change: SettingChange) -> tuple[str, ...]:
    point = device.profile.point_named(change.point)
    touched = () if point is None else circuits_touched(site, device.name, point)
    return tuple(dict.fromkeys((*touched, *change.circuits)))


def _device_key(work: TaskWork, store: Store, name: str) -> int:
    return store.keys.ensure("device", [name], at_ms=work.clock.now_ms())[name]


async def _record(work: TaskWork, device: Device, outcomes: tuple[SettingOutcome, ...]) -> None:
    """Beside the controller's own writes: what was sent, and what came of it."""
    sent = [one for one in outcomes if one.became in ("verified", "not_verified", "unreachable")]
    if not sent:
        return
    now_ms = work.clock.now_ms()

    def rows(key: int) -> list[DeviceWrite]:
        found = []
        for one in sent:
            point = device.profile.point_named(one.change.point)
            quantity = "" if point is None else point.quantity.value
            found.append(DeviceWrite(now_ms, key, one.change.channel, quantity, one.change.to_value, one.became, 0))
        return found

    await work.ask(lambda store: store.history.add_writes(rows(_device_key(work, store, device.name))))


def _result(ends: list[_DeviceEnd]) -> Result:
    return {
        "devices": [
            {"device": end.device, "error": end.error, "detail": end.detail, "commissioned": end.commissioned}
            for end in ends
        ],
        "writes": [dict(told(outcome)) for end in ends for outcome in end.outcomes],
        "not_agreed": [{"device": c.device, "point": c.point} for end in ends for c in end.not_agreed],
    }


class _CommissionKind(TaskKind):
    """It works on the buses of the devices that it names."""

    def buses(self, site: Site, params: Params) -> tuple[str, ...]:
        named = params.get("devices")
        names: list[object] = list(named) if isinstance(named, (list, tuple)) else []
        return tuple(sorted({site.devices[str(name)].bus for name in names if str(name) in site.devices}))


KIND = _CommissionKind("commission", _commission, ends_with_asker=False, bound_s=3600.0)
