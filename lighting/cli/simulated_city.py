"""A site's devices and lamps as simulated ones: every bus a line, every circuit a bank of lamps behind its outputs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.quantity import Quantity
from drivers.simulator.fault_proxy import FaultProxy
from drivers.simulator.fault_rule import FaultRule
from drivers.simulator.lamp_bank import LampBank, LampKind
from drivers.simulator.light_sensor import SimulatedLightSensor
from drivers.simulator.line import SimulatedLine
from drivers.simulator.meter import TOTAL, Load, SimulatedMeter, SteadyLoad
from drivers.simulator.noise import seed_of
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.simulator.traffic_counter import SimulatedCounter
from drivers.simulator.wiring import wire_dimmer, wire_relay
from lighting.assets.bus_address import is_loopback, parse_bus_address
from lighting.assets.fact import Fact
from lighting.assets.model import Bus, ChannelRef, Circuit, LuminaireType, Site
from lighting.cli.simulated_senses import SiteMs, add_counters, add_light_sensors

_LOOK_EVERY_S = 0.25
Loads = dict[str, dict[str, list[tuple[Load, int]]]]
"""Device id → phase → what hangs on it."""


class CannotSimulate(Exception):
    """A site that is not to be simulated, or a port that is taken; ``fact`` says why."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class SiteSeconds:
    """Seconds that pass at the site's speed. Never backwards, whatever happens to the machine's clock."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._reached_s = 0.0
        self._since_s = time.monotonic()

    def __call__(self) -> float:
        return self._reached_s + (time.monotonic() - self._since_s) * self.speed

    def change_speed(self, speed: float) -> None:
        """Go on from the present second at another pace."""
        self._reached_s, self._since_s = self(), time.monotonic()
        self.speed = speed


@dataclass(slots=True)
class SimulatedCity:
    """All that stands behind a site's buses, by the ids of its tables.

    Watchdogs count real seconds here, whatever the pace of the site's clock. They measure how the master talks, as
    time-outs and back-off do, and it talks in real time: at 600 site seconds a second a poll a minute could not be
    kept, ticks are at least 0.25 s apart, and lamps would flap that are steady at the street's own pace. At normal
    speed the two are the same.
    """

    site: Site
    now_s: Callable[[], float]
    lines: dict[str, SimulatedLine] = field(default_factory=dict)
    proxies: dict[str, FaultProxy] = field(default_factory=dict)
    """What stands before a bus's line and does wrong; only the buses that a rule names have one."""
    devices: dict[str, SimulatedDevice] = field(default_factory=dict)
    banks: dict[str, LampBank] = field(default_factory=dict)
    meters: dict[str, SimulatedMeter] = field(default_factory=dict)
    counters: dict[str, list[SimulatedCounter]] = field(default_factory=dict)
    """The counters of each traffic section, lane by lane."""
    light_sensors: dict[str, SimulatedLightSensor] = field(default_factory=dict)
    """By photocell."""
    steady: list[tuple[str, SteadyLoad]] = field(default_factory=list)
    """(cabinet id, load)"""
    watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen on every line. Raises ``CannotSimulate`` when a port is not to be had; then nothing listens."""
        for bus_id, line in self.lines.items():
            proxy = self.proxies.get(bus_id)
            try:
                await line.start()
                if proxy is not None:
                    proxy.server = (line.host, line.port)
                    await proxy.start()
            except OSError as error:
                await self.close()
                detail = error.strerror or str(error)
                port = line.port if proxy is None else proxy.port
                fact = Fact("simulator_port_taken", {"bus": bus_id, "port": port, "detail": detail})
                raise CannotSimulate(fact) from error
        self.watching = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Stop every line."""
        if self.watching is not None:
            self.watching.cancel()
        for proxy in self.proxies.values():
            await proxy.close()
        for line in self.lines.values():
            await line.close()

    async def _watch(self) -> None:
        """Let devices do what is due by itself, also those that nobody asks any more."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for device in self.devices.values():
                device.look()

    def bus_urls(self) -> dict[str, str]:
        """Where each bus really listens, in the notation of ``buses.csv``."""
        urls = {bus_id: f"{line.framing}://{_in_url(line.host)}:{line.port}" for bus_id, line in self.lines.items()}
        return urls | {bus_id: proxy.url for bus_id, proxy in self.proxies.items()}

    def lamp_count(self) -> int:
        return sum(len(bank.lamps) for bank in self.banks.values())

    def lose_supply(self, cabinet_id: str) -> None:
        """The cabinet's feeder is dead: lamps out, permanent loads off, devices silent."""
        self._set_supply(cabinet_id, is_there=False)
        for device in self._devices_in(cabinet_id):
            device.lose_supply()

    def return_supply(self, cabinet_id: str) -> None:
        """The feeder is back: devices boot and do their power-on action."""
        self._set_supply(cabinet_id, is_there=True)
        for device in self._devices_in(cabinet_id):
            device.reboot()
            device.speak()

    def _set_supply(self, cabinet_id: str, *, is_there: bool) -> None:
        now_s = self.now_s()
        for circuit in self.site.circuits.values():
            if circuit.cabinet == cabinet_id:
                self.banks[circuit.id].set_supply(is_there, now_s)
        for cabinet, load in self.steady:
            if cabinet == cabinet_id:
                load.set_supply(is_there, now_s)

    def _devices_in(self, cabinet_id: str) -> list[SimulatedDevice]:
        return [self.devices[d.id] for d in self.site.devices.values() if d.cabinet == cabinet_id]


def build_city(
    site: Site,
    *,
    now_s: Callable[[], float] = time.monotonic,
    seed: int = 0,
    any_port: bool = False,
    faults: Sequence[FaultRule] = (),
    fault_seed: int = 0,
    watch_s: Callable[[], float] = time.monotonic,
    site_ms: SiteMs | None = None,
) -> SimulatedCity:
    """The whole site as simulated devices, not listening yet.

    ``any_port`` lets the system choose the ports (``bus_urls`` tells them after ``start``); otherwise every bus must
    be on loopback, or ``CannotSimulate`` is raised. ``faults`` are done by a proxy before each bus that they are for.
    ``watch_s`` are the seconds that the devices' watchdogs count: real ones, for they watch real requests. ``site_ms``
    is the site's time by which traffic and daylight come; the machine's where it is None.
    """
    city = SimulatedCity(site, now_s)
    for device in site.devices.values():
        own_seed = seed_of(seed, device.id)
        profile = site.profiles[device.profile]
        city.devices[device.id] = SimulatedDevice(profile, device.unit_id, now_s=now_s, seed=own_seed, watch_s=watch_s)
    for cabinet in site.cabinets.values():
        if cabinet.local_input is not None and not cabinet.local_active:
            # A contact that opens for HAND reads 1 while the switch stands at AUTO.
            city.devices[cabinet.local_input.device].set(
                Quantity.INPUT_ACTIVE, cabinet.local_input.channel, float(not cabinet.local_active)
            )
    loads: Loads = {}
    for circuit in site.circuits.values():
        _add_circuit(city, circuit, loads, seed)
    for load in site.permanent_loads:
        _add_steady(city, load.meter, load.power_w, loads)
    _add_meters(city, loads, seed)
    when_ms = site_ms or (lambda _now_s: time.time() * 1000)
    city.counters = add_counters(site, city.devices, when_ms, seed)
    city.light_sensors = add_light_sensors(site, city.devices, when_ms)
    for bus in site.buses.values():
        line = city.lines[bus.id] = _line(site, bus, city, any_port=any_port)
        if any(rule.is_of_bus(bus.id) for rule in faults):
            city.proxies[bus.id] = _proxy_before(line, bus, faults, fault_seed)
    return city


def _proxy_before(line: SimulatedLine, bus: Bus, faults: Sequence[FaultRule], seed: int) -> FaultProxy:
    """A proxy at the line's address; the line itself moves to a port that the system chooses."""
    host, port, line.port = line.host, line.port, 0
    return FaultProxy(faults, server=(host, 0), framing=line.framing, host=host, port=port, seed=seed, bus=bus.id)


def _add_circuit(city: SimulatedCity, circuit: Circuit, loads: Loads, seed: int) -> None:
    phases = _phases(city, circuit.meter)
    kinds = [_kind(city.site.luminaire_types[group.luminaire_type], group.count) for group in circuit.lamps]
    now_s = city.now_s()
    bank = LampBank(kinds, now_s=now_s, parts=max(1, len(phases)), seed=seed_of(seed, circuit.id))
    city.banks[circuit.id] = bank
    if circuit.dimmer is not None:
        wire_dimmer(city.devices[circuit.dimmer.device], circuit.dimmer.channel, bank)
    else:
        bank.set_level(100.0, now_s)
    if circuit.relay is not None:
        wire_relay(city.devices[circuit.relay.device], circuit.relay.channel, bank)
    for part, (device_id, phase) in enumerate(phases):
        loads.setdefault(device_id, {}).setdefault(phase, []).append((bank, part))


def _add_steady(city: SimulatedCity, meter: tuple[ChannelRef, ...], power_w: float, loads: Loads) -> None:
    phases = _phases(city, meter)
    for device_id, phase in phases:
        load = SteadyLoad(power_w / len(phases), now_s=city.now_s())
        city.steady.append((city.site.devices[device_id].cabinet, load))
        loads.setdefault(device_id, {}).setdefault(phase, []).append((load, 0))


def _add_meters(city: SimulatedCity, loads: Loads, seed: int) -> None:
    for device_id, device in city.devices.items():
        phases = _all_phases(city, device_id)
        if phases:
            own_seed = seed_of(seed, device_id, "meter")
            hanging = {phase: loads.get(device_id, {}).get(phase, []) for phase in phases}
            # A used meter does not start at 0; up to some 20 MWh, as after a few years on a street.
            first_kwh = 500.0 + own_seed % 20_000
            city.meters[device_id] = SimulatedMeter(device, hanging, seed=own_seed, first_kwh=first_kwh)


def _phases(city: SimulatedCity, meter: tuple[ChannelRef, ...]) -> list[tuple[str, str]]:
    """The (device, phase) pairs behind a meter reference; ``total`` of a three-phase meter stands for its phases."""
    found: list[tuple[str, str]] = []
    for ref in meter:
        phases = _all_phases(city, ref.device)
        wanted = [ref.channel] if ref.channel in phases else phases
        found += [(ref.device, phase) for phase in wanted if (ref.device, phase) not in found]
    return found


def _all_phases(city: SimulatedCity, device_id: str) -> list[str]:
    profile = city.site.profiles[city.site.devices[device_id].profile]
    channels = [channel.id for channel in profile.channels if channel.role == "meter"]
    return [channel for channel in channels if channel != TOTAL] or channels


def _line(site: Site, bus: Bus, city: SimulatedCity, *, any_port: bool) -> SimulatedLine:
    devices = [city.devices[device.id] for device in site.devices.values() if device.bus == bus.id]
    if any_port:
        return SimulatedLine("127.0.0.1", 0, bus.framing, devices)
    address = parse_bus_address(bus.url)
    if address is not None and address.framing not in ("tcp", "rtu-tcp"):
        raise CannotSimulate(Fact("simulator_not_this_kind", {"bus": bus.id, "url": bus.url}))
    if address is None or not is_loopback(address.host):
        raise CannotSimulate(Fact("simulator_not_loopback", {"bus": bus.id, "url": bus.url}))
    host = "127.0.0.1" if address.host.endswith("localhost") else address.host
    return SimulatedLine(host, address.port, bus.framing, devices)


def _kind(kind: LuminaireType, count: int) -> LampKind:
    return LampKind(
        count,
        _power_w(kind),
        minimum_level_pct=kind.minimum_level_pct,
        dimmable=kind.curve != "none",
        start_s=kind.start_s,
        warm_up_s=kind.warm_up_s,
        restrike_s=kind.restrike_s,
    )


def _power_w(kind: LuminaireType) -> Callable[[float], float]:
    """One lamp's power over the level, written out again here: lamps do not share the controller's arithmetic."""
    fixed_w = kind.fixed_loss_share * kind.rated_w

    def power_w(level_pct: float) -> float:
        if level_pct <= 0.0:
            return kind.standby_w
        if kind.curve == "none":
            return kind.rated_w
        if kind.curve == "table":
            return _from_table(kind.curve_points, level_pct)
        light = min(level_pct, 100.0) / 100.0
        share = kind.linear_share * light + (1.0 - kind.linear_share) * light * light
        return fixed_w + (kind.rated_w - fixed_w) * share

    return power_w


def _from_table(points: tuple[tuple[float, float], ...], level_pct: float) -> float:
    reached = points[0]
    for point in points:
        if level_pct <= point[0]:
            width = point[0] - reached[0]
            share = (level_pct - reached[0]) / width if width > 0.0 else 1.0
            return reached[1] + share * (point[1] - reached[1]) if level_pct > reached[0] else reached[1]
        reached = point
    return reached[1]


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
