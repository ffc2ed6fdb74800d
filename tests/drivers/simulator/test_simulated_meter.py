"""Meters: what hangs on each phase is what they show, in every quantity that the profile has."""

from __future__ import annotations

import pytest

from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.lamp_bank import LampBank, LampKind
from drivers.simulator.meter import SimulatedMeter, SteadyLoad
from drivers.simulator.simulated_device import SimulatedDevice


class Time:
    """Site seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def bank(parts: int) -> LampBank:
    lamps = LampBank([LampKind(9, lambda level: level, start_s=0.0, warm_up_s=0.0)], parts=parts, tolerance=0, drift=0)
    lamps.set_level(100.0, 0.0)
    return lamps


def shown(device: SimulatedDevice, quantity: Quantity, channel: str) -> float:
    value = device.get(quantity, channel)
    assert isinstance(value, float)
    return value


def test_three_phases_and_their_total() -> None:
    time = Time()
    device = SimulatedDevice(built_in_profiles()["sdm630"], 1, now_s=time)
    lamps, camera = bank(3), SteadyLoad(25.0)
    loads = {f"L{n + 1}": [(lamps, n), *([(camera, 0)] if n == 1 else [])] for n in range(3)}
    SimulatedMeter(device, loads, noise_share=0.0)  # type: ignore[arg-type]
    time.now = 3600.0
    assert shown(device, Quantity.ACTIVE_POWER, "L1") == pytest.approx(300.0)
    assert shown(device, Quantity.ACTIVE_POWER, "L2") == pytest.approx(325.0)
    assert shown(device, Quantity.ACTIVE_POWER, "total") == pytest.approx(925.0)
    assert shown(device, Quantity.ENERGY_IMPORT, "total") == pytest.approx(0.925)
    assert shown(device, Quantity.ENERGY_IMPORT, "L2") == pytest.approx(0.325)
    voltage = shown(device, Quantity.VOLTAGE, "L1")
    assert 225.0 < voltage < 235.0
    apparent = shown(device, Quantity.APPARENT_POWER, "L1")
    assert shown(device, Quantity.CURRENT, "L1") == pytest.approx(apparent / voltage)
    assert shown(device, Quantity.POWER_FACTOR, "L1") == pytest.approx(0.97, abs=0.001)
    assert shown(device, Quantity.REACTIVE_POWER, "L1") < 0.0, "an LED driver leads"


def test_circuits_that_share_a_meter_add_up_and_losing_supply_stops_the_count() -> None:
    time = Time()
    device = SimulatedDevice(built_in_profiles()["sdm120"], 1, now_s=time)
    first, second, heater = bank(1), bank(1), SteadyLoad(50.0)
    meter = SimulatedMeter(device, {"total": [(first, 0), (second, 0), (heater, 0)]}, noise_share=0, first_kwh=1234.5)
    time.now = 1800.0
    assert meter.power_w(1800.0) == pytest.approx(1850.0)
    for load in (first, second, heater):
        load.set_supply(False, 1800.0)
    time.now = 7200.0
    assert shown(device, Quantity.ACTIVE_POWER, "total") == 0.0
    assert shown(device, Quantity.POWER_FACTOR, "total") == 1.0
    assert shown(device, Quantity.ENERGY_IMPORT, "total") == pytest.approx(1234.5 + 0.925)


def test_noise_is_in_the_power_but_not_in_the_energy() -> None:
    time = Time()
    device = SimulatedDevice(built_in_profiles()["sdm120"], 1, now_s=time)
    SimulatedMeter(device, {"total": [(bank(1), 0)]}, noise_share=0.005, seed=7)
    powers = []
    for minute in range(60):
        time.now = minute * 60.0
        powers.append(shown(device, Quantity.ACTIVE_POWER, "total"))
    assert len(set(powers)) > 50
    assert all(abs(power - 900.0) < 900.0 * 0.005 * 3.6 for power in powers)
    time.now = 3600.0
    assert shown(device, Quantity.ENERGY_IMPORT, "total") == pytest.approx(0.9)
