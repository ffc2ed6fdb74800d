"""The meters of a site: every watt once, however circuits share them, and what they read last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.metering import TOTAL, meter_phases, permanent_w
from lighting.assets.model import ChannelRef, Site
from lighting.desk.scopes import CircuitIndex
from lighting.store.records import Quality
from lighting.store.store import Store

_HARMLESS = Quality.CLOCK_DOUBTED | Quality.SIMULATED
"""Marks that say nothing against the value itself."""


@dataclass(frozen=True, slots=True)
class Meters:
    """What is metered together: circuits whose meter channels share a phase, so that no watt is counted twice.

    ``refs`` are the channels whose powers sum up to each; each counts for the district of its first circuit.
    """

    refs: tuple[tuple[ChannelRef, ...], ...]
    district: NDArray[np.intp]
    of_circuit: NDArray[np.intp]
    permanent_w: NDArray[np.float64]


def meters_of(site: Site, index: CircuitIndex) -> Meters:
    """Each metered part of the city once, however its circuits share meters and phases."""
    part_of_phase: dict[ChannelRef, int] = {}
    refs: dict[int, dict[ChannelRef, None]] = {}
    parts = [-1] * len(index.circuits)
    for position, circuit in enumerate(index.circuits):
        if not circuit.meter:
            continue
        phases = meter_phases(site, circuit.meter)
        touched = sorted({part_of_phase[phase] for phase in phases if phase in part_of_phase})
        part = touched[0] if touched else position
        refs.setdefault(part, {}).update(dict.fromkeys(circuit.meter))
        for other in touched[1:]:
            refs[part].update(refs.pop(other))
            part_of_phase.update({phase: part for phase, held in part_of_phase.items() if held == other})
            parts = [part if held == other else held for held in parts]
        part_of_phase.update(dict.fromkeys(phases, part))
        parts[position] = part
    number = {part: n for n, part in enumerate(refs)}
    of_circuit = np.array([number.get(part, -1) for part in parts], dtype=np.intp)
    first = {part: parts.index(part) for part in number}
    phases_of: dict[int, set[ChannelRef]] = {part: set() for part in number}
    for phase, part in part_of_phase.items():
        phases_of[part].add(phase)
    return Meters(
        tuple(_summed(tuple(channels)) for channels in refs.values()),
        np.array([index.district[first[part]] for part in number], dtype=np.intp),
        of_circuit,
        np.array([permanent_w(site, frozenset(phases_of[part])) for part in number], dtype=np.float64),
    )


def _summed(refs: tuple[ChannelRef, ...]) -> tuple[ChannelRef, ...]:
    """The channels to add up: a meter's total stands for all phases of that meter."""
    with_total = {ref.device for ref in refs if ref.channel == TOTAL}
    return tuple(ref for ref in refs if ref.channel == TOTAL or ref.device not in with_total)


def metered_w(meters: Meters, store: Store | None, now_ms: int, limit_ms: float) -> NDArray[np.float64]:
    """(n_meters,) the latest fresh power of each meter; NaN where a channel is unknown or its device silent."""
    power_w = np.full(len(meters.refs), np.nan)
    if store is None or not meters.refs:
        return power_w
    keys = store.keys.known("meter")
    latest = store.readings.latest()
    silent = _silent_devices(store)
    fresh_w = {
        ref: reading.power_w
        for ref, key in keys.items()
        if (reading := latest.get(key)) is not None
        and reading.power_w is not None
        and not reading.quality & ~_HARMLESS
        and now_ms - reading.at_ms <= limit_ms
        and ref.rpartition(":")[0] not in silent
    }
    for number, refs in enumerate(meters.refs):
        channels = [fresh_w.get(str(ref)) for ref in refs]
        if all(watts is not None for watts in channels):
            power_w[number] = sum(watts for watts in channels if watts is not None)
    return power_w


def _silent_devices(store: Store) -> set[str]:
    """Devices that do not answer: what they said last is not how it is."""
    states = store.states.devices()
    return {
        device
        for device, key in store.keys.known("device").items()
        if (state := states.get(key)) is not None and state.reachable is False
    }
