"""What a write may touch is told by the place on the line; in doubt it touches more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.profile import Point, Profile
from lighting.assets.folder import read_site
from lighting.assets.model import Bus, Device, Site
from lighting.assets.outputs_touched import circuits_touched, is_ruled_output
from lighting.assets.template import template_texts


@pytest.fixture
def site() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def point(site: Site, device: str, name: str) -> Point:
    found = site.profiles[site.devices[device].profile].point_named(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("device", "name", "circuits", "ruled"),
    [
        ("CB01-R", "relay_1", ("C-0101",), True),
        ("CB01-D", "level_2", ("C-0102",), True),
        ("CB01-D", "on_1", ("C-0101",), True),
        ("CB01-D", "safety_level_1", ("C-0101",), False),
        ("CB01-D", "watchdog", ("C-0101", "C-0102"), False),
        # Nobody knows what hangs at a spare channel, or what a meter's setting does.
        ("CB01-R", "relay_5", ("C-0101", "C-0102", "C-0103"), False),
        ("CB01-M", "voltage_L1", ("C-0101", "C-0102", "C-0103"), False),
    ],
)
def test_of_the_example(site: Site, device: str, name: str, circuits: tuple[str, ...], ruled: bool) -> None:
    assert circuits_touched(site, device, point(site, device, name)) == circuits
    assert is_ruled_output(site, device, point(site, device, name)) is ruled


def test_a_second_name_of_the_same_unit_touches_the_same(site: Site) -> None:
    """Another row of devices.csv, on a bus of another name that leads to the same place."""
    port = site.buses["CB01-bus"].url.rsplit(":", 1)[1]
    twin = Device("TWIN", "CB02", "other-bus", 2, "wb-mr6c")
    twice = replace(
        site,
        buses={**site.buses, "other-bus": Bus("other-bus", f"rtu-tcp://localhost:{port}")},
        devices={**site.devices, "TWIN": twin},
    )
    relay = point(site, "CB01-R", "relay_1")
    assert circuits_touched(twice, "TWIN", relay) == ("C-0101",)
    assert is_ruled_output(twice, "TWIN", relay)


def test_a_register_that_serves_two_channels_touches_both(site: Site) -> None:
    profile = site.profiles["wb-mr6c"]
    first, second = point(site, "CB01-R", "relay_1"), point(site, "CB01-R", "relay_2")
    shared = replace(second, address=first.address)
    others = tuple(each for each in profile.points if each.name != "relay_2")
    edited: Profile = replace(profile, points=(*others, shared))
    masked = replace(site, profiles={**site.profiles, "wb-mr6c": edited})
    assert set(circuits_touched(masked, "CB01-R", first)) == {"C-0101", "C-0102"}


def test_a_command_touches_all_that_hangs_on_its_device(site: Site) -> None:
    command = replace(point(site, "CB01-R", "relay_1"), point_class="command")
    assert circuits_touched(site, "CB01-R", command) == ("C-0101", "C-0102", "C-0103")
    assert not is_ruled_output(site, "CB01-R", command)
