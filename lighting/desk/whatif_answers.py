"""What a what-if answers: the figures of each world, of the whole site, by district and by circuit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site, Tariff
from lighting.energy.replay import Replay

OTHER, PRESENT, FULL = "other", "present", "full"


@dataclass(frozen=True, slots=True)
class Figures:
    """What some circuits take under one set of rules. None: without a tariff, a CO₂ factor, or a known design class.

    Energy is of the lamps and their standby power; ``full_load_h`` is that over their power at 100 %. ``lamp_h`` are
    lamps times hours alight, ``switchings`` on and off each. ``below_class_min`` and ``below_floor_min`` are minutes
    while dark, summed over circuits. The peak is of the whole site only.
    """

    energy_kwh: float
    money: float | None
    co2_kg: float | None
    lamp_h: float
    full_load_h: float | None
    switchings: float
    below_class_min: float | None
    below_floor_min: float
    peak_kw: float | None = None
    peak_ms: int | None = None


COMPARED = tuple(field.name for field in fields(Figures) if field.name != "peak_ms")


@dataclass(frozen=True, slots=True)
class Change:
    """``difference`` of one figure to another, and in percent of that; None where it is 0."""

    difference: float
    percent: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """Some circuits under every world that has them; ``id`` is empty for the whole site. ``changes`` by figure: the
    other rules less the present ones, or the present ones less full power where there are no others.
    """

    id: str
    circuits: int
    worlds: Mapping[str, Figures]
    changes: Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class NightEnergy:
    """The energy of one lighting night in each world, kWh."""

    night: str
    energy_kwh: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """``first`` and ``last`` are the nights; ``revision`` is the accepted one that the present rules are of, None for
    the folder itself. ``worlds`` are those compared, in order. ``notes`` say what is not known.
    """

    first: str
    last: str
    n_nights: int
    step_s: float
    revision: int | None
    currency: str
    worlds: tuple[str, ...]
    total: Line
    districts: tuple[Line, ...]
    circuits: tuple[Line, ...]
    nights: tuple[NightEnergy, ...]
    notes: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One world that was replayed."""

    site: Site
    found: Replay


def total_line(worlds: Mapping[str, Replayed], tariff: Tariff | None) -> Line:
    """The whole site, with its peak."""
    figures = {}
    for name, world in worlds.items():
        every = np.zeros(len(world.found.circuit_ids), dtype=np.intp)
        found = _figures(world.found, every, 1, tariff)[0]
        figures[name] = replace(found, peak_kw=world.found.peak_kw, peak_ms=world.found.peak_ms)
    return _line("", max(len(world.found.circuit_ids) for world in worlds.values()), figures)


def lines_by(
    worlds: Mapping[str, Replayed], tariff: Tariff | None, key: Literal["district", "circuit"]
) -> tuple[Line, ...]:
    """A line for each district or each circuit, in the order of the tables; of a world that has it not, no figures."""
    ids: dict[str, int] = {}
    figures: dict[str, dict[str, Figures]] = {}
    counts: dict[str, int] = {}
    for name, world in reversed(list(worlds.items())):
        own = [circuit.id if key == "circuit" else circuit.district for circuit in world.site.circuits.values()]
        codes = np.array([ids.setdefault(one, len(ids)) for one in own], dtype=np.intp)
        found = _figures(world.found, codes, len(ids), tariff)
        here = np.bincount(codes, minlength=len(ids)).tolist()
        for one, number in ids.items():
            if here[number]:
                figures.setdefault(one, {})[name] = found[number]
                counts[one] = max(counts.get(one, 0), here[number])
    return tuple(
        _line(one, counts[one], {name: figures[one][name] for name in worlds if name in figures[one]}) for one in ids
    )


def _figures(found: Replay, codes: NDArray[np.intp], n: int, tariff: Tariff | None) -> list[Figures]:
    """The figures of circuits with each code, 0 … n-1."""

    def summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(codes, values, minlength=n).astype(np.float64)

    energy_kwh, full_kw = summed(found.energy_kwh), summed(found.full_kw)
    is_known = ~np.isnan(found.below_class_min)
    full_load_h = np.divide(energy_kwh, full_kw, out=np.full(n, np.nan), where=full_kw > 0)
    below_class = np.where(summed(is_known * 1.0) > 0, summed(np.nan_to_num(found.below_class_min)), np.nan)
    co2 = None if tariff is None else tariff.co2
    nothing = np.full(n, np.nan)
    columns = (
        energy_kwh,
        nothing if tariff is None else summed(found.money),
        nothing if co2 is None else energy_kwh * co2.g_per_kwh / 1000.0,
        summed(found.lamp_h),
        full_load_h,
        summed(found.switchings),
        below_class,
        summed(found.below_floor_min),
    )
    return [
        Figures(
            energy_kwh=row[0],
            money=_known(row[1]),
            co2_kg=_known(row[2]),
            lamp_h=row[3],
            full_load_h=_known(row[4]),
            switchings=row[5],
            below_class_min=_known(row[6]),
            below_floor_min=row[7],
        )
        for row in np.stack(columns, axis=1).tolist()
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _line(name: str, circuits: int, figures: Mapping[str, Figures]) -> Line:
    one, base = (OTHER, PRESENT) if OTHER in figures else (PRESENT, FULL)
    changes = _changes(figures[one], figures[base]) if one in figures and base in figures else {}
    return Line(name, circuits, figures, changes)


_SAME = 1e-9
"""Sums of the same terms in another order differ by less: that is no difference."""


def _changes(one: Figures, base: Figures) -> dict[str, Change]:
    changes = {}
    for name in COMPARED:
        here, there = getattr(one, name), getattr(base, name)
        if here is not None and there is not None:
            difference = here - there if abs(here - there) > _SAME * abs(there) else 0.0
            changes[name] = Change(difference, 100.0 * difference / there if there else None)
    return changes
