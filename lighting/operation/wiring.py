"""Which points of which devices belong to which circuit, cabinet and meter: worked out once for each revision. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from drivers.profile import WHOLE_DEVICE, Point, Profile
from drivers.quantity import Quantity
from lighting.assets.metering import meter_phases, permanent_w
from lighting.assets.model import ChannelRef, Circuit, Site
from lighting.operation.dimmer_levels import KnownLevels, uneven_levels
from lighting.operation.reconciler import Output, asked_level
from lighting.schedule.site_index import minimum_level_pct, restrike_ms, warm_up_ms

MeterField = Literal["power_w", "energy_kwh", "voltage_v", "current_a", "power_factor", "reactive_var"]
ReportField = Literal["level_pct", "relay_closed", "output_on"]


_METER_FIELDS: tuple[tuple[MeterField, tuple[Quantity, ...]], ...] = (
    ("power_w", (Quantity.ACTIVE_POWER,)),
    ("energy_kwh", (Quantity.ENERGY_IMPORT, Quantity.ENERGY_TOTAL)),
    ("voltage_v", (Quantity.VOLTAGE,)),
    ("current_a", (Quantity.CURRENT,)),
    ("power_factor", (Quantity.POWER_FACTOR,)),
    # Never worked out from apparent power or power factor: these do not say whether the current leads or lags.
    ("reactive_var", (Quantity.REACTIVE_POWER,)),
)
_REPORT_FIELDS: tuple[tuple[ReportField, tuple[Quantity, ...]], ...] = (
    ("level_pct", (Quantity.DIM_LEVEL,)),
    ("relay_closed", (Quantity.CONTACT_CLOSED, Quantity.RELAY_CLOSED)),
    ("output_on", (Quantity.OUTPUT_ON,)),
)


@dataclass(frozen=True, slots=True)
class CircuitWiring:
    """A circuit with what is needed to control it. ``meter_power_offset_w`` is what its own meter sees beside
    its lamps.
    """

    index: int
    circuit: Circuit
    output: Output
    meter_is_own: bool
    meter_power_offset_w: float
    settle_s: float
    warm_up_ms: int = 0
    restrike_ms: int = 0

    @property
    def outputs(self) -> tuple[ChannelRef | None, ChannelRef | None]:
        """What dims and what switches it."""
        return self.circuit.dimmer, self.circuit.relay

    @property
    def output_devices(self) -> tuple[str, ...]:
        """The devices that switch and dim it."""
        refs = (self.circuit.relay, self.circuit.dimmer)
        return tuple(dict.fromkeys(ref.device for ref in refs if ref is not None))

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that switch, dim and measure it."""
        return tuple(dict.fromkeys((*self.output_devices, *(ref.device for ref in self.circuit.meter))))


@dataclass(slots=True)
class DeviceWiring:
    """What to read from a device and where each value goes, by point name.

    ``points`` are read at each poll; ``slow_meters`` with every slow one, into the same reading. ``slow`` and ``once``
    are all other points of those classes on the channels that the site uses and on the device itself: they are read in
    the background and only the latest values are kept. ``senses`` are the traffic counters and photocells.
    """

    points: dict[str, Point] = field(default_factory=dict)
    slow_meters: dict[str, Point] = field(default_factory=dict)
    slow: tuple[Point, ...] = ()
    once: tuple[Point, ...] = ()
    reports: dict[str, tuple[str, ReportField]] = field(default_factory=dict)
    meters: dict[str, tuple[str, MeterField]] = field(default_factory=dict)
    local_inputs: dict[str, str] = field(default_factory=dict)
    senses: dict[str, ChannelRef] = field(default_factory=dict)
    uptime_point: str = ""


@dataclass(frozen=True, slots=True)
class Wiring:
    """The whole site: circuits in the order of the table, devices by id, circuits of each device."""

    site: Site
    circuits: dict[str, CircuitWiring]
    devices: dict[str, DeviceWiring]
    circuits_of_device: dict[str, tuple[str, ...]]
    circuits_of_cabinet: dict[str, tuple[str, ...]]


def readable_point(profile: Profile, quantity: Quantity, channel: str) -> Point | None:
    """The live point of that meaning on that channel that can be read, or None."""
    return next((p for p in profile.points if _is_live(p) and p.quantity is quantity and p.channel == channel), None)


def first_point(profile: Profile, quantities: Iterable[Quantity], channel: str) -> Point | None:
    """The point of the first of these meanings that the channel has: the real contact before the coil."""
    candidates = (readable_point(profile, quantity, channel) for quantity in quantities)
    return next((point for point in candidates if point is not None), None)


def wire(site: Site) -> Wiring:
    """Work out the wiring of a checked site."""
    shares = Counter(phase for circuit in site.circuits.values() for phase in meter_phases(site, circuit.meter))
    known: KnownLevels = {}
    circuits = {
        circuit.id: _wire_circuit(site, index, circuit, shares, known)
        for index, circuit in enumerate(site.circuits.values())
    }
    devices = {device_id: DeviceWiring() for device_id in site.devices}
    for circuit in site.circuits.values():
        _add_circuit_points(site, circuit, devices)
    for cabinet in site.cabinets.values():
        if cabinet.local_input is not None:
            _add_local_input(site, cabinet.id, cabinet.local_input, devices)
    for load in site.permanent_loads:
        _add_meter_points(site, load.meter, devices)
    for section in site.traffic_sections.values():
        for ref in section.counters:
            _add_sense(site, ref, Quantity.PULSE_COUNT, devices)
    for cell in site.photocells.values():
        _add_sense(site, cell.channel, Quantity.ILLUMINANCE, devices)
    used = _channels_used(site)
    for device_id, wiring in devices.items():
        _add_uptime(site, device_id, wiring)
        _add_slow_points(site, device_id, wiring, used.get(device_id, ()))
        _add_fed_point(site, device_id, wiring)
    return Wiring(
        site=site,
        circuits=circuits,
        devices=devices,
        circuits_of_device=_grouped((d, w.circuit.id) for w in circuits.values() for d in w.devices),
        circuits_of_cabinet=_grouped((w.circuit.cabinet, w.circuit.id) for w in circuits.values()),
    )


def meter_refs(site: Site) -> list[str]:
    """Every meter channel that the site uses, as ``device:channel``, each once."""
    refs = [ref for circuit in site.circuits.values() for ref in circuit.meter]
    refs += [ref for load in site.permanent_loads for ref in load.meter]
    return [str(ref) for ref in dict.fromkeys(refs)]


def _is_live(point: Point) -> bool:
    return point.readable and point.point_class == "live"


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _profile(site: Site, ref: ChannelRef) -> Profile:
    return site.profiles[site.devices[ref.device].profile]


def _wire_circuit(
    site: Site, index: int, circuit: Circuit, shares: Counter[ChannelRef], known: KnownLevels
) -> CircuitWiring:
    level, switchable, ramp_s = None, False, 0.0
    if circuit.dimmer is not None:
        profile = _profile(site, circuit.dimmer)
        level = readable_point(profile, Quantity.DIM_LEVEL, circuit.dimmer.channel)
        switchable = readable_point(profile, Quantity.OUTPUT_ON, circuit.dimmer.channel) is not None
        ramp_s = profile.ramp_ms_per_pct * 100 / 1000
    types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    start_s = max((kind.start_s for kind in types), default=1.0)
    phases = meter_phases(site, circuit.meter)
    own = bool(phases) and all(shares[phase] == 1 for phase in phases)
    output = Output(
        has_dimmer=circuit.dimmer is not None,
        has_relay=circuit.relay is not None,
        has_output_switch=switchable,
        level_step_pct=abs(float(level.scale)) if level is not None else 1.0,
        start_s=start_s,
        dead_band_pct=site.control.dead_band_pct,
        levels_pct=() if level is None else uneven_levels(level, known),
        lowest_pct=(level and level.write_min) or 0.0,
        highest_pct=100.0 if level is None or level.write_max is None else min(100.0, level.write_max),
    )
    # Without a ramp of its own a dimmer would only jump.
    fades = site.control.fade_off and ramp_s > 0
    return CircuitWiring(
        index=index,
        circuit=circuit,
        output=replace(
            output,
            # Both in the dimmer's own steps, or they would be written for ever.
            night_safe_level_pct=asked_level(output, site.control.night_safe_level_pct) or 0.0,
            fade_level_pct=asked_level(output, max(1.0, minimum_level_pct(site, circuit))) if fades else None,
            fade_s=ramp_s,
        ),
        meter_is_own=own,
        meter_power_offset_w=permanent_w(site, phases),
        settle_s=max(start_s, ramp_s) + 1.0,
        warm_up_ms=warm_up_ms(site, circuit),
        restrike_ms=restrike_ms(site, circuit),
    )


def _add_circuit_points(site: Site, circuit: Circuit, devices: dict[str, DeviceWiring]) -> None:
    for name, quantities in _REPORT_FIELDS:
        ref = circuit.relay if name == "relay_closed" else circuit.dimmer
        point = None if ref is None else first_point(_profile(site, ref), quantities, ref.channel)
        if ref is not None and point is not None:
            devices[ref.device].points[point.name] = point
            devices[ref.device].reports[point.name] = (circuit.id, name)
    _add_meter_points(site, circuit.meter, devices)


def _add_meter_points(site: Site, refs: Iterable[ChannelRef], devices: dict[str, DeviceWiring]) -> None:
    for ref in refs:
        profile = _profile(site, ref)
        for name, quantities in _METER_FIELDS:
            point = first_point(profile, quantities, ref.channel)
            if point is not None:
                wiring = devices[ref.device]
                # Lamps out are seen by power: it is read at each poll, whatever its class.
                is_slow = point.poll == "slow" and name != "power_w"
                (wiring.slow_meters if is_slow else wiring.points)[point.name] = point
                wiring.meters[point.name] = (str(ref), name)


def _add_local_input(site: Site, cabinet_id: str, ref: ChannelRef, devices: dict[str, DeviceWiring]) -> None:
    point = readable_point(_profile(site, ref), Quantity.INPUT_ACTIVE, ref.channel)
    if point is not None:
        devices[ref.device].points[point.name] = point
        devices[ref.device].local_inputs[point.name] = cabinet_id


def _add_sense(site: Site, ref: ChannelRef, quantity: Quantity, devices: dict[str, DeviceWiring]) -> None:
    point = readable_point(_profile(site, ref), quantity, ref.channel)
    if point is not None:
        devices[ref.device].points[point.name] = point
        devices[ref.device].senses[point.name] = ref


def _add_fed_point(site: Site, device_id: str, wiring: DeviceWiring) -> None:
    """The register whose reading feeds a watchdog is read with every poll, whatever else it may mean."""
    profile = site.profiles[site.devices[device_id].profile]
    point = profile.point_named(profile.failsafe.fed_point) if profile.failsafe.fed_by == "register" else None
    if point is not None and point.readable:
        wiring.points[point.name] = point


def _add_uptime(site: Site, device_id: str, wiring: DeviceWiring) -> None:
    profile = site.profiles[site.devices[device_id].profile]
    point = readable_point(profile, Quantity.UPTIME, WHOLE_DEVICE)
    if point is not None:
        wiring.points[point.name] = point
        wiring.uptime_point = point.name


def _channels_used(site: Site) -> dict[str, tuple[str, ...]]:
    """The channels of each device that something in the site stands on."""
    refs = [ref for circuit in site.circuits.values() for ref in (circuit.dimmer, circuit.relay, *circuit.meter)]
    refs += [cabinet.local_input for cabinet in site.cabinets.values()]
    refs += [ref for load in site.permanent_loads for ref in load.meter]
    refs += [ref for section in site.traffic_sections.values() for ref in section.counters]
    refs += [cell.channel for cell in site.photocells.values()]
    return _grouped((ref.device, ref.channel) for ref in dict.fromkeys(refs) if ref is not None)


def _add_slow_points(site: Site, device_id: str, wiring: DeviceWiring, channels: Iterable[str]) -> None:
    profile = site.profiles[site.devices[device_id].profile]
    used = {WHOLE_DEVICE, *channels}
    others = [
        point
        for point in profile.points
        if point.readable
        and point.channel in used
        and point.name not in wiring.points
        and point.name not in wiring.slow_meters
    ]
    wiring.slow = tuple(point for point in others if point.poll == "slow")
    wiring.once = tuple(point for point in others if point.poll == "once")
