"""How long a bus may need for one round of polls at the worst: what a device's watchdog has to outlast. Pure.

An estimate on the safe side. A poll is due once a period and begun at a tick; every device costs its requests, each
with the device's pause and the time of its bytes on the line; and one device that is dead costs one time-out (its
back-off keeps it from costing more). Behind a gateway that serves several devices there is a serial line whose speed
no file of the site states: the profile's, else 9,600 baud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.profile import Point, Profile
from drivers.read_plan import plan_reads
from lighting.assets.model import ChannelRef, Device, Site

WATCHDOG_POLLS = 3.0
"""A watchdog must outlast so many of the worst poll cycles, or a line with a hiccup sends lamps to their failsafe."""

ANSWER_TIMEOUT_S = 1.0
"""The time-out of a bus; a profile may state a longer one."""
_TURNAROUND_S = 0.05
_BITS_PER_BYTE = 11
_REQUEST_BYTES, _ANSWER_BYTES = 8, 5
_DEFAULT_BAUD = 9600
_BAUD = re.compile(r"[?&]baud=(\d{2,8})\b")


@dataclass(frozen=True, slots=True)
class PollCycle:
    """``worst_s`` from one poll of a device to its next, with the parts it is made of (all s)."""

    bus: str
    worst_s: float
    poll_s: float
    tick_s: float
    line_s: float
    timeout_s: float
    devices: int

    @property
    def needed_s(self) -> float:
        """What a watchdog on this bus must be longer than."""
        return WATCHDOG_POLLS * self.worst_s


def poll_cycles(site: Site) -> dict[str, PollCycle]:
    """The worst poll cycle of every bus that has devices. References that lead nowhere are left out."""
    channels = _channels_in_use(site)
    by_bus: dict[str, list[Device]] = {}
    for device in site.devices.values():
        if device.bus in site.buses and device.profile in site.profiles:
            by_bus.setdefault(device.bus, []).append(device)
    known: dict[tuple[object, ...], float] = {}
    return {bus: _cycle(site, bus, devices, channels, known) for bus, devices in by_bus.items()}


def _cycle(
    site: Site,
    bus: str,
    devices: list[Device],
    channels: Mapping[str, frozenset[str]],
    known: dict[tuple[object, ...], float],
) -> PollCycle:
    control = site.control
    url = site.buses[bus].url
    line_s = timeout_s = 0.0
    for device in devices:
        profile = site.profiles[device.profile]
        used = channels.get(device.id, frozenset())
        baud = _baud(url, profile, shared=len(devices) > 1)
        key = (profile.id, used, baud)
        if key not in known:
            known[key] = _poll_time_s(profile, used, baud)
        line_s += known[key]
        timeout_s = max(timeout_s, ANSWER_TIMEOUT_S, profile.limits.timeout_ms / 1000)
    worst_s = control.poll_s + control.tick_s + line_s + timeout_s
    return PollCycle(bus, worst_s, control.poll_s, control.tick_s, line_s, timeout_s, len(devices))


def _baud(url: str, profile: Profile, *, shared: bool) -> int | None:
    """The speed of the serial line; None on a network with one device, where bytes cost nothing."""
    stated = _BAUD.search(url)
    if stated is not None:
        return int(stated.group(1))
    if url.startswith("tcp:") and not shared:
        return None
    return profile.link.baud or _DEFAULT_BAUD


def _poll_time_s(profile: Profile, channels: frozenset[str], baud: int | None) -> float:
    total_s = 0.0
    for block in plan_reads(_polled(profile, channels), profile.limits):
        is_bits = block.table in ("coil", "discrete")
        answer = _ANSWER_BYTES + (block.count // 8 + 1 if is_bits else 2 * block.count)
        on_line_s = 0.0 if baud is None else (_REQUEST_BYTES + answer) * _BITS_PER_BYTE / baud
        total_s += _TURNAROUND_S + on_line_s + profile.limits.pause_ms / 1000
    return total_s


def _polled(profile: Profile, channels: frozenset[str]) -> Iterable[Point]:
    limits = profile.limits
    return (
        p
        for p in profile.points
        if p.readable
        and p.poll == "fast"
        and p.point_class == "live"
        and (not channels or p.channel in channels | {""})
        and p.register_count <= (limits.max_bits_per_read if p.data_type == "bit" else limits.max_registers_per_read)
    )


def _channels_in_use(site: Site) -> dict[str, frozenset[str]]:
    refs: list[ChannelRef | None] = [
        ref for circuit in site.circuits.values() for ref in (circuit.relay, circuit.dimmer, *circuit.meter)
    ]
    refs += [ref for load in site.permanent_loads for ref in load.meter]
    refs += [cabinet.local_input for cabinet in site.cabinets.values()]
    refs += [ref for section in site.traffic_sections.values() for ref in section.counters]
    refs += [cell.channel for cell in site.photocells.values()]
    found: dict[str, set[str]] = {}
    for ref in refs:
        if ref is not None:
            found.setdefault(ref.device, set()).add(ref.channel)
    return {device: frozenset(channels) for device, channels in found.items()}
