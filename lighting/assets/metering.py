"""Which phases stand behind the meter channels that circuits and permanent loads name."""

from __future__ import annotations

from collections.abc import Iterable

from lighting.assets.model import ChannelRef, Site

TOTAL = "total"


def meter_phases(site: Site, refs: Iterable[ChannelRef]) -> frozenset[ChannelRef]:
    """The phases behind meter channels; the ``total`` of a three-phase meter stands for all of its phases."""
    phases: set[ChannelRef] = set()
    for ref in refs:
        profile = site.profiles[site.devices[ref.device].profile]
        channels = [channel.id for channel in profile.channels if channel.role == "meter"]
        others = [channel for channel in channels if channel != TOTAL]
        covered = others if ref.channel == TOTAL and others else [ref.channel]
        phases.update(ChannelRef(ref.device, channel) for channel in covered)
    return frozenset(phases)


def permanent_w(site: Site, phases: frozenset[ChannelRef]) -> float:
    """What permanent loads draw on these phases, in W; a load on several phases is taken as spread evenly."""
    total_w = 0.0
    for load in site.permanent_loads:
        load_phases = meter_phases(site, load.meter)
        if load_phases:
            total_w += load.power_w * len(load_phases & phases) / len(load_phases)
    return total_w
