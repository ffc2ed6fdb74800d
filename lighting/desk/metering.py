"""The meters of a site: every watt once, however circuits share them, and what they read last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.meter_groups import meter_groups
from lighting.assets.metering import meter_phases, permanent_w
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
    groups = meter_groups(site, [circuit.meter for circuit in index.circuits])
    of_circuit = np.array(groups.of_member, dtype=np.intp)
    phases: list[set[ChannelRef]] = [set() for _ in groups.channels]
    district = np.zeros(len(groups.channels), dtype=np.intp)
    # Backwards, so that each group is left with the district of its first circuit.
    for position in reversed(range(len(index.circuits))):
        group = groups.of_member[position]
        if group >= 0:
            phases[group] |= meter_phases(site, index.circuits[position].meter)
            district[group] = index.district[position]
    permanent = [permanent_w(site, frozenset(one)) for one in phases]
    return Meters(groups.channels, district, of_circuit, np.array(permanent, dtype=np.float64))


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
