"""A device is read in few requests and written so that one knows whether it took hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.bus import Bus, Priority
from drivers.codec import UNKNOWN, SampleQuality
from drivers.device import Device
from drivers.errors import Rejected, Unreachable
from drivers.profile import Limits, Point
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from tests.drivers.board import Board, Registers, profile_of

MAO4 = built_in_profiles()["wb-mao4"]
MR6C = built_in_profiles()["wb-mr6c"]


async def test_all_fast_points_by_name_in_few_requests(board: Board, device_registers: Registers) -> None:
    device_registers.tables[3].update({16: 60, 17: 0, 18: 100, 19: 101})
    device_registers.tables[1].update({16: 1, 18: 1})
    device_registers.tables[2].update({2: 1})
    device_registers.tables[4].update({104: 1, 105: 2})
    device = await board(MAO4)
    samples = await device.read()
    assert set(samples) == {point.name for point in device.points("fast")}
    assert [samples[f"level_{n}"].value for n in range(1, 5)] == [60, 0, 100, 101]
    assert samples["level_4"].quality is SampleQuality.OUT_OF_RANGE
    assert [samples[f"on_{n}"].value for n in range(1, 5)] == [1, 0, 1, 0]
    assert samples["input_3"].value == 1
    assert samples["uptime"].value == 65538
    assert device.bus.counters.requests == 4


async def test_only_the_channels_in_use_are_read(board: Board) -> None:
    device = await board(built_in_profiles()["intesis-dali-groups"], channels=["c0g3", "c1g0"])
    assert set(await device.read()) == {"level_c0g3", "level_c1g0"}
    assert device.bus.counters.requests == 2


async def test_a_silent_device_gives_no_half_of_a_state(board: Board, device_registers: Registers) -> None:
    device_registers.is_silent = True
    device = await board(MAO4)
    with pytest.raises(Unreachable):
        await device.read()


async def test_a_level_is_written_to_its_nearest_step_and_verified(board: Board, device_registers: Registers) -> None:
    device = await board(MAO4)
    outcome = await device.write(Quantity.DIM_LEVEL, "3", 62.5)
    assert (outcome.verified, outcome.read_back) == (True, 63)
    assert outcome.latency_ms >= 0
    assert device_registers.tables[3][18] == 63


@pytest.mark.parametrize(
    ("sent", "held", "verified"), [(60, 61, True), (60, 59, True), (60, 58, False), (60, 100, False), (0, 1, False)]
)
async def test_a_level_that_the_device_holds_elsewhere_is_not_verified(
    board: Board, device_registers: Registers, sent: int, held: int, verified: bool
) -> None:
    device_registers.taken = lambda address, value: held
    device = await board(MAO4)
    outcome = await device.write(Quantity.DIM_LEVEL, "1", sent)
    assert (outcome.verified, outcome.read_back) == (verified, held)


async def test_a_relay_is_verified_by_its_contact_and_not_by_its_coil(
    board: Board, device_registers: Registers
) -> None:
    device = await board(MR6C)
    assert not (await device.write(Quantity.RELAY_CLOSED, "2", 1)).verified  # the contact has not moved
    device_registers.tables[2][97] = 1
    outcome = await device.write(Quantity.RELAY_CLOSED, "2", 1)
    assert (outcome.verified, outcome.read_back) == (True, 1)
    assert not (await device.write(Quantity.RELAY_CLOSED, "2", 0)).verified  # welded


async def test_a_write_that_cannot_be_read_back_is_not_verified(board: Board, device_registers: Registers) -> None:
    device = await board(MAO4)
    device_registers.missing.add((3, 16))
    outcome = await device.write(Quantity.DIM_LEVEL, "1", 60)
    assert (outcome.verified, outcome.read_back) == (False, None)


async def test_a_device_falling_silent_after_the_echo_is_not_verified(
    board: Board, device_registers: Registers
) -> None:
    def taken(address: int, value: int) -> int:
        device_registers.is_silent = True
        return value

    device_registers.taken = taken
    device = await board(MAO4)
    outcome = await device.write(Quantity.DIM_LEVEL, "1", 60)
    assert (outcome.verified, outcome.read_back) == (False, None)


@pytest.mark.parametrize(
    ("quantity", "channel", "value"),
    [
        (Quantity.SAFETY_LEVEL, "1", 50),
        (Quantity.WATCHDOG_TIMEOUT, "", 60),
        (Quantity.INPUT_ACTIVE, "in1", 1),
        (Quantity.DIM_LEVEL, "5", 50),
        (Quantity.DIM_LEVEL, "1", 101),
        (Quantity.DIM_LEVEL, "1", float("nan")),
    ],
)
async def test_settings_and_what_the_device_cannot_take_never_reach_the_wire(
    board: Board, quantity: Quantity, channel: str, value: float
) -> None:
    device = await board(MAO4)
    with pytest.raises(Rejected):
        await device.write(quantity, channel, value)
    assert device.bus.counters.requests == 0


async def test_a_write_no_longer_allowed_sends_no_byte(board: Board, device_registers: Registers) -> None:
    device = await board(MAO4)
    with pytest.raises(Rejected):
        await device.write(Quantity.DIM_LEVEL, "1", 60, priority=Priority.PERSON, allowed=lambda: False)
    assert device.bus.counters.requests == 0
    assert device_registers.tables[3] == {}


async def test_one_point_by_its_meaning(board: Board, device_registers: Registers) -> None:
    device_registers.tables[4][121] = 24120
    device = await board(MAO4)
    assert (await device.read_point(Quantity.SUPPLY_VOLTAGE)).value == 24.12
    with pytest.raises(Rejected):
        await device.read_point(Quantity.VOLTAGE, "L1")


async def test_a_ramp_that_shows_is_waited_for_in_the_time_of_the_site(
    board: Board, device_registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_s: list[float] = []
    real_sleep = asyncio.sleep

    async def noted(delay_s: float) -> None:
        waits_s.append(delay_s)
        await real_sleep(0)

    level = Point(
        "level", Quantity.DIM_LEVEL, "1", "holding", 16, "u16", writable=True, follows_ramp=True, write_max=100
    )
    device = await board(replace(profile_of((level,), Limits()), ramp_ms_per_pct=20), time_scale=10.0)
    monkeypatch.setattr("drivers.device.asyncio.sleep", noted)
    device_registers.tables[3][16] = 50
    await device.write(Quantity.DIM_LEVEL, "1", 30)  # from where is not known: the longest way
    await device.write(Quantity.DIM_LEVEL, "1", 80)
    assert [wait_s for wait_s in waits_s if wait_s] == pytest.approx([0.2, 0.1])


async def test_against_the_server_of_pymodbus() -> None:
    device = SimDevice(
        id=5,
        simdata=(
            [SimData(16, values=[False] * 4, datatype=DataType.BITS)],
            [SimData(0, values=[True, False, True], datatype=DataType.BITS)],
            [SimData(16, values=[10, 20, 30, 40], datatype=DataType.REGISTERS)],
            [SimData(104, values=[0, 77], datatype=DataType.REGISTERS)],
        ),
    )
    server = ModbusTcpServer(device, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    assert isinstance(server.transport, asyncio.Server)
    port = server.transport.sockets[0].getsockname()[1]
    bus = Bus("line", f"tcp://127.0.0.1:{port}", timeout_s=5)
    try:
        board = Device("board", bus, 5, MAO4)
        samples = await board.read()
        assert [samples[f"level_{n}"].value for n in range(1, 5)] == [10, 20, 30, 40]
        assert [samples[f"input_{n}"].value for n in range(1, 4)] == [1, 0, 1]
        assert samples["uptime"].value == 77
        assert (await board.write(Quantity.DIM_LEVEL, "2", 65)).verified
        assert (await board.write(Quantity.OUTPUT_ON, "2", 1)).verified
        assert (await board.read())["on_2"].value == 1
        assert (await board.read(board.points("slow")))["supply_voltage"] == UNKNOWN
        with pytest.raises(Unreachable):
            await Device("absent", bus, 6, MAO4).read()
    finally:
        await bus.close()
        await server.shutdown()  # type: ignore[no-untyped-call]
