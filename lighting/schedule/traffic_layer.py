"""The class that traffic chooses, laid over the program where its step is adaptive.

Missing or stale counts give the design class there, not the program's dimmed level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.class_levels import class_below, level_of_class
from lighting.schedule.inputs import UNKNOWN, Series
from lighting.schedule.instructions import Layer
from lighting.schedule.layering import Causes, Layered, Layers
from lighting.schedule.site_index import Trait


def lay_traffic(layers: Layers, laid: Layered) -> None:
    """Lay the class of each section over the adaptive steps of the kinds that belong to it."""
    traits = [layers.index.traits[trait] for trait in layers.kinds.trait]
    for section in dict.fromkeys(trait.section for trait in traits if trait.section):
        members = [number for number, trait in enumerate(traits) if trait.section == section]
        known = layers.inputs.traffic.get(section)
        if known is None:
            value = np.full(layers.grid.at_ms.shape, UNKNOWN, dtype=np.int8)
            entry = np.full(value.shape, -1, dtype=np.intp)
        else:
            value, entry = known.at(layers.grid.at_ms)
        made: dict[tuple[str, str, int], Fact] = {}
        for number in members:
            _lay_kind(layers.causes, laid, number, traits[number], value, entry, known, made)


def _lay_kind(
    causes: Causes,
    laid: Layered,
    number: int,
    trait: Trait,
    value: NDArray[np.int8],
    entry: NDArray[np.intp],
    known: Series | None,
    made: dict[tuple[str, str, int], Fact],
) -> None:
    rows = np.flatnonzero(laid.adaptive[:, number])
    if not rows.size:
        return
    laid.layer[rows, number] = Layer.TRAFFIC
    laid.may_be_under[rows, number] = False
    for steps_down in np.unique(value[rows]).tolist():
        here = rows[value[rows] == steps_down]
        lighting_class = class_below(trait.design_class, steps_down, trait.lowest_class)
        laid.level_pct[here, number] = level_of_class(trait, lighting_class)
        for at in np.unique(entry[here]).tolist():
            key = (trait.design_class, lighting_class, at)
            if key not in made:
                made[key] = _fact(trait, lighting_class, None if known is None else known.fact_of(at), steps_down)
            laid.cause[here[entry[here] == at], number] = causes.number(made[key])


def _fact(trait: Trait, lighting_class: str, counted: Fact | None, steps_down: int) -> Fact:
    """Return the reason of a level by traffic: the section's own, with the class that it means for the circuit."""
    values = {} if counted is None else dict(counted.values)
    values |= {"section": trait.section, "lighting_class": lighting_class, "design_class": trait.design_class}
    if steps_down == UNKNOWN:
        return Fact("traffic_unknown" if counted is None else counted.code, values)
    return Fact("traffic_class" if counted is None else counted.code, values)
