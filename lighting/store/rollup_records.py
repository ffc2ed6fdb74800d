"""What the gateway of rollups is given and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.energy.rollup import Rollups, SeriesFacts

KnownFacts = Mapping[int, SeriesFacts] | Callable[[], Mapping[int, SeriesFacts]]
"""What is known of each series: for ever, or as it is when asked."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What one call did: hours of series worked off, whether more is marked, and what is to be said of it."""

    done: int
    is_more: bool
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class HourDiffers:
    """An hour whose rollup is not what its raw readings give; energies in Ws, None where unknown or without a row."""

    start_ms: int
    series_key: int
    stored_ws: int | None
    raw_ws: int | None


@dataclass(frozen=True, slots=True)
class HoursChecked:
    """The hours of one span: how many were compared, and how many could not be (their raw readings are gone).

    ``waiting`` differ, but are marked to be made again anyway. ``hours`` are those that the raw readings give, and the
    stored ones where nothing can be said. Raw readings, and what senses said, may be gone before ``raw_from_ms``.
    ``fault``: the raw readings cannot be read.
    """

    from_ms: int
    until_ms: int
    compared: int
    gone: int
    waiting: int
    differing: tuple[HourDiffers, ...]
    hours: Rollups
    raw_from_ms: int
    fault: Fact | None = None
