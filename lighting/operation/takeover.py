"""From a site and what was known before to what is known now: at start, and when a new revision is taken while
lamps burn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lighting.assets.model import Site
from lighting.operation.live import Live, LiveCircuit, LiveDevice
from lighting.operation.wiring import CircuitWiring, Wiring, meter_refs, wire
from lighting.store.records import AlarmState, CircuitState
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
    """What is known of the site; circuits and devices that did not change keep what they reported."""
    wiring = wire(site)
    circuits = {
        circuit_id: _circuit(
            entry, keys.circuits[circuit_id], None if before is None else before.circuits.get(circuit_id)
        )
        for circuit_id, entry in wiring.circuits.items()
    }
    devices = {
        asset.id: LiveDevice(asset.id, keys.devices[asset.id], asset.bus)
        if before is None or before.wiring.site.devices.get(asset.id) != asset
        else before.devices[asset.id]
        for asset in site.devices.values()
    }
    if before is not None:
        for circuit_id in before.circuits.keys() - circuits.keys():
            before.circuits[circuit_id].asked_pct = None
    readable = cabinets_with_input(wiring)
    return Live(
        wiring=wiring,
        circuits=circuits,
        devices=devices,
        bus_keys=dict(keys.buses),
        meter_keys=dict(keys.meters),
        meter_power={} if before is None else before.meter_power,
        local_inputs={} if before is None else {k: v for k, v in before.local_inputs.items() if k in readable},
        odd_readings={} if before is None else {k: v for k, v in before.odd_readings.items() if k in devices},
        newest_instruction_id=0 if before is None else before.newest_instruction_id,
    )


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


def _circuit(wiring: CircuitWiring, key: int, before: LiveCircuit | None) -> LiveCircuit:
    if before is None:
        return LiveCircuit(wiring, key)
    old, new = before.wiring.circuit, wiring.circuit
    if (old.dimmer, old.relay) != (new.dimmer, new.relay):
        before.forget_feedback()
        before.relay_seen = None
        before.closed_since_ms = before.on_since_ms = None
    if old.meter != new.meter or not wiring.meter_is_own:
        before.power_w = None
    before.wiring = wiring
    return before
