"""A proxy does to questions and answers what its rules say, and to all others nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.answer_framing import rtu_answers, tcp_answers
from drivers.simulator.fault_proxy import FaultProxy
from drivers.simulator.fault_rule import FaultKind, FaultRule
from drivers.simulator.framing import Request, RtuFraming, TcpFraming
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from tests.drivers.faulty_line import Framing

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pymodbus")
FRAMINGS = pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
READ_LEVELS = bytes((3, 0, 16, 0, 4))
"""Of the four levels of a WB-MAO4, which are 11 to 14 on unit 1 and 21 to 24 on unit 2."""
WRITE_LEVEL = bytes((6, 0, 16, 0, 60))


@dataclass(slots=True)
class Asked:
    """A raw client of the proxy, the devices behind it, and the proxy itself."""

    framing: Framing
    proxy: FaultProxy
    devices: dict[int, SimulatedDevice]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int = 0

    async def ask(self, pdu: bytes, unit_id: int = 1) -> None:
        self.number += 1
        wire = TcpFraming() if self.framing == "tcp" else RtuFraming()
        self.writer.write(wire.reply(Request(unit_id, b"", self.number), pdu))
        await self.writer.drain()

    async def reconnect(self) -> None:
        self.writer.close()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.proxy.port)

    async def one(self, pdu: bytes, unit_id: int = 1) -> tuple[int, bytes]:
        """(unit, PDU) of the one answer to one question."""
        await self.ask(pdu, unit_id)
        ((_, unit, said),) = await self.answers(0.05)
        return unit, said

    async def bytes_within(self, wait_s: float = 0.1) -> bytes:
        """All that comes until nothing comes for so long, or the end of the connection."""
        said = bytearray()
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while data := await asyncio.wait_for(self.reader.read(4096), wait_s):
                said += data
        return bytes(said)

    async def answers(self, wait_s: float = 0.1) -> list[tuple[int, int, bytes]]:
        """(transaction, unit, PDU) of the whole frames that come; fails on bytes that are none."""
        buffer = bytearray(await self.bytes_within(wait_s))
        found = tcp_answers(buffer) if self.framing == "tcp" else rtu_answers(buffer)
        assert not buffer
        return [(answer.transaction_id, answer.unit_id, answer.pdu) for answer in found]


@asynccontextmanager
async def asked(*rules: FaultRule, framing: Framing = "tcp", seed: int = 0) -> AsyncIterator[Asked]:
    devices = {unit: SimulatedDevice(built_in_profiles()["wb-mao4"], unit) for unit in (1, 2)}
    for unit, device in devices.items():
        for channel in range(1, 5):
            device.set(Quantity.DIM_LEVEL, str(channel), 10.0 * unit + channel)
    line = SimulatedLine("127.0.0.1", 0, framing, devices.values())
    await line.start()
    async with FaultProxy(rules, server=("127.0.0.1", line.port), framing=framing, seed=seed) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        line_asked = Asked(framing, proxy, devices, reader, writer)
        try:
            yield line_asked
        finally:
            line_asked.writer.close()
            await line.close()


def levels(unit_id: int) -> bytes:
    return bytes((3, 8, *(byte for channel in range(1, 5) for byte in (0, 10 * unit_id + channel))))


@FRAMINGS
async def test_without_a_fault_everything_passes_also_in_bits_and_together(framing: Framing) -> None:
    async with asked(framing=framing) as line:
        wire = TcpFraming() if framing == "tcp" else RtuFraming()
        sent = wire.reply(Request(1, b"", 7), READ_LEVELS) + wire.reply(Request(2, b"", 8), READ_LEVELS)
        for start in range(0, len(sent), 3):
            line.writer.write(sent[start : start + 3])
            await line.writer.drain()
        said = await line.answers()
    assert [(unit, pdu) for _, unit, pdu in said] == [(1, levels(1)), (2, levels(2))]
    assert line.proxy.question_count == 2
    assert not line.proxy.done


@FRAMINGS
@pytest.mark.parametrize("lost", ["question", "answer"])
async def test_a_lost_answer_is_not_a_lost_question(framing: Framing, lost: Any) -> None:
    async with asked(FaultRule("drop", lost=lost), framing=framing) as line:
        await line.ask(WRITE_LEVEL)
        assert await line.answers() == []
    assert line.devices[1].get(Quantity.DIM_LEVEL, "1") == (60.0 if lost == "answer" else 11.0)
    assert line.proxy.done == {"drop": 1}


@FRAMINGS
async def test_a_rule_hits_its_units_functions_and_numbers_only(framing: Framing) -> None:
    rule = FaultRule("drop", units=(2,), functions=(3,), requests=((2, 2), (4, 9)))
    async with asked(rule, framing=framing) as line:
        answered = []
        for unit, pdu in [(2, READ_LEVELS), (1, READ_LEVELS), (2, WRITE_LEVEL), *[(2, READ_LEVELS)] * 3]:
            await line.ask(pdu, unit)
            answered.append(bool(await line.answers(0.06)))
    assert answered == [True, True, True, False, True, False]


@FRAMINGS
async def test_a_delayed_answer_comes_and_holds_up_the_next(framing: Framing) -> None:
    async with asked(FaultRule("delay", delay_ms=60, jitter_ms=10, requests=((1, 1),)), framing=framing) as line:
        await line.ask(READ_LEVELS, 1)
        await line.ask(READ_LEVELS, 2)
        assert [unit for _, unit, _ in await line.answers(0.3)] == [1, 2]


@FRAMINGS
async def test_a_late_answer_comes_when_the_next_question_is_out(framing: Framing) -> None:
    async with asked(FaultRule("late", requests=((1, 1),)), framing=framing) as line:
        await line.ask(READ_LEVELS, 1)
        assert await line.answers() == []
        await line.ask(READ_LEVELS, 2)
        assert [pdu for _, _, pdu in await line.answers()] == [levels(1), levels(2)]


async def test_a_delayed_answer_of_a_serial_gateway_finds_the_new_connection() -> None:
    rule = FaultRule("delay", delay_ms=50, any_connection=True, requests=((1, 1),))
    async with asked(rule, framing="rtu-tcp") as line:
        await line.ask(READ_LEVELS, 1)
        while not line.proxy.done:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)
        await line.reconnect()
        assert [pdu for _, _, pdu in await line.answers(0.3)] == [levels(1)]


@FRAMINGS
@pytest.mark.parametrize("delay_ms", [0, 30])
async def test_a_duplicate_is_the_same_answer_twice(framing: Framing, delay_ms: float) -> None:
    async with asked(FaultRule("duplicate", delay_ms=delay_ms), framing=framing) as line:
        await line.ask(READ_LEVELS)
        first, second = await line.answers()
    assert first == second
    assert first[2] == levels(1)


@FRAMINGS
async def test_a_truncated_answer_is_the_beginning_of_the_true_one(framing: Framing) -> None:
    async with asked(FaultRule("truncate", requests=((2, 99),)), framing=framing) as line:
        await line.ask(READ_LEVELS)
        whole = await line.bytes_within()
        for _ in range(5):
            line.number -= 1
            await line.ask(READ_LEVELS)
            part = await line.bytes_within()
            assert 0 < len(part) < len(whole)
            assert whole.startswith(part)


@FRAMINGS
@pytest.mark.parametrize("repair_crc", [False, True])
@pytest.mark.parametrize("where", ["anywhere", "head", "values"])
async def test_corruption_flips_so_many_bits_where_it_is_told_to(
    framing: Framing, where: Any, repair_crc: bool
) -> None:
    rule = FaultRule("corrupt", bits=2, where=where, repair_crc=repair_crc, requests=((2, 99),))
    async with asked(rule, framing=framing) as line:
        await line.ask(READ_LEVELS)
        true = await line.bytes_within()
        line.number -= 1
        await line.ask(READ_LEVELS)
        said = await line.bytes_within()
    body = len(true) - 2 if framing == "rtu-tcp" else len(true)
    head = 9 if framing == "tcp" else 3
    flipped = [at for at in range(8 * len(true)) if (true[at // 8] ^ said[at // 8]) >> at % 8 & 1]
    in_body = [at for at in flipped if at < 8 * body]
    if repair_crc and framing == "rtu-tcp":
        assert RtuFraming().reply(Request(said[0], b""), said[1:-2]) == said
        assert len(in_body) == 2
    else:
        assert len(flipped) == 2
    if where == "head":
        assert all(at < 8 * head for at in in_body)
    if where == "values":
        assert all(8 * head <= at for at in in_body)


@FRAMINGS
async def test_an_answer_for_another_unit_or_of_another_function(framing: Framing) -> None:
    rules = FaultRule("other_unit", requests=((1, 1),)), FaultRule("other_function", requests=((2, 3),))
    async with asked(*rules, framing=framing) as line:
        assert await line.one(READ_LEVELS) == (2, levels(1))
        assert await line.one(READ_LEVELS) == (1, b"\x04" + levels(1)[1:])
        assert await line.one(WRITE_LEVEL) == (1, b"\x05" + WRITE_LEVEL[1:])


@FRAMINGS
@pytest.mark.parametrize("where", ["head", "values", "anywhere"])
async def test_a_wrong_echo_names_another_address_or_value_and_the_write_took_place(
    framing: Framing, where: Any
) -> None:
    async with asked(FaultRule("wrong_echo", where=where), framing=framing) as line:
        await line.ask(READ_LEVELS)
        await line.ask(WRITE_LEVEL)
        await line.ask(bytes((5, 0, 16, 0, 0)))
        read, written, coil = (pdu for _, _, pdu in await line.answers())
    assert read == levels(1), "a reading has no echo"
    for said, sent in ((written, WRITE_LEVEL), (coil, bytes((5, 0, 16, 0, 0)))):
        assert said[0] == sent[0]
        assert (said[1:3] != sent[1:3]) != (said[3:] != sent[3:])
    assert (written[1:3] != WRITE_LEVEL[1:3]) or where != "head"
    assert (written[3:] != WRITE_LEVEL[3:]) or where != "values"
    assert line.devices[1].get(Quantity.DIM_LEVEL, "1") == 60.0
    assert line.devices[1].get(Quantity.OUTPUT_ON, "1") == 0.0


@FRAMINGS
async def test_a_wrong_count_is_one_value_more_or_fewer_in_a_frame_that_fits_itself(framing: Framing) -> None:
    async with asked(FaultRule("wrong_count"), framing=framing) as line:
        for _ in range(8):
            await line.ask(READ_LEVELS)
            await line.ask(bytes((16, 0, 16, 0, 2, 4, 0, 30, 0, 40)))
        said = [pdu for _, _, pdu in await line.answers()]
    assert {len(pdu) for pdu in said[::2]} == {8, 12}
    assert all(pdu[1] == len(pdu) - 2 for pdu in said[::2])
    assert {pdu[3:] for pdu in said[1::2]} == {b"\0\1", b"\0\3"}


@FRAMINGS
async def test_an_exception_replaces_the_answer(framing: Framing) -> None:
    async with asked(FaultRule("exception", code=11), framing=framing) as line:
        await line.ask(READ_LEVELS)
        assert [pdu for _, _, pdu in await line.answers()] == [b"\x83\x0b"]


@pytest.mark.parametrize("lost", ["question", "answer"])
async def test_a_reset_is_a_reset_and_the_next_connection_stands(lost: Any) -> None:
    async with asked(FaultRule("reset", lost=lost, requests=((1, 1),))) as line:
        await line.ask(WRITE_LEVEL)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(line.reader.read(100), 5)
        assert line.devices[1].get(Quantity.DIM_LEVEL, "1") == (60.0 if lost == "answer" else 11.0)
        await line.reconnect()
        await line.ask(READ_LEVELS)
        assert len(await line.answers()) == 1
    assert line.proxy.done == {"reset": 1}


async def test_a_half_open_link_says_nothing_more_and_does_not_end_and_another_works() -> None:
    async with asked(FaultRule("half_open", requests=((2, 2),))) as line:
        assert await line.one(READ_LEVELS) == (1, levels(1))
        await line.ask(READ_LEVELS)
        assert await line.answers() == []
        line.proxy.mend()
        await line.ask(READ_LEVELS)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.reader.read(1), 0.1)
        dead_writer = line.writer
        line.reader, line.writer = await asyncio.open_connection("127.0.0.1", line.proxy.port)
        await line.ask(READ_LEVELS)
        assert len(await line.answers()) == 1
        dead_writer.close()


async def test_a_mute_server_accepts_and_says_nothing() -> None:
    async with asked(FaultRule("mute", requests=((1, 1),))) as line:
        await line.ask(READ_LEVELS)
        assert await line.answers() == []
        await line.reconnect()
        await line.ask(READ_LEVELS)
        assert len(await line.answers()) == 1
    assert line.proxy.done == {"mute": 1}


async def test_a_cut_ends_every_connection_and_takes_new_ones() -> None:
    async with asked() as line:
        assert await line.one(READ_LEVELS) == (1, levels(1))
        line.proxy.cut()
        with contextlib.suppress(ConnectionResetError):
            assert await line.reader.read() == b""
        await line.reconnect()
        assert await line.one(READ_LEVELS) == (1, levels(1))


async def test_a_server_that_is_away_ends_the_clients_connection() -> None:
    async with FaultProxy((), server=("127.0.0.1", 1), framing="tcp") as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        while proxy.link_count:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


@FRAMINGS
async def test_rubbish_from_a_client_and_from_a_server_does_no_harm(framing: Framing) -> None:
    async def rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(rubbish, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with FaultProxy([FaultRule("corrupt")], server=("127.0.0.1", port), framing=framing) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n" * 500)
        wire = TcpFraming() if framing == "tcp" else RtuFraming()
        await asyncio.sleep(0.05)
        writer.write(wire.reply(Request(1, b"", 1), READ_LEVELS))
        assert (await asyncio.wait_for(reader.read(100), 5)).startswith(b"HTTP")
        writer.close()
    server.close()


@FRAMINGS
async def test_the_same_seed_and_questions_give_the_same_bytes(framing: Framing) -> None:
    async def night(seed: int) -> bytes:
        rules = [FaultRule("corrupt", 0.4, bits=3), FaultRule("drop", 0.2), FaultRule("wrong_count", 0.5)]
        async with asked(*rules, framing=framing, seed=seed) as line:
            said = b""
            for _ in range(7):
                await line.ask(READ_LEVELS)
                said += await line.bytes_within(0.03)
            return said

    assert await night(3) == await night(3)
    assert await night(3) != await night(4)


async def test_answers_that_are_held_back_are_few() -> None:
    rules = [FaultRule("late", requests=((1, 400),)), FaultRule("duplicate", delay_ms=20)]
    async with asked(*rules) as line:
        wire = TcpFraming()
        frames = b"".join(wire.reply(Request(1, b"", n), READ_LEVELS) for n in range(1, 401))
        line.writer.write(frames)
        await line.writer.drain()
        passed = 0  # answers to questions that were forgotten
        while passed + line.proxy.done["late"] < 400:
            passed += len(await line.answers(0.02))
        await line.ask(READ_LEVELS)
        assert len(await line.answers()) <= 64 + 2


FOOLED: dict[str, tuple[FaultRule, tuple[Framing, ...]]] = {
    "late": (FaultRule("late", requests=((1, 1),)), ("rtu-tcp",)),
    "other_function": (FaultRule("other_function"), ("tcp", "rtu-tcp")),
    "echo of another address": (FaultRule("wrong_echo", where="head"), ("tcp", "rtu-tcp")),
    "echo of another value": (FaultRule("wrong_echo", where="values"), ("tcp", "rtu-tcp")),
    "wrong_count": (FaultRule("wrong_count"), ("tcp", "rtu-tcp")),
}


@pytest.mark.parametrize(
    ("name", "framing"), [(name, framing) for name, (_, framings) in FOOLED.items() for framing in framings]
)
async def test_plain_pymodbus_takes_it_for_a_good_answer(name: str, framing: Framing) -> None:
    """Why ``drivers.bus`` checks every answer: the same faults in tests/drivers/test_device_faults.py fool nobody."""
    async with asked(FOOLED[name][0], framing=framing) as line:
        framer = FramerType.SOCKET if framing == "tcp" else FramerType.RTU
        client = AsyncModbusTcpClient("127.0.0.1", port=line.proxy.port, framer=framer, timeout=0.2, retries=0)
        await client.connect()
        try:
            believed = await _believed(client, name)
        finally:
            client.close()
    assert believed, "pymodbus checks this now: say so in drivers/bus.py"
    kinds: Sequence[FaultKind] = list(line.proxy.done)
    assert kinds == [FOOLED[name][0].fault]


async def _believed(client: AsyncModbusTcpClient, name: str) -> bool:
    """Whether plain pymodbus gives something false as a good answer."""
    if name.startswith("echo"):
        echo = await client.write_register(16, 60, device_id=1)
        return not echo.isError() and (echo.address, echo.registers) != (16, [60])
    if name == "late":
        with pytest.raises(ModbusException):
            await client.read_holding_registers(16, count=1, device_id=1)
        answer = await client.read_holding_registers(17, count=1, device_id=1)
        return not answer.isError() and answer.registers == [11]  # of register 16
    answer = await client.read_holding_registers(16, count=3, device_id=1)
    if name == "other_function":
        return not answer.isError() and answer.function_code == 4
    return not answer.isError() and len(answer.registers) != 3
