"""A device's own behaviour: hands on the spot, reboots, uptime, serial numbers."""

from __future__ import annotations

import dataclasses

import pytest

from drivers.profile import Failsafe, Reaction
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.simulated_device import SimulatedDevice


class Time:
    """Site seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_hand_at_the_switch_changes_the_input_and_is_no_write() -> None:
    inputs = SimulatedDevice(built_in_profiles()["wb-mcm8"], 1)
    inputs.set(Quantity.INPUT_ACTIVE, "in3", 1.0)
    assert inputs.read("discrete", 0, 8) == [0, 0, 1, 0, 0, 0, 0, 0]
    assert not inputs.writes


def test_a_relay_moved_by_hand_shows_at_its_contact() -> None:
    relay = SimulatedDevice(built_in_profiles()["wb-mr6c"], 1)
    moved: list[float] = []
    relay.on_change(Quantity.RELAY_CLOSED, "2", lambda value, _: moved.append(value))
    relay.set(Quantity.RELAY_CLOSED, "2", 1.0)
    assert relay.read("coil", 0, 6) == [0, 1, 0, 0, 0, 0]
    assert relay.read("discrete", 96, 6) == [0, 1, 0, 0, 0, 0]
    assert moved == [1.0]
    assert not relay.writes


def test_a_value_that_the_profile_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="dim_level"):
        SimulatedDevice(built_in_profiles()["wb-mr6c"], 1).set(Quantity.DIM_LEVEL, "1", 5.0)


def test_uptime_counts_site_seconds_and_a_reboot_starts_it_again() -> None:
    time = Time()
    relay = SimulatedDevice(built_in_profiles()["wb-mr6c"], 1, now_s=time)
    time.now += 70_000.0
    assert relay.read("input", 104, 2) == [1, 70_000 - 65_536]
    relay.reboot()
    assert relay.get(Quantity.UPTIME) == 0.0


@pytest.mark.parametrize(("code", "level_pct"), [(0, 0.0), (1, 70.0), (2, 70.0), (3, 35.0)])
def test_power_on_does_what_the_setting_says(code: int, level_pct: float) -> None:
    dimmer = SimulatedDevice(built_in_profiles()["wb-mao4"], 1)
    dimmer.set(Quantity.DIM_LEVEL, "1", 70.0)
    dimmer.set(Quantity.POWER_ON_ACTION, "1", float(code))
    dimmer.set(Quantity.POWER_ON_LEVEL, "1", 35.0)
    dimmer.reboot()
    assert dimmer.get(Quantity.DIM_LEVEL, "1") == level_pct


def test_a_relay_with_one_setting_for_all_goes_to_its_safe_state() -> None:
    relay = SimulatedDevice(built_in_profiles()["wb-mr6c"], 1)
    for channel in ("1", "2"):
        relay.set(Quantity.RELAY_CLOSED, channel, 1.0)
        relay.set(Quantity.SAFETY_LEVEL, channel, 100.0 if channel == "2" else 0.0)
    relay.set(Quantity.POWER_ON_ACTION, "", 0.0)
    relay.reboot()
    assert [relay.get(Quantity.RELAY_CLOSED, channel) for channel in ("1", "2")] == [0.0, 1.0]


@pytest.mark.parametrize(("kind", "closed"), [("lit", 1.0), ("dark", 0.0), ("hold", 1.0), ("unknown", 1.0)])
def test_without_a_setting_the_profiles_failsafe_decides(kind: str, closed: float) -> None:
    profile = built_in_profiles()["wb-mr6c"]
    points = tuple(point for point in profile.points if point.quantity is not Quantity.POWER_ON_ACTION)
    failsafe = Failsafe(power_return=Reaction(kind))  # type: ignore[arg-type]
    relay = SimulatedDevice(dataclasses.replace(profile, points=points, failsafe=failsafe), 1)
    relay.set(Quantity.RELAY_CLOSED, "1", 1.0)
    relay.reboot()
    assert relay.get(Quantity.RELAY_CLOSED, "1") == closed


def test_pulse_counters_wrap_and_are_lost_with_the_supply() -> None:
    counter = SimulatedDevice(built_in_profiles()["wb-mao4"], 1)
    counter.set(Quantity.PULSE_COUNT, "in1", 65_537.0)
    assert counter.read("input", 32, 1) == [1]
    counter.reboot()
    assert counter.read("input", 32, 1) == [0]


def test_devices_of_one_city_have_serial_numbers_of_their_own() -> None:
    profile = built_in_profiles()["wb-mao4"]
    serials = {SimulatedDevice(profile, unit, seed=3).get(Quantity.SERIAL_NUMBER) for unit in range(1, 50)}
    assert len(serials) == 49
    again = SimulatedDevice(profile, 1, seed=3).get(Quantity.SERIAL_NUMBER)
    assert again == SimulatedDevice(profile, 1, seed=3).get(Quantity.SERIAL_NUMBER)
