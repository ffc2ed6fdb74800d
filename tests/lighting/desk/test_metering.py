"""Every watt of the city is counted once, however its circuits share meters and phases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import ChannelRef, PermanentLoad, Site
from lighting.assets.template import template_texts
from lighting.desk.desk import Desk
from lighting.desk.metering import meters_of
from lighting.desk.scopes import CircuitIndex
from lighting.store.records import DeviceState, Reading
from lighting.store.store import Store


@pytest.fixture
def site() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def with_meters(site: Site, **channels: str) -> Site:
    """The site with other meter channels of CB01-M on these circuits of its first cabinet."""
    circuits = dict(site.circuits)
    for circuit_id, names in channels.items():
        key = circuit_id.replace("_", "-")
        circuits[key] = replace(circuits[key], meter=tuple(ChannelRef("CB01-M", name) for name in names.split("+")))
    return replace(site, circuits=circuits)


def counted(site: Site) -> list[set[str]]:
    return [{ref.channel for ref in refs} for refs in meters_of(site, CircuitIndex(site)).refs]


def test_meters_of_their_own_stay_apart(site: Site) -> None:
    assert counted(site) == [{"L1"}, {"L2"}, {"L3"}, {"total"}]


def test_a_total_holds_the_phases_that_others_name(site: Site) -> None:
    mixed = with_meters(site, C_0102="total")
    assert counted(mixed) == [{"total"}, {"total"}]
    meters = meters_of(mixed, CircuitIndex(mixed))
    assert meters.of_circuit.tolist() == [0, 0, 0, 1]


def test_circuits_that_meet_on_one_phase_are_metered_together(site: Site) -> None:
    mixed = with_meters(site, C_0101="L1", C_0102="L2", C_0103="L1+L2")
    assert counted(mixed) == [{"L1", "L2"}, {"total"}]


def test_a_permanent_load_counts_on_the_phases_that_it_is_on(site: Site) -> None:
    heater = PermanentLoad((ChannelRef("CB01-M", "total"),), "Heater", 90.0)
    loaded = replace(site, permanent_loads=(heater,))
    assert meters_of(loaded, CircuitIndex(loaded)).permanent_w.tolist() == pytest.approx([30.0, 30.0, 30.0, 0.0])


def test_a_silent_meters_last_power_is_not_the_power_now(desk: Desk, store: Store) -> None:
    now_ms = desk.clock.now_ms()
    key = store.keys.ensure("meter", ["CB01-M:L1"], at_ms=now_ms)["CB01-M:L1"]
    device = store.keys.ensure("device", ["CB01-M"], at_ms=now_ms)["CB01-M"]
    store.readings.append([Reading(now_ms - 1000, key, power_w=500.0)])
    assert desk.status().power_w == 500.0
    store.states.put_devices([DeviceState(device, now_ms, reachable=False, last_ok_ms=now_ms - 1000)])
    assert desk.status().power_w is None
