"""Which circuits a write to a point of a device may touch, by the place on the line and not by names. Pure.

Two rows of ``devices.csv`` may stand for one unit, and one register may serve several channels. A gate that forbids
writes for somebody's safety must see them all; when in doubt a circuit counts as touched.
"""

from __future__ import annotations

from collections.abc import Iterable

from drivers.profile import WHOLE_DEVICE, Point, Profile
from drivers.quantity import Quantity
from lighting.assets.bus_address import line_of, parse_bus_address
from lighting.assets.model import ChannelRef, Circuit, Device, Site

OUTPUT_QUANTITIES = frozenset({Quantity.DIM_LEVEL, Quantity.RELAY_CLOSED, Quantity.OUTPUT_ON})
"""The live points that the controller keeps at what is decided."""


def circuits_touched(site: Site, device_id: str, point: Point) -> tuple[str, ...]:
    """Circuits whose lamps a write to that point may change.

    A point of one channel touches the circuits of that channel and those that share a register with it; one of the
    whole device, or a command, every circuit on the unit. Where that is none (a meter, a spare channel) it is every
    circuit of the cabinet, for nobody knows what hangs there.
    """
    on_unit = [(circuit, ref) for circuit in site.circuits.values() for ref in _refs_on_unit(site, circuit, device_id)]
    if point.channel == WHOLE_DEVICE or point.point_class == "command":
        found = [circuit for circuit, _ref in on_unit]
    else:
        found = [circuit for circuit, ref in on_unit if _shares(_profile(site, ref.device), ref, point)]
    if not found:
        cabinet = site.devices[device_id].cabinet
        found = [circuit for circuit in site.circuits.values() if circuit.cabinet == cabinet]
    return tuple(dict.fromkeys(circuit.id for circuit in found))


def circuits_on_line(site: Site, bus_id: str) -> tuple[str, ...]:
    """Circuits that a write to all units of that line may change, whatever the point.

    Those with an output on the line, and every circuit of a cabinet that has a device there: nobody knows what hangs
    at its spare channels.
    """
    line = _line_of(site, bus_id)
    devices = {device.id: device for device in site.devices.values() if _line(site, device) == line}
    cabinets = {device.cabinet for device in devices.values()}
    return tuple(
        circuit.id
        for circuit in site.circuits.values()
        if circuit.cabinet in cabinets
        or any(ref is not None and ref.device in devices for ref in (circuit.dimmer, circuit.relay))
    )


def is_ruled_output(site: Site, device_id: str, point: Point) -> bool:
    """Whether the controller keeps this point at what it decides: a live output of a circuit."""
    if point.point_class != "live" or point.quantity not in OUTPUT_QUANTITIES:
        return False
    return any(
        _shares(_profile(site, ref.device), ref, point)
        for circuit in site.circuits.values()
        for ref in _refs_on_unit(site, circuit, device_id)
    )


def same_unit(site: Site, one: Device, other: Device) -> bool:
    """Whether two rows stand for the same unit on the same line."""
    return one.unit_id == other.unit_id and _line(site, one) == _line(site, other)


def _refs_on_unit(site: Site, circuit: Circuit, device_id: str) -> Iterable[ChannelRef]:
    here = site.devices[device_id]
    for ref in (circuit.dimmer, circuit.relay):
        if ref is not None and (ref.device == device_id or same_unit(site, site.devices[ref.device], here)):
            yield ref


def _shares(profile: Profile, ref: ChannelRef, point: Point) -> bool:
    if ref.channel == point.channel:
        return True
    written = _registers(point)
    return any(
        other.table == point.table and written & _registers(other)
        for other in profile.points
        if other.writable and other.channel == ref.channel
    )


def _registers(point: Point) -> set[int]:
    return set(range(point.address_written, point.address_written + point.register_count))


def _profile(site: Site, device_id: str) -> Profile:
    return site.profiles[site.devices[device_id].profile]


def _line(site: Site, device: Device) -> str:
    return _line_of(site, device.bus)


def _line_of(site: Site, bus_id: str) -> str:
    url = site.buses[bus_id].url
    address = parse_bus_address(url)
    return url if address is None else line_of(address)
