"""What is known of each meter channel's counter comes from its profile and from what hangs on it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from drivers.profile import Point
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.energy.counter_facts import CounterFacts
from lighting.energy.meter_facts import HEADROOM, UNLISTED_W, WS_PER_KWH, counter_facts, energy_point
from lighting.operation.wiring import meter_refs, wire


@pytest.fixture(scope="module")
def site() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def with_point(site: Site, device: str, **changes: object) -> CounterFacts:
    """The facts of a device's first channel, its energy point changed."""
    profile = site.profiles[site.devices[device].profile]
    ref = next(ref for ref in meter_refs(site) if ref.startswith(f"{device}:"))
    point = energy_point(profile, ref.split(":")[1])
    assert point is not None
    changed: Point = replace(point, **changes)  # type: ignore[arg-type]
    points = tuple(changed if one is point else one for one in profile.points)
    return counter_facts(replace(site, profiles=site.profiles | {profile.id: replace(profile, points=points)}))[ref]


def test_every_meter_channel_has_facts_and_its_counter_is_the_one_that_is_polled(site: Site) -> None:
    facts = counter_facts(site)
    assert list(facts) == meter_refs(site)
    for ref in facts:
        device, channel = ref.split(":")
        point = energy_point(site.profiles[site.devices[device].profile], channel)
        wired = {
            name
            for name, (to, field) in wire(site).devices[device].meters.items()
            if (to, field) == (ref, "energy_kwh")
        }
        assert wired == ({point.name} if point else set())


def test_what_may_be_drawn_is_all_that_hangs_on_the_channel_each_once(site: Site) -> None:
    facts = counter_facts(site)
    # C-0201: 30 lamps of 40 W on all of a single-phase meter.
    assert facts["CB02-M:total"].rated_w == pytest.approx(HEADROOM * 30 * 40 + UNLISTED_W)
    shared = [circuit for circuit in site.circuits.values() if any(ref.device == "CB01-M" for ref in circuit.meter)]
    whole = sum(
        group.count * site.luminaire_types[group.luminaire_type].rated_w
        for circuit in shared
        for group in circuit.lamps
    )
    loads = sum(load.power_w for load in site.permanent_loads)
    all_phases = [ref for ref in facts if ref.startswith("CB01-M:")]
    assert max(facts[ref].rated_w or 0 for ref in all_phases) <= HEADROOM * (whole + loads) + UNLISTED_W


def test_a_counter_runs_over_as_its_profile_says(site: Site) -> None:
    assert with_point(site, "CB02-M").modulus_ws is None, "a float does not run over"
    whole = {"data_type": "u32", "scale": Fraction(1, 1000), "register_count": 2}
    assert with_point(site, "CB02-M", **whole).modulus_ws == 2**32 * 3600
    assert with_point(site, "CB02-M", **whole, counter_bits=24).modulus_ws == 2**24 * 3600
    assert with_point(site, "CB02-M", **whole, counter_wrap=10_000_000).modulus_ws == 10_000 * WS_PER_KWH
    assert with_point(site, "CB02-M", data_type="u64", register_count=4).modulus_ws is None, "not within an age"


def test_steps_resets_and_gaps(site: Site) -> None:
    assert with_point(site, "CB02-M").resolution_ws == 36_000
    exact = with_point(site, "CB02-M", data_type="s32", scale=Fraction(1, 10), counter_reset="on_power_loss")
    assert exact.resolution_ws == 360_000
    assert exact.reset == "on_power_loss"
    assert exact.gap_limit_ms == 900_000
    slow = with_point(site, "CB02-M", poll="slow")
    assert slow.gap_limit_ms == round(3 * site.control.slow_poll_s * 1000)


def test_imported_energy_comes_before_that_of_both_directions_and_exported_is_no_lighting() -> None:
    for profile in built_in_profiles().values():
        for channel in profile.channels:
            point = energy_point(profile, channel.id)
            assert point is None or point.quantity in (Quantity.ENERGY_IMPORT, Quantity.ENERGY_TOTAL)
