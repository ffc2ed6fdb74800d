"""The open lines and the devices on them. A new revision opens what is new, closes what is gone and keeps the
rest connected.
"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import structlog

from drivers.bus import Bus
from drivers.device import Device
from lighting.assets.bus_address import is_on_this_machine, parse_bus_address
from lighting.assets.bus_files import tls_files
from lighting.assets.fact import Fact
from lighting.assets.model import Bus as BusAsset
from lighting.assets.model import Device as DeviceAsset
from lighting.assets.model import Site
from lighting.operation.line_claim import LineClaim

log = structlog.get_logger("lighting.operation.lines")
CLOSE_S = 1.0


def off_loopback(site: Site) -> Fact | None:
    """The first bus that is not on this machine, as a serial port is not: an accelerated clock is refused for it."""
    for bus in site.buses.values():
        address = parse_bus_address(bus.url)
        if address is None or not is_on_this_machine(address):
            return Fact("accelerated_clock_off_loopback", {"bus": bus.id, "url": bus.url})
    return None


def holder_name(program: str) -> str:
    """Who holds the lines, for a person who wonders: program, process and machine."""
    return f"{program}, process {os.getpid()} on {socket.gethostname()}"


class Lines:
    """Buses by id and devices by id, as of the revision taken last.

    ``folder`` is the site's: certificates and keys are read from there whenever a line is opened, so that a file that
    is missing makes that line unreachable and no other, and a renewed one needs no restart. ``holder`` is what another
    program of this machine is told that wants one of the lines.
    """

    def __init__(self, *, speed: float, folder: Path = Path(), holder: str = "") -> None:
        self._speed = speed
        self._folder = folder
        self._holder = f"{holder or holder_name('lighting')}, site {folder.resolve()}"
        self.buses: dict[str, Bus] = {}
        self.devices: dict[str, Device] = {}
        self._opened: dict[str, BusAsset] = {}
        self._built: dict[str, tuple[DeviceAsset, object]] = {}

    async def take(self, site: Site) -> None:
        """Open and close lines until they are those of ``site``. A line that cannot be reached is kept and
        tried again.
        """
        gone = [bus_id for bus_id, asset in self._opened.items() if site.buses.get(bus_id) != asset]
        await self._close(gone)
        fresh = [bus for bus in site.buses.values() if bus.id not in self.buses]
        for bus in fresh:
            self.buses[bus.id] = Bus(
                bus.id,
                bus.url,
                tls=tls_files(self._folder, bus),
                peer_role=bus.peer_role,
                claim=LineClaim(bus.url, holder=self._holder),
            )
            self._opened[bus.id] = bus
        await asyncio.gather(*(self._start(self.buses[bus.id]) for bus in fresh))
        self._take_devices(site, reopened={*gone, *(bus.id for bus in fresh)})

    async def close(self) -> None:
        await self._close(list(self.buses))

    def _take_devices(self, site: Site, reopened: set[str]) -> None:
        kept: dict[str, Device] = {}
        built: dict[str, tuple[DeviceAsset, object]] = {}
        for asset in site.devices.values():
            profile = site.profiles[asset.profile]
            unchanged = self._built.get(asset.id) == (asset, profile) and asset.bus not in reopened
            kept[asset.id] = (
                self.devices[asset.id]
                if unchanged
                else Device(asset.id, self.buses[asset.bus], asset.unit_id, profile, time_scale=self._speed)
            )
            built[asset.id] = (asset, profile)
        self.devices, self._built = kept, built

    async def _start(self, bus: Bus) -> None:
        await bus.start()
        if not bus.is_connected:
            log.warning("bus_not_reached", bus=bus.name, url=bus.url, reason=bus.counters.last_error)

    async def _close(self, bus_ids: list[str]) -> None:
        closing = [asyncio.ensure_future(self.buses.pop(bus_id).close()) for bus_id in bus_ids]
        for bus_id in bus_ids:
            self._opened.pop(bus_id, None)
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_S)
