"""Reading the settings that a failsafe stands on, keeping what was found, and saying what has drifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from drivers.bus import Priority
from drivers.device import Device
from drivers.profile import Point
from lighting.assets.fact import Fact
from lighting.assets.failsafe_settings import in_words, mode_holds
from lighting.assets.model import Site
from lighting.assets.watchdog_feeding import not_fed
from lighting.store.failsafe_record import FoundSettings, SettingValues, found_settings
from lighting.store.records import FailsafeState
from lighting.store.store import Store


async def read_settings(device: Device, points: Sequence[Point], priority: Priority) -> dict[str, float | str | None]:
    """Values by point name; None for one that the device does not have or does not tell. Raises the drivers' errors."""
    if not points:
        return {}
    samples = await device.read(points, priority=priority)
    return {point.name: samples[point.name].value for point in points}


@dataclass(frozen=True, slots=True)
class FreshReading:
    """One device's settings as read just now. ``commissioned`` are those of them that a person has just signed for.

    Of those in ``unchanged`` what was commissioned before stands: they are not what a person signs for by the way.
    """

    device_key: int
    at_ms: int
    values: SettingValues
    commissioned: SettingValues = field(default_factory=dict)
    commissioned_by: str = ""
    unchanged: frozenset[str] = frozenset()


def keep(store: Store, readings: Sequence[FreshReading]) -> dict[int, FoundSettings]:
    """Keep these, each beside what its device was commissioned to; what then stands in the store, by device key.

    One call, so that a commissioning and a check beside it never undo each other. What is commissioned for one circuit
    leaves what was for the others on the device.
    """
    rows = store.failsafes.all()
    kept: dict[int, FoundSettings] = {}
    for one in readings:
        row = rows.get(one.device_key)
        found = replace(FoundSettings() if row is None else found_settings(row.found), values=one.values)
        if one.commissioned:
            stands = {name: value for name, value in found.commissioned.items() if name in one.unchanged}
            signed = {**found.commissioned, **one.commissioned, **stands}
            found = FoundSettings(one.values, signed, one.at_ms, one.commissioned_by)
        kept[one.device_key] = found
    store.failsafes.put(
        [
            FailsafeState(
                device_key=one.device_key,
                at_ms=one.at_ms,
                verified=all(value is not None for value in one.values.values()),
                drift=bool(kept[one.device_key].drifted()),
                found=kept[one.device_key].as_json(),
            )
            for one in readings
        ]
    )
    return kept


def tell_store(store: Store, site: Site, device_id: str, found: FoundSettings, *, at_ms: int) -> None:
    """Raise and return what these settings are an alarm of, where no controller runs that would."""
    unfed = not_fed(site, {device_id: found.values}).get(device_id)
    facts = {
        "failsafe_drifted": drift_fact(site, device_id, found),
        "watchdog_not_fed": None if unfed is None else unfed.fact(),
        "output_mode_other": mode_fact(site, device_id, found.values),
    }
    for kind, fact in facts.items():
        if fact is None:
            store.history.return_alarm(kind, "device", device_id, at_ms=at_ms)
        else:
            store.history.raise_alarm(kind, "device", device_id, at_ms=at_ms, fact=fact)


def mode_fact(site: Site, device_id: str, values: SettingValues) -> Fact | None:
    """That the device is in another output mode than its profile says; None while it is not, or was not read."""
    profile = site.profiles[site.devices[device_id].profile]
    if profile.mode is None or mode_holds(profile, values) is not False:
        return None
    point = profile.point_named(profile.mode.point)
    found = values.get(profile.mode.point)
    shown = str(found) if point is None else in_words(point, found)
    return Fact("output_mode_other", {"device": device_id, "setting": profile.mode.point, "found": shown})


def drift_fact(site: Site, device_id: str, found: FoundSettings) -> Fact | None:
    """The first setting that does not read as commissioned, in words, and how many more; None when all do."""
    drifted = found.drifted()
    if not drifted:
        return None
    profile = site.profiles[site.devices[device_id].profile]
    point = profile.point_named(drifted[0])

    def word(values: Mapping[str, float | str | None]) -> str:
        value = values.get(drifted[0])
        return str(value) if point is None else in_words(point, value)

    return Fact(
        "failsafe_drifted" if len(drifted) == 1 else "failsafe_drifted_more",
        {
            "device": device_id,
            "setting": drifted[0],
            "found": word(found.values),
            "expected": word(found.commissioned),
            "more": len(drifted) - 1,
        },
    )
