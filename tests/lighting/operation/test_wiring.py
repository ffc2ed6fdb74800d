"""Which points of which devices belong to whom."""

from __future__ import annotations

from dataclasses import replace

from lighting.assets.metering import meter_phases
from lighting.assets.model import ChannelRef, Site
from lighting.operation.live import Live
from lighting.operation.takeover import SiteKeys, live_of
from lighting.operation.wiring import wire


def test_only_points_that_the_site_uses_are_read(site: Site) -> None:
    wiring = wire(site)
    assert set(wiring.devices["CB01-R"].points) == {"contact_1", "contact_2", "contact_3", "input_1", "uptime"}
    assert set(wiring.devices["CB01-D"].points) == {"level_1", "level_2", "on_1", "on_2", "uptime"}
    assert wiring.devices["CB01-R"].local_inputs == {"input_1": "CB01"}


def test_the_contact_is_asked_not_the_coil(site: Site) -> None:
    assert wire(site).devices["CB02-R"].reports == {"contact_1": ("C-0201", "relay_closed")}


def test_a_meter_of_its_own_knows_the_permanent_load_beside_the_lamps(site: Site) -> None:
    circuits = wire(site).circuits
    assert circuits["C-0101"].meter_is_own
    assert circuits["C-0101"].meter_power_offset_w == 18.0
    assert circuits["C-0201"].meter_power_offset_w == 0.0


def test_a_meter_shared_by_total_and_phase_is_nobodys_own(site: Site) -> None:
    shared = replace(site.circuits["C-0102"], meter=(ChannelRef("CB01-M", "total"),))
    circuits = wire(replace(site, circuits={**site.circuits, "C-0102": shared})).circuits
    assert not any(circuits[circuit].meter_is_own for circuit in ("C-0101", "C-0102", "C-0103"))
    assert circuits["C-0201"].meter_is_own


def test_the_total_of_a_meter_stands_for_its_phases(site: Site) -> None:
    phases = meter_phases(site, [ChannelRef("CB01-M", "total")])
    assert {phase.channel for phase in phases} == {"L1", "L2", "L3"}
    assert meter_phases(site, [ChannelRef("CB02-M", "total")]) == {ChannelRef("CB02-M", "total")}


def test_a_new_revision_keeps_what_unchanged_circuits_and_devices_reported(
    site: Site, keys: SiteKeys, live: Live
) -> None:
    live.circuits["C-0101"].level_pct = 60.0
    live.circuits["C-0102"].level_pct = 70.0
    live.devices["CB01-D"].failures = 2
    live.devices["CB01-R"].failures = 2
    rewired = replace(site.circuits["C-0102"], dimmer=ChannelRef("CB01-D", "3"))
    moved = replace(site.devices["CB01-R"], unit_id=9)
    changed = replace(
        site,
        circuits={**site.circuits, "C-0102": rewired},
        devices={**site.devices, "CB01-R": moved},
    )
    after = live_of(changed, keys, live)
    assert after.circuits["C-0101"].level_pct == 60.0
    assert after.circuits["C-0102"].level_pct is None
    assert after.devices["CB01-D"].failures == 2
    assert after.devices["CB01-R"].failures == 0
