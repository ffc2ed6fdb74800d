"""From a lighting class to the level of a circuit, and from a design class down, one class at a time."""

from __future__ import annotations

from functools import lru_cache

from lighting.assets.lighting_classes import CLASS_LEVELS, class_level_pct, is_brighter, same_family
from lighting.schedule.site_index import Trait

FULL_PCT = 100.0


def level_of_class(trait: Trait, lighting_class: str) -> float:
    """Return the level in percent that gives the class; 100 where the maintained level or the class is not known."""
    if lighting_class not in CLASS_LEVELS or not trait.maintained_level:
        return FULL_PCT
    if trait.design_class and not same_family(lighting_class, trait.design_class):
        return FULL_PCT
    return class_level_pct(lighting_class, trait.maintained_level)


@lru_cache(maxsize=4096)
def class_below(design_class: str, steps_down: int, lowest_class: str = "") -> str:
    """Return the class ``steps_down`` under the design class, not under the lowest class nor the last of its family.

    Empty without a design class.
    """
    family = sorted((name for name in CLASS_LEVELS if same_family(name, design_class)), key=lambda name: int(name[1:]))
    if design_class not in family:
        return ""
    wanted = family[min(family.index(design_class) + max(0, steps_down), len(family) - 1)]
    if lowest_class in family and is_brighter(lowest_class, wanted):
        return design_class if is_brighter(lowest_class, design_class) else lowest_class
    return wanted
