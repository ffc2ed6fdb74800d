"""What the gateway of rollups answers."""

from __future__ import annotations

from dataclasses import dataclass

from lighting.assets.fact import Fact


@dataclass(frozen=True, slots=True)
class Rolled:
    """What one call did: hours of series worked off, whether more is marked, and what is to be said of it."""

    done: int
    is_more: bool
    fact: Fact | None = None
