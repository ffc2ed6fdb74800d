"""Checks of the channels that circuits, cabinets and meters name: are they there and free, can they carry the load?"""

from __future__ import annotations

from drivers.profile import Channel, ChannelRole, Profile
from drivers.quantity import Quantity
from lighting.assets import draft as names
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Value
from lighting.assets.model import ChannelRef, Circuit
from lighting.assets.nearest import listed, nearest, shown, unknown_reference


def check_channels(draft: Draft) -> None:
    """Check every channel reference of the site."""
    for cabinet in draft.cabinets.values():
        if cabinet.local_input:
            _channel(draft, cabinet.local_input, "input", names.CABINETS_FILE, cabinet.id, "local_input")
    used: dict[ChannelRef, str] = {}
    for circuit in draft.circuits.values():
        _check_output(draft, circuit, circuit.dimmer, "dimmer", used)
        _check_output(draft, circuit, circuit.relay, "relay", used)
        for ref in circuit.meter:
            _channel(draft, ref, "meter", names.CIRCUITS_FILE, circuit.id, "meter")
    for index, load in enumerate(draft.permanent_loads):
        for ref in load.meter:
            _channel(draft, ref, "meter", names.PERMANENT_LOADS_FILE, index, "meter")


def _check_output(
    draft: Draft, circuit: Circuit, ref: ChannelRef | None, role: ChannelRole, used: dict[ChannelRef, str]
) -> None:
    """An output belongs to one circuit, sits in its cabinet, and carries its load."""
    if ref is None:
        return
    file = names.CIRCUITS_FILE
    other = used.setdefault(ref, circuit.id)
    if other != circuit.id:
        draft.problem(Fact("channel_used_twice", {"channel": str(ref), "other": other}), file, circuit.id, role)
    device = draft.devices.get(ref.device)
    if device is not None and device.cabinet != circuit.cabinet and device.cabinet in draft.cabinets:
        values = {"channel": str(ref), "other": device.cabinet, "cabinet": circuit.cabinet}
        draft.problem(Fact("channel_in_other_cabinet", values), file, circuit.id, role, is_warning=True)
    channel = _channel(draft, ref, role, file, circuit.id, role)
    if channel is not None:
        _check_load(draft, circuit, ref, channel, role)
        _check_full_light(draft, circuit, ref, role)


def _check_load(draft: Draft, circuit: Circuit, ref: ChannelRef, channel: Channel, role: str) -> None:
    """Rated power and number of luminaires against what the device's profile allows for one channel."""
    kinds = [(draft.luminaire_types.get(group.luminaire_type), group.count) for group in circuit.lamps]
    load_w = sum(kind.rated_w * count for kind, count in kinds if kind is not None)
    if channel.max_load_w is not None and load_w > channel.max_load_w:
        values: dict[str, Value] = {"channel": str(ref), "load_w": round(load_w, 1), "maximum_w": channel.max_load_w}
        draft.problem(Fact("channel_overloaded", values), names.CIRCUITS_FILE, circuit.id, role)
    if channel.max_lamps is not None and circuit.lamp_count > channel.max_lamps:
        lamps: dict[str, Value] = {
            "channel": str(ref),
            "lamp_count": circuit.lamp_count,
            "maximum_count": channel.max_lamps,
        }
        draft.problem(Fact("channel_too_many_lamps", lamps), names.CIRCUITS_FILE, circuit.id, role)


def _check_full_light(draft: Draft, circuit: Circuit, ref: ChannelRef, role: str) -> None:
    """A dimmer that takes less than 100 % by its profile never gives full light, whatever is asked or decided."""
    device = draft.devices.get(ref.device)
    profile = None if device is None else draft.profiles.get(device.profile)
    level = None if profile is None or role != "dimmer" else profile.point(Quantity.DIM_LEVEL, ref.channel)
    if profile is not None and level is not None and level.write_max is not None and level.write_max < 100:
        values: dict[str, Value] = {"channel": str(ref), "profile": profile.id, "highest_pct": level.write_max}
        fact = Fact("channel_never_full", values)
        draft.problem(fact, names.CIRCUITS_FILE, circuit.id, role, is_warning=True)


def _channel(draft: Draft, ref: ChannelRef, role: ChannelRole, file: str, row: str | int, field: str) -> Channel | None:
    """The channel of that role which a reference names; reports the device or channel that is not there."""
    device = draft.devices.get(ref.device)
    if device is None:
        if not draft.is_known(names.DEVICES_FILE, ref.device, draft.devices):
            known = draft.names(names.DEVICES_FILE, draft.devices)
            draft.problem(unknown_reference("device", ref.device, known), file, row, field)
        return None
    profile = draft.profiles.get(device.profile)
    if profile is None:
        return None
    channel = profile.channel(ref.channel, role)
    if channel is None:
        draft.problem(_no_channel(profile, ref, role), file, row, field)
    return channel


def _no_channel(profile: Profile, ref: ChannelRef, role: ChannelRole) -> Fact:
    """The device has no such channel of that role: say which it has, or that this one is of another kind."""
    of_role = [channel.id for channel in profile.channels if channel.role == role]
    values: dict[str, Value] = {
        "found": shown(str(ref)),
        "role": role,
        "profile": profile.id,
        "allowed": listed(of_role),
    }
    other_roles = sorted({channel.role for channel in profile.channels if channel.id == ref.channel})
    if other_roles:
        return Fact("channel_of_wrong_role", {**values, "other_role": ", ".join(other_roles)})
    if not of_role:
        return Fact("profile_without_role", values)
    guess = nearest(ref.channel, of_role)
    if guess:
        return Fact("no_such_channel_nearest", {**values, "nearest": guess})
    return Fact("no_such_channel", values)
