"""A device type that nobody knew before is simulated from its profile alone: registers, limits, ramps, failsafe."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from drivers.profile import Limits, Profile
from drivers.quantity import Quantity
from drivers.simulator.answering import answer
from drivers.simulator.lamp_bank import LampBank, LampKind
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.simulator.wiring import wire_dimmer
from tests.drivers.simulator.own_devices import DIMMER, dimmer, profile


class Time:
    """Site seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def device(of: Profile | None = None) -> tuple[SimulatedDevice, Time]:
    time = Time()
    return SimulatedDevice(of or dimmer(), 1, now_s=time), time


def read(simulated: SimulatedDevice, function: int, address: int, count: int = 1) -> tuple[int, ...] | int:
    """Registers or bits, or the exception code as one number."""
    said = answer(simulated, struct.pack(">BHH", function, address, count))
    if said[0] & 0x80:
        return said[1]
    if function <= 2:
        return tuple(said[2 + n // 8] >> n % 8 & 1 for n in range(count))
    return struct.unpack(f">{count}H", said[2:])


def write(simulated: SimulatedDevice, address: int, value: int, *, function: int = 6) -> int:
    """0, or the exception code."""
    said = answer(simulated, struct.pack(">BHH", function, address, value))
    return said[1] if said[0] & 0x80 else 0


def test_a_level_is_written_at_one_address_and_shows_at_another_after_the_ramp() -> None:
    dim, time = device()
    assert write(dim, 20, 60) == 0
    assert dim.get(Quantity.DIM_LEVEL, "1") == 60.0
    for after_s, level in ((0.0, 0), (3.0, 30), (6.0, 60), (60.0, 60)):
        time.now = 1000.0 + after_s
        assert read(dim, 3, 10) == (level,)
        assert read(dim, 4, 0) == (level,)
    assert write(dim, 10, 60) == 2, "the address that is read is not written"
    assert read(dim, 3, 20) == 2, "the address that is written is not read"


def test_what_is_wired_to_an_output_tells_how_far_it_has_come() -> None:
    dim, time = device()
    bank = LampBank([LampKind(1, lambda level: level)], now_s=time.now)
    wire_dimmer(dim, "1", bank)
    write(dim, 20, 50)
    time.now += 2.0
    assert bank.level_pct(time.now) == pytest.approx(20.0)
    assert read(dim, 3, 10) == read(dim, 4, 0) == (20,)


def test_fields_of_bits_share_their_word() -> None:
    dim, _ = device()
    dim.provide(Quantity.STATUS, "/word", lambda _now_s: 0xA5)
    dim.provide(Quantity.STATUS, "/mode", lambda _now_s: 2.0)
    assert read(dim, 4, 40) == (0xA508,)


def test_forbidden_raw_values_unknown_choices_and_values_out_of_range_are_refused() -> None:
    dim, _ = device()
    assert write(dim, 20, 99) == 3
    assert write(dim, 20, 101) == 3
    assert write(dim, 7, 9) == 3
    assert dim.get(Quantity.DIM_LEVEL, "1") == 0.0
    assert not dim.wear


def test_functions_that_the_device_does_not_know_are_exception_1_and_limits_exception_3() -> None:
    limits = Limits(functions=(3, 6, 15, 16), max_registers_per_read=4, max_registers_per_write=2, max_bits_per_write=1)
    dim, _ = device(replace(dimmer(), limits=limits))
    assert read(dim, 4, 0) == 1
    assert write(dim, 0, 0xFF00, function=5) == 1
    assert read(dim, 3, 5, 4) == (0, 30, 0, 50)
    assert read(dim, 3, 5, 5) == 3
    assert answer(dim, struct.pack(">BHHB6x", 16, 5, 3, 6))[1] == 3
    assert answer(dim, struct.pack(">BHHBB", 15, 0, 2, 1, 3))[1] == 3
    assert answer(dim, struct.pack(">BHHBB", 15, 0, 1, 1, 1)) == struct.pack(">BHH", 15, 0, 1)


def test_settings_wear_at_every_write_and_commands_are_counted() -> None:
    dim, _ = device()
    for _ in range(3):
        write(dim, 6, 20)
    write(dim, 30, 1)
    write(dim, 20, 50)
    assert dim.wear == {"watchdog": 3}
    assert dim.commands == {"reset": 1}
    assert read(dim, 3, 30) == 2, "a command cannot be read"


@pytest.mark.parametrize(
    ("code", "level_pct"),
    [(0, 70.0), (1, 0.0), (2, 100.0), (3, 45.0), (4, 70.0)],
    ids=["hold", "dark", "lit", "level", "unknown"],
)
def test_a_lost_master_does_what_the_setting_says(code: int, level_pct: float) -> None:
    dim, time = device()
    write(dim, 20, 70)
    write(dim, 0, 0xFF00, function=5)
    write(dim, 7, code)
    write(dim, 8, 45)
    time.now += 30.0
    dim.look()
    assert dim.get(Quantity.DIM_LEVEL, "1") == 70.0, "not before its time is over"
    time.now += 0.5
    dim.look()
    assert dim.get(Quantity.DIM_LEVEL, "1") == level_pct
    assert dim.get(Quantity.RELAY_CLOSED, "r") == float(level_pct > 0)
    assert dim.watchdog_expiry_count == 1
    time.now += 100.0
    dim.look()
    assert dim.watchdog_expiry_count == 1, "once for each loss"
    write(dim, 20, 55)
    assert dim.get(Quantity.DIM_LEVEL, "1") == 55.0, "the master is back"
    time.now += 31.0
    assert read(dim, 3, 10) != 2
    assert dim.watchdog_expiry_count == 2, "a request that comes too late finds it run out"


@pytest.mark.parametrize("raw", [0, 65535])
def test_a_watchdog_that_is_switched_off_does_nothing(raw: int) -> None:
    dim, time = device()
    write(dim, 7, 2)
    write(dim, 6, raw)
    time.now += 1e6
    dim.look()
    assert dim.watchdog_expiry_count == 0


FEEDS = {
    "any_request": {"read": True, "write": True, "register": True, "refused": True},
    "write": {"read": False, "write": True, "register": True, "refused": False},
    "register": {"read": False, "write": False, "register": True, "refused": False},
    "none": {"read": True, "write": True, "register": True, "refused": True},
    "unknown": {"read": True, "write": True, "register": True, "refused": True},
}


@pytest.mark.parametrize("what", ["read", "write", "register", "refused"])
@pytest.mark.parametrize("fed_by", FEEDS)
def test_what_feeds_the_watchdog(fed_by: str, what: str) -> None:
    dim, time = device(dimmer(fed_by, fed_point="heartbeat" if fed_by == "register" else ""))
    for _ in range(5):
        time.now += 20.0
        match what:
            case "read":
                read(dim, 3, 10)
            case "write":
                write(dim, 20, 50)
            case "register":
                write(dim, 5, 1)
            case _:
                write(dim, 20, 101)
    dim.look()
    assert (dim.watchdog_expiry_count == 0) is FEEDS[fed_by][what]


def test_a_watchdog_counts_the_seconds_it_is_given_and_stands_still_without_supply() -> None:
    site, real = Time(), Time()
    dim = SimulatedDevice(dimmer(), 1, now_s=site, watch_s=real)
    site.now += 1e6
    dim.look()
    assert dim.watchdog_expiry_count == 0
    dim.lose_supply()
    real.now += 100.0
    dim.look()
    assert dim.watchdog_expiry_count == 0
    dim.reboot()
    dim.look()
    assert dim.watchdog_expiry_count == 0
    real.now += 31.0
    dim.look()
    assert dim.watchdog_expiry_count == 1, "a master that never came is lost, too"


def test_a_fixed_reaction_needs_no_setting() -> None:
    text = """
[failsafe]
lost_master = { kind = "lit", level_pct = 30 }
power_return = "dark"
fed_by = "any_request"
watchdog_s = 5
"""
    dim, time = device(profile(DIMMER + text))
    write(dim, 20, 70)
    time.now += 6.0
    dim.look()
    assert dim.get(Quantity.DIM_LEVEL, "1") == 30.0
    dim.reboot()
    assert dim.get(Quantity.DIM_LEVEL, "1") == 0.0


def test_power_return_takes_the_level_of_its_setting() -> None:
    dim, _ = device()
    write(dim, 9, 35)
    write(dim, 20, 70)
    dim.reboot()
    assert dim.get(Quantity.DIM_LEVEL, "1") == 35.0


def test_lamps_without_their_bus_do_what_they_do_and_hear_nothing_until_it_is_mended() -> None:
    dim, time = device()
    bank = LampBank([LampKind(1, lambda level: level)], now_s=time.now)
    wire_dimmer(dim, "1", bank)
    write(dim, 20, 50)
    dim.lose_lamp_bus()
    time.now += 60.0
    assert bank.level_pct(time.now) == 80.0
    assert read(dim, 4, 0) == (65535,), "the device does not know what its lamps do"
    write(dim, 20, 20)
    time.now += 60.0
    assert bank.level_pct(time.now) == 80.0
    dim.return_lamp_bus()
    assert bank.level_pct(time.now) == 80.0
    write(dim, 20, 20)
    time.now += 60.0
    assert bank.level_pct(time.now) == 20.0
    assert read(dim, 4, 0) == (20,)


def test_requests_before_the_pause_is_over_are_counted() -> None:
    hurried, _ = device(dimmer(limits="pause_ms = 5000"))
    calm, _ = device(dimmer())
    for simulated in (hurried, calm):
        for _ in range(3):
            read(simulated, 3, 10)
    assert hurried.pause_violation_count == 2
    assert calm.pause_violation_count == 0
