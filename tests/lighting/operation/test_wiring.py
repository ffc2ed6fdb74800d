"""Which points of which devices belong to whom."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from drivers.codec import decode, encode
from drivers.quantity import Quantity
from lighting.assets.metering import meter_phases
from lighting.assets.model import ChannelRef, Site
from lighting.operation.live import Live
from lighting.operation.reconciler import asked_level
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


def test_a_dimmer_on_a_curve_is_asked_in_its_own_steps_and_left_at_one(site: Site) -> None:
    """Else 80 % would be asked, 81.3 % held, and the difference written again for ever."""
    profile = site.profiles["wb-mao4"]
    curved = tuple(
        replace(point, curve="dali_log", sentinels=(255,), forbidden_raw=(255,))
        if point.quantity is Quantity.DIM_LEVEL
        else point
        for point in profile.points
    )
    control = replace(site.control, night_safe_level_pct=80.0, fade_off=True)
    profiles = {**site.profiles, "wb-mao4": replace(profile, points=curved)}
    output = wire(replace(site, profiles=profiles, control=control)).circuits["C-0101"].output
    level = next(point for point in curved if point.quantity is Quantity.DIM_LEVEL)
    assert len(output.levels_pct) == 254
    assert output.night_safe_level_pct != 80.0
    assert output.fade_level_pct is not None
    for decided in (1.0, 47.3, output.night_safe_level_pct, 98.6, output.fade_level_pct):
        asked = asked_level(output, decided)
        assert asked is not None
        assert decode(level, encode(level, asked)).value == asked


def test_a_dimmer_of_steps_is_asked_in_them(site: Site) -> None:
    profile = site.profiles["wb-mao4"]
    stepped = tuple(
        replace(point, write_step=Fraction(5), write_min=2.0) if point.quantity is Quantity.DIM_LEVEL else point
        for point in profile.points
    )
    profiles = {**site.profiles, "wb-mao4": replace(profile, points=stepped)}
    output = wire(replace(site, profiles=profiles)).circuits["C-0101"].output
    assert output.levels_pct == tuple(float(n) for n in range(2, 98, 5))
    assert asked_level(output, 100.0) == 97.0


def test_lamps_fade_only_where_the_site_wants_it_and_the_dimmer_ramps(site: Site) -> None:
    assert wire(site).circuits["C-0101"].output.fade_level_pct is None
    wanted = replace(site, control=replace(site.control, fade_off=True))
    output = wire(wanted).circuits["C-0101"].output
    assert (output.fade_level_pct, output.fade_s) == (10.0, 2.0)
    assert wire(wanted).circuits["C-0103"].output.fade_level_pct is None
    jumps = {**site.profiles, "wb-mao4": replace(site.profiles["wb-mao4"], ramp_ms_per_pct=0.0)}
    assert wire(replace(wanted, profiles=jumps)).circuits["C-0101"].output.fade_level_pct is None


def test_the_register_that_feeds_a_watchdog_is_read_with_every_poll(site: Site) -> None:
    profile = site.profiles["wb-mr6c"]
    failsafe = replace(profile.failsafe, fed_by="register", fed_point="supply_voltage")
    fed = replace(site, profiles={**site.profiles, "wb-mr6c": replace(profile, failsafe=failsafe)})
    assert "supply_voltage" not in wire(site).devices["CB01-R"].points
    assert "supply_voltage" in wire(fed).devices["CB01-R"].points
