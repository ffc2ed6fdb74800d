"""What reaches the wire: live points by automation, settings when they differ, commands by a person's confirmed act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bus import BusCounters, Priority
from drivers.codec import decode
from drivers.device import ConfirmedAct, Device
from drivers.errors import Rejected, Unreachable
from drivers.line_cost import NETWORK_COST
from drivers.profile import Limits, Point, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.writing import fits, raw_for
from tests.drivers.board import Board, Registers, profile_of
from tests.effort import examples

PROFILES = built_in_profiles()
MAO4 = PROFILES["wb-mao4"]
ACT = ConfirmedAct(by="op", reason="new meter", word="reset")

LEVEL = Point(
    "level", Quantity.DIM_LEVEL, "1", "holding", 16, "u16", writable=True, write_min=0, write_max=100, valid_max=100
)
SETTING = Point(
    "delay",
    Quantity.STARTUP_DELAY,
    "",
    "holding",
    30,
    "u16",
    scale=Fraction(1, 10),
    writable=True,
    point_class="setting",
    poll="once",
    valid_min=0,
    valid_max=600,
)
RESET = Point("reset", Quantity.COMMAND, "", "holding", 40, "u16", writable=True, point_class="command", poll="never")
BOARD = profile_of((LEVEL, SETTING, RESET), Limits())


def setting(device: Device, name: str) -> Point:
    point = device.profile.point_named(name)
    assert point is not None
    return point


class Account:
    """A budget that writes down what was claimed and when, and may refuse."""

    def __init__(self, device: Callable[[], int] = lambda: 0, *, refuses: bool = False) -> None:
        self.claims: list[tuple[str, str]] = []
        self.requests_before: list[int] = []
        self._requests = device
        self._refuses = refuses

    async def claim(self, device: str, point: Point) -> None:
        self.claims.append((device, point.name))
        self.requests_before.append(self._requests())
        await asyncio.sleep(0)
        if self._refuses:
            raise Rejected(f"{point.name} was written too often")


class NoWire:
    """A line on which anything that is written is a failure of the test."""

    def __init__(self) -> None:
        self.name = "no-wire"
        self.counters = BusCounters()
        self.line_cost = NETWORK_COST
        self.written: list[tuple[int, tuple[int, ...]]] = []

    async def write_coil(self, _unit_id: int, address: int, on: bool, **_options: object) -> None:
        self.written.append((address, (int(on),)))

    async def write_registers(self, _unit_id: int, address: int, values: tuple[int, ...], **_options: object) -> None:
        self.written.append((address, tuple(values)))

    async def read_block(self, *_question: object, **_options: object) -> bytes:
        raise Unreachable("nobody there")


def device_of(profile: Profile) -> tuple[Device, NoWire]:
    wire = NoWire()
    return Device("device", wire, 1, profile, time_scale=1e9), wire  # type: ignore[arg-type]


EVERY_POINT = [(profile, point) for profile in PROFILES.values() for point in profile.points]
VALUES = st.floats(-10, 70_000) | st.integers(0, 260).map(float) | st.sampled_from([float("nan"), float("inf")])


@settings(max_examples=examples(400), deadline=None)
@given(st.sampled_from(EVERY_POINT), VALUES)
def test_automation_writes_no_setting_and_no_command_of_any_profile(case: tuple[Profile, Point], value: float) -> None:
    """``write`` is all that automation has. What reaches the wire is a live point, inside its range, not forbidden."""
    profile, point = case
    device, wire = device_of(profile)
    try:
        asyncio.run(device.write(point.quantity, point.channel, value))
    except Rejected:
        assert wire.written == []
        return
    written = profile.point(point.quantity, point.channel)
    assert written is not None
    assert written.writable
    assert written.point_class == "live"
    ((address, raw),) = wire.written
    assert address == written.address_written
    assert raw[0] not in written.forbidden_raw
    assert written.write_min is None or value >= written.write_min
    assert written.write_max is None or value <= written.write_max


def test_every_point_that_is_not_live_is_refused_to_automation_with_each_value_it_could_take() -> None:
    refused = 0
    for profile, point in EVERY_POINT:
        first = profile.point(point.quantity, point.channel)
        if first is None or (first.writable and first.point_class == "live"):
            continue
        device, wire = device_of(profile)
        for value in (0.0, 1.0, point.write_min or 0.0, point.write_max or 100.0):
            with pytest.raises(Rejected):
                asyncio.run(device.write(point.quantity, point.channel, value))
            refused += 1
        assert wire.written == []
    assert refused > 100


@pytest.mark.parametrize("name", ["level", "reset"])
async def test_a_setting_is_written_as_a_setting_and_nothing_else_is(name: str) -> None:
    device, wire = device_of(BOARD)
    with pytest.raises(Rejected, match="not written as a setting"):
        await device.write_setting(setting(device, name), 1, budget=Account())
    assert wire.written == []


async def test_a_point_of_another_device_type_is_refused() -> None:
    device, wire = device_of(MAO4)
    for point in (SETTING, replace(setting(device, "watchdog"), address=9)):
        with pytest.raises(Rejected, match="no such point"):
            await device.write_setting(point, 1, budget=Account())
    assert wire.written == []


async def test_a_setting_that_stands_so_already_is_not_written(board: Board, device_registers: Registers) -> None:
    device_registers.tables[3][30] = 125
    device = await board(BOARD)
    account = Account()
    outcome = await device.write_setting(SETTING, 12.5, budget=account)
    assert (outcome.verified, outcome.skipped, outcome.read_back) == (True, True, 12.5)
    assert device.bus.counters.requests == 1
    assert account.claims == []


async def test_a_setting_that_differs_is_accounted_for_before_it_leaves_and_read_back(
    board: Board, device_registers: Registers
) -> None:
    device = await board(BOARD)
    account = Account(lambda: device.bus.counters.requests)
    outcome = await device.write_setting(SETTING, 12.5, budget=account)
    assert (outcome.verified, outcome.skipped, outcome.read_back) == (True, False, 12.5)
    assert account.claims == [("device", "delay")]
    assert account.requests_before == [1]  # read, and nothing written yet
    assert device.bus.counters.requests == 3
    assert device_registers.tables[3][30] == 125


async def test_a_setting_that_the_device_holds_one_step_elsewhere_is_not_verified(
    board: Board, device_registers: Registers
) -> None:
    device_registers.taken = lambda address, value: value - 1
    device = await board(BOARD)
    outcome = await device.write_setting(SETTING, 12.5, budget=Account())
    assert (outcome.verified, outcome.read_back) == (False, 12.4)


async def test_a_setting_over_its_budget_or_not_allowed_sends_no_byte(
    board: Board, device_registers: Registers
) -> None:
    device = await board(BOARD)
    with pytest.raises(Rejected, match="too often"):
        await device.write_setting(SETTING, 12.5, budget=Account(refuses=True))
    account = Account()
    with pytest.raises(Rejected, match="not allowed"):
        await device.write_setting(SETTING, 12.5, budget=account, allowed=lambda: False)
    assert account.claims == []  # nothing is accounted for what was never going to leave
    assert 30 not in device_registers.tables[3]


async def test_a_setting_that_cannot_be_read_first_is_not_written(board: Board, device_registers: Registers) -> None:
    device = await board(BOARD)
    device_registers.missing.add((3, 30))
    account = Account()
    with pytest.raises(Rejected, match="has no delay"):
        await device.write_setting(SETTING, 12.5, budget=account)
    device_registers.is_silent = True
    with pytest.raises(Unreachable):
        await device.write_setting(SETTING, 12.5, budget=account)
    assert account.claims == []
    assert 30 not in device_registers.tables[3]


async def test_a_text_is_a_setting_like_another(board: Board, device_registers: Registers) -> None:
    text = Point(
        "label", Quantity.OTHER, "", "holding", 50, "string", register_count=4, writable=True, point_class="setting"
    )
    device = await board(profile_of((text,), Limits()))
    assert (await device.write_setting(text, "C-01", budget=Account())).verified
    assert [device_registers.tables[3][n] for n in range(50, 54)] == list(b"C-01")
    assert (await device.write_setting(text, "C-01", budget=Account())).skipped


@pytest.mark.parametrize(
    "act",
    [
        ConfirmedAct("", "new meter", "reset"),
        ConfirmedAct("op", "  ", "reset"),
        ConfirmedAct("op", "new meter", ""),
        ConfirmedAct("op", "new meter", "yes"),
    ],
)
async def test_a_command_without_name_reason_or_the_right_word_is_refused(act: ConfirmedAct) -> None:
    device, wire = device_of(BOARD)
    with pytest.raises(Rejected, match="is a command"):
        await device.command(RESET, 1, act=act)
    assert wire.written == []


async def test_a_confirmed_command_is_carried_out(board: Board, device_registers: Registers) -> None:
    device = await board(BOARD)
    assert (await device.command(RESET, 1, act=ACT)).verified
    assert (await device.command(RESET, 1, act=replace(ACT, word="device"))).verified
    assert device_registers.tables[3][40] == 1
    with pytest.raises(Rejected, match="not written as a command"):
        await device.command(LEVEL, 50, act=ACT)
    with pytest.raises(Rejected, match="no longer allowed"):
        await device.command(RESET, 1, act=ACT, allowed=lambda: False)


async def test_a_command_that_reads_as_nothing_is_echoed_and_not_verified(
    board: Board, device_registers: Registers
) -> None:
    silent = replace(RESET, readable=False)
    device = await board(profile_of((silent,), Limits()))
    outcome = await device.command(silent, 1, act=ACT)
    assert (outcome.verified, outcome.read_back) == (False, None)
    assert device_registers.tables[3][40] == 1


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (replace(LEVEL, forbidden_raw=(55,)), 55.2),
        (replace(LEVEL, sentinels=(55,)), 55),
        (replace(LEVEL, write_min=None, write_max=None, valid_min=10, valid_max=90), 95),
        (replace(LEVEL, write_min=None, write_max=None, valid_max=None), 101),
        (replace(LEVEL, write_min=None, write_max=None, valid_max=None), -1),
        (replace(LEVEL, write_max=200), 101),
    ],
)
async def test_what_must_not_be_written_never_reaches_the_wire(point: Point, value: float) -> None:
    device, wire = device_of(profile_of((point,), Limits()))
    with pytest.raises(Rejected):
        await device.write(point.quantity, point.channel, value)
    assert wire.written == []


@pytest.mark.parametrize(("value", "raw"), [(0, 0), (2, 5), (47.4, 45), (47.5, 50), (99, 100), (100, 100)])
def test_a_level_goes_to_the_nearest_step_that_may_be_written_and_never_to_dark(value: float, raw: int) -> None:
    assert raw_for(replace(LEVEL, write_step=Fraction(5)), value) == (raw,)


DALI = replace(LEVEL, curve="dali_log", sentinels=(255,), forbidden_raw=(255,))


@given(st.floats(0, 100))
def test_a_level_on_a_curve_is_verified_by_the_step_beside_it_and_no_further(value: float) -> None:
    (raw,) = raw_for(DALI, value)
    assert raw <= 254
    near, far = (decode(DALI, (min(254, raw + away),)).value for away in (1, 3))
    assert isinstance(near, float)
    assert isinstance(far, float)
    assert fits(DALI, (raw,), DALI, near) or raw == 0
    if 0 < raw <= 251:
        assert not fits(DALI, (raw,), DALI, far)
    if raw == 0:
        assert not fits(DALI, (raw,), DALI, near)


def test_the_value_that_means_no_change_is_refused_through_its_curve() -> None:
    plain = replace(LEVEL, forbidden_raw=(254,), curve="dali_log")
    with pytest.raises(Rejected, match="must not be written"):
        raw_for(plain, 100)


async def test_a_write_goes_to_its_own_address_and_is_read_at_the_other(
    board: Board, device_registers: Registers
) -> None:
    device = await board(profile_of((replace(LEVEL, write_address=160),), Limits()))
    device_registers.tables[3][16] = 60
    assert (await device.write(Quantity.DIM_LEVEL, "1", 60)).verified
    assert device_registers.tables[3][160] == 60
    assert not (await device.write(Quantity.DIM_LEVEL, "1", 40)).verified  # written, and shown nowhere


async def test_reading_back_waits_as_long_as_the_profile_says(
    board: Board, device_registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_s: list[float] = []
    real_sleep = asyncio.sleep

    async def noted(delay_s: float) -> None:
        waits_s.append(delay_s)
        await real_sleep(0)

    actual = Point("actual", Quantity.DIM_LEVEL_ACTUAL, "1", "input", 5, "u16")
    level = replace(LEVEL, verify_after_ms=1500, verify="actual")
    device = await board(profile_of((level, actual), Limits()), time_scale=10.0)
    monkeypatch.setattr("drivers.device.asyncio.sleep", noted)
    device_registers.tables[4][5] = 60
    assert (await device.write(Quantity.DIM_LEVEL, "1", 60)).verified
    assert not (await device.write(Quantity.DIM_LEVEL, "1", 30)).verified  # the actual has not followed
    assert [wait_s for wait_s in waits_s if wait_s] == [0.15, 0.15]


async def test_a_device_without_single_writes_is_written_by_the_multiple_one(
    board: Board, device_registers: Registers
) -> None:
    device = await board(profile_of((LEVEL,), Limits(functions=(3, 16))))
    assert (await device.write(Quantity.DIM_LEVEL, "1", 60)).verified
    assert device_registers.asked == [16, 3]


@pytest.mark.parametrize("functions", [(3,), (3, 5, 15)])
async def test_a_device_without_the_function_is_not_written(functions: tuple[int, ...]) -> None:
    device, wire = device_of(profile_of((LEVEL,), Limits(functions=functions)))  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="function 16"):
        await device.write(Quantity.DIM_LEVEL, "1", 60)
    assert wire.written == []


async def test_a_long_value_is_never_written_register_by_register() -> None:
    long = replace(LEVEL, data_type="u32", register_count=2)
    device, wire = device_of(profile_of((long,), Limits(functions=(3, 6))))
    with pytest.raises(Rejected, match="function 16"):
        await device.write(Quantity.DIM_LEVEL, "1", 60)
    assert wire.written == []


async def test_a_person_goes_before_the_controller(board: Board, device_registers: Registers) -> None:
    """The order on the wire of writes that wait together."""
    order: list[int] = []

    def taken(_address: int, value: int) -> int:
        order.append(value)
        return value

    device_registers.taken = taken
    device = await board(BOARD)
    await asyncio.gather(
        device.write(Quantity.DIM_LEVEL, "1", 10, priority=Priority.CONTROLLER),
        device.write(Quantity.DIM_LEVEL, "1", 20, priority=Priority.CONTROLLER),
        device.write(Quantity.DIM_LEVEL, "1", 30, priority=Priority.PERSON),
    )
    assert order.index(30) < order.index(20)
    assert all(one != other for one, other in pairwise(order))
