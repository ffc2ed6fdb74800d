"""All of one circuit for its screen: what it is, where it stands, tonight's plan beside what was measured, and why."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np

from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Circuit, Site
from lighting.desk.answers import CircuitAnswer, CircuitRow, CircuitWithoutUs
from lighting.desk.circuit_rows import stale_limit_ms
from lighting.desk.plans import changes, planned, senses_of_night, series
from lighting.desk.reasons import why_now
from lighting.desk.scopes import CircuitIndex, Scope, rated_w
from lighting.desk.snapshot import Snapshot
from lighting.energy.luminaire_power import CircuitPower
from lighting.schedule.night import night_of, night_span_ms
from lighting.store.records import DecisionChange, DeviceState, InstructionStatus, Quality, Reading
from lighting.store.store import Store

PLAN_STEP_S = 60
_UNBELIEVED = Quality.OUT_OF_RANGE | Quality.MISSING


def circuit_answer(
    site: Site,
    index: CircuitIndex,
    seen: Snapshot,
    store: Store | None,
    row: CircuitRow,
    without_us: CircuitWithoutUs | None = None,
) -> CircuitAnswer:
    """Everything about the circuit of that row."""
    circuit = site.circuits[row.id]
    night = night_of(seen.now_ms, site.timezone)
    senses = senses_of_night(site, store, night, seen.now_ms)
    plan = planned(site, (circuit.id,), seen.in_force, night=night, step_s=PLAN_STEP_S, inputs=senses)
    measured, decisions = _history(site, store, circuit.id, night, seen.now_ms)
    return CircuitAnswer(
        row=row,
        lamps=tuple((group.luminaire_type, group.count) for group in circuit.lamps),
        floor_pct=floor_level_pct(circuit, site),
        minimum_level_pct=max(
            (site.luminaire_types[group.luminaire_type].minimum_level_pct for group in circuit.lamps), default=0.0
        ),
        rated_power_w=rated_w(site, circuit),
        meter=tuple(str(ref) for ref in circuit.meter),
        meter_shared_with=_sharers(site, circuit),
        plan=series((circuit.id,), plan),
        plan_changes=changes(site, (circuit.id,), seen.in_force, night=night, inputs=senses).of(0),
        measured=measured,
        decisions=decisions,
        instructions=instructions_about(store, circuit),
        devices=_devices(site, store, circuit),
        trail=why_now(site, index, seen, circuit.id, store).trail,
        measured_level_pct=_measured_levels(site, circuit, measured),
        meter_readings=_meter_readings(store, circuit),
        stale_limit_ms=stale_limit_ms(site, seen.controller.tick_s),
        without_us=without_us,
    )


def _measured_levels(site: Site, circuit: Circuit, measured: tuple[Reading, ...]) -> tuple[float | None, ...]:
    """What the power of each reading means as a level; None for one without power, or with power not to be believed."""
    believed = [reading.power_w is not None and not reading.quality & _UNBELIEVED for reading in measured]
    if not any(believed):
        return (None,) * len(measured)
    power_w = np.array([math.nan if reading.power_w is None else reading.power_w for reading in measured])
    alone = replace(site, circuits={circuit.id: circuit})
    levels = CircuitPower(alone).circuit_levels(circuit.id, power_w)
    return tuple(float(level) if known else None for level, known in zip(levels, believed, strict=True))


def _meter_readings(store: Store | None, circuit: Circuit) -> tuple[tuple[str, Reading | None], ...]:
    refs = [str(ref) for ref in circuit.meter]
    known = {} if store is None else store.keys.known("meter")
    keys = [known[ref] for ref in refs if ref in known]
    latest = store.readings.latest(keys) if store is not None and keys else {}
    return tuple((ref, latest.get(known.get(ref, -1))) for ref in refs)


def _sharers(site: Site, circuit: Circuit) -> tuple[str, ...]:
    own = set(circuit.meter)
    return tuple(c.id for c in site.circuits.values() if c.id != circuit.id and own.intersection(c.meter))


def _history(
    site: Site, store: Store | None, circuit_id: str, night: date, now_ms: int
) -> tuple[tuple[Reading, ...], tuple[DecisionChange, ...]]:
    """The readings and decisions of this night so far."""
    key = None if store is None else store.keys.known("circuit").get(circuit_id)
    if store is None or key is None:
        return (), ()
    start_ms, _end_ms = night_span_ms(night, site.timezone)
    return (
        tuple(store.readings.of_series(key, start_ms, now_ms + 1)),
        tuple(store.history.decisions(key, start_ms, now_ms + 1)),
    )


def instructions_about(store: Store | None, circuit: Circuit, *, limit: int = 10) -> tuple[InstructionStatus, ...]:
    """The newest instructions on the circuit, its cabinet and its district, newest first."""
    if store is None:
        return ()
    scopes = (Scope("circuit", circuit.id), Scope("cabinet", circuit.cabinet), Scope("district", circuit.district))
    found = [
        status for scope in scopes for status in store.instructions.recent(limit=limit, scope=(scope.kind, scope.id))
    ]
    return tuple(sorted(found, key=lambda status: -status.instruction.id)[:limit])


def _devices(site: Site, store: Store | None, circuit: Circuit) -> tuple[tuple[str, DeviceState | None], ...]:
    """The devices that the circuit hangs on, each with its health, and the buses behind them."""
    refs = [ref for ref in (circuit.dimmer, circuit.relay, *circuit.meter) if ref is not None]
    device_ids = list(dict.fromkeys(ref.device for ref in refs))
    bus_ids = list(dict.fromkeys(site.devices[device_id].bus for device_id in device_ids))
    if store is None:
        return tuple((name, None) for name in (*device_ids, *bus_ids))
    states = store.states.devices()
    known, buses = store.keys.known("device"), store.keys.known("bus")
    return (
        *((name, states.get(known.get(name, -1))) for name in device_ids),
        *((name, states.get(buses.get(name, -1))) for name in bus_ids),
    )
