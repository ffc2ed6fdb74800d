"""What the gateway of rollups is given and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.energy.rollup import SeriesFacts

KnownFacts = Mapping[int, SeriesFacts] | Callable[[], Mapping[int, SeriesFacts]]
"""What is known of each series: for ever, or as it is when asked."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What one call did: hours of series worked off, whether more is marked, and what is to be said of it."""

    done: int
    is_more: bool
    fact: Fact | None = None
