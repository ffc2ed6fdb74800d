"""Whether the polls of a site feed the watchdogs that its devices really have, as last read from them. Pure.

What a device has need not be what the site plans: one from the factory, one that was replaced, a commissioning that
was broken off. A watchdog that runs out where its outputs hold does nothing, so it counts only where it would change
an output, or might.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.profile import ChannelRole, Profile
from lighting.assets.fact import Fact, Value
from lighting.assets.failsafe import Cause, ReadValues, output_effect
from lighting.assets.failsafe_settings import (
    Outputs,
    Values,
    outputs_by_device,
    planned_watchdog_s,
    settable_watchdog,
    watchdog_of,
    watchdog_was_read,
)
from lighting.assets.model import Site
from lighting.assets.poll_cycle import WATCHDOG_POLLS, PollCycle, poll_cycles

LEAST_FEED_S = 1.0
"""No device is asked more often than that, however short its watchdog is."""

_RANKS = {"dark": 0, "hold": 1, "unknown": 1, "lit": 2}
"""Darker is less."""
_CAUSES: tuple[Cause, ...] = ("lost_master", "power_return")


@dataclass(frozen=True, slots=True)
class NotFed:
    """A device whose watchdog is too short for the polls of its bus. ``watchdog_s`` is the shortest of its outputs'."""

    device: str
    watchdog_s: float
    cycle: PollCycle

    @property
    def feed_every_s(self) -> float:
        """How often it would have to be asked: three times within its watchdog, each at the worst of its line."""
        return max(LEAST_FEED_S, self.watchdog_s / WATCHDOG_POLLS - self.cycle.line_s - self.cycle.timeout_s)

    def fact(self, code: str = "watchdog_as_read_not_fed") -> Fact:
        """With the figures: the watchdog, the worst poll cycle, and what a watchdog would have to be longer than."""
        values: dict[str, Value] = {
            "device": self.device,
            "bus": self.cycle.bus,
            "watchdog_seconds": self.watchdog_s,
            "cycle_seconds": round(self.cycle.worst_s, 1),
            "needed_seconds": round(self.cycle.needed_s, 1),
            "poll_seconds": self.cycle.poll_s,
        }
        return Fact(code, values)


def shortest_watchdog_s(profile: Profile, outputs: Outputs, values: Values, *, acting: bool = True) -> float | None:
    """The shortest watchdog in seconds that runs in a device; None where none does, or nobody knows.

    ``acting`` leaves out outputs that hold when it runs out.
    """
    found = []
    for channel, (role, _circuits) in outputs.items():
        time_s = watchdog_of(profile, channel, values).time_s
        if time_s and not (acting and output_effect(profile, channel, role, "lost_master", values).kind == "hold"):
            found.append(time_s)
    return min(found, default=None)


def closed_after(profile: Profile, outputs: Outputs, values: Values) -> dict[str, bool]:
    """What the contacts of a device do when its watchdog runs out, by channel; those that may hold are left out."""
    found = {}
    for channel, (role, _circuits) in outputs.items():
        kind = output_effect(profile, channel, role, "lost_master", values).kind
        if role == "relay" and kind in ("lit", "dark"):
            found[channel] = kind == "lit"
    return found


def not_fed(
    site: Site,
    read: ReadValues,
    *,
    outputs: Mapping[str, Outputs] | None = None,
    cycles: Mapping[str, PollCycle] | None = None,
) -> dict[str, NotFed]:
    """The devices whose watchdog, as last read, the polls of the site cannot feed. Those never read are left out.

    ``outputs`` and ``cycles`` are those of the site, for who has them already.
    """
    outputs = outputs_by_device(site) if outputs is None else outputs
    cycles = poll_cycles(site) if cycles is None else cycles
    found = {}
    for device_id, values in read.items():
        device, cycle = site.devices.get(device_id), None
        if device is not None and device_id in outputs:
            cycle = cycles.get(device.bus)
        if device is None or cycle is None:
            continue
        time_s = shortest_watchdog_s(site.profiles[device.profile], outputs[device_id], values)
        if time_s is not None and time_s <= cycle.needed_s:
            found[device_id] = NotFed(device_id, time_s, cycle)
    return found


def planned_not_fed(site: Site, device_ids: Iterable[str]) -> NotFed | None:
    """The first of these devices that commissioning would give a watchdog which the polls of the site cannot feed."""
    outputs, cycles = outputs_by_device(site), poll_cycles(site)
    for device_id in device_ids:
        device = site.devices[device_id]
        profile, cycle = site.profiles[device.profile], cycles[device.bus]
        for channel, (role, _circuits) in outputs.get(device_id, {}).items():
            if settable_watchdog(profile, channel, role) is None:
                continue
            planned_s = planned_watchdog_s(profile, channel, role, site.control)
            if planned_s is not None and 0 < planned_s <= cycle.needed_s:
                return NotFed(device_id, planned_s, cycle)
    return None


def does_harm(profile: Profile, outputs: Outputs, before: Values, after: Values, *, needed_s: float) -> bool:
    """Whether a change of settings leaves some output worse off than it was, should nothing more follow.

    Worse is: darker without a master or after the supply returns; or doing something of its own after a time that the
    polls cannot keep up with (``needed_s``), or that nobody knows, where it held before.
    """
    for channel, (role, _circuits) in outputs.items():
        for cause in _CAUSES:
            old = output_effect(profile, channel, role, cause, before).kind
            new = output_effect(profile, channel, role, cause, after).kind
            if _RANKS[new] < _RANKS[old]:
                return True
        if _acts_too_soon(profile, channel, role, after, needed_s) and not _acts_too_soon(
            profile, channel, role, before, needed_s
        ):
            return True
    return False


def _acts_too_soon(profile: Profile, channel: str, role: ChannelRole, values: Values, needed_s: float) -> bool:
    if output_effect(profile, channel, role, "lost_master", values).kind == "hold":
        return False
    watchdog = watchdog_of(profile, channel, values)
    if watchdog.time_s is None:
        return watchdog.exists and watchdog_was_read(profile, channel, values)
    return 0 < watchdog.time_s <= needed_s
