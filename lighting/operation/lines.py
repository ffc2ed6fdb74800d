"""The open lines and the devices on them. A new revision opens what is new, closes what is gone and keeps the
rest connected.
"""

from __future__ import annotations

import asyncio

import structlog

from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DriverError
from lighting.assets.bus_address import is_loopback, parse_bus_address
from lighting.assets.fact import Fact
from lighting.assets.model import Device as DeviceAsset
from lighting.assets.model import Site

log = structlog.get_logger("lighting.operation.lines")
CLOSE_S = 1.0


def off_loopback(site: Site) -> Fact | None:
    """The first bus that is not on loopback: an accelerated clock is refused for it."""
    for bus in site.buses.values():
        address = parse_bus_address(bus.url)
        if address is None or not is_loopback(address.host):
            return Fact("accelerated_clock_off_loopback", {"bus": bus.id, "url": bus.url})
    return None


class Lines:
    """Buses by id and devices by id, as of the revision taken last."""

    def __init__(self, *, speed: float) -> None:
        self._speed = speed
        self.buses: dict[str, Bus] = {}
        self.devices: dict[str, Device] = {}
        self._urls: dict[str, str] = {}
        self._built: dict[str, tuple[DeviceAsset, object]] = {}

    async def take(self, site: Site) -> None:
        """Open and close lines until they are those of ``site``. A line that cannot be reached is kept and
        tried again.
        """
        gone = [
            bus_id for bus_id, url in self._urls.items() if bus_id not in site.buses or site.buses[bus_id].url != url
        ]
        await self._close(gone)
        fresh = [bus for bus in site.buses.values() if bus.id not in self.buses]
        for bus in fresh:
            self.buses[bus.id] = Bus(bus.id, bus.url)
            self._urls[bus.id] = bus.url
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
        try:
            await bus.start()
        except DriverError as error:
            log.info("bus_not_reached", bus=error.bus, code=error.code)

    async def _close(self, bus_ids: list[str]) -> None:
        closing = [asyncio.ensure_future(self.buses.pop(bus_id).close()) for bus_id in bus_ids]
        for bus_id in bus_ids:
            self._urls.pop(bus_id, None)
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_S)
