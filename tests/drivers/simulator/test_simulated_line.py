"""A line of simulated devices over real sockets, asked by pymodbus' own client, which shares no code with it."""

from __future__ import annotations

import asyncio
import dataclasses
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.lamp_bank import LampBank, LampKind
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.simulator.wiring import wire_dimmer, wire_relay

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pymodbus")
FRAMINGS: tuple[Literal["tcp", "rtu-tcp"], ...] = ("tcp", "rtu-tcp")


def device(profile: str, unit_id: int) -> SimulatedDevice:
    return SimulatedDevice(built_in_profiles()[profile], unit_id)


@asynccontextmanager
async def asked(
    *devices: SimulatedDevice, framing: Literal["tcp", "rtu-tcp"] = "tcp"
) -> AsyncIterator[tuple[AsyncModbusTcpClient, SimulatedLine]]:
    line = SimulatedLine("127.0.0.1", 0, framing, devices)
    await line.start()
    framer = FramerType.SOCKET if framing == "tcp" else FramerType.RTU
    client = AsyncModbusTcpClient("127.0.0.1", port=line.port, framer=framer, timeout=0.3, retries=0)
    try:
        assert await client.connect()
        yield client, line
    finally:
        client.close()
        await line.close()


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_what_is_written_is_read_back_and_stands_in_the_device(framing: Literal["tcp", "rtu-tcp"]) -> None:
    dimmer = device("wb-mao4", 7)
    async with asked(dimmer, framing=framing) as (client, _):
        assert not (await client.write_register(17, 60, device_id=7)).isError()
        assert not (await client.write_registers(18, [30, 40], device_id=7)).isError()
        assert not (await client.write_coil(16, False, device_id=7)).isError()
        assert (await client.read_holding_registers(16, count=4, device_id=7)).registers == [0, 60, 30, 40]
        assert (await client.read_coils(16, count=4, device_id=7)).bits[:4] == [False, True, True, True]
        assert not (await client.write_coils(16, [True, False], device_id=7)).isError()
    assert dimmer.get(Quantity.DIM_LEVEL, "2") == 60.0
    assert [(w.function, w.address, w.values) for w in dimmer.writes] == [
        (6, 17, (60,)),
        (16, 18, (30, 40)),
        (5, 16, (0,)),
        (15, 16, (1, 0)),
    ]


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_block_over_an_undefined_register_fails_whole(framing: Literal["tcp", "rtu-tcp"]) -> None:
    async with asked(device("wb-mao4", 1), framing=framing) as (client, _):
        answer = await client.read_holding_registers(16, count=40, device_id=1)
        assert answer.exception_code == 2
        assert (await client.write_register(999, 1, device_id=1)).exception_code == 2
        assert (await client.read_input_registers(121, count=1, device_id=1)).registers == [24000]


async def test_limits_of_the_device_are_kept() -> None:
    async with asked(device("sdm630", 1), device("wb-mao4", 2)) as (client, _):
        assert (await client.read_input_registers(0, count=81, device_id=1)).exception_code == 3
        refused = await client.write_register(16, 101, device_id=2)
        assert refused.exception_code == 3
        assert (await client.read_holding_registers(16, count=1, device_id=2)).registers == [0]
        assert (await client.write_register(0, 5000, device_id=2)).exception_code == 2, "not writable by its profile"


async def test_a_refused_write_is_listed_with_its_exception() -> None:
    dimmer = device("wb-mao4", 2)
    async with asked(dimmer) as (client, _):
        await client.write_register(16, 101, device_id=2)
        await client.read_holding_registers(16, count=1, device_id=2)
    assert [(write.values, write.exception_code) for write in dimmer.writes] == [((101,), 3)]
    assert dimmer.request_count == 2


async def test_an_unknown_function_and_an_unknown_unit() -> None:
    async with asked(device("wb-mao4", 2)) as (client, _):
        assert (await client.read_fifo_queue(address=1, device_id=2)).exception_code == 1
        assert (await client.read_coils(16, device_id=9)).exception_code == 4
    async with asked(device("wb-mao4", 2), framing="rtu-tcp") as (client, _):
        with pytest.raises(ModbusException):
            await client.read_coils(16, device_id=9)


async def test_every_point_of_every_profile_answers_and_nothing_beside_it() -> None:
    for profile in built_in_profiles().values():
        async with asked(SimulatedDevice(profile, 3)) as (client, _):
            reads = {
                "coil": client.read_coils,
                "discrete": client.read_discrete_inputs,
                "holding": client.read_holding_registers,
                "input": client.read_input_registers,
            }
            for point in profile.points:
                answer = await reads[point.table](point.address, count=1, device_id=3)
                assert answer.isError() is not point.readable, (profile.id, point.name)


async def test_float_values_and_text_come_over_as_the_meter_sends_them() -> None:
    meter, relay = device("sdm120", 1), device("wb-mr6c", 2)
    meter.set(Quantity.ENERGY_IMPORT, "total", 16_777.217)
    async with asked(meter, relay) as (client, _):
        words = (await client.read_input_registers(72, count=2, device_id=1)).registers
        assert struct.unpack(">f", struct.pack(">HH", *words))[0] == pytest.approx(16_777.217, abs=0.002)
        text = (await client.read_input_registers(250, count=16, device_id=2)).registers
        assert bytes(text).rstrip(b"\0").decode() == "1.0.0-sim"


async def test_a_write_from_the_wire_moves_the_lamps() -> None:
    dimmer, relay = device("wb-mao4", 1), device("wb-mr6c", 2)
    now_s = dimmer.now_s()
    bank = LampBank([LampKind(10, lambda level: level, start_s=0, warm_up_s=0)], now_s=now_s, tolerance=0, drift=0)
    wire_dimmer(dimmer, "1", bank)
    wire_relay(relay, "3", bank)
    later_s = now_s + 60.0
    assert bank.power_w(later_s) == 0.0
    async with asked(dimmer, relay) as (client, _):
        await client.write_coil(2, True, device_id=2)
        assert (await client.read_discrete_inputs(98, count=1, device_id=2)).bits[0] is True
        await client.write_register(16, 50, device_id=1)
        assert bank.power_w(later_s) == pytest.approx(500.0)
        await client.write_coil(16, False, device_id=1)
        assert bank.power_w(later_s) == 0.0


async def test_silence_is_a_time_out_and_ends() -> None:
    dimmer, other = device("wb-mao4", 1), device("wb-mao4", 2)
    async with asked(dimmer, other) as (client, line):
        dimmer.silence()
        with pytest.raises(ModbusException):
            await client.read_coils(16, device_id=1)
        assert not (await client.read_coils(16, device_id=2)).isError()
        dimmer.speak()
        line.silence()
        with pytest.raises(ModbusException):
            await client.read_coils(16, device_id=2)
        line.speak()
        assert not (await client.read_coils(16, device_id=1)).isError()


async def test_an_unplugged_line_refuses_and_the_plugged_one_is_on_the_same_port() -> None:
    line = SimulatedLine("127.0.0.1", 0, "tcp", [device("wb-mao4", 1)])
    await line.start()
    port = line.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line.unplug()
    assert await reader.read() == b"", "the connection was cut"
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    line.plug()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    assert line.port == port
    await line.close()


async def test_a_port_in_use_is_an_os_error() -> None:
    first = SimulatedLine("127.0.0.1", 0, "tcp", [])
    await first.start()
    second = SimulatedLine("127.0.0.1", first.port, "tcp", [])
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await first.close()


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_rubbish_and_halves_do_no_harm(framing: Literal["tcp", "rtu-tcp"]) -> None:
    dimmer = device("wb-mao4", 1)
    async with asked(dimmer, framing=framing) as (client, line):
        _, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        writer.write(b"\x00\x01\x00\x00\x00")
        await writer.drain()
        writer.close()
        assert not (await client.read_coils(16, device_id=1)).isError()
    assert not dimmer.writes


async def test_requests_that_come_together_or_in_bits_are_answered_each() -> None:
    async with asked(device("wb-mao4", 1)) as (_, line):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        frames = b"".join(struct.pack(">HHHBBHH", n, 0, 6, 1, 3, 16, 1) for n in (1, 2, 3))
        for start in range(0, len(frames), 5):
            writer.write(frames[start : start + 5])
            await writer.drain()
        for n in (1, 2, 3):
            assert await reader.readexactly(11) == struct.pack(">HHHBBBH", n, 0, 5, 1, 3, 2, 0)
        writer.close()


async def test_a_broadcast_reaches_every_device_of_a_wire_and_is_not_answered() -> None:
    profile = built_in_profiles()["wb-mao4"]
    hearing = dataclasses.replace(profile, limits=dataclasses.replace(profile.limits, broadcast=True))
    devices = [SimulatedDevice(hearing, 1), SimulatedDevice(hearing, 2), SimulatedDevice(profile, 3)]
    async with asked(*devices, framing="rtu-tcp") as (client, _):
        await client.write_register(16, 42, device_id=0, no_response_expected=True)
        assert (await client.read_holding_registers(16, count=1, device_id=2)).registers == [42]
    assert [len(each.writes) for each in devices] == [1, 1, 0], "the third takes none, by its profile"


def test_it_serves_under_uvloop_too() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not for this platform")

    async def scenario() -> None:
        async with asked(device("wb-mao4", 1)) as (client, line):
            assert not (await client.write_register(16, 33, device_id=1)).isError()
            assert (await client.read_holding_registers(16, count=1, device_id=1)).registers == [33]
            line.unplug()
            line.plug()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario())
