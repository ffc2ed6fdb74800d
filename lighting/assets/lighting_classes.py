"""Lighting classes of EN 13201-2 and the floor that a circuit's lowest class sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lighting.assets.model import Circuit, Site

ROAD_CLASSES_CD_M2: dict[str, float] = {"M1": 2.0, "M2": 1.5, "M3": 1.0, "M4": 0.75, "M5": 0.5, "M6": 0.3}
"""Maintained average road luminance in cd/m² (EN 13201-2, table 1)."""

CONFLICT_CLASSES_LX: dict[str, float] = {"C0": 50.0, "C1": 30.0, "C2": 20.0, "C3": 15.0, "C4": 10.0, "C5": 7.5}
"""Maintained average illuminance in lx of conflict areas (EN 13201-2, table 2)."""

PEDESTRIAN_CLASSES_LX: dict[str, float] = {"P1": 15.0, "P2": 10.0, "P3": 7.5, "P4": 5.0, "P5": 3.0, "P6": 2.0}
"""Maintained average illuminance in lx of footways and slow roads (EN 13201-2, table 3)."""

CLASS_LEVELS: dict[str, float] = ROAD_CLASSES_CD_M2 | CONFLICT_CLASSES_LX | PEDESTRIAN_CLASSES_LX
"""The maintained average of each class: cd/m² for M, lx for C and P."""


def class_of_weights(family: Literal["M", "C", "P"], weights: Iterable[int]) -> str:
    """The class of a road by its weights: 6 less their sum, kept within the family (CEN/TR 13201-1:2014, annex A).

    Weights are whole numbers for travel speed, traffic volume, composition, separation, junctions, parked vehicles,
    ambient luminance and the rest that the report lists for the family.
    """
    numbers = [int(name[1:]) for name in CLASS_LEVELS if name.startswith(family)]
    return f"{family}{min(max(numbers), max(min(numbers), 6 - sum(weights)))}"


def class_level_pct(lighting_class: str, maintained_level: float) -> float:
    """The dim level (at most 100 %) that gives a class, where 100 % gives ``maintained_level`` in cd/m² or lx."""
    return min(100.0, 100.0 * CLASS_LEVELS[lighting_class] / maintained_level)


def floor_level_pct(circuit: Circuit, site: Site) -> float:
    """The lowest level in percent that the circuit may have while it is dark, without a stronger cause.

    The level that gives the lowest class allowed; without a lowest class or a maintained level, the site's
    ``floor_level_pct``; 100 for a circuit that is never dimmed.
    """
    return floor_of(circuit, site.control.floor_level_pct)


def floor_of(circuit: Circuit, site_floor_pct: float) -> float:
    """The same, of a circuit whose site is not yet put together."""
    if circuit.never_dim:
        return 100.0
    if circuit.lowest_class in CLASS_LEVELS and circuit.maintained_level:
        return class_level_pct(circuit.lowest_class, circuit.maintained_level)
    return site_floor_pct


def is_brighter(one: str, other: str) -> bool:
    """Whether class ``one`` asks for more light than ``other`` of the same family."""
    return CLASS_LEVELS[one] > CLASS_LEVELS[other]


def same_family(one: str, other: str) -> bool:
    """Whether both classes are of one family (M, C or P), so that their levels compare."""
    return one[:1] == other[:1]
