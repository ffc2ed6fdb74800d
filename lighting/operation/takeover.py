"""From a site and what was known before to what is known now: at start, and when a new revision is taken while
lamps burn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lighting.assets.model import Site
from lighting.operation.burning import restore_burning
from lighting.operation.live import Live, LiveCircuit, LiveDevice
from lighting.operation.wiring import CircuitWiring, Wiring, meter_refs, wire
from lighting.store.records import AlarmState, BurningState, CircuitState
from lighting.store.store import Store


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The store's small integer keys of everything that has rows."""

    buses: Mapping[str, int]
    devices: Mapping[str, int]
    circuits: Mapping[str, int]
    meters: Mapping[str, int]


def ensure_keys(store: Store, site: Site, *, at_ms: int) -> SiteKeys:
    """Keys for all assets of the site, made where missing."""
    store.keys.ensure("cabinet", list(site.cabinets), at_ms=at_ms)
    return SiteKeys(
        buses=store.keys.ensure("bus", list(site.buses), at_ms=at_ms),
        devices=store.keys.ensure("device", list(site.devices), at_ms=at_ms),
        circuits=store.keys.ensure("circuit", list(site.circuits), at_ms=at_ms),
        meters=store.keys.ensure("meter", meter_refs(site), at_ms=at_ms),
    )


def live_of(site: Site, keys: SiteKeys, before: Live | None = None) -> Live:
    """What is known of the site; circuits and devices that did not change keep what they reported.

    What hangs on a device that changed, or is new on one that did not, is read before anything is written to it: what
    burns there may burn as it should, and a contactor that stands otherwise than the old one was moved by nobody.
    """
    wiring = wire(site)
    if before is None:
        circuits = {one: LiveCircuit(entry, keys.circuits[one]) for one, entry in wiring.circuits.items()}
        devices = {asset.id: LiveDevice(asset.id, keys.devices[asset.id], asset.bus) for asset in site.devices.values()}
        return Live(wiring, circuits, devices, dict(keys.buses), dict(keys.meters))
    devices = {
        asset.id: before.devices[asset.id]
        if _is_same_device(before.wiring.site, site, asset.id)
        else LiveDevice(asset.id, keys.devices[asset.id], asset.bus)
        for asset in site.devices.values()
    }
    circuits = _circuits(wiring, keys, before, devices)
    readable = cabinets_with_input(wiring)
    return Live(
        wiring=wiring,
        circuits=circuits,
        devices=devices,
        bus_keys=dict(keys.buses),
        meter_keys=dict(keys.meters),
        meter_power=before.meter_power,
        local_inputs={k: v for k, v in before.local_inputs.items() if k in readable},
        odd_readings={k: v for k, v in before.odd_readings.items() if k in devices},
        newest_instruction_id=before.newest_instruction_id,
    )


def _is_same_device(before: Site, after: Site, device_id: str) -> bool:
    """Whether it is the same unit of the same line, of which the same registers mean the same."""
    old, new = before.devices.get(device_id), after.devices[device_id]
    if old != new:
        return False
    return before.buses[new.bus] == after.buses[new.bus] and before.profiles[new.profile] == after.profiles[new.profile]


def _circuits(
    wiring: Wiring, keys: SiteKeys, before: Live, devices: Mapping[str, LiveDevice]
) -> dict[str, LiveCircuit]:
    gone = {one.wiring.outputs: one for one in before.circuits.values() if one.id not in wiring.circuits}
    circuits: dict[str, LiveCircuit] = {}
    for circuit_id, entry in wiring.circuits.items():
        known = before.circuits.get(circuit_id) or _renamed(gone.pop(entry.outputs, None), keys.circuits[circuit_id])
        circuits[circuit_id] = circuit = _circuit(entry, keys.circuits[circuit_id], known, before, devices)
        if circuit.is_unread:
            for device in (devices[name] for name in entry.output_devices):
                device.due_ms = 0
                # Not known of this circuit, so the next step towards its level waits for the answer.
                device.reachable = None if device.reachable is True else device.reachable
    for circuit in before.circuits.values():
        if circuits.get(circuit.id) is not circuit:
            circuit.asked_pct = None  # a sequence that is under way ends
    return circuits


def _renamed(before: LiveCircuit | None, key: int) -> LiveCircuit | None:
    """A circuit that has the outputs of one that is gone: the same lamps under another id, with other rows."""
    if before is None:
        return None
    return replace(before, key=key, stored=None, decided=None, writing=False)


def cabinets_with_input(wiring: Wiring) -> frozenset[str]:
    """The cabinets whose HAND/OFF/AUTO switch can be read."""
    return frozenset(cabinet for device in wiring.devices.values() for cabinet in device.local_inputs.values())


def restore(live: Live, rows: Mapping[int, CircuitState], standing: list[AlarmState]) -> None:
    """Take over what the last controller left: local control above all, an unexplained one with the time it began.

    A switch that was not at AUTO is taken to be there still until it is read: someone may work on that cabinet.
    """
    readable = cabinets_with_input(live.wiring)
    since = {a.subject_id: a.raised_ms for a in standing if a.kind == "local_control" and a.subject_kind == "circuit"}
    for circuit in live.circuits.values():
        row = rows.get(circuit.key)
        if row is None:
            continue
        circuit.restore(row)
        if row.local_control == "unexplained":
            circuit.unexplained_since_ms = since.get(circuit.id, row.at_ms)
        cabinet = circuit.wiring.circuit.cabinet
        if row.local_control == "input" and cabinet in readable:
            live.local_inputs[cabinet] = True
            circuit.unexplained_since_ms = since.get(circuit.id)


def restore_returned(
    live: Live, before: Live, rows: Mapping[int, CircuitState], burning: Mapping[int, BurningState]
) -> None:
    """Take over of circuits that come with a revision what was noted when they were controlled the last time.

    What somebody had switched in the cabinet stays so, and lamps are as old as they are. Since when they burn is read.
    """
    fresh = {c.key for c in live.circuits.values() if c.is_unread and c.id not in before.circuits}
    at_hand = {key: rows[key] for key in fresh & rows.keys() if rows[key].local_control == "unexplained"}
    restore(live, at_hand, [])
    restore_burning(live, {key: burning[key] for key in fresh & burning.keys()})
    for circuit in live.circuits.values():
        if circuit.key in fresh:
            circuit.on_since_ms = None


def _circuit(
    wiring: CircuitWiring, key: int, before: LiveCircuit | None, live: Live, devices: Mapping[str, LiveDevice]
) -> LiveCircuit:
    if before is None:
        return LiveCircuit(wiring, key, is_unread=True)
    old, new = before.wiring, wiring
    (dimmer, relay), has_moved = new.outputs, old.outputs != new.outputs
    if has_moved or (dimmer and devices[dimmer.device] is not live.devices.get(dimmer.device)):
        before.level_pct = before.output_on = None
        before.is_unread = True
    if has_moved or (relay and devices[relay.device] is not live.devices.get(relay.device)):
        before.relay_closed = before.relay_seen = before.closed_since_ms = None
        before.is_unread = True
    if has_moved:
        before.on_since_ms = before.off_since_ms = None  # other lamps
    if old.circuit.meter != new.circuit.meter or not wiring.meter_is_own:
        before.power_w = None
    before.wiring = wiring
    return before
