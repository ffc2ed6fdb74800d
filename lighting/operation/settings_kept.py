"""Keeping the settings of a device that work for a person has just read, for status and alarms to know at once."""

from __future__ import annotations

from drivers.bus import Priority
from drivers.errors import DriverError
from lighting.assets.failsafe_settings import is_only_watched, outputs_by_device, watched_points
from lighting.operation.failsafe_reading import FreshReading, keep, read_settings, tell_store
from lighting.operation.task_work import TaskWork
from lighting.store.failsafe_record import FoundSettings, SettingValues
from lighting.store.store import Store


async def keep_settings(
    work: TaskWork, name: str, values: SettingValues, commissioned: SettingValues, *, as_found: bool = False
) -> None:
    """Keep these as read just now, and as commissioned; the controller hears of it, or the alarms where none runs."""
    now_ms = work.clock.now_ms()

    def kept(store: Store) -> FoundSettings:
        key = store.keys.ensure("device", [name], at_ms=now_ms)[name]
        unchanged = frozenset() if as_found else only_watched(work, name)
        reading = FreshReading(key, now_ms, values, commissioned, work.by, unchanged)
        found = keep(store, [reading])[key]
        if work.settings_read is None:
            tell_store(store, work.site, name, found, at_ms=now_ms)
        return found

    found = await work.ask(kept)
    if work.settings_read is not None:
        work.settings_read(name, found)


def only_watched(work: TaskWork, name: str) -> frozenset[str]:
    """The settings that commissioning watches and never writes: the output mode, dimming curves kept in the device."""
    profile = work.lines.devices[name].profile
    outputs = outputs_by_device(work.site).get(name, {})
    return frozenset(point.name for point in watched_points(profile, outputs) if is_only_watched(profile, point))


async def look_again(work: TaskWork, name: str) -> None:
    """After a setting was written by hand: read what the device would do without us now. A silent device is left."""
    outputs = outputs_by_device(work.site).get(name)
    if outputs is None:
        return
    device = work.lines.devices[name]
    try:
        values = await read_settings(device, watched_points(device.profile, outputs), Priority.PERSON)
    except DriverError:
        return
    await keep_settings(work, name, values, {})
