"""A counter that counts what drives by, and a sensor under a sky."""

from __future__ import annotations

import pytest

from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.light_sensor import SimulatedLightSensor, daylight_lx
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.simulator.traffic_counter import SimulatedCounter


class Time:
    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def now() -> Time:
    return Time()


def raw_count(device: SimulatedDevice) -> int:
    words = device.read("input", 60, 2)
    assert words is not None
    return words[0] << 16 | words[1]


def test_vehicles_pass_at_the_flow_and_the_register_wraps(now: Time) -> None:
    device = SimulatedDevice(built_in_profiles()["wb-mcm8"], 1, now_s=now)
    counter = SimulatedCounter(device, "1", lambda _s: 600.0, pulses_per_vehicle=2.0, first_count=2**32 - 100)
    now.at_s = 120.0
    assert raw_count(device) == 2**32 - 60
    counter.set_flow(3600.0)
    now.at_s = 180.0
    assert raw_count(device) == 60, "gone round past its highest number"


def test_a_boot_clears_the_counter_and_it_counts_on(now: Time) -> None:
    device = SimulatedDevice(built_in_profiles()["wb-mcm8"], 1, now_s=now)
    SimulatedCounter(device, "1", lambda _s: 3600.0, first_count=5_000)
    now.at_s = 60.0
    assert raw_count(device) == 5_060
    device.reboot()
    now.at_s = 70.0
    assert raw_count(device) == 10


def test_a_sensor_sees_the_sky_and_its_lamps(now: Time) -> None:
    device = SimulatedDevice(built_in_profiles()["sen0644"], 1, now_s=now)
    sensor = SimulatedLightSensor(device, "1", lambda _s: 20_000.0)
    assert device.get(Quantity.ILLUMINANCE, "1") == 20_000.0
    sensor.sky_share = 0.001
    sensor.lamps_lx = lambda _s: 40.0
    assert device.get(Quantity.ILLUMINANCE, "1") == pytest.approx(60.0)
    sensor.set_sky(0.0)
    assert device.get(Quantity.ILLUMINANCE, "1") == 40.0


def test_daylight_rises_with_the_sun() -> None:
    light = [daylight_lx(elevation) for elevation in range(-20, 91, 2)]
    assert light == sorted(light)
    assert daylight_lx(-6.0) == pytest.approx(3.4)
    assert 300 < daylight_lx(-0.833) < 700
    assert daylight_lx(-30.0) == daylight_lx(-18.0)
