"""Checks of a serial line's settings beside those that its devices have from the factory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from drivers.profile import LinkDefaults
from lighting.assets import draft as names
from lighting.assets.bus_address import LineAddress, parse_bus_address
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Device

_PARITY = {"none": "N", "even": "E", "odd": "O"}


def check_links(draft: Draft) -> None:
    """Warn where a device that nobody has set would not understand its line: once a line and setting.

    Only a ``serial://`` line says its settings; what a profile does not state is not judged. Either side may be right:
    devices are set to the line as often as the line to them.
    """
    found: dict[tuple[str, str], list[tuple[Device, str, str]]] = {}
    for device in draft.devices.values():
        bus, profile = draft.buses.get(device.bus), draft.profiles.get(device.profile)
        address = None if bus is None else parse_bus_address(bus.url)
        if profile is None or address is None or address.framing != "serial":
            continue
        for key, of_line, of_device in _differing(address, profile.link):
            found.setdefault((device.bus, key), []).append((device, of_line, of_device))
    on_bus = Counter(device.bus for device in draft.devices.values())
    for (bus_id, key), devices in found.items():
        device, of_line, of_device = devices[0]
        values: dict[str, Value] = {"key": key, "found": of_line, "expected": of_device}
        values |= {"device": device.id, "profile": device.profile, "devices": len(devices)}
        values["of"] = on_bus[bus_id]
        draft.problem(Fact("serial_setting_not_of_device", values), names.BUSES_FILE, bus_id, "url", is_warning=True)


def _differing(address: LineAddress, link: LinkDefaults) -> Iterator[tuple[str, str, str]]:
    """The settings in which they differ, each as the address writes it: of the line, then of the device."""
    if link.baud is not None and link.baud != address.baud:
        yield "baud", str(address.baud), str(link.baud)
    if link.parity is not None and _PARITY[link.parity] != address.parity:
        yield "parity", address.parity, _PARITY[link.parity]
    if link.stop_bits is not None and link.stop_bits != address.stop_bits:
        yield "stop_bits", str(address.stop_bits), str(link.stop_bits)
