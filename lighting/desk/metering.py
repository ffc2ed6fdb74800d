"""The meters of a site: each once, however many circuits share it, and what they read last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import ChannelRef, Site
from lighting.desk.scopes import CircuitIndex
from lighting.store.records import Quality
from lighting.store.store import Store

_HARMLESS = Quality.CLOCK_DOUBTED | Quality.SIMULATED
"""Marks that say nothing against the value itself."""


@dataclass(frozen=True, slots=True)
class Meters:
    """The distinct meters: each with its district's position, its circuits and its permanent load."""

    refs: tuple[tuple[ChannelRef, ...], ...]
    district: NDArray[np.intp]
    of_circuit: NDArray[np.intp]
    permanent_w: NDArray[np.float64]


def meters_of(site: Site, index: CircuitIndex) -> Meters:
    """Each meter once, however many circuits share it; a shared one counts for the district of its first circuit."""
    number: dict[tuple[ChannelRef, ...], int] = {}
    district: list[int] = []
    of_circuit = np.full(len(index.circuits), -1, dtype=np.intp)
    for position, circuit in enumerate(index.circuits):
        if not circuit.meter:
            continue
        if circuit.meter not in number:
            number[circuit.meter] = len(number)
            district.append(int(index.district[position]))
        of_circuit[position] = number[circuit.meter]
    permanent_w = np.zeros(len(number))
    for load in site.permanent_loads:
        if load.meter in number:
            permanent_w[number[load.meter]] += load.power_w
    return Meters(tuple(number), np.array(district, dtype=np.intp), of_circuit, permanent_w)


def metered_w(meters: Meters, store: Store | None, now_ms: int, limit_ms: float) -> NDArray[np.float64]:
    """(n_meters,) the latest fresh power of each meter, NaN where one of its channels is unknown."""
    power_w = np.full(len(meters.refs), np.nan)
    if store is None or not meters.refs:
        return power_w
    keys = store.keys.known("meter")
    latest = store.readings.latest()
    fresh_w = {
        ref: reading.power_w
        for ref, key in keys.items()
        if (reading := latest.get(key)) is not None
        and reading.power_w is not None
        and not reading.quality & ~_HARMLESS
        and now_ms - reading.at_ms <= limit_ms
    }
    for number, refs in enumerate(meters.refs):
        channels = [fresh_w.get(str(ref)) for ref in refs]
        if all(watts is not None for watts in channels):
            power_w[number] = sum(watts for watts in channels if watts is not None)
    return power_w
