"""One difference between two states of a site: what it is about, the fact, and the circuits that it concerns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from lighting.assets.fact import Fact, Value

Part = Literal[
    "site",
    "circuits",
    "programs",
    "calendar",
    "control",
    "luminaire_types",
    "traffic",
    "lines",
    "users",
    "tariff",
    "baseline",
    "other",
]
"""What a difference is about, in the order in which differences are told: levels first."""

PARTS: tuple[Part, ...] = get_args(Part)
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """``circuits`` are those whose light it can concern, by id, before or after; none where it concerns no light."""

    part: Part
    fact: Fact
    circuits: tuple[str, ...] = ()


def named(ids: Collection[str]) -> dict[str, Value]:
    """The values by which a fact names things: how many, and the first of them."""
    shown = list(ids)[:MOST_NAMES]
    more = len(ids) - len(shown)
    return {"count": len(ids), "names": ", ".join(shown) + (f" +{more}" if more else "")}
