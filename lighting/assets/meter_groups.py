"""What is metered together: members (circuits, permanent loads) whose meter channels share a phase, as one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lighting.assets.metering import TOTAL, meter_phases
from lighting.assets.model import ChannelRef, Site


@dataclass(frozen=True, slots=True)
class MeterGroups:
    """``of_member``: the number of each member's group, -1 without a meter. ``channels``: of each group, those whose
    energies sum up to it, so that no watt is counted twice.
    """

    of_member: tuple[int, ...]
    channels: tuple[tuple[ChannelRef, ...], ...]


def meter_groups(site: Site, members: Sequence[Sequence[ChannelRef]]) -> MeterGroups:
    """Group members by the phases behind their meter channels. Groups are numbered in the order of their members."""
    leader = list(range(len(members)))

    def root(member: int) -> int:
        while leader[member] != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    on_phase: dict[ChannelRef, int] = {}
    for member, refs in enumerate(members):
        for phase in meter_phases(site, refs):
            other = root(on_phase.setdefault(phase, member))
            mine = root(member)
            leader[max(mine, other)] = min(mine, other)
    numbers: dict[int, int] = {}
    channels: list[dict[ChannelRef, None]] = []
    of_member = []
    for member, refs in enumerate(members):
        if not refs:
            of_member.append(-1)
            continue
        number = numbers.setdefault(root(member), len(numbers))
        if number == len(channels):
            channels.append({})
        channels[number].update(dict.fromkeys(refs))
        of_member.append(number)
    return MeterGroups(tuple(of_member), tuple(summed(tuple(group)) for group in channels))


def summed(refs: Sequence[ChannelRef]) -> tuple[ChannelRef, ...]:
    """The channels to add up: a meter's total stands for all phases of that meter."""
    with_total = {ref.device for ref in refs if ref.channel == TOTAL}
    return tuple(ref for ref in refs if ref.channel == TOTAL or ref.device not in with_total)
