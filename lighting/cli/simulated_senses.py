"""Traffic and daylight of a simulated city: what its counters count and its photocells see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from drivers.simulator.light_sensor import SimulatedLightSensor, daylight_lx
from drivers.simulator.noise import seed_of
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.simulator.traffic_counter import SimulatedCounter
from lighting.assets.model import Site, TrafficSection
from lighting.schedule.sun import elevation_deg

SiteMs = Callable[[float], float]
"""The site's time in UTC ms at a site second of the simulation."""

_SHARE_BY_HOUR = (4, 3, 2, 2, 4, 14, 38, 70, 62, 50, 48, 52, 55, 52, 54, 62, 78, 85, 72, 52, 38, 26, 16, 8)
"""Percent of the capacity in each local hour of a made-up weekday."""


def add_counters(
    site: Site, devices: dict[str, SimulatedDevice], site_ms: SiteMs, seed: int
) -> dict[str, list[SimulatedCounter]]:
    """By section: a counter on each of its channels, whose vehicles come by the hour of the day."""
    found: dict[str, list[SimulatedCounter]] = {}
    zone = ZoneInfo(site.timezone)
    for section in site.traffic_sections.values():
        for lane, ref in enumerate(section.counters):
            flow = _flow(section, lane, zone, site_ms)
            counter = SimulatedCounter(
                devices[ref.device],
                ref.channel,
                flow,
                pulses_per_vehicle=section.pulses_per_vehicle,
                first_count=seed_of(seed, str(ref)) % 50_000,
            )
            found.setdefault(section.id, []).append(counter)
    return found


def _flow(section: TrafficSection, lane: int, zone: ZoneInfo, site_ms: SiteMs) -> Callable[[float], float]:
    of_lane = section.capacity_veh_h if section.basis == "uni_11248" else section.capacity_veh_h / section.lanes
    slower = 0.8**lane  # the outer lane carries most

    def flow_veh_h(now_s: float) -> float:
        local = datetime.fromtimestamp(site_ms(now_s) / 1000, UTC).astimezone(zone)
        begin, end = _SHARE_BY_HOUR[local.hour], _SHARE_BY_HOUR[(local.hour + 1) % 24]
        share = begin + (end - begin) * local.minute / 60
        return of_lane * slower * share / 100

    return flow_veh_h


def add_light_sensors(
    site: Site, devices: dict[str, SimulatedDevice], site_ms: SiteMs
) -> dict[str, SimulatedLightSensor]:
    """By photocell: a sensor under a clear sky."""

    def sky_lx(now_s: float) -> float:
        at_ms = np.array([round(site_ms(now_s))], dtype=np.int64)
        return daylight_lx(float(elevation_deg(at_ms, site.latitude_deg, site.longitude_deg)[0]))

    return {
        cell.id: SimulatedLightSensor(devices[cell.channel.device], cell.channel.channel, sky_lx)
        for cell in site.photocells.values()
    }
