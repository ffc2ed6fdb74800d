"""The class that traffic chooses, laid over the program where its step is adaptive.

Missing or stale counts give the design class there, not the program's dimmed level.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.class_levels import class_below, level_of_class
from lighting.schedule.inputs import UNKNOWN, Series
from lighting.schedule.instructions import Layer
from lighting.schedule.layering import Causes, Layered, Layers
from lighting.schedule.site_index import SiteIndex, Trait


def lay_unchanging_traffic(laid: Layered, class_pct: NDArray[np.float32]) -> None:
    """Lay levels of classes that traffic never changes, (n_kinds,), NaN for kinds without a section; reasons stay."""
    where = laid.adaptive & ~np.isnan(class_pct)
    np.copyto(laid.level_pct, class_pct, where=where)
    np.copyto(laid.layer, np.uint8(Layer.TRAFFIC), where=where)
    laid.may_be_under[where] = False


def class_pct(trait: Trait, steps_down: int) -> float:
    """Return the level of a trait while traffic takes that many classes away."""
    return level_of_class(trait, _class_of(trait, steps_down))


def lay_traffic(layers: Layers, laid: Layered) -> None:
    """Lay the class of each section over the adaptive steps of the kinds that belong to it."""
    members: dict[str, list[int]] = {}
    adaptive = np.flatnonzero(laid.adaptive.any(axis=0))
    for column, number in zip(adaptive.tolist(), layers.kinds.trait[adaptive].tolist(), strict=True):
        section = layers.index.traits[number].section
        if section:
            members.setdefault(section, []).append(column)
    for section, columns in members.items():
        _lay_section(layers, laid, np.array(columns, dtype=np.intp), section)


def _lay_section(layers: Layers, laid: Layered, columns: NDArray[np.intp], section: str) -> None:
    """Lay what one section counted over the kinds in ``columns``."""
    numbers = layers.kinds.trait[columns].tolist()
    rows = np.flatnonzero(laid.adaptive[:, columns].any(axis=1))
    at_ms, known = layers.grid.at_ms[rows], layers.inputs.traffic.get(section)
    if known is None:
        value, entry = np.full(at_ms.shape, UNKNOWN, dtype=np.int8), np.full(at_ms.shape, -1, dtype=np.intp)
    else:
        value, entry = known.at(at_ms)
    cells = np.ix_(rows, columns)
    where = laid.adaptive[cells]
    laid.layer[cells] = np.where(where, Layer.TRAFFIC, laid.layer[cells])
    laid.may_be_under[cells] &= ~where
    down, of_row = np.unique(value, return_inverse=True)
    levels = np.array(
        [[_level_down(layers.index, number, steps) for number in numbers] for steps in down.tolist()], dtype=np.float32
    )
    laid.level_pct[cells] = np.where(where, levels[of_row], laid.level_pct[cells])
    cause = _causes(layers.causes, [layers.index.traits[number] for number in numbers], value, entry, known)
    laid.cause[cells] = np.where(where, cause, laid.cause[cells])


def _level_down(index: SiteIndex, number: int, steps_down: int) -> float:
    key = (number, steps_down)
    if key not in index.levels_down:
        index.levels_down[key] = class_pct(index.traits[number], steps_down)
    return index.levels_down[key]


def _class_of(trait: Trait, steps_down: int) -> str:
    return class_below(trait.design_class, steps_down, trait.lowest_class)


def _causes(
    causes: Causes,
    traits: Sequence[Trait],
    value: NDArray[np.int8],
    entry: NDArray[np.intp],
    known: Series | None,
) -> NDArray[np.int32]:
    """Return the numbers of the reasons, (n_rows, n_kinds): one for each entry of the series and pair of classes."""
    pairs: dict[tuple[str, str], int] = {}
    of_kind = np.array([pairs.setdefault((t.design_class, t.lowest_class), len(pairs)) for t in traits], dtype=np.intp)
    examples = [traits[int(np.argmax(of_kind == pair))] for pair in range(len(pairs))]
    entries, first, of_row = np.unique(entry, return_index=True, return_inverse=True)
    numbers = np.empty((len(entries), len(pairs)), dtype=np.int32)
    for row, (at, steps_down) in enumerate(zip(entries.tolist(), value[first].tolist(), strict=True)):
        counted = None if known is None else known.fact_of(at)
        made: dict[tuple[str, str], int] = {}
        for pair, trait in enumerate(examples):
            lighting_class = _class_of(trait, steps_down)
            key = (trait.design_class, lighting_class)
            if key not in made:
                made[key] = causes.number(_fact(trait, lighting_class, counted, steps_down))
            numbers[row, pair] = made[key]
    return numbers[of_row][:, of_kind]


def _fact(trait: Trait, lighting_class: str, counted: Fact | None, steps_down: int) -> Fact:
    """Return the reason of a level by traffic: the section's own, with the class that it means for the circuit."""
    values = {} if counted is None else dict(counted.values)
    values |= {"section": trait.section, "lighting_class": lighting_class, "design_class": trait.design_class}
    if steps_down == UNKNOWN:
        return Fact("traffic_unknown" if counted is None else counted.code, values)
    return Fact("traffic_class" if counted is None else counted.code, values)
