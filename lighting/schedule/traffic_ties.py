"""Neighbouring sections of one road that are tied, so that a driver meets no dark gap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.model import TrafficSection
from lighting.schedule.inputs import UNKNOWN, Series, series


def tie(sections: Mapping[str, TrafficSection], series_of: Mapping[str, Series]) -> dict[str, Series]:
    """Return the series with every neighbour at most as many steps down as the section that is tied to it.

    A section of which nothing is known counts as 0 steps down, so its neighbours keep their design class; a neighbour
    of which nothing is known stays unknown. A tie reaches one section far: the neighbour of a neighbour follows what
    its own neighbour was counted to be, not what a tie has made of it. (Else one busy section would light a whole
    chain, and a city chooses the length of the chain by naming more neighbours.)
    """
    tied = dict(series_of)
    for section in sections.values():
        for neighbour in section.tied_to:
            if neighbour != section.id and neighbour in tied:
                tied[neighbour] = _at_most(tied[neighbour], section.id, series_of.get(section.id))
    return tied


def _at_most(own: Series, section_id: str, other: Series | None) -> Series:
    moments = own.from_ms if other is None else np.union1d(own.from_ms, other.from_ms)
    value, entry = own.at(moments)
    limit = [0] * value.size if other is None else [max(0, most) for most in other.at(moments)[0].tolist()]
    changes: list[tuple[int, int, Fact]] = []
    made: dict[int, Fact] = {}
    before: tuple[int, int] | None = None
    for at_ms, found, most, index in zip(moments.tolist(), value.tolist(), limit, entry.tolist(), strict=True):
        if index < 0:
            continue
        held = found != UNKNOWN and found > most
        key = (most, -1) if held else (found, index)
        if key == before:
            continue
        before = key
        if held:
            fact = made.setdefault(most, Fact("traffic_tied", {"neighbour": section_id, "steps_down": most}))
            changes.append((at_ms, most, fact))
        else:
            changes.append((at_ms, found, own.facts[int(own.fact[index])]))
    return series(changes)
