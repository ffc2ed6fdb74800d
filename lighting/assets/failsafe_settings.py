"""The settings of devices that a failsafe stands on: which they are, what they mean, what they should be. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from drivers.codec import decode, encode, raw_number
from drivers.errors import Rejected
from drivers.profile import ChannelRole, Point, Profile, Reaction
from drivers.quantity import Quantity
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import ChannelRef, Circuit, ControlSettings, Site

Values = Mapping[str, float | str | None]
"""Values by point name, in the unit of the point, as last read; None: read, but not to be understood."""

Stage = Literal["level", "action", "watchdog"]
STAGES: tuple[Stage, ...] = ("level", "action", "watchdog")
"""The order of writes: a level before the action that uses it; the watchdog last, for it sets all of them going.

A watchdog that runs already and is made longer goes before all of them: an action must not be armed on a short one.
"""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that is not what it should be. Values in the unit of the point; ``from`` None: not known.

    ``circuits`` are those that it concerns; ``channel`` is empty for a setting of the whole device. ``lengthens``: a
    watchdog that runs already, or of which nobody knows whether it does, is made longer: it is written first.
    """

    device: str
    point: str
    channel: str
    stage: Stage
    from_value: float | None
    to_value: float
    from_raw: int | None
    to_raw: int
    unit: str = ""
    from_word: str = ""
    to_word: str = ""
    circuits: tuple[str, ...] = ()
    lengthens: bool = False

    @property
    def place(self) -> int:
        """Where it comes in the order of writes to its device."""
        return -1 if self.lengthens else STAGES.index(self.stage)


@dataclass(frozen=True, slots=True)
class Watchdog:
    """``time_s`` None: not read yet, or stated nowhere; 0: switched off. ``exists``: the profile tells of one."""

    exists: bool
    time_s: float | None = None


def reaction_of(profile: Profile, cause: str) -> Reaction:
    """What the profile says for a cause."""
    failsafe = profile.failsafe
    reactions = {
        "lost_master": failsafe.lost_master,
        "lost_lamp_bus": failsafe.lost_lamp_bus,
        "power_return": failsafe.power_return,
    }
    return reactions[cause]


def raw_of(point: Point, value: float | str | None) -> int | None:
    """The raw number of a value of that point; None where it has none."""
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    try:
        raw = raw_number(point, encode(point, float(value), check_range=False))
    except Rejected:
        return None
    return round(raw) if math.isfinite(raw) else None


def value_of_raw(point: Point, raw: int) -> float | None:
    """The value that a raw number of that point means."""
    number = float(raw * point.scale + point.offset)
    return number if raw_of(point, number) == raw else None


def watchdog_of(profile: Profile, channel: str, values: Values) -> Watchdog:
    """The watchdog of an output: its setting as last read, or the fixed time of the profile."""
    failsafe = profile.failsafe
    point = None if failsafe.watchdog is None else profile.setting_of(failsafe.watchdog, channel)
    if point is None:
        return Watchdog(failsafe.watchdog_s is not None, failsafe.watchdog_s)
    value = values.get(point.name)
    if not isinstance(value, (int, float)):
        return Watchdog(True, None)
    is_off = value <= 0 or raw_of(point, value) in failsafe.watchdog_off_raw
    return Watchdog(True, 0.0 if is_off else float(value))


def watchdog_was_read(profile: Profile, channel: str, values: Values) -> bool:
    """Whether an output's watchdog is a setting that was asked for, also where what came is not to be understood."""
    quantity = profile.failsafe.watchdog
    point = None if quantity is None else profile.setting_of(quantity, channel)
    return point is not None and point.name in values


def planned_watchdog_s(profile: Profile, channel: str, role: ChannelRole, control: ControlSettings) -> float | None:
    """The time of an output's watchdog once it is commissioned: the site's ``watchdog_s`` within the device's range.

    That of the profile (the factory's) where it is not set; None where there is no watchdog, or nobody says its time.
    """
    point = settable_watchdog(profile, channel, role)
    return profile.failsafe.watchdog_s if point is None else _nearest_step(point, control.watchdog_s)


def settable_watchdog(profile: Profile, channel: str, role: ChannelRole) -> Point | None:
    """The watchdog's setting, where commissioning writes it: one that can only make it dark is left as it is."""
    failsafe = profile.failsafe
    point = None if failsafe.watchdog is None else profile.setting_of(failsafe.watchdog, channel)
    if point is None or not point.writable:
        return None
    reaction = failsafe.lost_master
    lights = reaction.kind == "lit" or wanted_of_reaction(profile, channel, role, reaction, 100.0, {}) is not None
    return point if lights else None


def mode_holds(profile: Profile, values: Values) -> bool | None:
    """Whether the device is in the output mode that its profile (variant) describes; None while not read."""
    point = None if profile.mode is None else profile.point_named(profile.mode.point)
    if profile.mode is None or point is None:
        return True
    raw = raw_of(point, values.get(point.name))
    return None if raw is None else raw == profile.mode.raw


def watched_points(profile: Profile, outputs: Outputs) -> tuple[Point, ...]:
    """The readable settings by which a device with these outputs is watched, each once.

    Those of its failsafe, the output mode of its variant, and dimming curves that are kept in it.
    """
    found: list[Point | None] = []
    if profile.mode is not None:
        found.append(profile.point_named(profile.mode.point))
    for channel, (role, _circuits) in outputs.items():
        if profile.failsafe.watchdog is not None:
            found.append(profile.setting_of(profile.failsafe.watchdog, channel))
        for cause in _causes(role):
            reaction = reaction_of(profile, cause)
            found += [
                profile.setting_of(quantity, channel)
                for quantity in (reaction.action, reaction.level)
                if quantity is not None
            ]
        found.append(profile.setting_of(Quantity.DIMMING_CURVE, channel))
    unique = {point.name: point for point in found if point is not None and point.readable}
    return tuple(unique.values())


def is_only_watched(profile: Profile, point: Point) -> bool:
    """Whether commissioning watches the setting but never writes it: the output mode, a dimming curve."""
    is_mode = profile.mode is not None and profile.mode.point == point.name
    return is_mode or point.quantity is Quantity.DIMMING_CURVE


Outputs = Mapping[str, tuple[ChannelRole, tuple[Circuit, ...]]]
"""The outputs of one device that circuits use: channel → role and circuits."""


def outputs_by_device(site: Site) -> dict[str, Outputs]:
    """The devices that switch or dim circuits, each with its outputs in use."""
    found: dict[str, dict[str, tuple[ChannelRole, tuple[Circuit, ...]]]] = {}
    for circuit in site.circuits.values():
        uses: tuple[tuple[ChannelRef | None, ChannelRole], ...] = ((circuit.relay, "relay"), (circuit.dimmer, "dimmer"))
        for ref, role in uses:
            if ref is not None:
                outputs = found.setdefault(ref.device, {})
                outputs[ref.channel] = (role, (*outputs.get(ref.channel, (role, ()))[1], circuit))
    return dict(found)


def _causes(role: ChannelRole) -> tuple[str, ...]:
    return ("lost_master", "power_return") if role == "relay" else ("lost_master", "lost_lamp_bus", "power_return")


def setting_changes(site: Site, device_id: str, outputs: Outputs, values: Values) -> tuple[SettingChange, ...]:
    """What to write into a device so that its circuits stay lit, in the order of writing; only what differs.

    Every circuit on the device is looked at: a setting of the whole device serves them all, the highest level wins.
    A device in another output mode than its profile's is not touched. ``from_value`` None: not read yet.
    """
    profile = site.profiles[site.devices[device_id].profile]
    if mode_holds(profile, values) is False:
        return ()
    wanted: dict[str, SettingChange] = {}
    for channel, (role, circuits) in outputs.items():
        for one in _wanted_of_output(site, device_id, channel, role, circuits, values):
            known = wanted.get(one.point)
            wanted[one.point] = one if known is None else _merged(known, one)
    changed = [one for one in wanted.values() if one.from_raw != one.to_raw]
    return tuple(sorted(changed, key=lambda one: one.place))


def commissioned_values(site: Site, device_id: str, outputs: Outputs) -> dict[str, float]:
    """The settings of a device after everything that can be written was, in the output mode of its profile."""
    profile = site.profiles[site.devices[device_id].profile]
    values = {change.point: change.to_value for change in setting_changes(site, device_id, outputs, {})}
    mode = None if profile.mode is None else profile.point_named(profile.mode.point)
    value = None if profile.mode is None or mode is None else value_of_raw(mode, profile.mode.raw)
    return values if mode is None or value is None else values | {mode.name: value}


def _merged(known: SettingChange, other: SettingChange) -> SettingChange:
    brighter = other if other.stage == "level" and other.to_value > known.to_value else known
    return replace(brighter, circuits=tuple(dict.fromkeys((*known.circuits, *other.circuits))))


def _wanted_of_output(
    site: Site, device_id: str, channel: str, role: ChannelRole, circuits: tuple[Circuit, ...], values: Values
) -> Iterator[SettingChange]:
    profile = site.profiles[site.devices[device_id].profile]
    names = tuple(circuit.id for circuit in circuits)
    target_pct = max(site.control.night_safe_level_pct, *(floor_level_pct(c, site) for c in circuits))
    for cause in _causes(role):
        settings = wanted_of_reaction(profile, channel, role, reaction_of(profile, cause), target_pct, values)
        for stage, point, value in settings or ():
            yield _setting(device_id, point, stage, value, values, names)
    watchdog = settable_watchdog(profile, channel, role)
    planned_s = planned_watchdog_s(profile, channel, role, site.control)
    if watchdog is not None and planned_s is not None:
        change = _setting(device_id, watchdog, "watchdog", planned_s, values, names)
        present_s = watchdog_of(profile, channel, values).time_s
        is_odd = present_s is None and watchdog_was_read(profile, channel, values)
        yield replace(change, lengthens=is_odd or (present_s is not None and 0 < present_s < planned_s))


def wanted_of_reaction(
    profile: Profile, channel: str, role: ChannelRole, reaction: Reaction, target_pct: float, values: Values
) -> tuple[tuple[Stage, Point, float], ...] | None:
    """The settings that light an output at the level for one cause; None where no setting can.

    A choice that lights by itself is kept where a contactor is concerned; a dimmer needs a level that is known.
    """
    action = None if reaction.action is None else profile.setting_of(reaction.action, channel)
    level = None if reaction.level is None else profile.setting_of(reaction.level, channel)
    if not reaction.can_be_set or (reaction.action is not None and action is None):
        return None
    to_level = _level_setting(level, role, target_pct)
    if action is None:
        return None if to_level is None else (to_level,)
    present = raw_of(action, values.get(action.name))
    lit_alone = role == "relay" or (reaction.level_pct or 0.0) >= target_pct
    for meaning, settings in (("lit", () if lit_alone else None), ("level", None if to_level is None else (to_level,))):
        if settings is not None and present is not None and reaction.meanings.get(present) == meaning:
            return settings
    for meaning, settings in (("level", None if to_level is None else (to_level,)), ("lit", () if lit_alone else None)):
        raw = next((raw for raw, one in reaction.meanings.items() if one == meaning), None)
        value = None if raw is None or not action.writable else value_of_raw(action, raw)
        if settings is not None and value is not None and _can_be_written(action, value):
            return (*settings, ("action", action, value))
    return None


def _level_setting(point: Point | None, role: ChannelRole, target_pct: float) -> tuple[Stage, Point, float] | None:
    if point is None or not point.writable:
        return None
    value = _nearest_step(point, 100.0 if role == "relay" else target_pct)
    return None if value is None or value <= 0 else ("level", point, value)


def _nearest_step(point: Point, value: float) -> float | None:
    """The value that the device can take nearest to this one, within its range."""
    low = -math.inf if point.write_min is None else point.write_min
    high = math.inf if point.write_max is None else point.write_max
    held = min(max(value, low), high)
    try:
        found = decode(point, encode(point, held)).value
    except Rejected:
        return None
    return float(found) if isinstance(found, (int, float)) else None


def _can_be_written(point: Point, value: float) -> bool:
    try:
        encode(point, value)
    except Rejected:
        return False
    return True


def _setting(
    device_id: str, point: Point, stage: Stage, value: float, values: Values, circuits: tuple[str, ...]
) -> SettingChange:
    present = values.get(point.name)
    from_raw, to_raw = raw_of(point, present), raw_of(point, value)
    assert to_raw is not None  # it was encoded before
    return SettingChange(
        device=device_id,
        point=point.name,
        channel=point.channel,
        stage=stage,
        from_value=float(present) if isinstance(present, (int, float)) else None,
        to_value=value,
        from_raw=from_raw,
        to_raw=to_raw,
        unit=point.unit_name,
        from_word="" if from_raw is None else point.enumeration.get(from_raw, ""),
        to_word=point.enumeration.get(to_raw, ""),
        circuits=circuits,
    )


def in_words(point: Point, value: float | str | None) -> str:
    """A setting's value for a person, such as ``level`` for a choice or ``100 %``; ``?`` for what is not known."""
    raw = raw_of(point, value)
    word = "" if raw is None else point.enumeration.get(raw, "")
    if word or not isinstance(value, (int, float)):
        return word or (value if isinstance(value, str) else "?")
    return f"{value:g} {point.unit_name}".strip()
