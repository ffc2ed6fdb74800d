"""What fools plain pymodbus, and not the bus: for each misbehaviour the same server, asked by both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from drivers.errors import Implausible, Unreachable
from tests.drivers.evil_line import Answer, EvilLine, Question, Serve, registers
from tests.drivers.honest import PATIENT, TIMEOUT_S, Join, honest, until

FRAMINGS = pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])


@asynccontextmanager
async def plain(line: EvilLine, timeout_s: float = 5.0) -> AsyncIterator[AsyncModbusTcpClient]:
    """pymodbus' own client on that line."""
    framer = FramerType.SOCKET if line.framing == "tcp" else FramerType.RTU
    client = AsyncModbusTcpClient("127.0.0.1", port=line.port, framer=framer, timeout=timeout_s, retries=0)
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()
        await asyncio.sleep(0)


WRONG_ECHOES: dict[str, Callable[[Question], Answer]] = {
    "another value": lambda question: Answer(question.pdu[:3] + b"\x00\x3d"),
    "another address": lambda question: Answer(question.pdu[:1] + b"\x00\x11" + question.pdu[3:5]),
}


@FRAMINGS
@pytest.mark.parametrize("wrong", WRONG_ECHOES.values(), ids=WRONG_ECHOES.keys())
async def test_the_echo_of_a_write(serve: Serve, join: Join, framing: str, wrong: Callable[[Question], Answer]) -> None:
    line = await serve(wrong, framing)
    async with plain(line) as client:
        assert not (await client.write_register(16, 60, device_id=1)).isError()
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.write_registers(1, 16, [60])


async def test_the_count_that_a_write_of_several_confirms(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: Answer(question.pdu[:3] + b"\x00\x01"))
    async with plain(line) as client:
        assert not (await client.write_registers(16, [60, 61], device_id=1)).isError()
        assert not (await client.write_coils(16, [True, False], device_id=1)).isError()
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.write_registers(1, 16, [60, 61])
    with pytest.raises(Implausible):
        await bus.write_coils(1, 16, [True, False])


async def test_a_coil_that_echoes_neither_on_nor_off(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: Answer(question.pdu[:3] + b"\x00\x01"))
    async with plain(line) as client:
        assert (await client.write_coil(16, True, device_id=1)).bits == [True]
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.write_coil(1, 16, True)


@FRAMINGS
async def test_four_registers_answered_with_one(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(lambda question: registers(7), framing)
    async with plain(line) as client:
        reply = await client.read_holding_registers(10, count=4, device_id=1)
        assert not reply.isError()
        assert list(reply.registers) == [7]
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.read_registers(1, "holding", 10, 4)


@FRAMINGS
async def test_holding_registers_answered_as_input_registers(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(lambda question: registers(7, 8, function=4), framing)
    async with plain(line) as client:
        reply = await client.read_holding_registers(10, count=2, device_id=1)
        assert not reply.isError()
        assert list(reply.registers) == [7, 8]
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.read_registers(1, "holding", 10, 2)


async def test_a_late_answer_on_rtu_framing(serve: Serve, join: Join) -> None:
    """Register 100 is asked for and not answered in time; the device answers it before whatever is asked next."""
    held_back: list[Question] = []

    def behind(question: Question) -> Answer | None:
        if question.address == 100 and question.count == 1:
            held_back.append(question)
            return None
        if held_back:
            line.also_send(question, honest(held_back.pop()))
        return honest(question)

    line = await serve(behind, "rtu-tcp")
    async with plain(line, TIMEOUT_S) as client:
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(100, count=1, device_id=1)
        assert (await client.read_holding_registers(5, count=1, device_id=1)).registers == [100]

    held_back.clear()
    bus = await join(line, timeout_s=TIMEOUT_S, reconnect_longest_s=0.0)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    assert list(await bus.read_registers(1, "holding", 6, 1, limits=PATIENT)) == [6]
